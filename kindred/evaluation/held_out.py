"""What no method may see: people kept out of an index, or the ratings of a fold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from ingest.cleaning import CleanRatings
from ingest.pipeline import build
from ingest.points import Metadata
from ingest.reading import Loaded
from ingest.sources.files import SourceFiles
from kindred.evaluation.methods.predictors import Fold, Predicted
from kindred.evaluation.questions import Questions
from kindred.evaluation.training_data import TrainingData
from recommender import IndexProblem, InvalidInputError, Recommender, UnknownUserError
from recommender.arrays import Ints, Mask
from recommender.storage.edge import EdgeStore
from recommender.storage.encoding import ExternalId
from recommender.storage.manifest import Source

__all__ = [
    "MOST_SPLITS",
    "Folds",
    "Split",
    "bare",
    "check_no_leak",
    "choose_people",
    "index_without",
]

PART = 0.15
"""Part of the people that one group is."""
MOST_SPLITS = 6
"""Disjoint groups of that size: six of them are 90 % of the people."""
# Of someone with fewer ratings, too few would be left as right answers.
_MIN_RATINGS = 10


@dataclass(frozen=True, eq=False)
class Split:
    """One group of people held out: the ratings of everyone else, and the group's questions."""

    folder: Path
    """Index of everyone else."""
    train: TrainingData
    """The same ratings, for methods that are not Kindred."""
    movie_ids: list[ExternalId]
    questions: tuple[Questions, ...]
    """One batch for each length, or other way to ask."""
    genres: Mask | None = None
    """Whether a movie has a genre, shape (movies, genres); None where the source has no genres."""


def choose_people(ratings: CleanRatings, *, splits: int, seed: int) -> list[Ints]:
    """Draw disjoint groups of people to hold out.

    Each is 15 % of those with at least ten ratings: successive blocks of one seeded permutation,
    in its order.

    Raises InvalidInputError where there are too few people.
    """
    eligible = np.flatnonzero(np.bincount(ratings.user) >= _MIN_RATINGS)
    size = int(PART * len(eligible))
    if not size:
        raise InvalidInputError(
            f"only {len(eligible)} people of the source have {_MIN_RATINGS} or more ratings: there "
            f"must be at least {int(np.ceil(1 / PART))}, so that some can be held out"
        )
    # Blocks of one permutation share nobody, and more splits leave the first ones as they were.
    order = np.random.default_rng(seed).permutation(eligible)
    return [order[size * split : size * (split + 1)] for split in range(splits)]


def index_without(loaded: Loaded, people: Ints, folder: Path) -> CleanRatings:
    """Build the index of everyone but these in a folder; return the ratings in it.

    Raises IndexProblem where one of them is in it.
    """
    kept = loaded.ratings.only(~np.isin(loaded.ratings.user, people))
    with closing(EdgeStore(folder)) as store:
        build(store, replace(loaded, ratings=kept))
    with Recommender.open(folder) as rec:
        check_no_leak(rec, (loaded.ratings.user_ids[person] for person in people.tolist()))
    return kept


def check_no_leak(rec: Recommender, people: Iterable[ExternalId]) -> None:
    """Make sure that nobody held out is in the index that is asked.

    Raises IndexProblem naming the first who is.
    """
    for person in people:
        with suppress(UnknownUserError):
            rec.profile_of(person)
            raise IndexProblem(
                f"user '{person}' was to be held out but is in the index of an evaluation: its "
                "result would be worthless, please report this"
            )


def bare(source: Source, ratings: CleanRatings) -> Loaded:
    """Leave out what takes no part in predicting stars: days, and what is said of movies."""
    ratings = replace(ratings, day=None)
    return Loaded("", source, ratings, Metadata({}, {}, {}), SourceFiles(source, ()), 0.0)


@dataclass(frozen=True, eq=False)
class Folds:
    """The ratings of a source, each in one of several parts, and which of them are predicted."""

    loaded: Loaded
    part: Ints
    """Part that each rating is in, from 0, shape (ratings,)."""
    asked: Mask
    """Whether a rating is predicted when its part is, shape (ratings,)."""

    @classmethod
    def drawn(cls, loaded: Loaded, *, folds: int, people: int, seed: int) -> Self:
        """Draw both; those predicted are all ratings of so many people at most."""
        ratings, dice = loaded.ratings, np.random.default_rng(seed)
        part = dice.permutation(len(ratings)) % folds
        chosen = dice.permutation(len(ratings.user_ids))[:people]
        return cls(bare(loaded.source, ratings), part, np.isin(ratings.user, chosen))

    def rows(self, number: int) -> Mask:
        """Tell which ratings are predicted in a fold, shape (ratings,)."""
        return np.asarray(self.asked & (self.part == number))

    def fold(self, number: int) -> Fold:
        """Take a fold out."""
        ratings, rows = self.loaded.ratings, self.rows(number)
        known = ratings.only(self.part != number)
        # Users are numbered anew there, without those who have no other ratings.
        places = {user: place for place, user in enumerate(known.user_ids)}
        people = np.array([places.get(user, -1) for user in ratings.user_ids])
        return Fold(
            replace(self.loaded, ratings=known), people[ratings.user[rows]], ratings.movie[rows]
        )

    def joined(self, folds: Sequence[Predicted]) -> Predicted:
        """Put the predictions of all folds in the order of the ratings asked."""
        rows = np.concatenate([np.flatnonzero(self.rows(n)) for n in range(len(folds))])
        every = [one.arrays() for one in folds]
        return Predicted(
            **{
                name: np.concatenate([a[name] for a in every])[np.argsort(rows)]
                for name in every[0]
            }
        )
