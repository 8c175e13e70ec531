"""Reading files into columns, by Arrow: user, movie, stars and time of ratings; the catalogue."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ingest.recognise import Layout
from recommender.archives import Member, reading
from recommender.arrays import Floats, Ints, Mask
from recommender.errors import SourceError
from recommender.manifest import IdKind
from recommender.records import ExternalId, as_id

__all__ = ["RawRatings", "read_id", "read_ratings", "read_table"]

_INTEGER = r"^\s*[+-]?[0-9]{1,18}(\.0+)?\s*$"
_NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*$"
_TYPES: dict[str, pa.DataType] = {
    "user": pa.int64(),
    "movie": pa.int64(),
    "stars": pa.float64(),
    "time": pa.int64(),
}
# Seconds since 1970 reach this in the year 5138; a larger number counts milliseconds.
_MILLISECONDS = 10**11


@dataclass
class RawRatings:
    """Ratings as a source has them, row by row. All columns have the same length."""

    user: pa.Array
    """``int64`` where all ids are integers, else strings; null where missing."""
    movie: pa.Array
    """Likewise."""
    stars: Floats | None
    """NaN where missing or not a number; None where the source has no ratings to tell apart."""
    time: Ints | None
    """Seconds since 1970; None where the source has no times."""
    bad_time: Mask | None
    """Rows whose time could not be understood."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Rows that could not be split into columns."""


class _Checked:
    """Bytes that end in UnicodeDecodeError where they are no UTF-8.

    Arrow notices too, but prints a traceback where the bytes lie in a row it cannot split.
    """

    closed = False

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def read(self, size: int = -1) -> bytes:
        """Read and check a block; ASCII, the usual case, costs next to nothing."""
        block = self._stream.read(size)
        if not block.isascii() or self._decoder.getstate()[0]:
            self._decoder.decode(block, final=not block)
        return block


def read_table(
    member: Member, layout: Layout, types: dict[str, pa.DataType]
) -> tuple[pa.Table, int]:
    """Read the columns of a file that have a role, as strings where ``types`` gives no type.

    Attributes of raters are read too.

    Returns the columns, named by role, and the number of lines with another number of columns.

    Raises pyarrow.ArrowInvalid where a value is not of its column's type; or SourceError where the
    file cannot be read.
    """
    # Arrow splits at one character; between the halves of a "::" it then finds an empty column.
    stride = len(layout.delimiter)
    names = [f"_{column}" for column in range(stride * (layout.columns - 1) + 1)]
    wanted: dict[str, int] = dict(layout.roles) | layout.attributes
    for name, column in wanted.items():
        names[stride * column] = name
    odd = 0

    def skip(row: Any) -> str:
        nonlocal odd
        odd += 1
        return "skip"

    with reading(member.name), member.open() as stream:
        table = csv.read_csv(
            pa.PythonFile(_Checked(stream) if layout.encoding == "utf-8" else stream, mode="r"),
            csv.ReadOptions(
                column_names=names,
                skip_rows=layout.skip,
                encoding=layout.encoding,
                block_size=8 << 20,
            ),
            csv.ParseOptions(
                delimiter=layout.delimiter[0],
                # In a "::" file a quote is a letter of a title.
                quote_char='"' if layout.delimiter in ",;\t" else False,
                newlines_in_values=layout.kind != "ratings",
                invalid_row_handler=skip,
            ),
            csv.ConvertOptions(
                include_columns=list(wanted),
                column_types={name: types.get(name, pa.string()) for name in wanted},
                # A film may be called "Null" and a user "NA"; only nothing is nothing.
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    return table, odd


def read_ratings(member: Member, layout: Layout, *, text_ids: Collection[str] = ()) -> RawRatings:
    """Read a ratings file.

    ``text_ids`` names the columns, of ``user`` and ``movie``, whose ids are text even where all in
    this file are integers, as in a source whose catalogue has other ids too.

    Raises SourceError where the file cannot be read.
    """
    types = _TYPES | dict.fromkeys(text_ids, pa.string())
    try:
        table, odd = read_table(member, layout, types)
    except (pa.ArrowInvalid, UnicodeError):
        table, odd = _read_as_text(member, layout)
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    del table
    times, bad_time = _times(columns.get("time"))
    stars = columns.get("stars")
    return RawRatings(
        user=_trimmed(columns["user"]) if "user" in text_ids else _ids(columns["user"]),
        movie=_trimmed(columns["movie"]) if "movie" in text_ids else _ids(columns["movie"]),
        stars=None if stars is None else _floats(stars),
        time=times,
        bad_time=bad_time,
        dropped=Counter({"wrong number of columns": odd} if odd else {}),
    )


def _read_as_text(member: Member, layout: Layout) -> tuple[pa.Table, int]:
    """Read every column as text, for files where not every value is of the usual type."""
    last = ""
    for encoding in dict.fromkeys((layout.encoding, "latin-1")):
        attempt = replace(layout, encoding=encoding)
        try:
            return read_table(member, attempt, {})
        except (pa.ArrowInvalid, UnicodeError) as error:
            last = str(error).splitlines()[0]
    raise SourceError(f"{member.name} cannot be read as {layout.kind}: {last}")


def _ids(column: pa.Array) -> pa.Array:
    """Ids as ``int64`` where all are integers (``12`` and ``12.0`` alike), else as text."""
    if pa.types.is_integer(column.type):
        return column
    trimmed = _trimmed(column)
    whole = pc.all(pc.match_substring_regex(trimmed, _INTEGER), min_count=0).as_py()
    if not whole:
        return trimmed
    return pc.cast(pc.replace_substring_regex(trimmed, r"\.0+$|^\+", ""), pa.int64())


def read_id(text: str | None, kind: IdKind) -> ExternalId | None:
    """Read an id of another file as ratings have it; None where it is none of their kind."""
    return as_id(re.sub(r"\.0+\s*$", "", text) if text and kind == "int" else text, kind)


def _trimmed(column: pa.Array) -> pa.Array:
    """Text without white space around it, null where nothing is left."""
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _floats(column: pa.Array) -> Floats:
    """Numbers, NaN where there is none."""
    if pa.types.is_string(column.type):
        numeric = pc.match_substring_regex(column, _NUMBER)
        column = pc.if_else(numeric, pc.utf8_trim_whitespace(column), pa.scalar(None, pa.string()))
        column = pc.cast(column, pa.float64())
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)


def _times(column: pa.Array | None) -> tuple[Ints | None, Mask | None]:
    """Seconds since 1970 from seconds, milliseconds or ISO dates, and which rows have none."""
    if column is None or column.null_count == len(column):
        return None, None
    seconds = _floats(column)
    if pa.types.is_string(column.type):
        dates = _dates(column)
        seconds = np.where(np.isnan(seconds), dates, seconds)
    bad = ~np.isfinite(seconds) | (np.abs(seconds) >= 1e15)
    seconds = np.where(bad, 0.0, seconds)
    seconds = np.where(np.abs(seconds) >= _MILLISECONDS, seconds / 1000, seconds)
    return (None, None) if bad.all() else (seconds.astype(np.int64), bad)


def _dates(column: pa.Array) -> Floats:
    """Seconds since 1970 of ISO dates, in UTC unless they say otherwise; NaN for anything else."""
    parsed = pd.to_datetime(column.to_pandas(), format="ISO8601", errors="coerce", utc=True)
    seconds = parsed.to_numpy(dtype="datetime64[s]")
    return np.where(np.isnat(seconds), np.nan, seconds.astype(np.int64).astype(np.float64))
