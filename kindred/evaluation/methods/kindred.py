"""Kindred as a method of an evaluation: asked through its public API, as any program asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from kindred.evaluation.held_out import Split
from kindred.evaluation.methods.method import Fit, Fitted, Method, Setting
from kindred.evaluation.metrics import DEPTH, MIN_RATINGS, NOTHING
from kindred.evaluation.questions import Questions
from recommender import InvalidInputError, MovieFilter, Opinion, Profile, Recommender
from recommender.arrays import Ints
from recommender.results import Recommendations
from recommender.settings import Ranking
from recommender.storage.edge import EdgeStore

__all__ = ["Kindred", "at_dial"]

_NAME = "kindred"
_RATED_ENOUGH = MovieFilter(min_ratings=MIN_RATINGS)


class Kindred(Method):
    """The index of everyone else, with the default settings unless others are given."""

    name = _NAME
    needs = ()

    def __init__(
        self,
        ranking: Ranking | None = None,
        *,
        adventurous: float | None = None,
        diversity: float = 0.0,
    ) -> None:
        self._ranking = ranking
        self._adventurous = adventurous
        self._diversity = diversity

    def fit(self, split: Split, grid: Sequence[Setting]) -> Fitted:
        """Open the index; there is nothing to learn and nothing to choose."""
        numbers = {movie_id: number for number, movie_id in enumerate(split.movie_ids)}
        with Recommender(EdgeStore(split.folder), ranking=self._ranking) as rec:

            def recommended(keys: list[str], states: list[int]) -> Recommendations:
                opinions = map(Opinion.of_code, states)
                return rec.recommend(
                    Profile(dict(zip(keys, opinions, strict=True))),
                    limit=DEPTH,
                    adventurous=self._adventurous,
                    diversity=self._diversity,
                    movies=_RATED_ENOUGH,
                )

            def similar(keys: list[str], _: list[int]) -> Recommendations:
                return rec.similar(keys[0], limit=DEPTH, movies=_RATED_ENOUGH)

            def lists(
                ask: Callable[[list[str], list[int]], Recommendations], questions: Questions
            ) -> Ints:
                found = np.full((len(questions), DEPTH), NOTHING, dtype=np.int64)
                for row, (movies, states) in enumerate(_by_person(questions)):
                    # An id, even where it looks like a title.
                    top = ask([f"id:{split.movie_ids[movie]}" for movie in movies], states)
                    found[row, : len(top)] = [numbers[one.movie.movie_id] for one in top]
                return found

            # The dial is one of lists for people.
            compares = self._adventurous is None
            yield (
                (),
                Fit(partial(lists, recommended), partial(lists, similar) if compares else None),
            )


def _by_person(questions: Questions) -> Iterator[tuple[list[int], list[int]]]:
    """Movies and states of each question."""
    ends = np.searchsorted(questions.user, np.arange(len(questions) + 1)).tolist()
    for start, end in pairwise(ends):
        yield questions.movie[start:end].tolist(), questions.states[start:end].tolist()


def at_dial(name: str) -> Kindred | None:
    """Read a name such as ``kindred@0.75``: Kindred with the dial there, 0 familiar to 1 far out.

    None where the name is that of another method. Raises InvalidInputError where the place is not
    on the dial.
    """
    start, at, place = name.partition("@")
    if start != _NAME or not at:
        return None
    try:
        adventurous = float(place)
    except ValueError:
        adventurous = np.nan
    if not 0 <= adventurous <= 1:
        raise InvalidInputError(
            f"'{name}' is no place on the dial: give one from 0 to 1, such as {_NAME}@0.75"
        )
    method = Kindred(adventurous=adventurous)
    method.name = name
    return method
