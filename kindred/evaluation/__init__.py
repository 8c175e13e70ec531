"""How good Kindred and other methods are, on anybody's ratings.

:func:`evaluate` compares methods on a source and returns a :class:`recommender.quality.Quality`;
:func:`print_quality` prints one. There are two comparisons: of lists (``ranking``), on people whom
no method has seen, and of predicted stars (``stars``), on ratings that no method has seen.

The modules, in the order in which they work:

- ``pipeline``: the table of contents, from the name of a source to the saved result;
- ``held_out``, ``questions``: who is held out, what they say, and what would be a right answer;
- ``training_data``: the ratings of everybody else, as sparse matrices;
- ``methods``: Kindred and the others;
- ``metrics``: measuring their lists;
- ``tuning``: trying each method's settings, and comparing all by the best one for each figure;
- ``ranking``, ``packs``: comparing lists for people, and for sets of films that belong together;
- ``stars``: the same for predicted stars;
- ``person``: the same methods, and others of the field's tutorials, asked for one person;
- ``comparison``: intervals and leads, and the document with the result;
- ``report``: the tables that are printed.
"""

from kindred.evaluation.person.answers import Answer, SideBySide
from kindred.evaluation.person.asking import ask, ask_all
from kindred.evaluation.pipeline import evaluate
from kindred.evaluation.report import print_quality

__all__ = ["Answer", "SideBySide", "ask", "ask_all", "evaluate", "print_quality"]
