"""How many stars a person would give a movie."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.catalogue.movies import Movie
from recommender.opinion import Scale
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.resolution import ResolvedProfile
from recommender.results import Prediction
from recommender.settings import Ranking
from recommender.storage.encoding import Rater
from recommender.storage.manifest import StarErrors

__all__ = ["Estimates", "estimate_stars", "predict_stars", "quantiles"]


class Estimates(NamedTuple):
    """Stars of some movies, not yet clipped to a scale; each of shape (movies,)."""

    expected: Floats
    """What the means of person and movie let expect."""
    stars: Floats
    support: Ints
    """How many of the person's movies they rest on."""
    nearest: Ints
    """Place of the one that weighs most; of no meaning where the support is 0."""
    spread: Floats
    """Damped standard deviation of the person's stars around what the means let expect."""


def estimate_stars(
    levels: Floats,
    above: Floats,
    counted: Mask,
    starred: Mask,
    cosines: Floats,
    shared: Floats,
    *,
    damping: float,
    variance: float,
    ranking: Ranking,
) -> Estimates:
    """Estimate the stars of movies from those of others, a row for each.

    Parameters
    ----------
    levels : array, shape (movies,)
        Mean of all ratings and the movie's bias.
    above : array, shape (movies, others) or (others,)
        Stars that the person gave each of the others, above its level.
    counted : array, shape (movies, others)
        Which of the others count.
    starred : array, shape (movies, others) or (others,)
        Which of the others have stars of their own, and so tell of the person's spread: those of
        mere opinions, which are all the same, do not.
    cosines, shared : array, shape (movies, others)
        Cosine with each of the others, and how many raters it rests on.
    damping : float
        Ratings that the person's bias and spread are shrunk by.
    variance : float
        Square of the spread that they are shrunk towards.
    ranking : Ranking
        The settings of the formula, which is in :func:`predict_stars`.
    """
    above = np.where(counted, above, 0.0)
    known = counted.sum(axis=1) + damping
    person = above.sum(axis=1) / known
    starred = counted & starred
    squares = np.where(starred, above - person[:, None], 0.0) ** 2
    spread = np.sqrt((squares.sum(axis=1) + damping * variance) / (starred.sum(axis=1) + damping))
    expected = levels + person
    weights = np.maximum(cosines, 0.0) * shared / (shared + ranking.predict_shrinkage)
    weights = np.where(counted, weights, 0.0)
    # Stable, so that of equal weights those of lower movie numbers count.
    best = np.argsort(-weights, axis=1, kind="stable")[:, : ranking.predict_neighbours]
    weights = np.take_along_axis(weights, best, axis=1)
    beyond = np.take_along_axis(above, best, axis=1) - person[:, None]
    more = (weights * beyond).sum(axis=1) / (weights.sum(axis=1) + ranking.predict_bias_weight)
    nearest = best[:, 0] if best.shape[1] else np.zeros(len(levels), dtype=np.int64)
    support = np.count_nonzero(weights, axis=1)
    return Estimates(expected, expected + more, support, nearest, spread)


def predict_stars(
    version: IndexVersion, profile: ResolvedProfile, movies: Ints, *, leave_out: Rater | None = None
) -> tuple[Prediction, ...]:
    """Predict a person's stars for movies, by dense number, in their order.

    Item neighbours around damped biases (Koren 2010, section 2.2)::

        b_j = n_j (mean_j - mu) / (n_j + damping)
        b_u = sum_i (r_ui - mu - b_i) / (n_u + damping)
        w_ij = max(cos_ij, 0) n_ij / (n_ij + shrinkage)
        e_i = r_ui - mu - b_u - b_i
        stars_j = mu + b_u + b_j + sum_i w_ij e_i / (sum_i w_ij + bias_weight)

    over the ``predict_neighbours`` movies ``i`` of the profile with the largest weights, clipped to
    the scale. The cosine is that of the movies' vectors over raters, of whom ``n_ij`` rated both.
    ``shrinkage`` and ``bias_weight`` are the ranking's ``predict_shrinkage`` and
    ``predict_bias_weight``. The person's own opinion of ``j`` is left out, and a rater to
    ``leave_out`` is taken out of ``b_j`` and of the vectors. Where no weight is above
    zero, the means ``mu + b_u + b_j`` are left.

    The interval is where 80 % of the ratings lay that the ingest left out and predicted with as
    much support: see :mod:`ingest.star_errors`.
    """
    catalogue, manifest = version.catalogue, version.index.manifest
    if manifest.scale.implicit:
        reason = "there are no stars in this index, which holds likes only"
        return tuple(Prediction(catalogue.movie(n), None, 0, reason, None) for n in movies.tolist())
    if leave_out is None:
        cosines, shared = version.similarity.between(movies, profile.movies)
    else:
        cosines, shared = version.similarity.without(leave_out.number, movies, profile.movies)
    # The person's stars for a movie must not predict themselves.
    counted = profile.movies != movies[:, None]
    found = estimate_stars(
        _levels(version, movies, leave_out),
        profile.stars - _levels(version, profile.movies, leave_out),
        counted,
        profile.starred,
        cosines,
        shared,
        damping=manifest.weighting.damping,
        variance=manifest.star_errors.variance if manifest.star_errors else 0.0,
        ranking=version.ranking,
    )
    return tuple(
        _prediction(version, profile, number, found, row, others=bool(counted[row].any()))
        for row, number in enumerate(movies.tolist())
    )


def _prediction(
    version: IndexVersion,
    profile: ResolvedProfile,
    number: int,
    found: Estimates,
    row: int,
    *,
    others: bool,
) -> Prediction:
    """Make one prediction; ``others`` is whether the person rated any other movie."""
    manifest, movie = version.index.manifest, version.catalogue.movie(number)
    expected = _clipped(found.expected[row], manifest.scale)
    if not movie.ratings:
        return Prediction(movie, None, 0, "nobody in this index rated it", expected)
    if not others:
        reason = "you rated nothing else yet" if len(profile) else "you rated nothing yet"
        return Prediction(movie, None, 0, reason, expected)
    stars, support = _clipped(found.stars[row], manifest.scale), int(found.support[row])
    first = version.catalogue.movie(int(profile.movies[found.nearest[row]]))
    reason = _rests_on(support, first)
    if manifest.star_errors is None:
        reason += "; how far off it may be is unknown until the next full ingest"
        return Prediction(movie, stars, support, reason, expected)
    low, high = (
        _clipped(stars + end * found.spread[row], manifest.scale)
        for end in quantiles(manifest.star_errors, support, movie.ratings)
    )
    # Of lists in MovieLens 1M half, in MovieLens latest-small one in twenty.
    wide = high - low > (manifest.scale.high - manifest.scale.low) / 2
    return Prediction(movie, stars, support, reason, expected, low, high, wide)


def quantiles(errors: StarErrors, support: int, ratings: int) -> tuple[float, float]:
    """The two quantiles for so much support, and a movie with so many ratings, at least 1."""
    known = bisect_right(errors.ratings, ratings) - 1
    place = bisect_right(errors.support[known], support) - 1
    return errors.below[known][place], errors.above[known][place]


def _levels(version: IndexVersion, movies: Ints, leave_out: Rater | None) -> Floats:
    """The mean of all ratings with the bias of each movie, same shape."""
    manifest, catalogue = version.index.manifest, version.catalogue
    mean, damping, counts = manifest.mean, manifest.weighting.damping, catalogue.ratings[movies]
    # Nobody rated a movie without a mean.
    means = (catalogue.movie(number).mean for number in movies.tolist())
    beyond = np.array([0.0 if m is None else m - mean for m in means], dtype=np.float64)
    above: Floats = counts * beyond
    if leave_out is not None:
        own = version.index.rated([leave_out])
        stars = np.full(len(catalogue), mean)
        stars[own.movie] = manifest.scale.unpack(own.units)
        above = above - (stars[movies] - mean)
        counts = counts - np.isin(movies, own.movie)
    return np.asarray(mean + above / (counts + damping))


def _clipped(stars: float, scale: Scale) -> float:
    return float(min(max(stars, scale.low), scale.high))


def _rests_on(support: int, first: Movie) -> str:
    if not support:
        return "rests on averages alone: the same people rate nothing like it that you rated"
    if support == 1:
        return f"rests on one of your ratings, that of {first}"
    return f"rests on {support} of your ratings, most of all that of {first}"
