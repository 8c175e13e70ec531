"""How good a list of movies is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kindred.evaluation.training_data import Array, TrainingData
from recommender.arrays import Floats, Ints, Mask

__all__ = ["DEPTH", "NOTHING", "Measured", "measure", "top_lists"]

DEPTH = 100
"""Places of a list that is measured: as many as NDCG@100 looks at."""
NOTHING = -1
"""Stands at the end of a list that is shorter than the others."""


class Measured(NamedTuple):
    """Figures of the lists of several people."""

    ndcg_10: Floats
    """Shape (people,), as are the next two."""
    ndcg_100: Floats
    recall_20: Floats
    coverage_10: float
    """Movies in somebody's first ten, as a part of as many as are rated."""
    popularity_10: float
    """Part of all raters who rated a movie, mean over the first tens."""
    novelty_10: float
    """Minus the binary logarithm of that part, mean over the first tens."""


def top_lists(scores: Array, seen: Mask) -> Ints:
    """List the movies with the highest finite scores, best first, ties by ascending number.

    ``scores`` and ``seen``, the movies that are no candidates, have shape (people, movies); the
    lists have shape (people, at most 100).
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


def measure(lists: Ints, truth: Mask, train: TrainingData) -> Measured:
    """Measure lists against the truth, shapes (people, places) and (people, movies).

    A movie is relevant or not, and everybody has one that is. NDCG with the logarithmic discount
    of Järvelin and Kekäläinen (2002): ``sum_k hit_k / log2(k + 1)`` over its largest value. A
    movie that nobody rated is as novel as one that one person did.
    """
    listed = lists != NOTHING
    hits = np.take_along_axis(truth, np.where(listed, lists, 0), axis=1) & listed
    relevant = truth.sum(axis=1)  # at least 1: draw_questions leaves out whoever has none
    # In one row, whoever got them.
    shown = lists[:, :10][listed[:, :10]]
    parts = np.maximum(train.counts, 1)[shown] / train.shape[0]
    return Measured(
        _ndcg(hits, relevant, 10),
        _ndcg(hits, relevant, DEPTH),
        np.asarray(hits[:, :20].sum(axis=1) / relevant),
        len(np.unique(shown)) / np.count_nonzero(train.counts),
        float(parts.mean()) if len(parts) else 0.0,
        float(-np.log2(parts).mean()) if len(parts) else 0.0,
    )


def _ndcg(hits: Mask, relevant: Ints, depth: int) -> Floats:
    discounts = 1 / np.log2(np.arange(2, depth + 2))
    ideal = np.cumsum(discounts)[np.minimum(relevant, depth) - 1]
    found = hits[:, :depth]
    return np.asarray(found @ discounts[: found.shape[1]] / ideal)
