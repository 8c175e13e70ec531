"""Stars predicted by the formulas of the textbooks, each movie without the person's own stars.

Every function takes the stars of a person, NaN where they gave none, shape (movies,), and predicts
all movies at once, NaN where it cannot; the same shape. A movie that the person rated is predicted
as if they had not: what its stars add to a similarity or a mean is taken away again.
"""

from __future__ import annotations

import numpy as np

from kindred.evaluation.methods.predictors import NEIGHBOURS
from kindred.evaluation.methods.similarity import Similarity
from kindred.evaluation.training_data import TrainingData
from recommender.arrays import Floats, Ints

__all__ = ["by_item_cosine", "by_means", "by_user_cosine", "by_user_pearson"]

# Movies in common from which on a correlation counts in full (Herlocker et al. 1999).
_SIGNIFICANCE = 50
# Movies predicted at a time: a table of them by those of the person stays small.
_BLOCK = 1024
# Part of a sum of squares below which a spread is rounding.
_ROUNDING = 1e-9


def by_means(train: TrainingData) -> Floats:
    """Predict the mean of what everybody gave."""
    sums = np.bincount(train.movie, weights=train.stars, minlength=train.shape[1])
    return _divided(sums, train.counts)


def by_user_cosine(train: TrainingData, given: Floats, *, neighbours: int = NEIGHBOURS) -> Floats:
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
    train: TrainingData,
    given: Floats,
    *,
    neighbours: int = NEIGHBOURS,
    significance: int = _SIGNIFICANCE,
) -> Floats:
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


def by_item_cosine(train: TrainingData, given: Floats, *, neighbours: int = NEIGHBOURS) -> Floats:
    """Weigh the person's movies by the adjusted cosine with a movie (Sarwar et al. 2001).

    ::

        s_ij = sum_u d_ui d_uj / sqrt(sum_u d_ui ** 2  sum_u d_uj ** 2),    d_ui = r_ui - mean_u
        stars_j = sum_i s_ij r_ai / sum_i s_ij

    with ``u`` over the raters of both movies and ``i`` over the ``neighbours`` movies the person
    rated with the largest ``s_ij`` above 0.
    """
    own, movies = np.flatnonzero(~np.isnan(given)), np.arange(train.shape[1])
    similarity = Similarity(
        "adjusted cosine", train.movie, train.user, _beyond_means(train), train.shape[::-1]
    )
    found: list[Floats] = []
    for start in range(0, len(movies), _BLOCK):
        some = movies[start : start + _BLOCK]
        # A movie is not predicted from itself.
        similar = np.where(own[:, None] == some, 0.0, similarity.of(own, some))
        row, movie = np.nonzero(similar > 0)
        weight = similar[row, movie]
        found.append(_nearest_mean(movie, weight, given[own[row]], len(some), neighbours))
    return np.concatenate(found)


def _around_means(train: TrainingData, given: Floats, weight: Floats, neighbours: int) -> Floats:
    """Predict from how far neighbours are from their own means; ``weight`` is by rating."""
    rows, beyond = np.flatnonzero(weight > 0), _beyond_means(train)
    more = _nearest_mean(train.movie[rows], weight[rows], beyond[rows], train.shape[1], neighbours)
    others = np.count_nonzero(~np.isnan(given)) - ~np.isnan(given)
    return _divided(np.nansum(given) - np.nan_to_num(given), others) + more


def _beyond_means(train: TrainingData) -> Floats:
    """Tell how far each rating is from the mean of its rater, shape (ratings,)."""
    counts = _by_user(train, np.ones(len(train.user)))
    return np.asarray(train.stars - _divided(_by_user(train, train.stars), counts)[train.user])


def _by_user(train: TrainingData, values: Floats) -> Floats:
    """Sum what there is of each rating by user, shape (users,)."""
    return np.asarray(np.bincount(train.user, weights=values, minlength=train.shape[0]), np.float64)


def _nearest_mean(
    movie: Ints, weight: Floats, values: Floats, movies: int, neighbours: int
) -> Floats:
    """Take the mean by movie of the values with the largest weights, of equals the first."""
    order = np.lexsort((-weight, movie))
    sizes = np.bincount(movie)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    kept = order[rank < neighbours]
    movie, weight, values = movie[kept], weight[kept], values[kept]
    sums = np.bincount(movie, weights=weight * values, minlength=movies)
    return _divided(sums, np.bincount(movie, weights=weight, minlength=movies))


def _beyond_rounding(squares: Floats, square: Floats) -> Floats:
    """Take a square of sums from sums of squares; 0 where that leaves nothing but rounding."""
    spread = squares - square
    return np.where(spread > _ROUNDING * squares, spread, 0.0)


def _divided(one: Floats | Ints, two: Floats | Ints) -> Floats:
    """Divide, with NaN where there is nothing to divide by."""
    none = np.full(np.broadcast_shapes(np.shape(one), np.shape(two)), np.nan)
    return np.asarray(np.divide(one, two, out=none, where=two > 0))
