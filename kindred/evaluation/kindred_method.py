"""Kindred as a method of an evaluation: asked through its public API, as any program asks it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kindred.evaluation.held_out import Split
from kindred.evaluation.methods import Fitted, Method, Setting
from kindred.evaluation.metrics import DEPTH, NOTHING
from kindred.evaluation.questions import Questions
from recommender import Opinion, Profile, Recommender
from recommender.arrays import Ints
from recommender.settings import Ranking
from recommender.storage.edge import EdgeStore

__all__ = ["Kindred"]


class Kindred(Method):
    """The index of everyone else, with the default settings unless others are given."""

    name = "kindred"
    needs = ()

    def __init__(self, ranking: Ranking | None = None) -> None:
        self._ranking = ranking

    def fit(self, split: Split, grid: Sequence[Setting]) -> Fitted:
        """Open the index; there is nothing to learn and nothing to choose."""
        numbers = {movie_id: number for number, movie_id in enumerate(split.movie_ids)}
        with Recommender(EdgeStore(split.folder), ranking=self._ranking) as rec:

            def answer(questions: Questions) -> Ints:
                lists = np.full((len(questions), DEPTH), NOTHING, dtype=np.int64)
                for row in range(len(questions)):
                    of_row = slice(*np.searchsorted(questions.user, [row, row + 1]))
                    movies, states = questions.movie[of_row], questions.states[of_row]
                    opinions = {
                        # An id, even where it looks like a title.
                        f"id:{split.movie_ids[movie]}": Opinion.of_code(state)
                        for movie, state in zip(movies.tolist(), states.tolist(), strict=True)
                    }
                    top = rec.recommend(Profile(opinions), limit=DEPTH)
                    lists[row, : len(top)] = [numbers[found.movie.movie_id] for found in top]
                return lists

            yield (), answer
