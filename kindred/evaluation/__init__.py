"""How good Kindred and other methods are, on anybody's ratings.

``running`` is the table of contents. People are held out and asked (``heldout``, ``questions``),
``methods`` says what a method is and ``choosing`` which there are (``ours``, ``textbook``,
``trained``), ``ranking`` asks and tunes them, ``metrics`` and ``comparing`` measure; ``stars`` does
the same for predicted stars, and ``report`` prints.
"""

from kindred.evaluation.report import print_quality
from kindred.evaluation.running import evaluate

__all__ = ["evaluate", "print_quality"]
