"""Clean ratings: drop unusable rows, counted by reason, and number users and movies densely."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.blocks import ROWS, blocks, slices
from ingest.sources.ratings import STRAY, RawRatings
from ingest.sources.tables import Drops
from ingest.sources.values.scales import LIKES_ONLY, ReadScale, detect_scale, take_scale
from recommender.arrays import Bytes, Floats, Ints, Mask, as_array, as_column
from recommender.errors import SourceError
from recommender.files.times import REASONS, Times
from recommender.opinion import Opinion, Scale
from recommender.settings import Weighting
from recommender.storage.encoding import ExternalId

__all__ = ["OFF_THE_SCALE", "CleanRatings", "clean"]

OFF_THE_SCALE = "rating off the scale"
"""Reason for which a rating is left out."""

_SECONDS_PER_DAY = 86_400
# Days are stored in 16 bits: this is 2149-06-06.
_LAST_DAY = 65_535
# Of so many ratings, more distinct values than these are no steps of a scale.
_SAMPLE, _MANY_VALUES = 1_000_000, 10_000
# Part of the rows that are left out where they have no time; of more, all times are.
_WITHOUT_TIME = 0.05
_UNREAD = REASONS.index("time not understood")
# Ratings of which a report shows how they were understood.
_FIRST = 5


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
    examples: dict[str, str] = field(default_factory=dict)
    """What was dropped first for a reason, for most reasons."""
    note: str = ""
    """How dates were read, where they could be read in two ways."""
    warnings: tuple[str, ...] = ()
    """What may have been misread or could not be read at all, a sentence each."""
    first: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """Where the first ratings of the source are, shape (0 to 5,)."""

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
        kept = self.first[rows[self.first]]
        return replace(
            self,
            user=user,
            movie=self.movie[rows],
            units=self.units[rows],
            day=day,
            user_ids=user_ids,
            first=np.cumsum(rows)[kept] - 1,
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

    Raises SourceError where no rating is left, it is not sure what scale the ratings are on, or,
    without ``fixed_steps``, none is a like.
    """
    dropped = Drops()
    dropped.add(raw.dropped)
    user, user_ids = _number_ids(raw.user)
    movie, movie_ids = _number_ids(raw.movie)
    # Here and below: each column of a large source takes hundreds of megabytes.
    raw.user = raw.movie = None
    keep = np.ones(len(user), dtype=bool)
    for role, stray in raw.strays.items():
        _drop(keep, stray, STRAY[role], dropped)
    _drop(keep, user < 0, "no user", dropped)
    _drop(keep, movie < 0, "no movie", dropped)
    if known is not None:
        numbers = _map_ids(movie, movie_ids, known)
        _drop(
            keep,
            numbers < 0,
            "unknown movie",
            dropped,
            lambda row: f"movie {movie_ids[movie[row]]}",
        )
        movie, movie_ids = numbers, known
    stars, scale = _on_scale(raw, keep, scale, dropped, fixed_steps=fixed_steps)
    seconds = _seconds(raw, keep, dropped)
    chosen = _latest_per_pair(user, movie, seconds, keep)
    kept = int(np.count_nonzero(keep))
    _check_left(kept if isinstance(chosen, slice) else len(chosen), kept, dropped)
    units = _pack(stars[chosen], scale)
    if not fixed_steps:
        _check_likes(units, scale)
    del stars, keep
    day = None if seconds is None else _days(seconds[chosen])
    del seconds
    user, user_ids = _close_gaps(user[chosen], user_ids)
    movie = movie[chosen]
    # Movies of a catalogue keep their numbers, rated or not.
    if known is None:
        movie, movie_ids = _close_gaps(movie, movie_ids)
    # Of the rows in their new order those that came first in the source.
    few = min(_FIRST, len(user))
    return CleanRatings(
        *(user, movie, units, day, user_ids, movie_ids, scale, dict(dropped)),
        examples=dropped.examples,
        note=raw.note,
        warnings=tuple(raw.warnings),
        first=np.arange(few) if isinstance(chosen, slice) else _smallest(chosen, few),
    )


def _on_scale(
    raw: RawRatings, keep: Mask, scale: Scale | None, dropped: Drops, *, fixed_steps: bool
) -> tuple[Floats, Scale]:
    """Stars of all rows, and their scale; rows that are not on it are dropped."""
    stars, given = raw.stars, raw.stars is not None
    if stars is not None:
        _drop(keep, np.isneginf(stars), "no rating", dropped)
        _drop(keep, np.isnan(stars), "rating not a number", dropped)
    read = _read_scale(raw, keep, scale, fixed_steps=fixed_steps)
    raw.stars, scale = None, read.scale
    if stars is None:
        stars = np.ones(len(keep), dtype=np.float32)
    if read.unrated:
        _drop(keep, np.isin(stars, read.unrated), "not rated", dropped, partial(_number, stars))
    if scale.implicit and not fixed_steps and given and keep.any():
        raw.warnings.append(f"every rating is {stars[keep][0]:g}, so that each is read as a like")
        stars = np.ones(len(keep), dtype=np.float32)
    off = (stars < scale.low) | (stars > scale.high)
    _drop(keep, off, OFF_THE_SCALE, dropped, partial(_number, stars))
    return stars, scale


def _seconds(raw: RawRatings, keep: Mask, dropped: Drops) -> Ints | None:
    """Seconds since 1970 of all rows; rows without are dropped, or all times where many are."""
    times, raw.times = _useful_times(raw, keep), None
    if times is None or times.seconds is None:
        return None
    if times.reasons is not None:
        for code, reason in enumerate(REASONS[1:], 1):
            example = partial(_text, times.example) if code == _UNREAD else None
            _drop(keep, np.equal(times.reasons, code), reason, dropped, example)
    return times.seconds


def _useful_times(raw: RawRatings, keep: Mask) -> Times | None:
    """The times, unless many rows have none: their ratings are worth more than the times."""
    times = raw.times
    if times is None or times.reasons is None:
        return times
    without = int(np.count_nonzero(keep & (times.reasons > 0)))
    kept = int(np.count_nonzero(keep))
    if without <= _WITHOUT_TIME * kept:
        return times
    such = f", such as '{times.example}'" if (times.reasons == _UNREAD).any() else ""
    raw.warnings.append(f"no times are kept: {without:,} of {kept:,} rows have none{such}")
    return None


def _text(example: str | None, _row: int) -> str:
    return f"'{example}'"


def _number(stars: Floats, row: int) -> str:
    return f"{stars[row]:g}"


def _smallest(rows: Ints, few: int) -> Ints:
    """Places of the smallest numbers, in their order."""
    places = np.argpartition(rows, few - 1)[:few]
    return places[np.argsort(rows[places])]


def _check_left(left: int, kept: int, dropped: Drops) -> None:
    """Count repeated ratings as dropped; refuse a source of which nothing is left."""
    if kept > left:
        dropped["rated again later"] += kept - left
    if not left:
        examples = {reason: f", such as {one}" for reason, one in dropped.examples.items()}
        reasons = ", ".join(
            f"{count:,} {reason}{examples.get(reason, '')}" for reason, count in dropped.items()
        )
        hint = ""
        if "unknown movie" in dropped:
            hint = " (if the movies are those of another source, give the file of ratings alone)"
        raise SourceError(f"no rating can be used: {reasons or 'the file has no rows'}{hint}")


def _check_likes(units: Bytes, scale: Scale) -> None:
    """Refuse ratings of which none is a like: nothing could ever be recommended."""
    highest = scale.unpack(units.max(keepdims=True))
    if scale.states(highest, Weighting())[0] != Opinion.LIKE.code:
        raise SourceError(
            f"no rating is a like: the highest is {highest[0]:g}, and on the scale {scale} a like "
            f"starts at {scale.like_from:g}: say the scale with --scale LOW:HIGH"
        )


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
    return table[as_array(encoded.indices, -1)], ordered


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


def _drop(
    keep: Mask,
    bad: Mask,
    reason: str,
    dropped: Drops,
    example: Callable[[int], str] | None = None,
) -> None:
    """Drop rows, counting each under the first reason that applies."""
    new = keep & bad
    if rows := int(np.count_nonzero(new)):
        dropped.count(reason, rows, example and example(int(new.argmax())))
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


def _read_scale(
    raw: RawRatings, keep: Mask, scale: Scale | None, *, fixed_steps: bool
) -> ReadScale:
    """The scale given or detected, with its steps unless they are fixed."""
    if raw.stars is None:
        return ReadScale(scale if fixed_steps and scale else LIKES_ONLY)
    values, counts = _distinct(raw.stars if keep.all() else raw.stars[keep])
    if scale is not None:
        taken = take_scale(values, scale, raw.known_scale)
        return taken._replace(scale=scale) if fixed_steps else taken
    # Without a single number there is nothing to detect, and nothing is left.
    return detect_scale(values, counts, raw.known_scale) if len(values) else ReadScale(LIKES_ONLY)


def _distinct(stars: Floats) -> tuple[Floats, Ints]:
    """Distinct ratings and how often each occurs, without sorting the column."""
    # Where nearly every rating is another number, these are counted to three digits: otherwise as
    # many are kept as there are ratings.
    if len(pc.unique(as_column(stars[:_SAMPLE]))) > _MANY_VALUES:
        stars = np.clip(stars, -60_000, 60_000).astype(np.float16).astype(np.float32)
    found = pc.value_counts(as_column(stars))
    values, counts = (as_array(found.field(name)) for name in ("values", "counts"))
    return values.astype(np.float64), counts
