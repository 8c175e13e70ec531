"""What the two collections hold: payloads of raters and movies, and the packed ratings in them.

A rater's ratings are stored as one base64 string of fixed-width records, ascending by movie:
``u16`` steps from the movie before to this one, ``u8`` units of stars and, where the source has
times, ``u16`` days since 1970. A step of 65,535 or more begins with filler records, which advance
by 65,535 movies, rate nothing, and have 255 for their units. The format is the same on every
engine, keeps the exact stars, and is decoded for hundreds of raters at once.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pybase64

from recommender.arrays import Bytes, Ints
from recommender.errors import IndexDamagedError
from recommender.storage.manifest import IdKind

__all__ = [
    "LAST",
    "MOVIE",
    "USER",
    "ExternalId",
    "MovieRecord",
    "RatedMovies",
    "Rater",
    "as_id",
    "attribute_field",
    "movie_payload",
    "pack_ratings",
    "rater_attributes",
    "rater_payload",
    "read_movie",
    "read_rater",
    "unpack_ratings",
]

ExternalId = int | str

USER, LAST = "user_id", "last_day"
"""Payload fields of a rater that are searched by: id in the source, day of the last rating."""
MOVIE = "movie_id"
"""Payload field of a movie that is searched by: id in the source."""

_UNTIMED = np.dtype([("step", "<u2"), ("units", "u1")])
_TIMED = np.dtype([("step", "<u2"), ("units", "u1"), ("day", "<u2")])
_LONGEST_STEP = np.iinfo(np.uint16).max
# Units of a filler record; those of a rating are fewer (see ingest.cleaning).
_NO_RATING = 255


def as_id(given: object, kind: IdKind) -> ExternalId | None:
    """Turn an id as a caller gives it into one of the index's kind; None where that fails."""
    if isinstance(given, bool) or not isinstance(given, Integral | str):
        return None
    text = str(given).strip()
    if kind == "str":
        return text
    # Both engines keep integers of payloads in 64 bits, signed.
    number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,19}", text) else 2**63
    return number if -(2**63) <= number < 2**63 else None


class Rater(NamedTuple):
    """A stored rater as an engine returns it."""

    number: int
    """Dense number, which is the point's id."""
    user_id: ExternalId
    """Id in the source."""
    length: float
    """Length ``||u||`` of the ratings, from which the vector's values follow."""
    packed: bytes
    """The ratings, as fixed-width records."""


@dataclass(frozen=True, eq=False)
class RatedMovies:
    """Ratings of several raters, one after the other."""

    owner: Ints
    """Position of each rating's rater among those unpacked, shape (ratings,)."""
    movie: Ints
    """Dense movie number of each rating, shape (ratings,)."""
    units: Bytes
    """Stored units of stars of each rating, shape (ratings,)."""
    day: npt.NDArray[np.uint16] | None
    """Day of each rating, since 1970, shape (ratings,); None where the source has no times."""


class MovieRecord(NamedTuple):
    """A movie as the index stores it."""

    number: int
    movie_id: ExternalId
    title: str
    year: int | None
    genres: tuple[str, ...]
    imdb_id: str | None
    tmdb_id: int | None
    ratings: int
    likes: int
    mean: float | None
    recent: int
    tags: tuple[str, ...]
    counted_ratings: int
    """Ratings it had when its weight was fixed; updates leave the weight as it is."""
    length: float
    """What its raters' deviations were divided by to make its vector."""
    update_key: str | None = None
    """Key of the last update that changed it, so that one made again passes it over."""


def pack_ratings(
    movies: npt.NDArray[Any],
    units: npt.NDArray[Any],
    days: npt.NDArray[Any] | None,
    offsets: Ints,
) -> list[str]:
    """Pack the ratings of many raters, one after the other, as one base64 string a rater.

    ``movies`` (dense numbers, ascending), ``units`` (stored stars, below 255) and ``days`` (since
    1970-01-01, or None) have shape (ratings,); the ratings of rater ``i`` are those from
    ``offsets[i]`` up to ``offsets[i + 1]``, shape (raters + 1,).
    """
    steps = np.diff(movies, prepend=0).astype(np.int64)
    starts = offsets[:-1][offsets[:-1] < offsets[1:]]
    steps[starts] = movies[starts]  # a rater's first step counts from movie 0
    fillers, steps = np.divmod(steps, _LONGEST_STEP)
    # Place of each rating's own record, after its fillers.
    places = np.arange(len(steps)) + np.cumsum(fillers)
    records = np.zeros(len(steps) + int(fillers.sum()), dtype=_UNTIMED if days is None else _TIMED)
    records["step"], records["units"] = _LONGEST_STEP, _NO_RATING
    records["step"][places], records["units"][places] = steps, units
    if days is not None:
        records["day"][places] = np.clip(days, 0, np.iinfo(np.uint16).max)
    data, width = records.tobytes(), records.dtype.itemsize
    bounds = ((offsets + np.append(0, np.cumsum(fillers))[offsets]) * width).tolist()
    return [
        pybase64.b64encode_as_string(data[start:stop]) for start, stop in itertools.pairwise(bounds)
    ]


def unpack_ratings(
    packed: Sequence[bytes], *, timed: bool, movies: int | None = None
) -> RatedMovies:
    """Unpack the ratings of many raters at once; with ``movies`` only those of lower numbers.

    Raises IndexDamagedError where the bytes are not whole records.
    """
    dtype = _TIMED if timed else _UNTIMED
    sizes = np.array(list(map(len, packed)), dtype=np.int64)
    if (sizes % dtype.itemsize).any():
        raise _unreadable("a rater's stored ratings")
    records = np.frombuffer(b"".join(packed), dtype=dtype)
    sizes //= dtype.itemsize
    # One sum over all raters, less what it was before each of them: no loop over raters.
    total = np.cumsum(records["step"], dtype=np.int64)
    before = np.append(0, total)[np.cumsum(sizes) - sizes]
    owner, movie = np.repeat(np.arange(len(packed)), sizes), total - np.repeat(before, sizes)
    # Units are copied together, because all questions read them; few read the days.
    units = np.ascontiguousarray(records["units"])
    day = records["day"] if timed else None
    kept = units != _NO_RATING
    if movies is not None:
        kept &= movie < movies
    if not kept.all():
        owner, movie, units = owner[kept], movie[kept], units[kept]
        day = None if day is None else day[kept]
    return RatedMovies(owner, movie, units, day)


def attribute_field(name: str) -> str:
    """Payload field of an attribute of raters, whose prefix keeps it apart from other fields."""
    return f"is_{name}"


def rater_payload(
    user_id: ExternalId,
    length: float,
    packed: str,
    rating_count: int,
    last: int | None,
    attributes: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Payload of a rater; ``last`` is the day of the latest rating, in days since 1970."""
    payload = {USER: user_id, "length": length, "ratings": packed, "rating_count": rating_count}
    fields = {attribute_field(name): value for name, value in (attributes or {}).items()}
    return payload | fields | ({} if last is None else {LAST: last})


def rater_attributes(payload: Mapping[str, Any]) -> dict[str, str]:
    """Attributes of a rater, by name."""
    prefix = attribute_field("")
    return {n.removeprefix(prefix): v for n, v in payload.items() if n.startswith(prefix)}


def read_rater(number: int, payload: dict[str, Any]) -> Rater:
    """Read a payload that :func:`rater_payload` made.

    Raises IndexDamagedError where it is anything else.
    """
    try:
        packed = pybase64.b64decode(payload["ratings"], validate=True)
        return Rater(number, payload[USER], float(payload["length"]), packed)
    except (KeyError, TypeError, ValueError):
        raise _unreadable("a rater's stored ratings") from None


def _unreadable(what: str) -> IndexDamagedError:
    return IndexDamagedError(f"{what} cannot be read: the index is damaged, ingest again")


def movie_payload(movie: MovieRecord) -> dict[str, Any]:
    """Payload of a movie: the fields of its record; those that are None are left out."""
    fields = movie._asdict()
    del fields["number"]
    return {name: value for name, value in fields.items() if value is not None}


def read_movie(number: int, payload: dict[str, Any]) -> MovieRecord:
    """Read a payload that :func:`movie_payload` made.

    Raises IndexDamagedError where it is anything else.
    """
    fields: dict[str, Any] = dict.fromkeys(("year", "imdb_id", "tmdb_id", "mean"))
    try:
        fields |= {**payload, "number": number}
        fields |= {name: tuple(payload[name]) for name in ("genres", "tags")}
        fields["mean"] = None if fields["mean"] is None else float(fields["mean"])
        return MovieRecord(**fields)
    except (KeyError, TypeError, ValueError):
        raise _unreadable("a movie") from None
