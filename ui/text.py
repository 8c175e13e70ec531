"""Turning facts into words, and titles into text no renderer can misread."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recommender import Reason
from recommender.catalogue.titles import one_line
from ui.state.taste import MovieId

__all__ = [
    "Line",
    "count",
    "escape_html",
    "escape_markdown",
    "percent",
    "percents",
    "reasons",
    "sentence",
]

_UNSEEN = "\u2060"  # word joiner: breaks a pattern without being seen
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Streamlit rewrites these *after* Markdown is parsed, so that a backslash does not stop it:
# emoji and icon names, arrows and comparisons between spaces, bare links and addresses.
_REWRITTEN = re.compile(r"(?<=:)(?=[\w+-])|(?<=[-<>=~])(?=[-<>=])|(?<=ww)(?=w\.)|(?=@)", re.I)


def escape_markdown(text: str) -> str:
    """Write text so that every Streamlit label, caption or toast shows it as it is.

    Not for labels that are only read out (``label_visibility="collapsed"``): those are never
    parsed, and backslashes would be read aloud.

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


def percent(share: float) -> str:
    """Write a share as a whole percentage.

    Examples
    --------
    >>> percent(0.426)
    '43\\xa0%'
    """
    return f"{share * 100:.0f}\u00a0%"


def percents(shares: Sequence[float]) -> list[int]:
    """Round shares to whole percents that add up as the shares do (largest remainders first).

    Examples
    --------
    >>> percents([1 / 3, 1 / 3, 1 / 3])
    [34, 33, 33]
    """
    floors = [int(share * 100 // 1) for share in shares]
    missing = round(sum(shares) * 100) - sum(floors)
    by_remainder = sorted(range(len(shares)), key=lambda i: floors[i] - shares[i] * 100)
    for i in by_remainder[:missing]:
        floors[i] += 1
    return floors


@dataclass(frozen=True)
class Line:
    """One reason, ready to be shown. Not escaped."""

    percent: int
    why: str
    title: str

    @property
    def figure(self) -> str:
        """The percentage, with a real minus sign."""
        return f"{'−' if self.percent < 0 else ''}{abs(self.percent)}\u00a0%"


_FOR = {1: "because you liked", 0: "because you have seen", -1: "because you disliked"}
_AGAINST = {1: "although you liked", 0: "although you have seen", -1: "in spite of your dislike of"}


def reasons(because: Sequence[Reason], rated: Mapping[MovieId, int], limit: int) -> list[Line]:
    """Put the weightiest reasons into words; what is left over is one more line.

    ``because`` are all reasons for one recommendation, weightiest first, of which ``limit`` are
    spelt out; ``rated`` is what the person said of each movie: 1 liked, 0 seen, -1 disliked.
    """
    shown, rest = because[:limit], because[limit:]
    shares = [reason.share for reason in shown] + [sum(reason.share for reason in rest)]
    *figures, other = percents(shares)
    lines = []
    for reason, percent in zip(shown, figures, strict=True):
        said = rated.get(reason.movie.movie_id, 1)
        why = (_AGAINST if reason.share < 0 else _FOR)[said]
        lines.append(Line(percent, why, reason.movie.title))
    if rest:
        lines.append(Line(other, "from", count(len(rest), "other rating")))
    return lines


def sentence(lines: Sequence[Line], stand: str) -> str:
    """Sum reasons up in a sentence, with who stands behind them; not escaped.

    Examples
    --------
    >>> lines = [Line(70, "because you liked", "Alien"), Line(30, "because you liked", "Jaws")]
    >>> sentence(lines, "Liked by 12 of 40")
    'Mostly because you liked Alien and Jaws. Liked by 12 of 40 kindred raters.'
    """
    first = lines[0]
    alike = [line.title for line in lines if line.why == first.why and line.percent > 0][:2]
    named = " and ".join(alike) if alike else first.title
    why = first.why[0].upper() + first.why[1:] if len(lines) == 1 else f"Mostly {first.why}"
    return f"{why} {named}. {stand} kindred raters."
