"""The ratings that methods learn from, as sparse matrices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ingest.cleaning import CleanRatings
from recommender.arrays import Bytes, Floats, Ints
from recommender.opinion import Opinion
from recommender.settings import Weighting

__all__ = ["VALUES", "Array", "RatingTable", "TrainingData", "matrix", "states_of"]

Array = npt.NDArray[np.floating[Any]]

VALUES: Final[dict[str, tuple[float, float, float]]] = {
    "likes": (1.0, 0.0, 0.0),
    "graded": (1.0, 0.5, 0.2),
    "signed": (1.0, 0.3, -0.25),
}
"""What a like, a neutral rating and a dislike may be to a method that knows one number a rating."""


def states_of(ratings: CleanRatings) -> Bytes:
    """Tell likes, neutrals and dislikes apart, as the index does."""
    return ratings.scale.states(ratings.stars, Weighting())


def matrix(row: Ints, column: Ints, values: Array, shape: tuple[int, int]) -> Any:
    """Make a SciPy CSR matrix of 32-bit floats; zeros are not stored."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - an extra: Kindred itself needs none

    made = csr_matrix((values.astype(np.float32), (row, column)), shape=shape)
    made.eliminate_zeros()
    return made


@dataclass(frozen=True, eq=False)
class RatingTable:
    """Ratings by ascending user and movie: columns of shape (ratings,), and sparse matrices."""

    user: Ints
    """Number of the user of each rating, from 0."""
    movie: Ints
    stars: Floats
    states: Bytes
    shape: tuple[int, int]
    """How many users and movies there are."""

    def valued(self, values: str) -> Any:
        """Users by movies, with one of :data:`VALUES`, or ``"stars"`` as they are."""
        if values == "stars":
            return self.matrix(self.stars)
        return self.matrix(np.asarray(VALUES[values])[self.states])

    def matrix(self, values: Array) -> Any:
        """Users by movies, with a value for each rating."""
        return matrix(self.user, self.movie, values, self.shape)


class TrainingData(RatingTable):
    """The ratings of everyone who was not held out."""

    @classmethod
    def of(cls, ratings: CleanRatings) -> TrainingData:
        """Take cleaned ratings."""
        shape = len(ratings.user_ids), len(ratings.movie_ids)
        return cls(ratings.user, ratings.movie, ratings.stars, states_of(ratings), shape)

    @cached_property
    def counts(self) -> Ints:
        """Ratings of each movie, shape (movies,)."""
        return np.bincount(self.movie, minlength=self.shape[1])

    @cached_property
    def likes(self) -> Ints:
        """Likes of each movie, shape (movies,)."""
        liked = self.movie[self.states == Opinion.LIKE.code]
        return np.bincount(liked, minlength=self.shape[1])
