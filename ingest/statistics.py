"""Everything the formulas need that is counted once: weights, means, biases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.blocks import slices
from ingest.cleaning import CleanRatings
from recommender.arrays import Bytes, Floats, Ints
from recommender.opinion import STATES, Opinion, Scale
from recommender.ranking.weights import movie_weights
from recommender.settings import Weighting

__all__ = ["Counted", "count"]


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts of a source, and what follows from them; nothing here is as long as its ratings."""

    ratings: Ints
    """Ratings of each movie, shape (movies,)."""
    likes: Ints
    """Likes of each movie, shape (movies,)."""
    recent: Ints
    """Likes of each movie in the last days of the source, shape (movies,); 0 without times."""
    recent_from: int | None
    """First of those days, since 1970; None without times."""
    given: Ints
    """Ratings of each stored unit of stars, shape (256,)."""
    means: Floats
    """Mean stars of each movie, NaN where nobody rated it, shape (movies,)."""
    mean: float
    """Mean of all stars."""
    weights: Floats
    """Weight of each movie, shape (movies,)."""
    rated: Ints
    """Ratings of each user, shape (users,)."""
    state_means: tuple[float, float, float]
    """Mean stars of a like, a neutral and a dislike."""
    states: Bytes
    """State of every stored unit of stars, shape (256,)."""
    movie_biases: Floats
    """What each movie is rated above the mean, damped, shape (movies,)."""
    user_biases: Floats
    """What each user rates above mean and movies, damped, shape (users,)."""

    def deviations(self, clean: CleanRatings, rows: Ints) -> Floats:
        """Stars of these rows beyond what user and movie lead one to expect, same shape.

        ``r - mean - b_i - b_u``. Where all ratings are likes nothing deviates, and each counts 1.
        """
        if clean.scale.implicit:
            return np.ones(len(rows))
        expected = self.mean + self.movie_biases[clean.movie[rows]]
        expected += self.user_biases[clean.user[rows]]
        return np.asarray(clean.scale.unpack(clean.units[rows]) - expected)


def count(clean: CleanRatings, weighting: Weighting) -> Counted:
    """Count a cleaned source, some millions of ratings at a time."""
    movies, users = len(clean.movie_ids), len(clean.user_ids)
    scale, units = clean.scale, np.arange(256, dtype=np.uint8)
    stars = scale.unpack(units)
    states = scale.states(stars, weighting)
    given = sum(np.bincount(clean.units[rows], minlength=256) for rows in slices(len(clean)))
    assert isinstance(given, np.ndarray)  # there are ratings
    mean = float(given @ stars / len(clean))
    recent_from = _recent_from(clean, weighting.recent_days)
    ratings, likes, recent, rated = (np.zeros(n, dtype=np.int64) for n in (movies,) * 3 + (users,))
    sums = np.zeros(movies)
    for rows in slices(len(clean)):
        movie, liked = clean.movie[rows], states[clean.units[rows]] == Opinion.LIKE.code
        ratings += np.bincount(movie, minlength=movies)
        likes += np.bincount(movie[liked], minlength=movies)
        rated += np.bincount(clean.user[rows], minlength=users)
        sums += np.bincount(movie, weights=stars[clean.units[rows]], minlength=movies)
        if clean.day is not None and recent_from is not None:
            liked &= clean.day[rows] >= recent_from
            recent += np.bincount(movie[liked], minlength=movies)
    movie_biases = (sums - mean * ratings) / (ratings + weighting.damping)
    return Counted(
        ratings=ratings,
        likes=likes,
        recent=recent,
        recent_from=recent_from,
        given=given,
        means=np.divide(sums, ratings, out=np.full(movies, np.nan), where=ratings > 0),
        mean=mean,
        weights=movie_weights(ratings, users, weighting),
        rated=rated,
        state_means=_state_means(clean.scale, given, states, weighting),
        states=states,
        movie_biases=movie_biases,
        user_biases=_user_biases(clean, mean, movie_biases, rated, weighting.damping),
    )


def _recent_from(clean: CleanRatings, days: int) -> int | None:
    """First of the ``days`` up to the newest rating.

    The newest of 99.9 % of the ratings, at least one less than all: a few wrong times far in the
    future must not leave the days empty.
    """
    if clean.day is None:
        return None
    given = sum(np.bincount(clean.day[rows], minlength=1 << 16) for rows in slices(len(clean)))
    newest = np.searchsorted(np.cumsum(given), int(0.999 * (len(clean) - 1)), side="right")
    return int(newest) - days + 1


def _state_means(
    scale: Scale, given: Ints, states: Bytes, weighting: Weighting
) -> tuple[float, float, float]:
    """Mean stars of each state; of one that does not occur, the middle of where it would lie.

    ``given``, shape (256,), tells how often each stored unit of stars was.
    """
    stars = scale.unpack(np.arange(256, dtype=np.uint8))
    sums = np.bincount(states, weights=given * stars, minlength=STATES)
    sizes = np.bincount(states, weights=given, minlength=STATES)
    inner = np.array([1, weighting.like_at, weighting.dislike_at]) * (scale.high - scale.base)
    edges = np.append(scale.base + inner, scale.low)
    middles = np.clip((edges[1:] + edges[:-1]) / 2, scale.low, scale.high)
    like, neutral, dislike = np.where(sizes, sums / np.maximum(sizes, 1), middles).tolist()
    return like, neutral, dislike


def _user_biases(
    clean: CleanRatings, mean: float, movie_biases: Floats, rated: Ints, damping: float
) -> Floats:
    """Damped biases of users: ``b_u = sum(r - mean - b_i) / (n_u + damping)``.

    After those of movies, ``b_i = sum(r - mean) / (n_i + damping)`` (Koren 2010, section 2.1).
    """
    sums = np.zeros(len(rated))
    for rows in slices(len(clean)):
        rest = clean.scale.unpack(clean.units[rows]) - mean - movie_biases[clean.movie[rows]]
        sums += np.bincount(clean.user[rows], weights=rest, minlength=len(rated))
    return np.asarray(sums / (rated + damping))
