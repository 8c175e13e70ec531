"""Whether an index answers, seen by asking it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from itertools import pairwise

from recommender.errors import IndexProblem
from recommender.recommender import Recommender
from recommender.results import Recommendations

__all__ = ["Health", "check_health"]

_LIKED = 5
"""Movies that the question likes: those most people do."""
_ENOUGH = 100
"""Raters among whom some share that taste, whatever the ratings."""


@dataclass(frozen=True)
class Health:
    """How an index answered."""

    version: str
    """Name of the version that did."""
    milliseconds: float
    """How long the question took."""
    neighbours: int
    """How many neighbours the answer rests on."""
    movies: int
    """Movies recommended."""


def check_health(recommender: Recommender) -> Health:
    """Ask for recommendations as a visitor does, and look whether the answer can be one.

    The question likes what most people like, so that nobody's taste is needed to ask it.

    Raises
    ------
    IndexProblem
        Where the index cannot be read, or what it answers cannot be right.
    """
    started = time.perf_counter()
    stats = recommender.stats()
    liked = [row.movie.movie_id for row in recommender.popular(limit=_LIKED)]
    top = recommender.recommend({f"id:{movie}": 1 for movie in liked})
    # If an index was published in between, the answers are about two and cannot be compared.
    if recommender.stats().created == stats.created:
        wrong = _what_is_wrong(top, set(liked), stats.raters)
        if wrong:
            raise IndexProblem(
                f"version {stats.version} of the index {stats.place} answers {wrong}: ingest "
                "again, or go back with `kindred ingest --rollback`"
            )
    spent = round(1e3 * (time.perf_counter() - started), 3)
    return Health(stats.version, spent, top.neighbours, len(top))


def _what_is_wrong(top: Recommendations, liked: set[int | str], raters: int) -> str | None:
    scores = [row.score for row in top]
    if not all(map(math.isfinite, scores)) or any(one < next_ for one, next_ in pairwise(scores)):
        return "in no order"
    if any(row.movie.movie_id in liked for row in top):
        return "with what was seen"
    if raters >= _ENOUGH and (top.fallback or not top):
        return f"that of {raters:,} raters nobody likes what most people do"
    return None
