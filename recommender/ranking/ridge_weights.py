"""Kernel ridge weights: raters who are alike share one vote instead of casting it twice."""

from __future__ import annotations

import numpy as np

from recommender.arrays import Bytes, Floats
from recommender.opinion import STATES
from recommender.ranking.index_version import IndexVersion
from recommender.storage.encoding import RatedMovies

__all__ = ["ridge_weights"]


def ridge_weights(
    version: IndexVersion,
    similarity: Floats,
    rated: RatedMovies,
    state: Bytes,
    scales: Floats,
    known: int,
) -> Floats:
    """Regress a person on their neighbours: how much each adds to the others.

    ``(K + ridge I)^-1 s``, kernel ridge regression of the person's opinions on the neighbours'
    (Saunders, Gammerman and Vovk 1998). ``s`` is their ``similarity`` to the person, shape
    (raters,), and ``K`` that among each other by the same table of agreement, made symmetric and
    without its small negative part, so that ``K`` has no negative eigenvalue.

    ``rated`` are the ratings of all of them, one rater after the other, each with at least one, and
    ``state`` their states, shape (ratings,). The value of a rating in the stored vector is the
    movie's weight times the rater's scale; ``scales``, shape (raters,), are 0 for who is left out.
    ``known`` is how many movies the person liked or saw: the more, the less ridge is added. ``K``
    is never made: a few steps of conjugate gradients (Hestenes and Stiefel 1952) need only its
    products. The result, shape (raters,), may be below zero, for a rater whose part more similar
    raters have already.
    """
    ranking = version.ranking
    ridge = max(ranking.ridge / known, ranking.least_ridge)
    # Conjugate gradients need a table without negative eigenvalues; the ridge does the rest.
    agreement = _positive_part(np.asarray(ranking.agreement))
    starts = np.searchsorted(rated.owner, np.arange(len(similarity)))
    sizes = np.diff(starts, append=len(rated.owner))
    # Of all films only those that somebody rated.
    there = np.zeros(len(version.catalogue), dtype=bool)
    there[rated.movie] = True
    weights = version.weights[there][:, None]
    place = (np.cumsum(there) - 1).take(rated.movie) * STATES + state

    def product(factors: Floats) -> Floats:
        cast = np.repeat(factors * scales, sizes)
        totals = np.bincount(place, weights=cast, minlength=weights.size * STATES)
        # The movie's weight twice: once for each of the two raters.
        answers = (totals.reshape(-1, STATES) @ agreement * weights**2).ravel()
        return np.asarray(np.add.reduceat(answers.take(place), starts) * scales + ridge * factors)

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
