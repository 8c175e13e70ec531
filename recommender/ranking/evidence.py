"""Reasons and predicted stars of the movies in a list, calculated at the first request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.catalogue.movies import Catalogue, Movie
from recommender.ranking.neighbours import Neighbours
from recommender.ranking.votes import Scores
from recommender.results import Fallback, Reason, Recommendation, Recommendations
from recommender.storage.cache import cached_property

__all__ = ["Evidence", "Predict", "predicted_stars", "recommendations"]

Predict = Callable[[Sequence[Movie]], list[float | None]]
"""Predicts the stars of movies, in their order."""
Stars = Callable[[int], float | None]
"""Tells the predicted stars of a movie by dense number."""


def _shares(neighbours: Neighbours, movies: Ints) -> Floats:
    """Split the scores of movies among the movies of the profile.

    ``share_ij = sum_u a_u h(r_uj) (contribution_ui / s_u) / sum_u a_u h(r_uj)``, where
    ``contribution_ui`` is movie ``i``'s term of the dot product ``s_u`` between the person and
    neighbour ``u``. A neighbour's vote is thus given back in proportion to the terms of their
    similarity. The vote's weight is a power of that similarity, so this proportion is a convention,
    and the one under which the shares always sum to 1. A share is negative where the person's
    opinion of a movie spoke against those neighbours.

    ``movies``, shape (n,), are dense numbers of movies with a score above zero, each once; the
    result has shape (n, movies of the profile). Each row sums to 1, and a share times the score is
    the contribution to it.
    """
    raters, rated = len(neighbours.numbers), len(neighbours.profile)
    row_of = np.full(len(neighbours.catalogue), -1, dtype=np.int64)
    row_of[movies] = np.arange(len(movies))
    rows = row_of.take(neighbours.rated.movie)
    cast = np.flatnonzero(rows >= 0)
    owner = neighbours.rated.owner.take(cast)
    votes = np.zeros((len(movies), raters))
    ballots = (
        neighbours.weight[owner] * np.asarray(neighbours.ranking.votes)[neighbours.state[cast]]
    )
    votes[rows[cast], owner] = neighbours.counted(ballots, cast)
    # Raters left out at the cut have no vote; their similarity may be zero.
    similarity = np.where(neighbours.weight != 0, neighbours.similarity, 1.0)
    terms = np.zeros((raters, rated))
    terms[neighbours.term_owner, neighbours.term_position] = neighbours.term
    return np.asarray((votes @ (terms / similarity[:, None])) / votes.sum(axis=1)[:, None])


@dataclass(eq=False)
class Evidence:
    """The neighbours behind lists; the reasons for all their movies are found at once."""

    neighbours: Neighbours
    movies: Ints
    """Dense numbers of the movies of the lists, none twice."""

    @cached_property
    def _ordered(self) -> tuple[list[Movie], Ints, Floats]:
        """Movies of the profile; by falling absolute share, each row's places and shares."""
        parts = _shares(self.neighbours, self.movies)
        # Stable, and the movies of a profile ascend.
        order = np.argsort(-np.abs(parts), axis=1, kind="stable")
        rated = list(map(self.neighbours.catalogue.movie, self.neighbours.profile.movies.tolist()))
        return rated, order, np.take_along_axis(parts, order, axis=1)

    def reasons(self, movie: int) -> tuple[Reason, ...]:
        """Reasons for a movie, by falling absolute share, ties by ascending movie number."""
        rated, order, parts = self._ordered
        row = int(np.flatnonzero(self.movies == movie)[0])
        ordered = zip(order[row].tolist(), parts[row].tolist(), strict=True)
        return tuple([Reason(rated[place], share) for place, share in ordered if share])


def predicted_stars(predict: Predict, movies: Ints, catalogue: Catalogue) -> Stars:
    """Tell the stars of each of some movies, by dense number, predicted for all of them at once."""

    @cache
    def predicted() -> dict[int, float | None]:
        numbers = movies.tolist()
        return dict(zip(numbers, predict(list(map(catalogue.movie, numbers))), strict=True))

    return lambda movie: predicted()[movie]


def recommendations(
    scores: Scores,
    catalogue: Catalogue,
    *,
    evidence: Evidence | None = None,
    fallback: Fallback | None = None,
    stars: Stars | None = None,
) -> Recommendations:
    """Make a list of scored movies, best first, with what stands behind each."""
    scored = zip(*(part.tolist() for part in scores), strict=True)
    rows = (
        Recommendation(
            rank,
            catalogue.movie(number),
            score,
            supporters,
            partial(evidence.reasons, number) if evidence else tuple,
            partial(stars, number) if stars else _unknown,
        )
        for rank, (number, score, supporters) in enumerate(scored, start=1)
    )
    return Recommendations(
        rows, neighbours=len(evidence.neighbours) if evidence else 0, fallback=fallback
    )


# Not a lambda: lists that are about nobody can be pickled, and then hold this by its name.
def _unknown() -> None:
    """No stars, in lists that are about nobody."""
