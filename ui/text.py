"""Words for facts and opinions, and titles as text that no renderer misreads."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from recommender import Opinion, Reason
from recommender.catalogue.titles import one_line
from recommender.profile import Opinions

__all__ = [
    "Line",
    "cite",
    "count",
    "done_words",
    "escape_html",
    "escape_markdown",
    "join_words",
    "percent",
    "percents",
    "reasons",
    "sentence",
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


def step_words(opinion: float | None) -> str:
    """Name the step that gave an opinion, or took it back, as in "Undo the like of Alien"."""
    if opinion is None:
        return "removal of"
    return "seen mark on" if opinion == Opinion.NEUTRAL else f"{Opinion(int(opinion)).word} of"


def done_words(opinion: Opinion) -> str:
    """Confirm an opinion, as in "Liked Alien"."""
    return "Marked as seen:" if opinion is Opinion.NEUTRAL else opinion.past.capitalize()


def _cause(opinion: Opinion, share: float) -> str:
    past = "have seen" if opinion is Opinion.NEUTRAL else opinion.past
    if share >= 0:
        return f"because you {past}"
    return "in spite of your dislike of" if opinion is Opinion.DISLIKE else f"although you {past}"


def reasons(because: Sequence[Reason], opinions: Opinions, limit: int) -> list[Line]:
    """Put the weightiest reasons into words; what is left over is one more line.

    ``because`` are all reasons for one recommendation, weightiest first, of which ``limit`` are
    spelt out; ``opinions`` are those of the profile that was asked with.
    """
    shown, rest = because[:limit], because[limit:]
    shares = [reason.share for reason in shown] + [sum(reason.share for reason in rest)]
    *figures, other = percents(shares)
    lines = []
    for reason, percent in zip(shown, figures, strict=True):
        opinion = Opinion(int(opinions.get(reason.movie.movie_id, Opinion.LIKE)))
        why = _cause(opinion, reason.share)
        lines.append(Line(percent, why, reason.movie.title))
    if rest:
        lines.append(Line(other, "from", count(len(rest), "other rating")))
    return lines


# From which part of a score on genres are worth a mention.
_BY_GENRE = 0.25


def sentence(lines: Sequence[Line], stand: str, by_genre: float = 0.0) -> str:
    """Sum reasons up in a sentence, with who stands behind them; not escaped.

    ``by_genre`` is the part of the score that comes from genres, named where it is large.

    Examples
    --------
    >>> lines = [Line(70, "because you liked", "Alien"), Line(30, "because you liked", "Jaws")]
    >>> sentence(lines, "Liked by 12 of 40")
    'Mostly because you liked Alien and Jaws. Liked by 12 of 40 kindred raters.'
    >>> sentence(lines, "Liked by 2 of 40", 0.3).partition(". ")[2]
    'Liked by 2 of 40 kindred raters. 30\xa0% goes by genre.'
    """
    first = lines[0]
    alike = [line.title for line in lines if line.why == first.why and line.percent > 0][:2]
    named = " and ".join(alike) if alike else first.title
    why = first.why[0].upper() + first.why[1:] if len(lines) == 1 else f"Mostly {first.why}"
    genres = f" {percent(by_genre)} goes by genre." if by_genre >= _BY_GENRE else ""
    return f"{why} {named}. {stand} kindred raters.{genres}"
