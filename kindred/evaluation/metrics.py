"""How good a list of movies is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kindred.evaluation.training_data import Array, TrainingData
from recommender.arrays import Floats, Ints, Mask

__all__ = [
    "DEPTH",
    "MIN_RATINGS",
    "NOTHING",
    "Figures",
    "calibration",
    "measure",
    "measure_groups",
    "share_found",
    "top_lists",
]

DEPTH = 10
"""Places of a list: what is measured is its first ten."""
NOTHING = -1
"""Stands at the end of a list that is shorter than the others."""
MIN_RATINGS = 5
"""A movie with fewer ratings is in no method's lists: it would be there by one person's word."""
# The most liked films, as a part of those that anybody rated: the others are the long tail.
_HEAD = 0.03

# What a list's genres are mixed with, so that none that a person likes has the share zero.
_SMOOTHING = 0.01

Figures = dict[str, Floats]
"""Figures by their names, each of everybody who was asked: shape (people,), NaN for those whom one
is not about. A figure of all is the mean of these."""


def top_lists(scores: Array, seen: Mask) -> Ints:
    """List the movies with the highest finite scores, best first, ties by ascending number.

    ``scores`` and ``seen``, the movies that are no candidates, have shape (people, movies); the
    lists have shape (people, at most 10).
    """
    scores = np.where(seen | ~np.isfinite(scores), -np.inf, scores)
    depth = min(DEPTH, scores.shape[1])
    floor = -np.partition(-scores, depth - 1, axis=1)[:, depth - 1]
    lists = np.full((len(scores), depth), NOTHING, dtype=np.int64)
    for row, (mine, least) in enumerate(zip(scores, floor, strict=True)):
        # Everything tied with the last place stays in until the ties are put in order.
        movies = np.flatnonzero((mine >= least) & (mine > -np.inf))
        best = movies[np.argsort(-mine[movies], kind="stable")[:depth]]
        lists[row, : len(best)] = best
    return lists


def measure(lists: Ints, truth: Mask, train: TrainingData) -> Figures:
    """Measure lists against the truth, shapes (people, at most 10) and (people, movies).

    Everybody has a movie that is right. The figures are

    - ``ndcg_10``: NDCG with the logarithmic discount of Järvelin and Kekäläinen (2002),
      ``sum_k gain_k / log2(k + 1)`` over its largest value, where each right movie gains 1;
    - ``debiased_10``: the same where it gains ``(likes + 1)^-1/2``, likes counted in the training
      data: what most people like is found by anybody;
    - ``recall_10``: the part of all right movies that is in the list;
    - ``longtail_10``: the part of the list outside the 3 % most liked movies of those rated;
    - ``overlap_10``: the part of ten that two people's lists share, mean over all pairs of them;
    - ``coverage_10``: the part of the movies with enough ratings that is in anybody's list.

    The last two are of all people together and no means over them. So that their intervals come
    from resamples of people like all others, they are written as means of what each person adds: of
    an overlap twice how far a person's is from it (the projection of Hoeffding 1948); of a coverage
    what the jackknife (Tukey 1958) finds, how many movies are in this person's list alone.
    Resampling people itself would not do: a resample holds but 63 % of them, who cover less.
    """
    listed = lists != NOTHING
    found = np.where(listed, lists, 0)
    people, size = len(lists), np.maximum(listed.sum(axis=1), 1)
    # Of a movie in c lists, each of these shares it with c - 1 others.
    times = np.bincount(lists[listed], minlength=truth.shape[1])
    shared = np.where(listed, times[found] - 1, 0).sum(axis=1) / (DEPTH * max(people - 1, 1))
    alone = (listed & (times[found] == 1)).sum(axis=1)
    catalogue = max(np.count_nonzero(train.counts >= MIN_RATINGS), 1)
    covered = np.count_nonzero(times) + (people - 1) * (alone - alone.mean())
    return {
        "ndcg_10": _ndcg(lists, truth, np.ones(truth.shape[1])),
        "debiased_10": _ndcg(lists, truth, (train.likes + 1.0) ** -0.5),
        "recall_10": _hits(lists, truth).sum(axis=1) / truth.sum(axis=1),
        "longtail_10": (listed & ~_head(train)[found]).sum(axis=1) / size,
        "overlap_10": 2 * shared - shared.mean(),
        "coverage_10": covered / catalogue,
    }


def measure_groups(lists: Ints, truths: Iterable[Mask]) -> Figures:
    """Measure lists for groups against what is right for each member.

    ``lists`` has shape (groups, 1, places), or (groups, size, places) for a list each; each truth
    has shape (size, movies), and something right for everybody. The figures are ``group_mean_10``,
    the mean of the members' NDCG@10 as in :func:`measure`, ``group_least_10``, the smallest of
    them, and ``group_spread_10``, how far the largest is above it.
    """
    found = [
        _ndcg(np.broadcast_to(mine, (len(truth), DEPTH)), truth, np.ones(truth.shape[1]))
        for mine, truth in zip(lists, truths, strict=True)
    ]
    return {
        "group_mean_10": np.array([each.mean() for each in found]),
        "group_least_10": np.array([each.min() for each in found]),
        "group_spread_10": np.array([np.ptp(each) for each in found]),
    }


def calibration(lists: Ints, liked: Mask, genres: Mask) -> Floats:
    """Tell how far the genres of lists are from those of what people like.

    The Kullback-Leibler divergence of Steck (2018), "Calibrated Recommendations",
    ``sum_g p_g log(p_g / ((1 - a) q_g + a p_g))`` with ``a = .01``: 0 where a list ``q`` has the
    shares ``p`` of the liked movies, and ``log(100) = 4.6`` where it has none of their genres. A
    movie's genres have equal shares; movies without genres say nothing.

    Parameters
    ----------
    lists : array of shape (people, at most 10)
    liked : array of shape (people, movies)
        Whether a movie is one that the person was said to like.
    genres : array of shape (movies, genres)
        Whether a movie has a genre.

    Returns
    -------
    array of shape (people,)
        NaN for those who like no movie with genres.
    """
    shares = _parts(genres.astype(np.float64))
    listed = lists != NOTHING
    # Place by place, as a table of people by places by genres may be large.
    places = zip(lists.T, listed.T, strict=True)
    theirs = _parts(sum(shares[movies] * there[:, None] for movies, there in places))
    wanted = _parts(liked @ shares)
    mixed = (1 - _SMOOTHING) * theirs + _SMOOTHING * wanted
    logs = np.log(np.divide(wanted, mixed, out=np.ones_like(mixed), where=wanted > 0))
    return np.where(wanted.any(axis=1), (wanted * logs).sum(axis=1), np.nan)


def _parts(rows: Floats) -> Floats:
    """Divide each row by its sum; those that are empty stay so."""
    sums = rows.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(rows, sums, out=np.zeros_like(rows), where=sums > 0))


def share_found(lists: Ints, truth: Mask) -> Floats:
    """Count right movies among the first ten, as a part of as many as there can be."""
    return np.asarray(_hits(lists, truth).sum(axis=1) / np.minimum(truth.sum(axis=1), DEPTH))


def _hits(lists: Ints, truth: Mask) -> Mask:
    listed = lists != NOTHING
    return np.asarray(np.take_along_axis(truth, np.where(listed, lists, 0), axis=1) & listed)


def _ndcg(lists: Ints, truth: Mask, gains: Array) -> Floats:
    """Divide what the lists gain by the most that lists could; ``gains`` has shape (movies,)."""
    discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
    gained = np.where(_hits(lists, truth), gains[lists], 0)
    depth = min(DEPTH, truth.shape[1])
    best = np.partition(np.where(truth, -gains, 0), depth - 1, axis=1)[:, :depth]
    most = -np.sort(best, axis=1) @ discounts[:depth]
    return np.asarray(gained @ discounts[: lists.shape[1]] / most)


def _head(train: TrainingData) -> Mask:
    """Tell which movies are among the most liked, shape (movies,); ties by ascending number."""
    head = np.zeros(train.shape[1], dtype=bool)
    size = round(_HEAD * np.count_nonzero(train.counts))
    head[np.argsort(-train.likes, kind="stable")[:size]] = True
    return head
