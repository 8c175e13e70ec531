"""Methods that need no training: popularity, the tutorial's, and neighbours by the textbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from kindred.evaluation.methods import Scorer, Scoring, Setting, settings
from kindred.evaluation.questions import Questions
from kindred.evaluation.train import VALUES, Array, Train, matrix
from recommender.arrays import Floats, Ints

__all__ = [
    "ItemCosine",
    "Popular",
    "Tutorial",
    "TutorialWeighted",
    "UserCosine",
    "UserPearson",
]

_NEIGHBOURS = (20, 50, 100, 200, 400)
# The tutorial asks for so many.
_TUTORIAL_NEIGHBOURS = 20


class Popular(Scoring):
    """What most people like, whoever asks."""

    name = "popular"

    def grid(self) -> list[Setting]:
        """Likes, or values of all ratings, added up."""
        return settings(values=list(VALUES))

    def scorers(self, train: Train, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Scorer]]:
        """Add up each movie's values."""
        for setting in grid:
            sums = np.asarray(train.valued(_values(setting)).sum(axis=0)).ravel()
            yield setting, partial(_same_for_all, sums)


class Tutorial(Scoring):
    """Qdrant's "Collaborative Filtering" notebook, in exact products of sparse matrices.

    Stars are made z-scores over the whole table. The 20 raters with the largest plain dot products
    with likes (1) and dislikes (-1) each give their similarity to every movie they rated. In its
    favour, ids are not mixed up and movies the person rated are left out.
    """

    name = "tutorial"
    weighted = False

    def scorers(self, train: Train, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Scorer]]:
        """Index the z-scores."""
        spread = train.stars.std(ddof=1)
        normal = (train.stars - train.stars.mean()) / spread if spread else train.stars
        # In 64 bits: raters tied by rounding alone would be others than the notebook's.
        rated = train.matrix(np.ones(len(normal))).astype(np.float64)
        stored = rated.copy()
        stored.data[:] = normal

        def score(asked: Questions) -> Array:
            opinions = 1.0 - asked.states
            nearest = _nearest(asked.matrix(opinions) @ stored.T, _TUTORIAL_NEIGHBOURS)
            sums = (nearest @ (stored if self.weighted else rated)).toarray()
            known = nearest.copy()
            known.data[:] = 1.0
            return np.where((known @ rated).toarray() > 0, sums, -np.inf)

        for setting in grid:
            yield setting, score


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

    def scorers(self, train: Train, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Scorer]]:
        """Divide each rater's values by their length."""
        for setting in grid:
            stored = train.valued(_values(setting))
            yield setting, partial(_by_cosine, setting, stored, _scaled_rows(stored))


def _by_cosine(setting: Setting, stored: Any, unit: Any, asked: Questions) -> Array:
    likeness = _scaled_rows(asked.valued(_values(setting))) @ unit.T
    return _dense(_nearest(likeness, _neighbours(setting), above=0) @ stored)


class UserPearson(Scoring):
    """Raters by the correlation of stars on the movies both rated, whatever values they vote with.

    The correlation counts less where fewer than 50 movies are shared, ``min(n, 50) / 50``
    (Herlocker, Konstan, Borchers and Riedl 1999).
    """

    name = "user-pearson"

    def grid(self) -> list[Setting]:
        """How many raters, and what their votes are worth."""
        return settings(values=list(VALUES), neighbours=_NEIGHBOURS)

    def scorers(self, train: Train, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Scorer]]:
        """Centre each rater's stars at their mean."""
        rater = _Centred(train.user, train.stars, train.shape[0], train)
        for setting in grid:
            yield setting, partial(_by_correlation, setting, train.valued(_values(setting)), rater)


def _by_correlation(setting: Setting, stored: Any, rater: _Centred, asked: Questions) -> Array:
    person = _Centred(asked.row, asked.stars, len(asked), asked)
    return _dense(_nearest(person.correlation(rater), _neighbours(setting), above=0) @ stored)


class _Centred:
    """Stars less the person's mean, where they rated, and the squares of that."""

    def __init__(self, owner: Ints, stars: Floats, people: int, table: Train | Questions) -> None:
        means = np.bincount(owner, weights=stars, minlength=people) / np.maximum(
            np.bincount(owner, minlength=people), 1
        )
        rest = stars - means[owner]
        self.stars = table.matrix(rest)
        self.squares = table.matrix(rest**2)
        self.rated = table.matrix(np.ones(len(rest)))

    def correlation(self, other: _Centred) -> Array:
        """Pearson's correlation over shared movies, with doubt where these are few."""
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

    def scorers(self, train: Train, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Scorer]]:
        """Divide each movie's values by their length."""
        for setting in grid:
            unit = _scaled_rows(train.valued(_values(setting)).T.tocsr()).T.tocsr()
            yield setting, partial(_by_columns, setting, unit)


def _by_columns(setting: Setting, unit: Any, asked: Questions) -> Array:
    # Through the raters, so that no table of movies by movies is ever made.
    return _dense((asked.valued(_values(setting)) @ unit.T) @ unit)


def _values(setting: Setting) -> str:
    return str(dict(setting)["values"])


def _neighbours(setting: Setting) -> int:
    return int(dict(setting)["neighbours"])


def _same_for_all(sums: Floats, asked: Questions) -> Array:
    return np.tile(sums, (len(asked), 1))


def _dense(found: Any) -> Array:
    return np.asarray(found if isinstance(found, np.ndarray) else found.toarray())


def _scaled_rows(values: Any) -> Any:
    """Rows of length one; those that are empty stay so."""
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
    return matrix(row[kept], column[kept], dense[row, column][kept], dense.shape).astype(
        dense.dtype
    )
