"""Words for facts and opinions, and titles as text that no renderer misreads."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from recommender import Opinion
from recommender.catalogue.titles import one_line

__all__ = [
    "cite",
    "count",
    "done_words",
    "escape_html",
    "escape_markdown",
    "join_words",
    "percent",
    "percents",
    "step_words",
]

_UNSEEN = "\u2060"  # word joiner: breaks a pattern without being seen
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Streamlit rewrites these *after* Markdown is parsed, so that a backslash does not stop it:
# emoji and icon names, arrows and comparisons between spaces, bare links and addresses.
_REWRITTEN = re.compile(r"(?<=:)(?=[\w+-])|(?<=[-<>=~])(?=[-<>=])|(?<=ww)(?=w\.)|(?=@)", re.I)


def escape_markdown(text: str) -> str:
    """Write text so that every Streamlit label, caption or toast shows it as it is.

    Not for labels that are only read out (``label_visibility="collapsed"``): backslashes would be
    read aloud, and those of most controls are never parsed. Those of pills are.

    Examples
    --------
    >>> print(escape_markdown("*batteries not included"))
    \\*batteries not included
    """
    return _PUNCTUATION.sub(r"\\\1", _REWRITTEN.sub(_UNSEEN, one_line(text)))


def escape_html(text: str) -> str:
    """Write text so that HTML, SVG and their attributes show it as it is."""
    return html.escape(one_line(text), quote=True)


def count(number: int, one: str) -> str:
    """Write a number with its noun: ``1 film``, ``1,200 films``."""
    return f"{number:,} {one if number == 1 else one + 's'}"


def join_words(words: Sequence[str]) -> str:
    """Join words as a sentence lists them.

    Examples
    --------
    >>> join_words(["Alien", "Jaws", "Heat"])
    'Alien, Jaws and Heat'
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def cite(film: object) -> str:
    """Name a film in HTML."""
    return f"<cite>{escape_html(str(film))}</cite>"


def percent(share: float) -> str:
    """Write a share as a whole percentage.

    Examples
    --------
    >>> percent(0.426)
    '43\\xa0%'
    """
    return f"{share * 100:.0f}\u00a0%"


def percents(shares: Sequence[float], total: int | None = None) -> list[int]:
    """Round shares to whole percents that add up as the shares do (largest remainders first).

    ``total`` is what they add up to, if that was rounded with others before.

    Examples
    --------
    >>> percents([1 / 3, 1 / 3, 1 / 3])
    [34, 33, 33]
    """
    floors = [int(share * 100 // 1) for share in shares]
    missing = (round(sum(shares) * 100) if total is None else total) - sum(floors)
    by_remainder = sorted(range(len(shares)), key=lambda i: floors[i] - shares[i] * 100)
    for i in by_remainder[:missing]:
        floors[i] += 1
    return floors


def step_words(opinion: float | None) -> str:
    """Name the step that gave an opinion, or took it back, as in "Undo the like of Alien"."""
    if opinion is None:
        return "removal of"
    return "seen mark on" if opinion == Opinion.NEUTRAL else f"{Opinion(int(opinion)).word} of"


def done_words(opinion: Opinion) -> str:
    """Confirm an opinion, as in "Liked Alien"."""
    return "Marked as seen:" if opinion is Opinion.NEUTRAL else opinion.past.capitalize()
