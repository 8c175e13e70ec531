"""People kept out of an index, and the index of everyone else."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ingest.cleaning import CleanRatings
from ingest.pipeline import Loaded, build
from kindred.evaluation.questions import Questions
from kindred.evaluation.train import Train
from recommender import IndexProblem, InvalidInputError, Recommender, UnknownUserError
from recommender.arrays import Ints
from recommender.storage.edge import EdgeStore
from recommender.storage.encoding import ExternalId

__all__ = ["MOST_SPLITS", "Split", "check_no_leak", "choose_people", "index_without"]

PART = 0.15
MOST_SPLITS = 6
# Of someone with fewer ratings, too little would be left to be asked for.
_LEAST = 10


@dataclass(frozen=True, eq=False)
class Split:
    """One group of people held out: what everyone else said, and what the group is asked."""

    folder: Path
    """Index of everyone else."""
    train: Train
    """The same ratings, for methods that are not Kindred."""
    movie_ids: list[ExternalId]
    questions: tuple[Questions, ...]
    """One batch for each length."""


def choose_people(ratings: CleanRatings, *, splits: int, seed: int) -> list[Ints]:
    """Draw disjoint groups of people to hold out.

    Each is 15 % of those with at least ten ratings: successive blocks of one seeded permutation,
    in its order.

    Raises InvalidInputError where there are too few people.
    """
    able = np.flatnonzero(np.bincount(ratings.user) >= _LEAST)
    size = int(PART * len(able))
    if not size:
        raise InvalidInputError(
            f"only {len(able)} people of the source have {_LEAST} or more ratings: there must be "
            f"at least {int(np.ceil(1 / PART))}, so that some can be held out"
        )
    order = np.random.default_rng(seed).permutation(able)
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
