"""How good a list of movies is."""

from __future__ import annotations

import numpy as np

from kindred.evaluation.training_data import Array, TrainingData
from recommender.arrays import Floats, Ints, Mask

__all__ = ["DEPTH", "NOTHING", "Figures", "measure", "share_found", "top_lists"]

DEPTH = 10
"""Places of a list: what is measured is its first ten."""
NOTHING = -1
"""Stands at the end of a list that is shorter than the others."""
# The most liked films, as a part of those that anybody rated: the others are the long tail.
_HEAD = 0.03

Figures = dict[str, Floats]
"""Figures by their names, each of everybody who was asked: shape (people,)."""


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
    - ``longtail_10``: the part of the list outside the 3 % most liked movies of those rated;
    - ``overlap_10``: the part of ten that is also in another's list, mean over all the others: its
      mean over people is the mean over all pairs of them.
    """
    listed = lists != NOTHING
    found = np.where(listed, lists, 0)
    size = np.maximum(listed.sum(axis=1), 1)
    # Of a movie in c lists, each of these shares it with c - 1 others.
    times = np.bincount(lists[listed], minlength=truth.shape[1])
    shared = np.where(listed, times[found] - 1, 0).sum(axis=1)
    return {
        "ndcg_10": _ndcg(lists, truth, np.ones(truth.shape[1])),
        "debiased_10": _ndcg(lists, truth, (train.likes + 1.0) ** -0.5),
        "longtail_10": (listed & ~_head(train)[found]).sum(axis=1) / size,
        "overlap_10": shared / (DEPTH * max(len(lists) - 1, 1)),
    }


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
