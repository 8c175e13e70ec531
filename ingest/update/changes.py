"""Ratings that differ from those stored, and what people rate with them taken over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ingest.points import Rated
from recommender.arrays import Bytes, Floats, Ints, Mask
from recommender.opinion import Opinion
from recommender.storage.encoding import Rater, unpack_ratings
from recommender.storage.manifest import Manifest

__all__ = ["NOTHING", "Changes", "Ratings", "Units", "compare", "stored"]

NOTHING = -1
"""In place of stored units: there is no rating."""


class Units:
    """What stored units of stars mean in an index."""

    def __init__(self, manifest: Manifest) -> None:
        every = np.arange(256, dtype=np.uint8)
        weighting = manifest.weighting
        self.stars: Floats = manifest.scale.unpack(every)
        """Stars, shape (256,)."""
        self.states: Bytes = manifest.scale.states(self.stars, weighting)
        """States, shape (256,)."""

    def likes(self, units: Ints) -> Mask:
        """Which of these are likes; no rating is none."""
        return np.asarray((units != NOTHING) & (self.states[units] == Opinion.LIKE.code))


class Ratings(NamedTuple):
    """Ratings of some people, whose place in a list stands for them; all of one shape."""

    owner: Ints
    movie: Ints
    units: Ints
    day: Ints
    """Since 1970; 0 throughout where the index has no times."""

    def at(self, rows: npt.NDArray[np.int64 | np.bool_]) -> Ratings:
        """Keep some rows."""
        return Ratings(*(column[rows] for column in self))


@dataclass(frozen=True, eq=False)
class Changes:
    """Ratings that are new, changed or gone. All columns have the same shape."""

    user: Ints
    """Dense number of the person."""
    movie: Ints
    """Dense number of the movie."""
    before: Ints
    """Stored units until then, or :data:`NOTHING`."""
    after: Ints
    """Stored units from then on, or :data:`NOTHING`."""
    day_before: Ints
    day_after: Ints

    def __len__(self) -> int:
        return len(self.user)

    def at(self, rows: Mask) -> Changes:
        """Keep some of them."""
        return Changes(**{name: column[rows] for name, column in vars(self).items()})


def stored(raters: Sequence[Rater], owners: Ints, *, timed: bool) -> Ratings:
    """Ratings that are stored of people; ``owners`` are their places, shape (people,)."""
    rated = unpack_ratings([rater.packed for rater in raters], timed=timed)
    day = np.zeros(len(rated.movie), np.int64) if rated.day is None else rated.day.astype(np.int64)
    return Ratings(owners[rated.owner], rated.movie, rated.units.astype(np.int64), day)


def compare(
    old: Ratings, new: Ratings, users: Ints, manifest: Manifest
) -> tuple[Changes, Ints, Rated]:
    """Tell which new ratings count, and what people rate with them.

    A rating counts once per person and movie: the new one wins unless its day is before that of the
    stored one. ``new`` holds none twice; ``users`` are the dense numbers of the people.

    Returns the changes, the places of people who have any, ascending, and all that they rate.
    """
    movies = 1 + max(old.movie.max(initial=0), new.movie.max(initial=0))
    old = old.at(np.lexsort((old.movie, old.owner)))
    known, asked = old.owner * movies + old.movie, new.owner * movies + new.movie
    place = np.searchsorted(known, asked)
    there = np.append(known, -1)[place] == asked
    before, day_before = (
        np.where(there, np.append(column, NOTHING)[place], NOTHING)
        for column in (old.units, old.day)
    )
    wins = new.day >= day_before
    differs = wins & ((new.units != before) | (new.day != day_before))
    fresh = new.at(differs)
    changes = Changes(
        users[fresh.owner],
        fresh.movie,
        before[differs],
        fresh.units,
        day_before[differs],
        fresh.day,
    )
    people = np.unique(fresh.owner)
    kept = np.isin(old.owner, people)
    kept[place[differs & there]] = False
    whole = Ratings(*map(np.concatenate, zip(old.at(kept), fresh, strict=True)))
    whole = whole.at(np.lexsort((whole.movie, whole.owner)))
    units = whole.units.astype(np.uint8)
    rated = Rated(
        np.unique(whole.owner, return_counts=True)[1],
        whole.movie,
        units,
        Units(manifest).states[units],
        whole.day if manifest.timed else None,
    )
    return changes, people, rated
