"""What a method of recommending is to an evaluation, and choosing its settings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ClassVar

import numpy as np

from kindred.evaluation.heldout import Split
from kindred.evaluation.metrics import top_lists
from kindred.evaluation.questions import Questions
from kindred.evaluation.train import Array, Train
from recommender.arrays import Ints
from recommender.opinion import Opinion

__all__ = ["Answering", "Method", "Scorer", "Scoring", "Setting", "settings"]

Setting = tuple[tuple[str, int | float | str], ...]
"""Names and values of a method's settings."""
Answering = Callable[[Questions], Ints]
"""Gives lists for questions, shape (people, places)."""
Scorer = Callable[[Questions], Array]
"""Gives scores, shape (people, movies); a movie without a finite one is not listed."""


class Method(ABC):
    """A way to recommend movies, with settings to choose from."""

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ("scipy",)
    """Packages it is made of that come with the ``benchmarks`` extra."""

    def grid(self) -> list[Setting]:
        """Settings to try, at least one."""
        return [()]

    def finer(self, best: Sequence[Setting]) -> list[Setting]:
        """Settings to try after those, given the best one for each length."""
        return []

    @abstractmethod
    def fit(self, split: Split, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Answering]]:
        """Learn from a split; each setting in turn, with what answers questions by it."""


class Scoring(Method):
    """A method that scores every movie."""

    def fit(self, split: Split, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Answering]]:
        """Learn from a split; lists are the movies with the highest scores."""
        train = split.train
        likes = np.bincount(
            train.movie[train.states == Opinion.LIKE.code], minlength=train.shape[1]
        )
        for setting, scorer in self.scorers(train, grid):
            yield setting, partial(_listed, scorer, likes)

    @abstractmethod
    def scorers(self, train: Train, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Scorer]]:
        """Learn; each setting in turn, with what scores movies by it."""


def _listed(scorer: Scorer, likes: Ints, asked: Questions) -> Ints:
    scores = scorer(asked)
    # Whoever a method knows nothing of gets what is popular, as with Kindred.
    nothing = (scores == scores[:, :1]).all(axis=1)
    return top_lists(np.where(nothing[:, None], likes, scores), asked.seen)


def settings(**choices: Sequence[int | float | str]) -> list[Setting]:
    """All combinations of these choices, the last changing fastest.

    Examples
    --------
    >>> settings(values=["likes"], k=[20, 40])
    [(('values', 'likes'), ('k', 20)), (('values', 'likes'), ('k', 40))]
    """
    grid: list[Setting] = [()]
    for name, values in choices.items():
        grid = [(*setting, (name, value)) for setting in grid for value in values]
    return grid
