"""Reasons and predicted stars of the movies in a list, calculated at the first request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from recommender.arrays import Ints
from recommender.catalogue.movies import Catalogue, Movie
from recommender.ranking.neighbours import Neighbours
from recommender.ranking.scoring import FilmScores, Shares
from recommender.ranking.votes import Scores
from recommender.results import (
    Fallback,
    Prediction,
    Reason,
    Reasons,
    Recommendation,
    Recommendations,
)
from recommender.storage.cache import cached_property

__all__ = ["Evidence", "Predict", "predicted", "recommendations"]

Predict = Callable[[Sequence[Movie]], Sequence[Prediction]]
"""Predicts the stars of movies, in their order."""
Predicted = Callable[[int], Prediction]
"""Tells the prediction for a movie by dense number."""


@dataclass(eq=False)
class Evidence:
    """What is behind the movies of a list, found for all of them at once."""

    scores: FilmScores
    movies: Ints
    """Dense numbers of the movies of the list, none twice."""

    @property
    def neighbours(self) -> Neighbours:
        """The raters whose votes count."""
        return self.scores.question.neighbours

    @cached_property
    def _ordered(self) -> tuple[list[Movie], Ints, Shares]:
        """Movies of the profile; by falling absolute share, each row's places and shares."""
        shares = self.scores.shares(self.movies)
        # Stable, and the movies of a profile ascend.
        order = np.argsort(-np.abs(shares.parts), axis=1, kind="stable")
        rated = list(map(self.neighbours.catalogue.movie, self.neighbours.profile.movies.tolist()))
        parts = np.take_along_axis(shares.parts, order, axis=1)
        return rated, order, Shares(parts, shares.by_genre)

    def reasons(self, movie: int) -> Reasons:
        """Reasons for a movie, by falling absolute share, ties by ascending movie number."""
        rated, order, shares = self._ordered
        row = int(np.flatnonzero(self.movies == movie)[0])
        ordered = zip(order[row].tolist(), shares.parts[row].tolist(), strict=True)
        because = tuple([Reason(rated[place], share) for place, share in ordered if share])
        return Reasons(because, float(shares.by_genre[row]))


def predicted(predict: Predict, movies: Ints, catalogue: Catalogue) -> Predicted:
    """Tell the prediction for each of some movies, made for all of them at the first request."""

    @cache
    def found() -> dict[int, Prediction]:
        numbers = movies.tolist()
        return dict(zip(numbers, predict(list(map(catalogue.movie, numbers))), strict=True))

    return lambda movie: found()[movie]


def recommendations(
    scores: Scores,
    catalogue: Catalogue,
    *,
    evidence: Evidence | None = None,
    fallback: Fallback | None = None,
    stars: Predicted | None = None,
) -> Recommendations:
    """Make a list of scored movies, best first, with what stands behind each."""
    scored = zip(*(part.tolist() for part in scores), strict=True)
    rows = (
        Recommendation(
            rank,
            catalogue.movie(number),
            score,
            supporters,
            partial(evidence.reasons, number) if evidence else Reasons,
            partial(stars, number) if stars else _unknown,
        )
        for rank, (number, score, supporters) in enumerate(scored, start=1)
    )
    return Recommendations(
        rows, neighbours=len(evidence.neighbours) if evidence else 0, fallback=fallback
    )


# Not a lambda: lists that are about nobody can be pickled, and then hold this by its name.
def _unknown() -> None:
    """No prediction, in lists that are about nobody."""
