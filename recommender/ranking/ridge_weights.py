"""Kernel ridge weights: raters who are alike share one vote instead of casting it twice."""

from __future__ import annotations

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.opinion import STATES
from recommender.ranking.index_version import IndexVersion

__all__ = ["ridge_weights"]


def ridge_weights(
    version: IndexVersion, similarity: Floats, owner: Ints, place: Ints, values: Floats, known: int
) -> Floats:
    """Regress a person on their neighbours: how much each adds to the others.

    ``(K + ridge I)^-1 s``, kernel ridge regression of the person's opinions on the neighbours'
    (Saunders, Gammerman and Vovk 1998). ``s`` is their ``similarity`` to the person, shape
    (raters,), and ``K`` that among each other by the same table of agreement, made symmetric and
    without its small negative part, so that ``K`` has no negative eigenvalue.

    The ratings, shape (ratings,), come one rater after the other, each with at least one. They have
    an ``owner``, a ``place`` ``3 movie + state``, and the ``values`` of the stored vectors.
    ``known`` is how many movies the person liked or saw: the more, the less ridge is added. ``K``
    is never made: a few steps of conjugate gradients (Hestenes and Stiefel 1952) need only its
    products. The result, shape (raters,), may be below zero, for a rater whose part more similar
    raters have already.
    """
    ranking, places = version.ranking, len(version.catalogue) * STATES
    ridge = max(ranking.ridge / known, ranking.least_ridge)
    # Conjugate gradients need a table without negative eigenvalues; the ridge does the rest.
    agreement = _positive_part(np.asarray(ranking.agreement))
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    sizes = np.diff(starts, append=len(owner))

    def product(weights: Floats) -> Floats:
        weighted = values * np.repeat(weights, sizes)
        totals = np.bincount(place, weights=weighted, minlength=places).reshape(-1, STATES)
        products = values * (totals @ agreement).ravel().take(place)
        return np.asarray(np.add.reduceat(products, starts) + ridge * weights)

    solution, residual = np.zeros_like(similarity), similarity
    direction, norm = residual, float(residual @ residual)
    for _ in range(ranking.steps):
        ahead = product(direction)
        step = norm / float(direction @ ahead)
        solution, residual = solution + step * direction, residual - step * ahead
        before, norm = norm, float(residual @ residual)
        # One neighbour is solved in one step; another would divide rounding errors by each other.
        if norm <= np.finfo(np.float64).eps * before:
            break
        direction = residual + norm / before * direction
    return solution


def _positive_part(table: Floats) -> Floats:
    """The symmetric table nearest to this one that has no negative eigenvalue (Higham 1988)."""
    values, vectors = np.linalg.eigh((table + table.T) / 2)
    return np.asarray((vectors * np.maximum(values, 0)) @ vectors.T)
