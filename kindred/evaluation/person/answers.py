"""What a method answers to one person, alone and beside others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recommender import Movie
from recommender.results import Fallback

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Answer", "Listed", "RatedMovie", "SideBySide"]


@dataclass(frozen=True)
class Listed:
    """A row of a method's list."""

    rank: int
    """Place in the list, from 1."""
    movie: Movie
    score: float
    """What the list is ordered by; comparable within one list only."""
    stars: float | None
    """Predicted stars on the scale of the index; None where the method has none."""


@dataclass(frozen=True)
class RatedMovie:
    """A movie the person rated, predicted as if they had not."""

    movie: Movie
    actual: float
    """Stars the person gave, on the scale of the index."""
    predicted: float | None
    """Stars predicted from all the others; None where the method has none."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What one method lists for a person, and predicts of what they rated."""

    method: str
    rows: tuple[Listed, ...]
    """The list, best first."""
    rated: tuple[RatedMovie, ...]
    """Every movie the person gave stars, in the order of the catalogue."""
    fallback: Fallback | None
    """``"popular"`` where the method finds nothing for this person, and the list is what is."""
    note: str | None
    """What to know of it: why it has no stars, for example."""

    @property
    def predicted(self) -> int:
        """How many of the rated movies have a prediction."""
        return len(self._errors)

    @property
    def mae(self) -> float | None:
        """Mean absolute error of those predictions, in stars; None without any."""
        return float(np.abs(self._errors).mean()) if self.predicted else None

    @property
    def rmse(self) -> float | None:
        """Root of their mean squared error, in stars; None without any."""
        return float(np.sqrt((self._errors**2).mean())) if self.predicted else None

    @property
    def _errors(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([r.predicted - r.actual for r in self.rated if r.predicted is not None])

    def to_frame(self) -> pd.DataFrame:
        """Give the list: method, rank, movie_id, title, year, score and predicted_rating."""
        return SideBySide((self,)).to_frame()

    def rated_frame(self) -> pd.DataFrame:
        """Give all movies the person rated: movie_id, title, year, actual, and predicted."""
        return SideBySide((self,)).rated_frame().rename(columns={self.method: "predicted"})


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Answers of several methods to the same person, by the name of the method."""

    answers: tuple[Answer, ...]

    def __getitem__(self, method: str) -> Answer:
        """Return the answer of a method; KeyError where it was not asked."""
        return {answer.method: answer for answer in self.answers}[method]

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)

    def to_frame(self) -> pd.DataFrame:
        """Give all lists, one after the other, with the columns of :meth:`Answer.to_frame`."""
        return _frame(
            ("method", "rank", "movie_id", "title", "year", "score", "predicted_rating"),
            [
                (answer.method, row.rank, *_named(row.movie), row.score, row.stars)
                for answer in self.answers
                for row in answer.rows
            ],
            floats=("score", "predicted_rating"),
        )

    def rated_frame(self) -> pd.DataFrame:
        """Give all movies the person rated, with what each method predicts in a column of its own.

        The others are movie_id, title, year and actual.
        """
        names = [answer.method for answer in self.answers]
        several = zip(*(answer.rated for answer in self.answers), strict=True)
        return _frame(
            ("movie_id", "title", "year", "actual", *names),
            [
                (*_named(of_all[0].movie), of_all[0].actual, *(one.predicted for one in of_all))
                for of_all in several
            ],
            floats=("actual", *names),
        )

    def errors_frame(self) -> pd.DataFrame:
        """Give the foot of that table: method, predicted (how many), mae and rmse."""
        return _frame(
            ("method", "predicted", "mae", "rmse"),
            [(one.method, one.predicted, one.mae, one.rmse) for one in self.answers],
            floats=("mae", "rmse"),
        )


def _named(movie: Movie) -> tuple[int | str, str, int | None]:
    return movie.movie_id, movie.title, movie.year


def _frame(
    columns: Sequence[str], rows: Sequence[tuple[object, ...]], *, floats: Sequence[str]
) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - slow to import, and few callers want it

    frame = pd.DataFrame(rows, columns=list(columns))
    # Int64 is pandas' type of whole numbers that may be missing, as the years of some movies.
    years = {"year": "Int64"} if "year" in columns else {}
    return frame.astype({**dict.fromkeys(floats, "float64"), **years})
