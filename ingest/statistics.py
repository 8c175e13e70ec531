"""Everything the formulas need that is counted once per version: counts, weights, means, biases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.blocks import slices
from ingest.cleaning import CleanRatings
from recommender.arrays import Bytes, Floats, Ints
from recommender.opinion import STATES, Opinion, Scale
from recommender.ranking.weights import movie_weights
from recommender.settings import Weighting
from recommender.storage.manifest import Density

__all__ = ["Statistics", "count", "density_of"]

# What fewer raters have in common says nothing of the kind of data.
_ENOUGH_RATERS = 100


@dataclass(frozen=True, eq=False)
class Statistics:
    """Counts of a source, and what follows from them; no array has one entry per rating."""

    ratings: Ints
    """Ratings of each movie, shape (movies,)."""
    likes: Ints
    """Likes of each movie, shape (movies,)."""
    recent: Ints
    """Likes of each movie in the last days of the source, shape (movies,); 0 without times."""
    recent_from: int | None
    """First of those days, since 1970; None without times."""
    ratings_per_unit: Ints
    """Ratings of each stored unit of stars, shape (256,)."""
    means: Floats
    """Mean stars of each movie, NaN where it has no ratings, shape (movies,)."""
    mean: float
    """Mean of all stars."""
    weights: Floats
    """Weight of each movie, shape (movies,)."""
    ratings_per_user: Ints
    """Ratings of each user, shape (users,)."""
    opinion_means: tuple[float, float, float]
    """Mean stars of a like, a neutral and a dislike."""
    states: Bytes
    """State of every stored unit of stars, shape (256,)."""
    movie_biases: Floats
    """Damped bias ``b_i`` of each movie, in stars above the mean, shape (movies,)."""
    user_biases: Floats
    """Damped bias ``b_u`` of each user, in stars above mean and movie biases, shape (users,)."""

    def deviations(self, clean: CleanRatings, rows: Ints) -> Floats:
        """Stars of these rows above what user and movie lead one to expect, same shape.

        ``r - mean - b_i - b_u``. Where all ratings are likes nothing deviates, and each counts 1.
        """
        if clean.scale.implicit:
            return np.ones(len(rows))
        expected = self.mean + self.movie_biases[clean.movie[rows]]
        expected += self.user_biases[clean.user[rows]]
        return np.asarray(clean.scale.unpack(clean.units[rows]) - expected)


def count(clean: CleanRatings, weighting: Weighting) -> Statistics:
    """Count a cleaned source, one block of ratings at a time."""
    movies, users = len(clean.movie_ids), len(clean.user_ids)
    scale = clean.scale
    stars, states = scale.unit_stars(), scale.unit_states(weighting)
    # Stars take 256 values at most, so their sums follow from the counts of each.
    ratings_per_unit = _counts(clean.units, 256)
    mean = float(ratings_per_unit @ stars / len(clean))
    recent_from = _recent_from(clean, weighting.recent_days)
    ratings, likes, recent = np.zeros((3, movies), dtype=np.int64)
    sums = np.zeros(movies)
    # In blocks, because numpy's bincount makes 64-bit copies of what it counts.
    for rows in slices(len(clean)):
        movie, liked = clean.movie[rows], states[clean.units[rows]] == Opinion.LIKE.code
        ratings += np.bincount(movie, minlength=movies)
        likes += np.bincount(movie[liked], minlength=movies)
        sums += np.bincount(movie, weights=stars[clean.units[rows]], minlength=movies)
        if clean.day is not None and recent_from is not None:
            liked &= clean.day[rows] >= recent_from
            recent += np.bincount(movie[liked], minlength=movies)
    ratings_per_user = _counts(clean.user, users)
    movie_biases = (sums - mean * ratings) / (ratings + weighting.damping)
    return Statistics(
        ratings=ratings,
        likes=likes,
        recent=recent,
        recent_from=recent_from,
        ratings_per_unit=ratings_per_unit,
        means=np.divide(sums, ratings, out=np.full(movies, np.nan), where=ratings > 0),
        mean=mean,
        weights=movie_weights(ratings, users, weighting),
        ratings_per_user=ratings_per_user,
        opinion_means=_opinion_means(scale, ratings_per_unit, states, weighting),
        states=states,
        movie_biases=movie_biases,
        user_biases=_user_biases(clean, mean, movie_biases, ratings_per_user, weighting.damping),
    )


def density_of(statistics: Statistics, weighting: Weighting) -> Density | None:
    """Count how much stored raters say; the few ratings of all others are taken for theirs."""
    per_user, per_movie = statistics.ratings_per_user, statistics.ratings.astype(np.float64)
    stored = per_user[per_user >= weighting.min_ratings]
    if len(stored) < _ENOUGH_RATERS:
        return None
    by_unit = statistics.ratings_per_unit
    disliked = float(by_unit[statistics.states == Opinion.DISLIKE.code].sum())
    return Density(
        known=float(stored.mean()) * (1 - disliked / by_unit.sum()),
        shared=min(float(per_movie @ per_movie) / (per_movie.sum() * len(stored)), 1.0),
    )


def _counts(numbers: Ints, size: int) -> Ints:
    """How often each number below ``size`` occurs, shape (size,)."""
    counts = np.zeros(size, dtype=np.int64)
    for rows in slices(len(numbers)):
        counts += np.bincount(numbers[rows], minlength=size)
    return counts


def _recent_from(clean: CleanRatings, days: int) -> int | None:
    """First of the ``days`` up to the newest rating.

    The newest of 99.9 % of the ratings, at least one less than all: a few wrong times far in the
    future must not leave the days empty.
    """
    if clean.day is None:
        return None
    totals = np.cumsum(_counts(clean.day, 1 << 16))
    newest = np.searchsorted(totals, int(0.999 * (len(clean) - 1)), side="right")
    return int(newest) - days + 1


def _opinion_means(
    scale: Scale, ratings_per_unit: Ints, states: Bytes, weighting: Weighting
) -> tuple[float, float, float]:
    """Mean stars of each state; the middle of its range for a state that does not occur.

    ``ratings_per_unit`` has shape (256,).
    """
    stars = scale.unit_stars()
    sums = np.bincount(states, weights=ratings_per_unit * stars, minlength=STATES)
    sizes = np.bincount(states, weights=ratings_per_unit, minlength=STATES)
    inner = np.array([1, weighting.like_at, weighting.dislike_at]) * (scale.high - scale.base)
    edges = np.append(scale.base + inner, scale.low)
    middles = np.clip((edges[1:] + edges[:-1]) / 2, scale.low, scale.high)
    like, neutral, dislike = np.where(sizes, sums / np.maximum(sizes, 1), middles).tolist()
    return like, neutral, dislike


def _user_biases(
    clean: CleanRatings, mean: float, movie_biases: Floats, ratings_per_user: Ints, damping: float
) -> Floats:
    """Damped biases of users: ``b_u = sum(r - mean - b_i) / (n_u + damping)``.

    After those of movies, ``b_i = sum(r - mean) / (n_i + damping)`` (Koren 2010, section 2.1).
    """
    sums = np.zeros(len(ratings_per_user))
    for rows in slices(len(clean)):
        rest = clean.scale.unpack(clean.units[rows]) - mean - movie_biases[clean.movie[rows]]
        sums += np.bincount(clean.user[rows], weights=rest, minlength=len(ratings_per_user))
    return np.asarray(sums / (ratings_per_user + damping))
