"""The numbers behind a score as they are written: rounded, so that all adds up as it is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass

from recommender import Explanation
from ui.text import count

__all__ = ["WrittenScore", "WrittenVotes", "significant", "write_score", "write_votes"]

_VOTES = 8
# Digits that count of what is calculated with: one more than of the score.
_DIGITS = 5


@dataclass(frozen=True)
class WrittenVotes:
    """Votes of which each is rounded, and which sum to the total that is shown."""

    votes: tuple[str, ...]
    """The largest."""
    others: str | None
    """All others together, where there are any."""
    total: str
    weights: tuple[str, ...]
    """Those of the votes."""
    value: float
    """The total that is shown."""


@dataclass(frozen=True)
class WrittenScore:
    """Steps from the votes to the score, as HTML; empty where a step changes nothing."""

    damping: str
    """What the votes are divided by."""
    lift: str
    ease: str
    added: str
    formula: str
    """All of them together."""
    score: str
    """What that comes to."""


def write_votes(explained: Explanation) -> WrittenVotes:
    """Write the votes for a film, with as many decimals as the total needs."""
    total, votes = explained.total, explained.votes
    # Five significant digits of the total, and no fewer than three decimals.
    places = max(3, 4 - math.floor(math.log10(abs(total)))) if total else 3
    shown = [round(vote.vote, places) for vote in votes[:_VOTES]]
    more = len(votes) > _VOTES
    # What rounding takes or adds goes to the others; where there are none, to the total.
    total = round(total, places) if more else sum(shown)
    others = _number(total - sum(shown), places) if more else None
    return WrittenVotes(
        tuple(_number(vote, places) for vote in shown),
        others,
        _number(total, places),
        tuple(_number(vote.weight, places) for vote in votes[:_VOTES]),
        total,
    )


def write_score(explained: Explanation) -> WrittenScore:
    """Write what makes the votes for a film its score."""
    votes = write_votes(explained)
    likes = f"({count(explained.likes, 'like')} + {explained.pseudo_likes:g})"
    base = explained.likes + explained.pseudo_likes
    damping, divisor = _power(base, explained.popularity_discount, likes)
    formula, score = f"{votes.total} ÷ {significant(divisor, _DIGITS)}", votes.value / divisor
    factors = []
    for base, power in (
        (explained.lift, explained.lift_power),
        (explained.ease, explained.ease_power),
    ):
        text, factor = _power(_rounded(base), power)
        factors.append(text if power else "")
        if power:
            formula += f" × {significant(factor, _DIGITS)}"
            score *= factor
    added = significant(explained.added, _DIGITS) if explained.added else ""
    if added:
        formula += f" + {added}"
        score += _rounded(explained.added)
    lift, ease = factors
    return WrittenScore(damping, lift, ease, added, formula, significant(score))


def significant(value: float, digits: int = 4) -> str:
    """Write a number with so many digits that count.

    Examples
    --------
    >>> significant(14.3227), significant(0.00123456), significant(12345.6)
    ('14.32', '0.001235', '12,346')
    """
    places = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
    return _number(value, places)


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _power(base: float, power: float, written: str | None = None) -> tuple[str, float]:
    """Write a power of a base and what it is, which follows from what is written; and that."""
    power = _rounded(power)
    value = _rounded(base**power)
    text = f"{written or f'{base:g}'}<sup>{power:g}</sup> = {significant(value, _DIGITS)}"
    return text, value


def _number(value: float, places: int) -> str:
    # A real minus sign, and none before a zero.
    return f"{round(value, places) + 0.0:,.{places}f}".replace("-", "−")
