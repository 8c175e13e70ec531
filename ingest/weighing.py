"""Everything the formulas need that is counted once: weights, lengths, biases, deviations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.cleaning import CleanRatings
from recommender.arrays import Bytes, Floats, Ints
from recommender.scale import LIKE, STATES
from recommender.settings import Weighting
from recommender.weighting import movie_weights

__all__ = ["Counted", "count"]


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts of a source, and per rating what follows from them."""

    ratings: Ints
    """Ratings of each movie, shape (movies,)."""
    likes: Ints
    """Likes of each movie, shape (movies,)."""
    recent: Ints
    """Likes of each movie in the last days of the source, shape (movies,); 0 without times."""
    recent_from: int | None
    """First of those days, since 1970; None without times."""
    means: Floats
    """Mean stars of each movie, NaN where nobody rated it, shape (movies,)."""
    mean: float
    """Mean of all stars."""
    weights: Floats
    """Weight of each movie, shape (movies,)."""
    rated: Ints
    """Ratings of each user, shape (users,)."""
    states: Bytes
    """State of each rating, shape (ratings,)."""
    state_means: tuple[float, float, float]
    """Mean stars of a like, a neutral and a dislike."""
    deviations: Floats
    """Each rating's stars beyond what user and movie would lead one to expect, shape (ratings,)."""


def count(clean: CleanRatings, weighting: Weighting) -> Counted:
    """Count a cleaned source."""
    movies, users = len(clean.movie_ids), len(clean.user_ids)
    recent_from = _recent_from(clean, weighting.recent_days)
    states = clean.scale.states(
        clean.stars, like_at=weighting.like_at, dislike_at=weighting.dislike_at
    )
    ratings = np.bincount(clean.movie, minlength=movies)
    sums = np.bincount(clean.movie, weights=clean.stars, minlength=movies)
    means = np.divide(sums, ratings, out=np.full(movies, np.nan), where=ratings > 0)
    return Counted(
        ratings=ratings,
        likes=np.bincount(clean.movie[states == 0], minlength=movies),
        recent=_recent(clean, states, recent_from),
        recent_from=recent_from,
        means=means,
        mean=float(clean.stars.mean()),
        weights=movie_weights(ratings, users, weighting),
        rated=np.bincount(clean.user, minlength=users),
        states=states,
        state_means=_state_means(clean, states, weighting),
        deviations=_deviations(clean, weighting.damping),
    )


def _recent_from(clean: CleanRatings, days: int) -> int | None:
    """First of the ``days`` up to the newest rating.

    The newest of 99.9 % of the ratings, at least one less than all: a few wrong times far in the
    future must not leave the days empty.
    """
    if clean.day is None:
        return None
    return int(np.quantile(clean.day, 0.999, method="lower")) - days + 1


def _recent(clean: CleanRatings, states: Bytes, first: int | None) -> Ints:
    """Likes of each movie since a day."""
    if clean.day is None or first is None:
        return np.zeros(len(clean.movie_ids), dtype=np.int64)
    young = (clean.day >= first) & (states == LIKE)
    return np.bincount(clean.movie[young], minlength=len(clean.movie_ids))


def _state_means(
    clean: CleanRatings, states: Bytes, weighting: Weighting
) -> tuple[float, float, float]:
    """Mean stars of each state; of one that does not occur, the middle of where it would lie."""
    sums = np.bincount(states, weights=clean.stars, minlength=STATES)
    sizes = np.bincount(states, minlength=STATES)
    scale = clean.scale
    inner = np.array([1, weighting.like_at, weighting.dislike_at]) * (scale.high - scale.base)
    edges = np.append(scale.base + inner, scale.low)
    middles = np.clip((edges[1:] + edges[:-1]) / 2, scale.low, scale.high)
    like, neutral, dislike = np.where(sizes, sums / np.maximum(sizes, 1), middles).tolist()
    return like, neutral, dislike


def _deviations(clean: CleanRatings, damping: float) -> Floats:
    """Stars minus damped biases: ``r - mean - b_i - b_u``.

    ``b_i = sum(r - mean) / (n_i + damping)`` over the ratings of a movie, and then
    ``b_u = sum(r - mean - b_i) / (n_u + damping)`` over those of a user (Koren 2010, section 2.1).
    Where all ratings are likes nothing deviates, and each counts 1.
    """
    if clean.scale.implicit:
        return np.ones(len(clean.stars))
    rest: Floats = clean.stars - clean.stars.mean()
    for groups in (clean.movie, clean.user):
        sums, sizes = np.bincount(groups, weights=rest), np.bincount(groups)
        rest = rest - (sums / (sizes + damping))[groups]
    return rest
