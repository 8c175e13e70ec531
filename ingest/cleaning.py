"""From raw columns to the ratings that count; what is dropped is counted by reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa

from ingest.blocks import ROWS, blocks, slices
from ingest.sources.tables import RawRatings, as_array
from recommender.arrays import Bytes, Floats, Ints, Mask
from recommender.errors import SourceError
from recommender.opinion import Scale
from recommender.storage.encoding import ExternalId

__all__ = ["CleanRatings", "clean", "detect_scale"]

# A scale must hold this part of a source's ratings to be taken for its own; the rest is off-scale.
_SHARE = 0.99
_SECONDS_A_DAY = 86_400
# Stored days have 16 bits.
_LAST_DAY = 65_535
# Units a scale is split into where half stars are too coarse for it.
_FINE_STEPS = 250
# Ids may lie so many times as far apart as there are ratings and still be looked up in a table.
_SPREAD = 8


@dataclass(frozen=True, eq=False)
class CleanRatings:
    """Ratings by ascending dense user and, within a user, by ascending dense movie."""

    user: Ints
    """Dense user of each rating, shape (ratings,), in 32 bits as it is one of many."""
    movie: Ints
    """Dense movie, likewise."""
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
    """Rows that do not count, by reason."""

    @cached_property
    def stars(self) -> Floats:
        """Stars of each rating, shape (ratings,)."""
        return self.scale.unpack(self.units)

    def __len__(self) -> int:
        return len(self.user)

    def only(self, rows: Mask) -> CleanRatings:
        """Keep some of the ratings, and every movie; people who have none left are gone.

        ``rows`` has shape (ratings,). Ids stay what they are; dense users close ranks.
        """
        user, user_ids = _renumbered(self.user[rows], self.user_ids)
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
    exactly: bool = False,
) -> CleanRatings:
    """Drop what cannot be used, number users and movies, and put the ratings in order.

    ``known`` are the movies of the source's catalogue, ascending; ratings of others are dropped.
    It is None without a catalogue. The ``scale`` is found from the ratings unless given; with
    ``exactly`` its steps are too, and whether all are likes.

    Columns of ``raw`` are let go of as soon as they are used.

    Raises SourceError where nothing is left, or the ratings lie on no scale that is known.
    """
    dropped = raw.dropped.copy()
    user, user_ids = _numbered(raw.user)
    movie, movie_ids = _numbered(raw.movie)
    raw.user = raw.movie = None
    keep = np.ones(len(user), dtype=bool)
    for numbers, what in ((user, "user"), (movie, "movie")):
        _drop(keep, numbers < 0, f"no {what}", dropped)
    if known is not None:
        movie, movie_ids = _onto(movie, movie_ids, known), known
        _drop(keep, movie < 0, "unknown movie", dropped)
    if raw.stars is not None:
        _drop(keep, ~np.isfinite(raw.stars), "rating not a number", dropped)
    if raw.bad_time is not None:
        _drop(keep, raw.bad_time, "time not understood", dropped)
    if exactly and scale is not None:
        stars = np.ones(len(user)) if raw.stars is None else raw.stars
    else:
        scale, stars = _on_scale(raw.stars, keep, scale)
    _drop(keep, (stars < scale.low) | (stars > scale.high), "rating off the scale", dropped)
    chosen = _that_count(user, movie, raw.time, keep)
    kept = int(np.count_nonzero(keep))
    left = kept if isinstance(chosen, slice) else len(chosen)
    if kept > left:
        dropped["rated again later"] += kept - left
    if not left:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in dropped.items())
        raise SourceError(f"no rating can be used: {reasons or 'the file has no rows'}")
    stars = stars[chosen]
    units = np.empty(len(stars), dtype=np.uint8)
    for rows in slices(len(stars)):
        units[rows] = scale.pack(stars[rows])
    del stars, keep
    raw.stars = None
    day = None if raw.time is None else raw.time[chosen] // _SECONDS_A_DAY
    raw.time = None
    user, user_ids = _renumbered(user[chosen], user_ids)
    movie = movie[chosen]
    if known is None:
        movie, movie_ids = _renumbered(movie, movie_ids)
    if day is not None:
        day = np.clip(day, 0, _LAST_DAY).astype(np.uint16)
    return CleanRatings(user, movie, units, day, user_ids, movie_ids, scale, dict(dropped))


def _numbered(ids: pa.Array) -> tuple[Ints, list[ExternalId]]:
    """Number ids in ascending order; -1 for a missing one."""
    if pa.types.is_dictionary(ids.type):
        texts = ids.dictionary.to_pylist()
        ordered = sorted(set(texts))
        places = {name: place for place, name in enumerate(ordered)}
        table = np.array([*(places[text] for text in texts), -1], dtype=np.int32)
        return table[ids.indices.fill_null(-1).to_numpy()], ordered
    missing = ids.is_null().to_numpy(zero_copy_only=False) if ids.null_count else None
    values = as_array(ids.fill_null(0) if ids.null_count else ids)
    used = values if missing is None else values[~missing]
    low, high = (int(used.min()), int(used.max())) if len(used) else (0, 0)
    if high - low < min(_SPREAD * len(used), 1 << 31):
        # A table of all ids there could be is much faster than a hash of those there are.
        there = np.zeros(high - low + 1, dtype=bool)
        there[used - low] = True
        table = np.cumsum(there, dtype=np.int32) - 1
        numbers, names = table[np.clip(values, low, high) - low], np.flatnonzero(there) + low
    else:
        names, numbers = np.unique(values, return_inverse=True)
        if missing is not None:
            there = np.bincount(numbers[~missing], minlength=len(names)) > 0
            numbers, names = (np.cumsum(there) - 1)[numbers], names[there]
    numbers = numbers.astype(np.int32, copy=False)
    if missing is not None:
        numbers[missing] = -1
    return numbers, list[ExternalId](names.tolist())


def _onto(numbers: Ints, ids: list[ExternalId], known: list[ExternalId]) -> Ints:
    """Renumber onto a catalogue; -1 for what it does not hold."""
    place = {movie: number for number, movie in enumerate(known)}
    places = np.array([*(place.get(movie, -1) for movie in ids), -1], dtype=np.int32)
    return np.asarray(places[numbers])


def _renumbered(numbers: Ints, ids: list[ExternalId]) -> tuple[Ints, list[ExternalId]]:
    """Close the gaps that dropped rows left."""
    used = np.zeros(len(ids), dtype=bool)
    used[numbers] = True
    if used.all():
        return numbers, ids
    places = np.cumsum(used, dtype=np.int32) - 1
    return places[numbers], [ids[place] for place in np.flatnonzero(used).tolist()]


def _drop(keep: Mask, bad: Mask, reason: str, dropped: Counter[str]) -> None:
    """Take rows out, counting each under the first reason that holds."""
    new = int(np.count_nonzero(keep & bad))
    if new:
        dropped[reason] += new
        keep &= ~bad


def _that_count(user: Ints, movie: Ints, time: Ints | None, keep: Mask) -> Ints | slice:
    """Rows of the ratings that count, by user and movie; a slice where that is all as they are.

    Of several by a user of a movie the latest counts; of equal times, or without times, the last.
    """
    if keep.all() and _ascending(user, movie):
        return slice(None)
    # A range of users at a time, because sorting takes several times the room of what is sorted.
    sizes = np.bincount(user[keep]) if keep.any() else np.empty(0, np.int64)
    parts = [
        _latest(user, movie, time, np.flatnonzero(keep & (user >= first) & (user < last)))
        for first, last in blocks(sizes, ROWS)
    ]
    return np.concatenate([np.empty(0, np.int64), *parts])


def _ascending(user: Ints, movie: Ints) -> bool:
    """Tell whether every row is of a later user, or a later movie of the same, than the last."""
    further = (user[1:] > user[:-1]) | ((user[1:] == user[:-1]) & (movie[1:] > movie[:-1]))
    return bool(further.all())


def _latest(user: Ints, movie: Ints, time: Ints | None, rows: Ints) -> Ints:
    """Those of the rows that count, in order."""
    keys = (user[rows].astype(np.int64) << 32) + movie[rows]
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    if time is not None and (ordered[1:] == ordered[:-1]).any():
        order = np.lexsort((time[rows], keys))
        ordered = keys[order]
    last = np.append(ordered[1:] != ordered[:-1], True)
    return np.asarray(rows[order[last[: len(order)]]])


def _on_scale(stars: Floats | None, keep: Mask, scale: Scale | None) -> tuple[Scale, Floats]:
    """The scale, and stars on it; all likes where the source has nothing to tell apart."""
    used = np.empty(0) if stars is None else stars if keep.all() else stars[keep]
    if stars is None or (len(used) and used.min() == used.max()):
        return Scale(low=0, high=1, implicit=True), np.ones(len(keep), dtype=np.float32)
    scale = scale or (detect_scale(used) if len(used) else Scale(low=0.5, high=5))
    span = scale.high - scale.base
    odd = (used * 2 != np.rint(used * 2)) & (used >= scale.low) & (used <= scale.high)
    halves = not odd.any() and scale.base * 2 == round(scale.base * 2)
    step = 0.5 if halves and span <= 127 else span / _FINE_STEPS
    return scale.model_copy(update={"step": step}), stars


def detect_scale(stars: Floats) -> Scale:
    """Tell which of the usual scales ratings are on: 1-5, 0.5-5, 1-10 or 0-10.

    Raises SourceError where none holds nearly all of them.
    """
    if np.mean((stars >= 0.5) & (stars <= 5)) >= _SHARE:
        whole = np.mean((stars >= 1) & (stars == np.rint(stars))) >= _SHARE
        return Scale(low=1 if whole else 0.5, high=5)
    if np.mean((stars >= 0) & (stars <= 10)) >= _SHARE:
        return Scale(low=0 if (stars == 0).any() else 1, high=10)
    low, high = np.quantile(stars, [0.01, 0.99])
    raise SourceError(
        f"the ratings run from about {low:g} to {high:g}, which is none of the usual scales: "
        "say which one it is with --scale LOW:HIGH"
    )
