"""What an evaluation takes for a method of recommending, and how a method names its settings."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np

from kindred.evaluation.held_out import Split
from kindred.evaluation.metrics import MIN_RATINGS, top_lists
from kindred.evaluation.questions import Questions
from kindred.evaluation.training_data import Array, TrainingData
from recommender.arrays import Ints

__all__ = [
    "Fit",
    "Fitted",
    "Method",
    "Scorer",
    "Scorers",
    "Scoring",
    "Setting",
    "settings",
]

Setting = tuple[tuple[str, int | float | str], ...]
"""Names and values of a method's settings."""


@dataclass(frozen=True)
class Fit:
    """What a method has learned by one setting. Its lists have shape (people, places)."""

    recommend: Callable[[Questions], Ints]
    similar: Callable[[Questions], Ints] | None = None
    """Lists the movies most similar to the only one of each question; None where the method does
    not compare movies."""


Fitted = Iterator[tuple[Setting, Fit]]
"""Settings in turn, each with what was learned by it: only one need be in memory."""
Scorer = Callable[[Questions], Array]
"""Gives scores, shape (people, movies); a movie without a finite one is not listed."""
Scorers = Iterator[tuple[Setting, Scorer]]
"""Settings in turn, each with what scores movies by it."""


class Method(ABC):
    """A way to recommend movies, with settings to choose from."""

    name: str
    needs: ClassVar[tuple[str, ...]] = ("scipy",)
    """Packages of the ``benchmarks`` extra that it needs."""
    grid: ClassVar[Sequence[Setting]] = ((),)
    """Settings to try, at least one."""

    def finer(self, best: Sequence[Setting]) -> list[Setting]:
        """Settings to try after those of the grid, given the best for each length and figure."""
        return []

    @abstractmethod
    def fit(self, split: Split, grid: Sequence[Setting]) -> Fitted:
        """Learn from a split by each setting in turn."""


class Scoring(Method):
    """A method that scores every movie."""

    item_based: ClassVar[bool] = False
    """Whether the scores for a single like are those of how similar movies are to it."""

    def fit(self, split: Split, grid: Sequence[Setting]) -> Fitted:
        """Learn from a split; lists are the movies with the highest scores."""
        for setting, scorer in self.scorers(split.train, grid):
            listed = partial(_listed, scorer, split.train)
            yield setting, Fit(listed, listed if self.item_based else None)

    def scorers(self, train: TrainingData, grid: Sequence[Setting]) -> Scorers:
        """Learn from ratings by each setting in turn, of which one at a time is in memory.

        Methods that learn something once for several settings override this, others ``scorer``.
        """
        return ((setting, self.scorer(train, **dict(setting))) for setting in grid)

    def scorer(self, *train: Any, **setting: Any) -> Scorer:
        """Learn from ratings by one setting, whose values come by their names."""
        raise NotImplementedError  # not abstract, as those with ``scorers`` need none


def _listed(scorer: Scorer, train: TrainingData, questions: Questions) -> Ints:
    scores = scorer(questions)
    # A person for whom all movies score the same gets the popular ones, as Kindred does it.
    unknown = (scores == scores[:, :1]).all(axis=1)
    scores = np.where(unknown[:, None], train.likes, scores)
    return top_lists(scores, questions.seen | (train.counts < MIN_RATINGS))


def settings(**choices: Iterable[int | float | str]) -> list[Setting]:
    """All combinations of these choices, the last changing fastest.

    Examples
    --------
    >>> settings(values=["likes"], k=[20, 40])
    [(('values', 'likes'), ('k', 20)), (('values', 'likes'), ('k', 40))]
    """
    combinations = itertools.product(*choices.values())
    return [tuple(zip(choices, values, strict=True)) for values in combinations]
