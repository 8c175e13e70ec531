"""From raw columns to the ratings that count; what is dropped is counted by reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from ingest.readers import RawRatings
from recommender.arrays import Floats, Ints, Mask
from recommender.errors import SourceError
from recommender.records import ExternalId
from recommender.scale import Scale

__all__ = ["CleanRatings", "clean", "detect_scale"]

# A scale must hold this part of a source's ratings to be taken for its own; the rest is off-scale.
_SHARE = 0.99
_SECONDS_A_DAY = 86_400
# Stored days have 16 bits.
_LAST_DAY = 65_535
# Units a scale is split into where half stars are too coarse for it.
_FINE_STEPS = 250


@dataclass(frozen=True, eq=False)
class CleanRatings:
    """Ratings by ascending dense user and, within a user, by ascending dense movie."""

    user: Ints
    movie: Ints
    stars: Floats
    day: Ints | None
    """Days since 1970, at most what can be stored, or None where the source has no times."""
    user_ids: list[ExternalId]
    """Id in the source of each dense user, ascending."""
    movie_ids: list[ExternalId]
    """Id in the source of each dense movie, ascending; unrated ones of the catalogue included."""
    scale: Scale
    dropped: dict[str, int]
    """Rows that do not count, by reason."""

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
            stars=self.stars[rows],
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

    Raises SourceError where nothing is left, or the ratings lie on no scale that is known.
    """
    dropped = raw.dropped.copy()
    user, user_ids = _numbered(raw.user)
    movie, movie_ids = _numbered(raw.movie)
    if known is not None:
        movie, movie_ids = _onto(movie, movie_ids, known), known
    keep = np.ones(len(user), dtype=bool)
    for ids, what in ((raw.user, "user"), (raw.movie, "movie")):
        _drop(keep, ids.is_null().to_numpy(zero_copy_only=False), f"no {what}", dropped)
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
    rows = np.flatnonzero(keep)
    chosen = rows[_latest(user[rows] * len(movie_ids) + movie[rows], raw.time, rows)]
    if len(rows) > len(chosen):
        dropped["rated again later"] += len(rows) - len(chosen)
    if not len(chosen):
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in dropped.items())
        raise SourceError(f"no rating can be used: {reasons or 'the file has no rows'}")
    user, user_ids = _renumbered(user[chosen], user_ids)
    if known is None:
        movie, movie_ids = _renumbered(movie[chosen], movie_ids)
    else:
        movie = movie[chosen]
    day = None if raw.time is None else np.clip(raw.time[chosen] // _SECONDS_A_DAY, 0, _LAST_DAY)
    # What is stored is what counts, so that vectors and payloads agree on every state.
    stars = scale.unpack(scale.pack(stars[chosen]))
    return CleanRatings(user, movie, stars, day, user_ids, movie_ids, scale, dict(dropped))


def _numbered(ids: pa.Array) -> tuple[Ints, list[ExternalId]]:
    """Number ids in ascending order; -1 for a missing one."""
    numbers, names = pd.factorize(pd.Series(pd.arrays.ArrowExtensionArray(ids)), sort=True)
    return numbers, names.tolist()


def _onto(numbers: Ints, ids: list[ExternalId], known: list[ExternalId]) -> Ints:
    """Renumber onto a catalogue; -1 for what it does not hold."""
    return np.append(pd.Index(known).get_indexer(pd.Index(ids)), -1)[numbers]


def _renumbered(numbers: Ints, ids: list[ExternalId]) -> tuple[Ints, list[ExternalId]]:
    """Close the gaps that dropped rows left."""
    used = np.zeros(len(ids), dtype=bool)
    used[numbers] = True
    places = np.cumsum(used) - 1
    return places[numbers], [ids[place] for place in np.flatnonzero(used).tolist()]


def _drop(keep: Mask, bad: Mask, reason: str, dropped: Counter[str]) -> None:
    """Take rows out, counting each under the first reason that holds."""
    new = int(np.count_nonzero(keep & bad))
    if new:
        dropped[reason] += new
        keep &= ~bad


def _latest(keys: Ints, time: Ints | None, rows: Ints) -> Ints:
    """Places in ``keys`` of the rating that counts of each user and movie, in order of key.

    The latest counts; of equal times, or without times, the last row.
    """
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    if time is not None and (ordered[1:] == ordered[:-1]).any():
        order = np.lexsort((time[rows], keys))
        ordered = keys[order]
    last = np.append(ordered[1:] != ordered[:-1], True)
    return np.asarray(order[last[: len(order)]])


def _on_scale(stars: Floats | None, keep: Mask, scale: Scale | None) -> tuple[Scale, Floats]:
    """The scale, and stars on it; all likes where the source has nothing to tell apart."""
    used = np.empty(0) if stars is None else stars[keep]
    if stars is None or (len(used) and used.min() == used.max()):
        return Scale(low=0, high=1, implicit=True), np.ones(len(keep))
    scale = scale or (detect_scale(used) if len(used) else Scale(low=0.5, high=5))
    inside = used[(used >= scale.low) & (used <= scale.high)]
    span = scale.high - scale.base
    halves = (inside * 2 == np.rint(inside * 2)).all() and scale.base * 2 == round(scale.base * 2)
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
