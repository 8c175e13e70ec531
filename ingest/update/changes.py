"""What a change does to an index: new ratings compared with the stored ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ingest.points import RatedUsers
from ingest.sources.movies import MovieMetadata
from recommender.arrays import Bytes, Floats, Ints, Mask
from recommender.opinion import Opinion
from recommender.storage.encoding import ExternalId, Rater, unpack_ratings
from recommender.storage.manifest import Manifest

__all__ = [
    "NO_RATING",
    "ChangedMetadata",
    "Changes",
    "RatingRows",
    "Units",
    "Update",
    "compare",
    "stored_ratings",
]

NO_RATING = -1
"""Stands for stored units where there is no rating."""


class Units:
    """Stars and states of the stored units of an index."""

    def __init__(self, manifest: Manifest) -> None:
        self.stars: Floats = manifest.scale.unit_stars()
        """Stars, shape (256,)."""
        self.states: Bytes = manifest.scale.unit_states(manifest.weighting)
        """States, shape (256,)."""

    def likes(self, units: Ints) -> Mask:
        """Which of these units are likes; :data:`NO_RATING` is none."""
        return np.asarray((units != NO_RATING) & (self.states[units] == Opinion.LIKE.code))


class RatingRows(NamedTuple):
    """Ratings of some users, by dense numbers; all columns of one shape."""

    user: Ints
    movie: Ints
    units: Ints
    day: Ints
    """Since 1970; 0 throughout where the index has no times."""

    def at(self, rows: npt.NDArray[np.int64 | np.bool_]) -> RatingRows:
        """Select some rows."""
        return RatingRows(*(column[rows] for column in self))


ChangedMetadata = Mapping[int, tuple[ExternalId, MovieMetadata]]
"""Id and metadata of movies that are new or have other metadata, by dense number."""


@dataclass(frozen=True, eq=False)
class Changes:
    """Ratings that are added, changed or removed. All columns have the same shape."""

    user: Ints
    """Dense number of the user."""
    movie: Ints
    """Dense number of the movie."""
    before: Ints
    """Stored units before the change, or :data:`NO_RATING`."""
    after: Ints
    """Stored units after the change, or :data:`NO_RATING`."""
    day_before: Ints
    day_after: Ints

    def __len__(self) -> int:
        return len(self.user)

    def at(self, rows: Mask) -> Changes:
        """Select some of them."""
        return Changes(**{name: column[rows] for name, column in vars(self).items()})


@dataclass(frozen=True, eq=False)
class Update:
    """All that one change does to an index."""

    key: str
    """Identifies the change and the state of the index that it changes."""
    command: str
    """The command that makes it, for messages."""
    changes: Changes
    changed: RatedUsers
    """Users whose ratings change, by ascending number, with all their ratings after the change."""
    removed: Ints
    """Dense numbers of users to remove."""
    users: int
    """Users added; negative where users are removed."""
    metadata: ChangedMetadata


def stored_ratings(raters: Sequence[Rater], *, timed: bool) -> RatingRows:
    """Unpack the stored ratings of raters."""
    rated = unpack_ratings([rater.packed for rater in raters], timed=timed)
    numbers = np.array([rater.number for rater in raters], dtype=np.int64)
    day = np.zeros(len(rated.movie), np.int64) if rated.day is None else rated.day.astype(np.int64)
    return RatingRows(numbers[rated.owner], rated.movie, rated.units.astype(np.int64), day)


def compare(old: RatingRows, new: RatingRows) -> tuple[Changes, RatingRows]:
    """Find the new ratings that count, and all ratings of their users after the change.

    A rating counts once per user and movie: the new one wins unless its day is before that of the
    stored one. ``new`` repeats no pair.

    Returns the changes, and all ratings of the users who have any, by user and movie.
    """
    # One number for each pair of user and movie, by which old ratings are found.
    movies = 1 + max(old.movie.max(initial=0), new.movie.max(initial=0))
    old = old.at(np.lexsort((old.movie, old.user)))
    known, wanted = old.user * movies + old.movie, new.user * movies + new.movie
    place = np.searchsorted(known, wanted)
    exists = np.append(known, -1)[place] == wanted
    before, day_before = (
        np.where(exists, np.append(column, NO_RATING)[place], NO_RATING)
        for column in (old.units, old.day)
    )
    # On the same day the new one wins: a rating corrected at once must count.
    wins = new.day >= day_before
    differs = wins & ((new.units != before) | (new.day != day_before))
    fresh = new.at(differs)
    changes = Changes(
        fresh.user, fresh.movie, before[differs], fresh.units, day_before[differs], fresh.day
    )
    unchanged = np.isin(old.user, fresh.user)
    unchanged[place[differs & exists]] = False
    whole = RatingRows(*map(np.concatenate, zip(old.at(unchanged), fresh, strict=True)))
    return changes, whole.at(np.lexsort((whole.movie, whole.user)))
