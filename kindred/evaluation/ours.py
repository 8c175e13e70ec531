"""Kindred, asked as any program asks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from kindred.evaluation.heldout import Split
from kindred.evaluation.methods import Answering, Method, Setting
from kindred.evaluation.metrics import DEPTH, NOTHING
from kindred.evaluation.questions import Questions
from recommender import Profile, Recommender
from recommender.arrays import Ints
from recommender.settings import Ranking
from recommender.storage.edge import EdgeStore

__all__ = ["Kindred"]


class Kindred(Method):
    """The index of everyone else, with the settings it comes with unless others are given."""

    name = "kindred"
    needs = ()

    def __init__(self, ranking: Ranking | None = None) -> None:
        self._ranking = ranking

    def fit(self, split: Split, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Answering]]:
        """Open the index; there is nothing to learn and nothing to choose."""
        number = {movie: place for place, movie in enumerate(split.movie_ids)}
        with Recommender(EdgeStore(split.folder), ranking=self._ranking) as rec:

            def answer(asked: Questions) -> Ints:
                lists = np.full((len(asked), DEPTH), NOTHING, dtype=np.int64)
                for row in range(len(asked)):
                    mine = slice(*np.searchsorted(asked.row, [row, row + 1]))
                    said = zip(asked.movie[mine].tolist(), asked.states[mine].tolist(), strict=True)
                    opinions = {f"id:{split.movie_ids[m]}": 1 - state for m, state in said}
                    top = rec.recommend(Profile(opinions), limit=DEPTH)
                    lists[row, : len(top)] = [number[found.movie.movie_id] for found in top]
                return lists

            yield (), answer
