"""What makes one list for several people: Kindred, the other ways to join lists, and own lists."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ClassVar, Final

import numpy as np

from kindred.evaluation.methods.method import Setting, settings
from kindred.evaluation.metrics import DEPTH, NOTHING
from kindred.evaluation.together import joins
from kindred.evaluation.together.groups import RATED_ENOUGH, Groups, Together
from recommender import Recommender
from recommender.arrays import Floats, Ints

__all__ = ["GROUP_METHODS", "GroupMethod", "Lists"]

Lists = Callable[[Groups], Ints]
"""Lists of groups: shape (groups, 1, places), or (groups, size, places) for a list each."""


class GroupMethod(ABC):
    """A way to make lists for groups, with settings to choose from."""

    name: str
    needs: ClassVar[tuple[str, ...]] = ()
    grid: Sequence[Setting] = ((),)

    def finer(self, best: Sequence[Setting]) -> list[Setting]:
        """Settings to try after those of the grid: none."""
        return []

    @abstractmethod
    def fit(self, split: Together, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Lists]]:
        """Get ready to make lists for the groups of a split, by each setting in turn."""


class _Kindred(GroupMethod):
    """The public API, with its default settings."""

    name = "kindred"

    def fit(self, split: Together, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Lists]]:
        with Recommender.open(split.folder) as rec:

            def listed(members: Ints) -> list[list[int]]:
                people = {str(member): split.profiles[member] for member in members.tolist()}
                top = rec.recommend_together(people, limit=DEPTH, movies=RATED_ENOUGH)
                return [[split.numbers[row.movie.movie_id] for row in top]]

            yield (), partial(_table, listed)


class _Join(GroupMethod):
    """One list of what movies are worth to each, by a function of :mod:`joins`."""

    def __init__(
        self, name: str, join: Callable[..., Ints], grid: Sequence[Setting] = ((),)
    ) -> None:
        self.name, self._join, self.grid = name, join, grid

    def fit(self, split: Together, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Lists]]:
        for setting in grid:
            join: Callable[[Floats], Ints] = partial(self._join, **dict(setting))

            def listed(members: Ints, join: Callable[[Floats], Ints] = join) -> list[list[int]]:
                movies, worth = split.worths(members)
                return [movies[join(worth)].tolist()]

            yield setting, partial(_table, listed)


class _Own(GroupMethod):
    """Each member's own list, which no group can have: what any joined list falls short of."""

    name = "own"

    def fit(self, split: Together, grid: Sequence[Setting]) -> Iterator[tuple[Setting, Lists]]:
        def listed(members: Ints) -> list[list[int]]:
            lists = (split.own_lists[member].movies for member in members.tolist())
            return [movies[split.left(members, movies)][:DEPTH].tolist() for movies in lists]

        yield (), partial(_table, listed)


def _table(listed: Callable[[Ints], list[list[int]]], groups: Groups) -> Ints:
    """Ask for the lists of each group, and fill up those that are short."""
    found = [
        [movies + [NOTHING] * (DEPTH - len(movies)) for movies in listed(members)]
        for members in groups.members
    ]
    return np.array(found, dtype=np.int64)


GROUP_METHODS: Final[tuple[GroupMethod, ...]] = (
    _Kindred(),
    _Join("average", joins.average),
    _Join("least-misery", joins.least_misery),
    _Join("without-misery", joins.average_without_misery, settings(threshold=[0.1, 0.2, 0.3])),
    _Join("product", joins.product),
    _Join("turns", joins.by_turns),
    _Join("rlprop", joins.proportional),
    _Own(),
)
