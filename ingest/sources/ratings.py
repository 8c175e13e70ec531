"""Read the ratings file of a source into narrow columns: user, movie, stars and time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ingest.sources.detection import Layout
from ingest.sources.tables import as_array, csv_options, open_csv, unreadable
from recommender.archives import Member, reading
from recommender.arrays import Floats, Ints, Mask

__all__ = ["RawRatings", "read_ratings"]

# Up to 18 digits always fit 64 bits.
_INTEGER = r"^\s*[+-]?[0-9]{1,18}(\.0+)?\s*$"
_NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*$"
# Arrow parses into these fastest; where a file has other values, all is read as text instead.
_TYPES: dict[str, pa.DataType] = {
    "user": pa.int64(),
    "movie": pa.int64(),
    "stars": pa.float64(),
    "time": pa.int64(),
}
# Seconds since 1970 reach this in the year 5138; a larger number counts milliseconds.
_MILLISECONDS = 10**11
# Seconds since 1970 that no real time has, even after division of milliseconds.
_MAX_SECONDS = 10**12


@dataclass
class RawRatings:
    """Ratings as the source has them, row by row. All columns have the same length.

    Columns are as narrow as their values allow, because all rows of a source are in memory here.
    """

    user: pa.Array
    """Integers where all ids are integers, else dictionary-encoded text; null where missing."""
    movie: pa.Array
    """Likewise."""
    stars: Floats | None
    """NaN where missing or not a number; None where the source has no column of ratings."""
    time: Ints | None
    """Seconds since 1970; None where the source has no times."""
    bad_time: Mask | None
    """Rows whose time could not be understood; None where there are none."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Rows that could not be split into columns."""


def read_ratings(member: Member, layout: Layout, *, text_ids: Collection[str] = ()) -> RawRatings:
    """Read a ratings file, some megabytes at a time.

    ``text_ids`` names the columns, ``user`` or ``movie``, whose ids are read as text even where all
    of this file are integers, because the catalogue has other ids too.

    Raises SourceError where the file cannot be read.
    """
    types = _TYPES | dict.fromkeys(text_ids, pa.string())
    last: Exception = pa.ArrowInvalid("it has no rows")
    # Typed columns first, as they are fastest; then text, which holds any value; then latin-1,
    # which decodes any bytes.
    for attempt, column_types in (
        (layout, types),
        (layout, {}),
        (replace(layout, encoding="latin-1"), {}),
    ):
        try:
            pieces, malformed = _read_pieces(member, attempt, column_types)
        except (pa.ArrowInvalid, UnicodeError) as error:
            last = error
        else:
            return _join(pieces, malformed, text_ids=text_ids)
    raise unreadable(member, layout, last)


def _read_pieces(
    member: Member, layout: Layout, types: dict[str, pa.DataType]
) -> tuple[dict[str, list[Any]], int]:
    """Pieces of each column, as narrow as possible, and the number of malformed lines."""
    malformed = 0

    def skip(row: Any) -> str:
        nonlocal malformed
        malformed += 1
        return "skip"

    pieces: dict[str, list[Any]] = {name: [] for name in ("user", "movie", *layout.roles)}
    if "time" in layout.roles:
        pieces["bad"] = []
    with (
        reading(member.name),
        member.open() as stream,
        csv.open_csv(open_csv(stream, layout), **csv_options(layout, types, skip)) as batches,
    ):
        for batch in batches:
            for name in ("user", "movie"):
                pieces[name].append(_narrow_ids(batch.column(name)))
            if "stars" in layout.roles:
                pieces["stars"].append(_narrow(_floats(batch.column("stars")), np.float32))
            if "time" in layout.roles:
                seconds, bad = _seconds(batch.column("time"))
                pieces["time"].append(_narrow(seconds, np.int32))
                pieces["bad"].append(bad)
    if not pieces["user"]:
        raise pa.ArrowInvalid("it has no rows")
    return pieces, malformed


def _join(pieces: dict[str, list[Any]], malformed: int, *, text_ids: Collection[str]) -> RawRatings:
    """Join the pieces, releasing those of each column as soon as it is complete."""
    columns = [name for name in ("stars", "time", "bad") if name in pieces]
    arrays = {name: np.concatenate(pieces.pop(name)) for name in columns}
    ids = {name: _join_ids(pieces.pop(name)) for name in ("user", "movie")}
    bad = arrays.get("bad", np.ones(0, dtype=bool))
    # A column without one time that can be read is no column of times.
    timed = not bad.all()
    return RawRatings(
        **{name: found if name in text_ids else _integers(found) for name, found in ids.items()},
        stars=arrays.get("stars"),
        time=arrays["time"] if timed else None,
        bad_time=bad if timed and bad.any() else None,
        dropped=Counter({"wrong number of columns": malformed} if malformed else {}),
    )


def _narrow_ids(column: pa.Array) -> pa.Array:
    """Integers in 32 bits where they fit; text stripped and dictionary-encoded."""
    if pa.types.is_integer(column.type):
        try:
            return column.cast(pa.int32())
        except pa.ArrowInvalid:
            return column
    return _trimmed(column).dictionary_encode()


def _join_ids(pieces: list[pa.Array]) -> pa.Array:
    """Join pieces of ids: integers as wide as the widest piece, dictionaries merged into one."""
    wide = max((piece.type for piece in pieces), key=lambda kind: kind.bit_width)
    whole = pa.chunked_array([piece.cast(wide) for piece in pieces], type=wide)
    return whole.unify_dictionaries().combine_chunks()


def _integers(ids: pa.Array) -> pa.Array:
    """Turn text ids into integers where all are integers; ``12.0`` is read as ``12``."""
    if not pa.types.is_dictionary(ids.type):
        return ids
    names = ids.dictionary
    if not pc.all(pc.match_substring_regex(names, _INTEGER), min_count=0).as_py():
        return ids
    numbers = pc.cast(pc.replace_substring_regex(names, r"\.0+$|^\+", ""), pa.int64())
    return numbers.take(ids.indices)


def _narrow(numbers: npt.NDArray[Any], dtype: type[np.generic]) -> npt.NDArray[Any]:
    """Numbers in 32 bits where these hold them exactly, as they do half stars."""
    with np.errstate(over="ignore"):
        small = numbers.astype(dtype)
    return small if np.array_equal(small, numbers, equal_nan=True) else numbers


def _trimmed(column: pa.Array) -> pa.Array:
    """Text without surrounding white space, null where nothing is left."""
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _floats(column: pa.Array) -> Floats:
    """Numbers of a column, NaN where it has none."""
    if pa.types.is_string(column.type):
        numeric = pc.match_substring_regex(column, _NUMBER)
        column = pc.if_else(numeric, pc.utf8_trim_whitespace(column), pa.scalar(None, pa.string()))
        column = pc.cast(column, pa.float64())
    return np.asarray(as_array(column), dtype=np.float64)


def _seconds(column: pa.Array) -> tuple[npt.NDArray[np.int64], Mask]:
    """Seconds since 1970 from seconds, milliseconds or ISO dates, and rows that have none."""
    numbers = _floats(column)
    seconds = np.where(np.abs(numbers) >= _MILLISECONDS, numbers / 1000, numbers)
    if pa.types.is_string(column.type):
        seconds = np.where(np.isnan(numbers), _dates(column), seconds)
    bad = ~np.isfinite(seconds) | (np.abs(seconds) >= _MAX_SECONDS)
    return np.where(bad, 0.0, seconds).astype(np.int64), bad


def _dates(column: pa.Array) -> Floats:
    """Seconds since 1970 of ISO dates, in UTC unless they have an offset; NaN for other text."""
    import pandas as pd  # noqa: PLC0415 - slow to import, and few sources write dates

    parsed = pd.to_datetime(column.to_pandas(), format="ISO8601", errors="coerce", utc=True)
    seconds = parsed.to_numpy(dtype="datetime64[s]")
    return np.where(np.isnat(seconds), np.nan, seconds.astype(np.int64).astype(np.float64))
