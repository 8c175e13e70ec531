"""Weights of neighbours who resemble each other: together they should not speak twice."""

from __future__ import annotations

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.opinion import STATES
from recommender.settings import Ranking

__all__ = ["decorrelated"]


def decorrelated(
    similarity: Floats,
    owner: Ints,
    place: Ints,
    values: Floats,
    *,
    places: int,
    ridge: float,
    ranking: Ranking,
) -> Floats:
    """Regress a person on their neighbours: how much each tells that the others do not.

    ``(K + ridge I)^-1 s``, kernel ridge regression of what the person said on what the neighbours
    said (Saunders, Gammerman and Vovk 1998). ``s`` is their ``similarity`` to the person, shape
    (raters,), and ``K`` that among each other by the same table of agreement, made symmetric and
    without its small negative part, so that ``K`` has no negative eigenvalue.

    The ratings, shape (ratings,), come one rater after the other, each with at least one. They have
    an ``owner``, a ``place`` ``3 movie + state`` below ``places``, and the ``values`` of the stored
    vectors. ``K`` is never made: a few steps of conjugate gradients (Hestenes and Stiefel 1952)
    need only its products. The result, shape (raters,), may be below zero, for a rater whom others
    more like the person already speak for.
    """
    agreement = _positive_part(np.asarray(ranking.agreement))
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    sizes = np.diff(starts, append=len(owner))

    def product(weights: Floats) -> Floats:
        said = values * np.repeat(weights, sizes)
        totals = np.bincount(place, weights=said, minlength=places).reshape(-1, STATES)
        answers = values * (totals @ agreement).ravel().take(place)
        return np.asarray(np.add.reduceat(answers, starts) + ridge * weights)

    solution, rest = np.zeros_like(similarity), similarity
    direction, left = rest, float(rest @ rest)
    for _ in range(ranking.steps):
        ahead = product(direction)
        step = left / float(direction @ ahead)
        solution, rest = solution + step * direction, rest - step * ahead
        before, left = left, float(rest @ rest)
        if left <= np.finfo(np.float64).eps * before:
            break
        direction = rest + left / before * direction
    return solution


def _positive_part(table: Floats) -> Floats:
    """The symmetric table nearest to this one that has no negative eigenvalue (Higham 1988)."""
    values, vectors = np.linalg.eigh((table + table.T) / 2)
    return np.asarray((vectors * np.maximum(values, 0)) @ vectors.T)
