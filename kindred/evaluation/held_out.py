"""People kept out of an index, and the index of everyone else."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ingest.cleaning import CleanRatings
from ingest.pipeline import build
from ingest.reading import Loaded
from kindred.evaluation.questions import Questions
from kindred.evaluation.training_data import TrainingData
from recommender import IndexProblem, InvalidInputError, Recommender, UnknownUserError
from recommender.arrays import Ints
from recommender.storage.edge import EdgeStore
from recommender.storage.encoding import ExternalId

__all__ = ["MOST_SPLITS", "Split", "check_no_leak", "choose_people", "index_without"]

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
