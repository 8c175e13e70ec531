"""Clean ratings: drop unusable rows, counted by reason, and number users and movies densely."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa

from ingest.blocks import ROWS, blocks, slices
from ingest.sources.ratings import RawRatings
from ingest.sources.tables import as_array
from recommender.arrays import Bytes, Floats, Ints, Mask
from recommender.errors import SourceError
from recommender.opinion import Scale
from recommender.storage.encoding import ExternalId

__all__ = ["CleanRatings", "clean", "detect_scale"]

# The part of a source's ratings that must lie on a scale for it to be detected. The rest may be
# errors in the file; they are dropped as off the scale.
_SCALE_SHARE = 0.99
_SECONDS_PER_DAY = 86_400
# Days are stored in 16 bits: this is 2149-06-06.
_LAST_DAY = 65_535
# Steps of a scale that half stars are too coarse for. Units are bytes, and 255 is reserved.
_FINE_STEPS = 250


@dataclass(frozen=True, eq=False)
class CleanRatings:
    """Ratings by ascending dense user and, within a user, by ascending dense movie."""

    user: Ints
    """Dense user of each rating, shape (ratings,), in 32 bits to save memory."""
    movie: Ints
    """Dense movie of each rating, likewise."""
    units: Bytes
    """Stars as stored units of the scale, shape (ratings,)."""
    day: Ints | None
    """Days since 1970 in 16 bits, or None where the source has no times."""
    user_ids: list[ExternalId]
    """Id in the source of each dense user, ascending."""
    movie_ids: list[ExternalId]
    """Id in the source of each dense movie, ascending; unrated ones of the catalogue included."""
    scale: Scale
    dropped: dict[str, int]
    """Dropped rows by reason."""

    @cached_property
    def stars(self) -> Floats:
        """Stars of each rating, shape (ratings,)."""
        return self.scale.unpack(self.units)

    def __len__(self) -> int:
        return len(self.user)

    def only(self, rows: Mask) -> CleanRatings:
        """Keep some ratings and all movies; users without ratings are removed.

        ``rows`` has shape (ratings,). Ids stay the same; users are numbered anew without gaps.
        """
        user, user_ids = _close_gaps(self.user[rows], self.user_ids)
        day = None if self.day is None else self.day[rows]
        return replace(
            self,
            user=user,
            movie=self.movie[rows],
            units=self.units[rows],
            day=day,
            user_ids=user_ids,
        )


def clean(
    raw: RawRatings,
    known: list[ExternalId] | None,
    scale: Scale | None,
    *,
    fixed_steps: bool = False,
) -> CleanRatings:
    """Drop unusable rows, number users and movies, and sort the ratings.

    ``known`` are the movies of the source's catalogue, ascending; ratings of other movies are
    dropped. It is None without a catalogue. The ``scale`` is detected unless given. With
    ``fixed_steps`` the steps of the given scale, and whether it holds likes only, are not detected
    either.

    Columns of ``raw`` are released as soon as they are used.

    Raises SourceError where no rating is left, or the ratings lie on no known scale.
    """
    dropped = raw.dropped.copy()
    user, user_ids = _number_ids(raw.user)
    movie, movie_ids = _number_ids(raw.movie)
    # Here and below: each column of a large source takes hundreds of megabytes.
    raw.user = raw.movie = None
    keep = np.ones(len(user), dtype=bool)
    _drop(keep, user < 0, "no user", dropped)
    _drop(keep, movie < 0, "no movie", dropped)
    if known is not None:
        movie, movie_ids = _map_ids(movie, movie_ids, known), known
        _drop(keep, movie < 0, "unknown movie", dropped)
    if raw.stars is not None:
        _drop(keep, ~np.isfinite(raw.stars), "rating not a number", dropped)
    if raw.bad_time is not None:
        _drop(keep, raw.bad_time, "time not understood", dropped)
    if fixed_steps and scale is not None:
        stars = np.ones(len(user)) if raw.stars is None else raw.stars
    else:
        scale, stars = _fit_scale(raw.stars, keep, scale)
    _drop(keep, (stars < scale.low) | (stars > scale.high), "rating off the scale", dropped)
    chosen = _latest_per_pair(user, movie, raw.time, keep)
    kept = int(np.count_nonzero(keep))
    _check_left(kept if isinstance(chosen, slice) else len(chosen), kept, dropped)
    units = _pack(stars[chosen], scale)
    del stars, keep
    raw.stars = None
    day = None if raw.time is None else _days(raw.time[chosen])
    raw.time = None
    user, user_ids = _close_gaps(user[chosen], user_ids)
    movie = movie[chosen]
    # Movies of a catalogue keep their numbers, rated or not.
    if known is None:
        movie, movie_ids = _close_gaps(movie, movie_ids)
    return CleanRatings(user, movie, units, day, user_ids, movie_ids, scale, dict(dropped))


def _check_left(left: int, kept: int, dropped: Counter[str]) -> None:
    """Count repeated ratings as dropped; refuse a source of which nothing is left."""
    if kept > left:
        dropped["rated again later"] += kept - left
    if not left:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in dropped.items())
        raise SourceError(f"no rating can be used: {reasons or 'the file has no rows'}")


def _pack(stars: Floats, scale: Scale) -> Bytes:
    """Stored units of stars, computed in blocks: the scale works with 64-bit copies."""
    units = np.empty(len(stars), dtype=np.uint8)
    for rows in slices(len(stars)):
        units[rows] = scale.pack(stars[rows])
    return units


def _days(seconds: Ints) -> Ints:
    """Days since 1970 in 16 bits; earlier and later ones become the first and last of these."""
    days = seconds // _SECONDS_PER_DAY
    return np.clip(days, 0, _LAST_DAY, out=days).astype(np.uint16)


def _number_ids(ids: pa.Array) -> tuple[Ints, list[ExternalId]]:
    """Number ids in ascending order; -1 for a missing one."""
    encoded = ids if pa.types.is_dictionary(ids.type) else ids.dictionary_encode()
    names = encoded.dictionary.to_pylist()
    ordered = sorted(set(names))
    places = {name: place for place, name in enumerate(ordered)}
    # The last entry is for missing ids, whose index is -1.
    table = np.array([*(places[name] for name in names), -1], dtype=np.int32)
    return table[as_array(encoded.indices.fill_null(-1))], ordered


def _map_ids(numbers: Ints, ids: list[ExternalId], known: list[ExternalId]) -> Ints:
    """Number by position in a catalogue; -1 for what it does not hold."""
    place = {movie: number for number, movie in enumerate(known)}
    places = np.array([*(place.get(movie, -1) for movie in ids), -1], dtype=np.int32)
    return np.asarray(places[numbers])


def _close_gaps(numbers: Ints, ids: list[ExternalId]) -> tuple[Ints, list[ExternalId]]:
    """Number anew without the gaps that dropped rows left."""
    used = np.zeros(len(ids), dtype=bool)
    used[numbers] = True
    if used.all():
        return numbers, ids
    places = np.cumsum(used, dtype=np.int32) - 1
    return places[numbers], [ids[place] for place in np.flatnonzero(used).tolist()]


def _drop(keep: Mask, bad: Mask, reason: str, dropped: Counter[str]) -> None:
    """Drop rows, counting each under the first reason that applies."""
    new = int(np.count_nonzero(keep & bad))
    if new:
        dropped[reason] += new
        keep &= ~bad


def _latest_per_pair(user: Ints, movie: Ints, time: Ints | None, keep: Mask) -> Ints | slice:
    """Rows of the ratings that count, by user and movie; a slice where all rows are in order.

    Of several ratings of a movie by a user the latest counts; of equal times, or without times, the
    last row.
    """
    if keep.all() and _is_ascending(user, movie):
        return slice(None)
    # A range of users at a time, because sorting takes several times the memory of what is sorted.
    sizes = np.bincount(user[keep]) if keep.any() else np.empty(0, np.int64)
    parts = [
        _latest(user, movie, time, np.flatnonzero(keep & (user >= first) & (user < last)))
        for first, last in blocks(sizes, ROWS)
    ]
    return np.concatenate([np.empty(0, np.int64), *parts])


def _is_ascending(user: Ints, movie: Ints) -> bool:
    """Whether rows ascend strictly by user and movie: then they are sorted and none repeats."""
    ascends = (user[1:] > user[:-1]) | ((user[1:] == user[:-1]) & (movie[1:] > movie[:-1]))
    return bool(ascends.all())


def _latest(user: Ints, movie: Ints, time: Ints | None, rows: Ints) -> Ints:
    """Of these rows the ones that count, by user and movie."""
    keys = (user[rows].astype(np.int64) << 32) + movie[rows]
    # A stable sort keeps the order of the file among repeats, so the last of them counts.
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    if time is not None and (ordered[1:] == ordered[:-1]).any():
        order = np.lexsort((time[rows], keys))
        ordered = keys[order]
    last = np.append(ordered[1:] != ordered[:-1], True)
    return np.asarray(rows[order[last[: len(order)]]])


def _fit_scale(stars: Floats | None, keep: Mask, scale: Scale | None) -> tuple[Scale, Floats]:
    """The scale with its steps, and stars on it; all are likes where the stars do not differ."""
    used = np.empty(0) if stars is None else stars if keep.all() else stars[keep]
    if stars is None or (len(used) and used.min() == used.max()):
        return Scale(low=0, high=1, implicit=True), np.ones(len(keep), dtype=np.float32)
    scale = scale or (detect_scale(used) if len(used) else Scale(low=0.5, high=5))
    span = scale.high - scale.base
    uneven = (used * 2 != np.rint(used * 2)) & (used >= scale.low) & (used <= scale.high)
    halves = not uneven.any() and scale.base * 2 == round(scale.base * 2)
    # Units are bytes: up to 127 stars have 254 halves, and 255 is reserved.
    step = 0.5 if halves and span <= 127 else span / _FINE_STEPS
    return scale.model_copy(update={"step": step}), stars


def detect_scale(stars: Floats) -> Scale:
    """Detect which of the usual scales ratings are on: 1-5, 0.5-5, 1-10 or 0-10.

    Raises SourceError where none holds nearly all of them.
    """
    if np.mean((stars >= 0.5) & (stars <= 5)) >= _SCALE_SHARE:
        whole = np.mean((stars >= 1) & (stars == np.rint(stars))) >= _SCALE_SHARE
        return Scale(low=1 if whole else 0.5, high=5)
    if np.mean((stars >= 0) & (stars <= 10)) >= _SCALE_SHARE:
        return Scale(low=0 if (stars == 0).any() else 1, high=10)
    low, high = np.quantile(stars, [0.01, 0.99])
    raise SourceError(
        f"the ratings run from about {low:g} to {high:g}, which is none of the usual scales: "
        "say which one it is with --scale LOW:HIGH"
    )
