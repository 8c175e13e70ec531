"""Who watches together, what each of them is given, and what their own lists are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kindred.evaluation.metrics import MIN_RATINGS
from kindred.evaluation.questions import Questions
from recommender import MovieFilter, Opinion, Profile, Recommender
from recommender.arrays import Floats, Ints, Mask
from recommender.storage.encoding import ExternalId

__all__ = ["RATED_ENOUGH", "Groups", "OwnList", "Together"]

RATED_ENOUGH = MovieFilter(min_ratings=MIN_RATINGS)
_SIZES = (2, 3, 5)
# Each person is in so many random groups of each size: in one alone, intervals are too wide to tell
# ways of joining lists from each other.
_DRAWS = 4
# The most that a list may have; what comes after is worth next to nothing.
_LENGTH = 1000


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of one size, drawn in one way."""

    label: str
    """Size and way, such as ``2 random``."""
    members: Ints
    """People of each group: rows of the questions, shape (groups, size)."""


class OwnList(NamedTuple):
    """What one person alone is recommended, best first: columns of shape (n,)."""

    movies: Ints
    scores: Floats


@dataclass(frozen=True, eq=False)
class Together:
    """People held out, and the groups that they are in."""

    folder: Path
    """Index of everyone else."""
    movie_ids: list[ExternalId]
    questions: Questions
    seed: int

    @cached_property
    def groups(self) -> tuple[Groups, ...]:
        """Groups of 2, 3 and 5 of these people, for each size and way to draw them.

        Those called random are parts of four orders of the people by chance. In those called alike,
        each person is with whose likes are most like theirs, by the cosine of all films they like,
        given or not; people who find each other are one group. Groups in which somebody then has no
        right answer are left out.
        """
        found = []
        for label, members in _drawn(self.questions, self.seed):
            some = [self.truth(one).any(axis=1).all() for one in members]
            found.append(Groups(label, members[np.array(some, dtype=bool)]))
        return tuple(found)

    @cached_property
    def seen(self) -> Mask:
        """Movies of each person's question, shape (people, movies)."""
        return self.questions.seen

    @cached_property
    def profiles(self) -> list[Profile]:
        """What each person says; by id, even where that looks like a title."""
        asked = self.questions
        ends = np.searchsorted(asked.user, np.arange(len(asked) + 1)).tolist()
        keys = [f"id:{self.movie_ids[movie]}" for movie in asked.movie.tolist()]
        opinions = [Opinion.of_code(state) for state in asked.states.tolist()]
        return [
            Profile(dict(zip(keys[start:end], opinions[start:end], strict=True)))
            for start, end in pairwise(ends)
        ]

    @cached_property
    def numbers(self) -> dict[ExternalId, int]:
        """Number of each movie, by its id."""
        return {movie_id: number for number, movie_id in enumerate(self.movie_ids)}

    @cached_property
    def own_lists(self) -> list[OwnList]:
        """List for each person alone: one search each, kept for all groups and ways to join."""
        found = []
        with Recommender.open(self.folder) as rec:
            for profile in self.profiles:
                top = rec.recommend(profile, limit=_LENGTH, movies=RATED_ENOUGH)
                movies = [self.numbers[row.movie.movie_id] for row in top]
                scores = np.array([row.score for row in top])
                found.append(OwnList(np.array(movies, dtype=np.int64), scores))
        return found

    def truth(self, members: Ints) -> Mask:
        """Tell what is right for each member: what they like and nobody gave; (size, movies)."""
        return np.asarray(self.questions.truth[members] & ~self.seen[members].any(axis=0))

    def left(self, members: Ints, movies: Ints) -> Mask:
        """Tell which of some movies nobody of a group gave, shape (n,)."""
        return np.asarray(~self.seen[np.ix_(members, movies)].any(axis=0))

    def worths(self, members: Ints) -> tuple[Ints, Floats]:
        """Tell what movies are worth to the members of a group.

        A movie is worth its score over the largest that is left to the group, and 0 to whom it is
        not listed. Returns the movies of any list that nobody gave, ascending, and the worths, of
        shape (size, movies).
        """
        lists = [self.own_lists[member] for member in members.tolist()]
        movies = np.unique(np.concatenate([own.movies for own in lists]))
        worth = np.zeros((len(lists), len(movies)))
        for row, own in zip(worth, lists, strict=True):
            row[np.searchsorted(movies, own.movies)] = own.scores
        left = self.left(members, movies)
        worth = worth[:, left]
        most = worth.max(axis=1, keepdims=True, initial=0.0)
        return movies[left], worth / np.where(most > 0, most, 1.0)


def _drawn(questions: Questions, seed: int) -> Iterator[tuple[str, Ints]]:
    people = len(questions)
    for size in _SIZES:
        dice = np.random.default_rng((seed, size))
        orders = [dice.permutation(people)[: people // size * size] for _ in range(_DRAWS)]
        yield f"{size} random", np.concatenate(orders).reshape(-1, size)
    closest = _closest(questions.truth | questions.liked, max(_SIZES))
    for size in _SIZES:
        members = closest[:, :size] if size <= people else np.empty((0, size), dtype=np.int64)
        _, first = np.unique(np.sort(members, axis=1), axis=0, return_index=True)
        yield f"{size} alike", members[np.sort(first)]


def _closest(likes: Mask, size: int) -> Ints:
    """List each person and whose likes are most like theirs, shape (people, at most size)."""
    table = likes.astype(np.float32)
    # Everybody likes something: a right answer at least.
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    cosines = table @ table.T
    np.fill_diagonal(cosines, 2)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :size]
