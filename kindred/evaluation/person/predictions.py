"""Stars predicted by the formulas of the textbooks, each movie without the person's own stars.

Every function takes the stars of a person, NaN where they gave none, shape (movies,), and predicts
all movies at once. A movie that the person rated is predicted as if they had not: what its stars
add to a similarity or a mean is taken away again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kindred.evaluation.training_data import TrainingData
from recommender.arrays import Floats, Ints

__all__ = ["Predicted", "by_item_cosine", "by_means", "by_user_cosine", "by_user_pearson"]

# Movies predicted at a time: a table of them by those of the person stays small.
_BLOCK = 1024
# Part of a sum of squares below which a spread is rounding.
_ROUNDING = 1e-9


class Predicted(NamedTuple):
    """Stars predicted for all movies of an index."""

    stars: Floats
    """NaN where there are none, shape (movies,)."""
    support: Ints
    """Neighbours, or ratings, that each rests on, shape (movies,)."""


def by_means(train: TrainingData) -> Predicted:
    """Predict the mean of what everybody gave."""
    ones = np.ones(len(train.movie))
    sums, _, counts = _sums(train.movie, ones, train.stars, train.shape[1])
    return Predicted(_divided(sums, counts), counts)


def by_user_cosine(train: TrainingData, given: Floats, *, neighbours: int) -> Predicted:
    """Weigh raters by the cosine of all stars, a movie without any as 0 (Breese et al. 1998).

    ::

        w_u = sum_i r_ai r_ui / (||r_a|| ||r_u||)
        stars_j = mean_a + sum_u w_u (r_uj - mean_u) / sum_u w_u

    over the ``neighbours`` raters of ``j`` with the largest ``w_u`` above 0.
    """
    own = np.nan_to_num(given)[train.movie]
    dots, squares = _by_user(train, own * train.stars), _by_user(train, train.stars**2)
    length = np.nansum(given**2) - own**2
    weight = _divided(
        dots[train.user] - own * train.stars, np.sqrt(np.maximum(length * squares[train.user], 0))
    )
    return _around_means(train, given, weight, neighbours)


def by_user_pearson(
    train: TrainingData, given: Floats, *, neighbours: int, significance: int
) -> Predicted:
    """Weigh raters by the correlation with the person (Resnick et al. 1994).

    ``w_u`` is Pearson's correlation over the ``n_u`` movies that both gave stars, two at least,
    times ``min(n_u / significance, 1)`` (Herlocker et al. 1999): few in common correlate by chance.
    The stars follow as in :func:`by_user_cosine`.
    """
    shared = ~np.isnan(given)[train.movie]
    own, theirs = np.nan_to_num(given)[train.movie], np.where(shared, train.stars, 0.0)

    def total(values: Floats) -> Floats:
        # The movie to be predicted is left out of the sums over what both rated.
        return np.asarray(_by_user(train, values)[train.user] - values)

    count = total(shared.astype(np.float64))
    one, two = total(own * shared), total(theirs)
    covariance = count * total(own * theirs) - one * two
    spreads = [
        _beyond_rounding(count * total(values**2), sums**2)
        for values, sums in ((own * shared, one), (theirs, two))
    ]
    weight = _divided(covariance, np.sqrt(spreads[0] * spreads[1]))
    weight *= np.minimum(count / significance, 1.0)
    return _around_means(train, given, weight, neighbours)


def by_item_cosine(
    train: TrainingData, given: Floats, *, neighbours: int, significance: int
) -> Predicted:
    """Weigh the person's movies by the adjusted cosine with a movie (Sarwar et al. 2001).

    ::

        s_ij = sum_u d_ui d_uj / sqrt(sum_u d_ui ** 2  sum_u d_uj ** 2),    d_ui = r_ui - mean_u
        stars_j = sum_i s_ij r_ai / sum_i s_ij

    with ``u`` over the ``n_ij`` raters of both movies and ``i`` over the ``neighbours`` movies the
    person rated with the largest ``s_ij`` above 0. As correlations of raters are, ``s_ij`` is
    multiplied by ``min(n_ij / significance, 1)``.
    """
    own = np.flatnonzero(~np.isnan(given))
    beyond = _beyond_means(train)
    # A deviation of 0 is no entry of a sparse matrix, and adds nothing to its sums.
    tables = [train.matrix(values).tocsc() for values in (beyond, beyond**2, np.ones(len(beyond)))]
    mine = [table[:, own].T.tocsr() for table in tables]
    found: list[Predicted] = []
    for start in range(0, train.shape[1], _BLOCK):
        deviations, squares, rated = (table[:, start : start + _BLOCK] for table in tables)
        lengths = (mine[1] @ rated).toarray() * (mine[2] @ squares).toarray()
        similarity = _divided((mine[0] @ deviations).toarray(), np.sqrt(lengths))
        similarity *= np.minimum((mine[2] @ rated).toarray() / significance, 1.0)
        # A movie is not predicted from itself.
        similarity[own[:, None] == np.arange(start, start + similarity.shape[1])] = 0.0
        row, movie = np.nonzero(similarity > 0)
        weight = similarity[row, movie]
        kept = _largest(movie, weight, neighbours)
        of_row = given[own[row[kept]]]
        sums, weights, support = _sums(movie[kept], weight[kept], of_row, similarity.shape[1])
        found.append(Predicted(_divided(sums, weights), support))
    return Predicted(*map(np.concatenate, zip(*found, strict=True)))


def _around_means(train: TrainingData, given: Floats, weight: Floats, neighbours: int) -> Predicted:
    """Predict from how far neighbours are from their own means; ``weight`` is by rating."""
    beyond = _beyond_means(train)
    positive = np.flatnonzero(weight > 0)
    kept = positive[_largest(train.movie[positive], weight[positive], neighbours)]
    sums, weights, support = _sums(train.movie[kept], weight[kept], beyond[kept], train.shape[1])
    others = np.count_nonzero(~np.isnan(given)) - ~np.isnan(given)
    mean = _divided(np.nansum(given) - np.nan_to_num(given), others)
    return Predicted(mean + _divided(sums, weights), support)


def _beyond_means(train: TrainingData) -> Floats:
    """Tell how far each rating is from the mean of its rater, shape (ratings,)."""
    counts = _by_user(train, np.ones(len(train.user)))
    return np.asarray(train.stars - _divided(_by_user(train, train.stars), counts)[train.user])


def _by_user(train: TrainingData, values: Floats) -> Floats:
    """Sum what there is of each rating by user, shape (users,)."""
    return np.asarray(np.bincount(train.user, weights=values, minlength=train.shape[0]), np.float64)


def _largest(group: Ints, weight: Floats, most: int) -> Ints:
    """Find the places with the largest weights of each group, of equals those that come first."""
    order = np.lexsort((-weight, group))
    sizes = np.bincount(group)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.asarray(order[rank < most])


def _sums(movie: Ints, weight: Floats, values: Floats, movies: int) -> tuple[Floats, Floats, Ints]:
    """Sum weighted values, weights, and how many there are, by movie."""
    weighted = np.bincount(movie, weights=weight * values, minlength=movies)
    weights = np.bincount(movie, weights=weight, minlength=movies)
    counts = np.bincount(movie, minlength=movies)
    return np.asarray(weighted, np.float64), np.asarray(weights, np.float64), counts


def _beyond_rounding(squares: Floats, square: Floats) -> Floats:
    """Take a square of sums from sums of squares; 0 where that leaves nothing but rounding."""
    spread = squares - square
    return np.where(spread > _ROUNDING * squares, spread, 0.0)


def _divided(one: Floats, two: Floats | Ints) -> Floats:
    """Divide, with NaN where there is nothing to divide by."""
    none = np.full(np.broadcast_shapes(np.shape(one), np.shape(two)), np.nan)
    return np.asarray(np.divide(one, two, out=none, where=two > 0))
