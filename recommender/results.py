"""What a question is answered with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, NamedTuple, overload

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.catalogue.movies import Catalogue, Movie
from recommender.ranking.neighbours import Neighbourhood
from recommender.ranking.shares import shares
from recommender.ranking.votes import Scores
from recommender.settings import Ranking

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Evidence", "Fallback", "Reason", "Recommendation", "Recommendations", "Stars"]

Fallback = Literal["popular", "trending"]
Predict = Callable[[Sequence[Movie]], list[float | None]]
"""What predicts the stars of movies, in their order."""


class Reason(NamedTuple):
    """One movie of the profile, and how much of a score comes from what was said of it."""

    movie: Movie
    share: float
    """Part of the score, negative where it spoke against; all reasons of a row sum to 1."""


@dataclass(eq=False)
class Evidence:
    """What is needed to explain lists after the fact, all of them at the first request."""

    near: Neighbourhood
    movies: Ints
    """Dense numbers of the movies of the lists, none twice."""
    catalogue: Catalogue
    ranking: Ranking

    @cached_property
    def _ordered(self) -> tuple[list[Movie], Ints, Floats]:
        """Movies of the profile; by falling absolute share, each row's places and shares."""
        parts = shares(self.near, self.movies, self.ranking)
        # Stable, and the movies of a profile ascend.
        order = np.argsort(-np.abs(parts), axis=1, kind="stable")
        said = [self.catalogue.movie(number) for number in self.near.profile.movies.tolist()]
        return said, order, np.take_along_axis(parts, order, axis=1)

    @cached_property
    def _rows(self) -> dict[int, int]:
        return {number: row for row, number in enumerate(self.movies.tolist())}

    def reasons(self, movie: int) -> tuple[Reason, ...]:
        """Reasons for a movie, by falling absolute share, ties by ascending movie number."""
        said, order, parts = self._ordered
        row = self._rows[movie]
        rated = zip(order[row].tolist(), parts[row].tolist(), strict=True)
        return tuple([Reason(said[place], share) for place, share in rated if share])


@dataclass(eq=False)
class Stars:
    """What is needed to predict the stars of lists, all of them at the first request."""

    predict: Predict
    movies: Ints
    """Dense numbers of the movies of the lists."""
    catalogue: Catalogue

    @cached_property
    def _predicted(self) -> dict[int, float | None]:
        numbers = self.movies.tolist()
        found = self.predict([self.catalogue.movie(number) for number in numbers])
        return dict(zip(numbers, found, strict=True))

    def of(self, movie: int) -> float | None:
        """Predicted stars of a movie."""
        return self._predicted[movie]


@dataclass(eq=False, repr=False)
class Recommendation:
    """One row: a movie, its place, and what stands behind it."""

    rank: int
    """Place in the list, from 1."""
    movie: Movie
    score: float
    """What the list is ordered by; comparable within one list only."""
    supporters: int
    """Neighbours who like it."""
    _reasons: Callable[[], tuple[Reason, ...]]
    _stars: Callable[[], float | None]

    @cached_property
    def because(self) -> tuple[Reason, ...]:
        """Every movie of the profile behind the score, by absolute share; empty under fallback."""
        return self._reasons()

    @cached_property
    def predicted_rating(self) -> float | None:
        """Predicted stars, for all of the list, or of the page, at the first request.

        None where nothing supports a prediction, in lists that are about nobody, and where a
        version published since the list was made no longer knows its movies.

        Raises IndexProblem where the recommender was closed before.
        """
        return self._stars()

    def __repr__(self) -> str:
        return f"Recommendation({self.rank}. {self.movie}, score {self.score:.6g})"


def _unknown() -> None:
    """No stars, in lists that are about nobody."""


class Recommendations(Sequence[Recommendation]):
    """A list of movies, best first."""

    def __init__(
        self,
        scores: Scores,
        catalogue: Catalogue,
        *,
        evidence: Evidence | None = None,
        fallback: Fallback | None = None,
        stars: Stars | None = None,
    ) -> None:
        self.neighbours = len(evidence.near) if evidence else 0
        """How many kindred raters the list rests on."""
        self.fallback = fallback
        """``"popular"`` or ``"trending"`` where that is what the list shows, whoever asks."""
        self._rows = tuple(
            Recommendation(
                rank,
                catalogue.movie(number),
                score,
                supporters,
                partial(evidence.reasons, number) if evidence else tuple,
                partial(stars.of, number) if stars else _unknown,
            )
            for rank, (number, score, supporters) in enumerate(
                zip(*(part.tolist() for part in scores), strict=True), start=1
            )
        )

    @overload
    def __getitem__(self, index: int) -> Recommendation: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Recommendation, ...]: ...

    def __getitem__(self, index: int | slice) -> Recommendation | tuple[Recommendation, ...]:
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        kind = f"{self.fallback} fallback" if self.fallback else f"{self.neighbours} neighbours"
        return f"Recommendations({len(self)} movies, {kind})"

    def to_frame(self) -> pd.DataFrame:
        """Rows as a table; to be asked for while the recommender is open, as stars are predicted.

        Its columns are rank, movie_id, title, year (missing where unknown), score, predicted_rating
        and supporters.
        """
        import pandas as pd  # noqa: PLC0415 - slow to import, and few callers want it

        on_movie = ("movie.movie_id", "movie.title", "movie.year")
        fields = ("rank", *on_movie, "score", "predicted_rating", "supporters")
        names = [field.removeprefix("movie.") for field in fields]
        frame = pd.DataFrame([attrgetter(*fields)(row) for row in self], columns=names)
        wholes = dict.fromkeys(("rank", "supporters"), "int64")
        floats = dict.fromkeys(("score", "predicted_rating"), "float64")
        return frame.astype({**wholes, **floats, "year": "Int64"})
