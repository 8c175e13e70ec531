"""Popularity, and methods that know people or movies by their neighbours.

The neighbours are those of Qdrant's tutorial, of textbooks, and of the library implicit.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from kindred.evaluation.methods import Scorer, Scorers, Scoring, Setting, settings, valued
from kindred.evaluation.questions import Questions
from kindred.evaluation.training_data import VALUES, Array, RatingTable, TrainingData, matrix

__all__ = [
    "ItemCosine",
    "ItemKNN",
    "Popular",
    "Tutorial",
    "TutorialWeighted",
    "UserCosine",
    "UserPearson",
]

# Numbers of neighbours that are tried.
_NEIGHBOURS = (20, 50, 100, 200, 400)
# As many as the notebook asks for.
_TUTORIAL_NEIGHBOURS = 20


class Popular(Scoring):
    """What most people like, whoever asks."""

    name = "popular"

    def grid(self) -> list[Setting]:
        """Likes, or values of all ratings, added up."""
        return settings(values=list(VALUES))

    def scorer(self, train: TrainingData, setting: Setting) -> Scorer:
        """Add up each movie's values."""
        sums = np.asarray(valued(setting, train).sum(axis=0)).ravel()
        return lambda questions: np.tile(sums, (len(questions), 1))


class Tutorial(Scoring):
    """Qdrant's "Collaborative Filtering" notebook, in exact products of sparse matrices.

    Stars are made z-scores over the whole table. The 20 raters with the largest plain dot products
    with likes (1) and dislikes (-1) each give their similarity to every movie they rated. In its
    favour, ids are not mixed up and movies the person rated are left out.
    """

    name = "tutorial"
    weighted = False

    def scorer(self, train: TrainingData, setting: Setting) -> Scorer:
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

    def grid(self) -> list[Setting]:
        """How many raters, and what ratings are worth."""
        return settings(values=list(VALUES), neighbours=_NEIGHBOURS)

    def scorer(self, train: TrainingData, setting: Setting) -> Scorer:
        """Divide each rater's values by their length."""
        stored = valued(setting, train)
        unit = _unit_rows(stored)

        def score(questions: Questions) -> Array:
            similarity = _unit_rows(valued(setting, questions)) @ unit.T
            return _dense(_nearest(similarity, _neighbours(setting), above=0) @ stored)

        return score


class UserPearson(Scoring):
    """Raters by the correlation of stars on the movies both rated, whatever values they vote with.

    The correlation counts less where fewer than 50 movies are shared, ``min(n, 50) / 50``
    (Herlocker, Konstan, Borchers and Riedl 1999).
    """

    name = "user-pearson"

    def grid(self) -> list[Setting]:
        """How many raters, and what their votes are worth."""
        return settings(values=list(VALUES), neighbours=_NEIGHBOURS)

    def scorers(self, train: TrainingData, grid: Sequence[Setting]) -> Scorers:
        """Centre each rater's stars at their mean."""
        # Stars are centred once: they do not depend on what ratings are worth as votes.
        rater = _Centred(train)
        for setting in grid:
            yield setting, partial(_by_correlation, setting, valued(setting, train), rater)


def _by_correlation(setting: Setting, stored: Any, rater: _Centred, questions: Questions) -> Array:
    similarity = _Centred(questions).correlation(rater)
    return _dense(_nearest(similarity, _neighbours(setting), above=0) @ stored)


class _Centred:
    """Stars less the person's mean, where they rated, and the squares of that."""

    def __init__(self, ratings: RatingTable) -> None:
        user, people = ratings.user, ratings.shape[0]
        counts = np.maximum(np.bincount(user, minlength=people), 1)
        means = np.bincount(user, weights=ratings.stars, minlength=people) / counts
        rest = ratings.stars - means[user]
        self.stars = ratings.matrix(rest)
        self.squares = ratings.matrix(rest**2)
        self.rated = ratings.matrix(np.ones(len(rest)))

    def correlation(self, other: _Centred) -> Array:
        """Correlate by Pearson over shared movies, and shrink it where these are few."""
        product = (self.stars @ other.stars.T).toarray()
        mine = (self.squares @ other.rated.T).toarray()
        theirs = (self.rated @ other.squares.T).toarray()
        shared = (self.rated @ other.rated.T).toarray()
        length = np.sqrt(mine * theirs)
        found = np.divide(product, length, out=np.zeros_like(product), where=length > 0)
        return np.asarray(found * np.minimum(shared, 50) / 50)


class ItemCosine(Scoring):
    """Movies by the cosine of their columns of values, summed over the question's."""

    name = "item-cosine"

    def grid(self) -> list[Setting]:
        """What ratings are worth."""
        return settings(values=list(VALUES))

    def scorer(self, train: TrainingData, setting: Setting) -> Scorer:
        """Divide each movie's values by their length."""
        unit = _unit_rows(valued(setting, train).T.tocsr()).T.tocsr()
        # Through the raters, so that no table of movies by movies is ever made.
        return lambda questions: _dense((valued(setting, questions) @ unit.T) @ unit)


class ItemKNN(Scoring):
    """The item-item recommenders of implicit: cosine and TF-IDF."""

    name = "item-knn"
    needs = ("scipy", "implicit")

    def grid(self) -> list[Setting]:
        """Weighting, neighbours kept of each movie, and what ratings are worth.

        TF-IDF knows no values below zero.
        """
        kept = (20, 100, 500, 1000, 2000)
        return [
            *settings(values=list(VALUES), weighting=["cosine"], neighbours=kept),
            *settings(values=["likes", "graded"], weighting=["tfidf"], neighbours=kept),
        ]

    def scorer(self, train: TrainingData, setting: Setting) -> Scorer:
        """Find every movie's neighbours."""
        from implicit import nearest_neighbours as knn  # noqa: PLC0415 - an extra

        kinds = {"cosine": knn.CosineRecommender, "tfidf": knn.TFIDFRecommender}
        model = kinds[str(dict(setting)["weighting"])](K=_neighbours(setting))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about matrices that the library makes itself
            model.fit(valued(setting, train), show_progress=False)
        return lambda questions: _dense(valued(setting, questions) @ model.similarity)


def _neighbours(setting: Setting) -> int:
    return int(dict(setting)["neighbours"])


def _dense(found: Any) -> Array:
    return np.asarray(found if isinstance(found, np.ndarray) else found.toarray())


def _unit_rows(values: Any) -> Any:
    """Divide each row by its length; those that are empty stay so."""
    squares = np.asarray(values.multiply(values).sum(axis=1)).ravel()
    lengths = np.sqrt(squares, where=squares > 0, out=np.ones_like(squares))
    scaled = values.copy()
    scaled.data = scaled.data / np.repeat(lengths, np.diff(values.indptr)).astype(np.float32)
    return scaled


def _nearest(similarity: Any, neighbours: int, *, above: float = -np.inf) -> Any:
    """Keep each row's largest entries that are there at all and above a bound, in a CSR matrix."""
    dense = _dense(similarity)
    there = dense != 0
    ranked = np.where(there & (dense > above), dense, -np.inf)
    count = min(neighbours, dense.shape[1])
    places = np.argpartition(-ranked, count - 1, axis=1)[:, :count]
    row = np.repeat(np.arange(len(dense)), count)
    column = places.ravel()
    kept = np.isfinite(ranked[row, column])
    nearest = matrix(row[kept], column[kept], dense[row, column][kept], dense.shape)
    return nearest.astype(dense.dtype)
