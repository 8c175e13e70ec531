"""Popularity, and methods that know people or movies by their neighbours.

The neighbours are those of Qdrant's tutorial, of textbooks, and of the library implicit.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from kindred.evaluation.methods.method import Scorer, Scoring, settings
from kindred.evaluation.questions import Questions
from kindred.evaluation.training_data import VALUES, Array, TrainingData, matrix

__all__ = ["ItemKNN", "Popular", "Tutorial", "TutorialWeighted", "UserCosine"]

# As many as the notebook asks for.
_TUTORIAL_NEIGHBOURS = 20
# Neighbours of a movie that item-knn keeps.
_KEPT = (20, 100, 500, 1000, 2000)


class Popular(Scoring):
    """What most people like, whoever asks."""

    name = "popular"
    grid = settings(values=VALUES)
    """Likes, or values of all ratings, added up."""

    def scorer(self, train: TrainingData, values: str) -> Scorer:
        """Add up each movie's values."""
        sums = np.asarray(train.valued(values).sum(axis=0)).ravel()
        return lambda questions: np.tile(sums, (len(questions), 1))


class Tutorial(Scoring):
    """Qdrant's "Collaborative Filtering" notebook, in exact products of sparse matrices.

    Stars are made z-scores over the whole table. The 20 raters with the largest plain dot products
    with likes (1) and dislikes (-1) each give their similarity to every movie they rated. In its
    favour, ids are not mixed up and movies the person rated are left out.
    """

    name = "tutorial"
    weighted = False

    def scorer(self, train: TrainingData) -> Scorer:
        """Index the z-scores."""
        spread = train.stars.std(ddof=1)
        normal = (train.stars - train.stars.mean()) / spread if spread else train.stars
        # In 64 bits: raters tied by rounding alone would be others than the notebook's.
        rated = train.matrix(np.ones(len(normal))).astype(np.float64)
        stored = rated.copy()
        stored.data[:] = normal

        def score(questions: Questions) -> Array:
            opinions = 1.0 - questions.states  # codes 0, 1 and 2 are opinions 1, 0 and -1
            nearest = _nearest(questions.matrix(opinions) @ stored.T, _TUTORIAL_NEIGHBOURS)
            sums = (nearest @ (stored if self.weighted else rated)).toarray()
            known = nearest.copy()
            known.data[:] = 1.0
            return np.where((known @ rated).toarray() > 0, sums, -np.inf)

        return score


class TutorialWeighted(Tutorial):
    """The same, but a rater's similarity is multiplied with the z-score they gave the movie."""

    name = "tutorial-weighted"
    weighted = True


class UserCosine(Scoring):
    """Raters by the cosine of their values; their values, weighted by it, added up."""

    name = "user-cosine"
    grid = settings(values=VALUES, neighbours=[20, 50, 100, 200, 400])
    """How many raters, and what ratings are worth."""

    def scorer(self, train: TrainingData, values: str, neighbours: int) -> Scorer:
        """Divide each rater's values by their length."""
        stored = train.valued(values)
        unit = _unit_rows(stored)

        def score(questions: Questions) -> Array:
            similarity = _unit_rows(questions.valued(values)) @ unit.T
            return np.asarray((_nearest(similarity, neighbours, above=0) @ stored).toarray())

        return score


class ItemKNN(Scoring):
    """The item-item recommenders of implicit: cosine and TF-IDF."""

    name = "item-knn"
    item_based = True
    needs = ("scipy", "implicit")
    grid = (
        *settings(values=VALUES, weighting=["cosine"], neighbours=_KEPT),
        *settings(values=["likes", "graded"], weighting=["tfidf"], neighbours=_KEPT),
    )
    """Weighting, neighbours kept of each movie, and what ratings are worth.

    TF-IDF knows no values below zero.
    """

    def scorer(self, train: TrainingData, values: str, weighting: str, neighbours: int) -> Scorer:
        """Find every movie's neighbours."""
        from implicit import nearest_neighbours as knn  # noqa: PLC0415 - an extra

        kinds = {"cosine": knn.CosineRecommender, "tfidf": knn.TFIDFRecommender}
        model = kinds[weighting](K=neighbours)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about matrices that the library makes itself
            model.fit(train.valued(values), show_progress=False)
        return lambda questions: (questions.valued(values) @ model.similarity).toarray()


def _unit_rows(values: Any) -> Any:
    """Divide each row by its length; those that are empty stay so."""
    squares = np.asarray(values.multiply(values).sum(axis=1)).ravel()
    lengths = np.sqrt(squares, where=squares > 0, out=np.ones_like(squares))
    scaled = values.copy()
    scaled.data = scaled.data / np.repeat(lengths, np.diff(values.indptr)).astype(np.float32)
    return scaled


def _nearest(similarity: Any, neighbours: int, *, above: float = -np.inf) -> Any:
    """Keep each row's largest entries that are there at all and above a bound, in a CSR matrix."""
    dense = similarity.toarray()
    there = dense != 0
    ranked = np.where(there & (dense > above), dense, -np.inf)
    count = min(neighbours, dense.shape[1])
    places = np.argpartition(-ranked, count - 1, axis=1)[:, :count]
    row = np.repeat(np.arange(len(dense)), count)
    column = places.ravel()
    kept = np.isfinite(ranked[row, column])
    nearest = matrix(row[kept], column[kept], dense[row, column][kept], dense.shape)
    return nearest.astype(dense.dtype)
