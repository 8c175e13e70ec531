"""Reading files into columns, by Arrow: user, movie, stars and time of ratings; the catalogue."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ingest.sources.detection import Layout
from recommender.archives import Member, reading
from recommender.arrays import Floats, Ints, Mask
from recommender.errors import SourceError
from recommender.storage.encoding import ExternalId, as_id
from recommender.storage.manifest import IdKind

__all__ = ["RawRatings", "as_array", "read_id", "read_ratings", "read_table", "unreadable"]

_INTEGER = r"^\s*[+-]?[0-9]{1,18}(\.0+)?\s*$"
_NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*$"
_TYPES: dict[str, pa.DataType] = {
    "user": pa.int64(),
    "movie": pa.int64(),
    "stars": pa.float64(),
    "time": pa.int64(),
}
# Arrow reads so many bytes at once, and no line that has more.
_LONGEST_LINE = 8 << 20
# Seconds since 1970 reach this in the year 5138; a larger number counts milliseconds.
_MILLISECONDS, _ENDLESS = 10**11, 10**12


@dataclass
class RawRatings:
    """Ratings as a source has them, row by row. All columns have the same length.

    No column is wider than what is in it needs: this is the one place where every row of a source
    is in memory.
    """

    user: pa.Array
    """Integers where all ids are, else text, by dictionary; null where missing."""
    movie: pa.Array
    """Likewise."""
    stars: Floats | None
    """NaN where missing or not a number; None where the source has no ratings to tell apart."""
    time: Ints | None
    """Seconds since 1970; None where the source has no times."""
    bad_time: Mask | None
    """Rows whose time could not be understood; None where there are none."""
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


class _Reading(NamedTuple):
    """How Arrow is to read the columns of a file that have a role."""

    read: csv.ReadOptions
    parse: csv.ParseOptions
    convert: csv.ConvertOptions


def _reading(layout: Layout, types: dict[str, pa.DataType], odd: Callable[[Any], str]) -> _Reading:
    # Arrow splits at one character; between the halves of a "::" it then finds an empty column.
    stride = len(layout.delimiter)
    names = [f"_{column}" for column in range(stride * (layout.columns - 1) + 1)]
    wanted: dict[str, int] = dict(layout.roles) | layout.attributes
    for name, column in wanted.items():
        names[stride * column] = name
    return _Reading(
        csv.ReadOptions(
            column_names=names,
            skip_rows=layout.skip,
            encoding=layout.encoding,
            block_size=_LONGEST_LINE,
        ),
        csv.ParseOptions(
            delimiter=layout.delimiter[0],
            # In a "::" file a quote is a letter of a title.
            quote_char='"' if layout.delimiter in ",;\t" else False,
            newlines_in_values=layout.kind != "ratings",
            invalid_row_handler=odd,
        ),
        csv.ConvertOptions(
            include_columns=list(wanted),
            column_types={name: types.get(name, pa.string()) for name in wanted},
            # A film may be called "Null" and a user "NA"; only nothing is nothing.
            null_values=[""],
            strings_can_be_null=True,
        ),
    )


def _source(stream: IO[bytes], layout: Layout) -> pa.PythonFile:
    return pa.PythonFile(_Checked(stream) if layout.encoding == "utf-8" else stream, mode="r")


def read_table(member: Member, layout: Layout) -> pa.Table:
    """Read the columns of a file that have a role, and attributes of raters, as text by role.

    Lines with another number of columns are left out.

    Raises pyarrow.ArrowInvalid where it is no such file; or SourceError where it cannot be read.
    """
    with reading(member.name), member.open() as stream:
        options = _reading(layout, {}, lambda row: "skip")
        return csv.read_csv(_source(stream, layout), *options)


def read_ratings(member: Member, layout: Layout, *, text_ids: Collection[str] = ()) -> RawRatings:
    """Read a ratings file, some megabytes at a time.

    ``text_ids`` names the columns, of ``user`` and ``movie``, whose ids are text even where all in
    this file are integers, as in a source whose catalogue has other ids too.

    Raises SourceError where the file cannot be read.
    """
    types = _TYPES | dict.fromkeys(text_ids, pa.string())
    last: Exception = pa.ArrowInvalid("it has no rows")
    # Text holds every value, for files where not each is of the usual type.
    for attempt, kinds in (
        (layout, types),
        (layout, {}),
        (replace(layout, encoding="latin-1"), {}),
    ):
        try:
            columns, odd = _columns(member, attempt, kinds)
        except (pa.ArrowInvalid, UnicodeError) as error:
            last = error
        else:
            return _joined(columns, odd, text_ids=text_ids)
    raise unreadable(member, layout, last)


def unreadable(member: Member, layout: Layout, error: Exception) -> SourceError:
    """Say in one line what Arrow says in several."""
    reason, *_ = str(error).splitlines()
    if "straddles" in reason:
        reason = f"a line has more than {_LONGEST_LINE:,} bytes, or a quotation mark is missing"
    return SourceError(f"{member.name} cannot be read as {layout.kind}: {reason}")


def _columns(
    member: Member, layout: Layout, types: dict[str, pa.DataType]
) -> tuple[dict[str, list[Any]], int]:
    """Pieces of each column as narrow as they can be, and the number of odd lines."""
    odd = 0

    def skip(row: Any) -> str:
        nonlocal odd
        odd += 1
        return "skip"

    pieces: dict[str, list[Any]] = {name: [] for name in ("user", "movie", *layout.roles)}
    if "time" in layout.roles:
        pieces["bad"] = []
    with (
        reading(member.name),
        member.open() as stream,
        csv.open_csv(_source(stream, layout), *_reading(layout, types, skip)) as batches,
    ):
        for batch in batches:
            for name in ("user", "movie"):
                pieces[name].append(_narrow_ids(batch.column(name)))
            if "stars" in layout.roles:
                pieces["stars"].append(_narrow_floats(_floats(batch.column("stars"))))
            if "time" in layout.roles:
                seconds, bad = _seconds(batch.column("time"))
                pieces["time"].append(_narrow(seconds))
                pieces["bad"].append(bad)
    if not pieces["user"]:
        raise pa.ArrowInvalid("it has no rows")
    return pieces, odd


def _joined(pieces: dict[str, list[Any]], odd: int, *, text_ids: Collection[str]) -> RawRatings:
    """Put the pieces together, letting go of each column's as soon as it is whole."""
    columns = [name for name in ("stars", "time", "bad") if name in pieces]
    arrays = {name: np.concatenate(pieces.pop(name)) for name in columns}
    ids = {name: _whole_ids(pieces.pop(name)) for name in ("user", "movie")}
    bad = arrays.get("bad", np.ones(0, dtype=bool))
    timed = not bad.all()
    return RawRatings(
        **{name: found if name in text_ids else _integers(found) for name, found in ids.items()},
        stars=arrays.get("stars"),
        time=arrays["time"] if timed else None,
        bad_time=bad if timed and bad.any() else None,
        dropped=Counter({"wrong number of columns": odd} if odd else {}),
    )


def _narrow_ids(column: pa.Array) -> pa.Array:
    """Integers in 32 bits where they fit, text without white space around it by dictionary."""
    if pa.types.is_integer(column.type):
        try:
            return column.cast(pa.int32())
        except pa.ArrowInvalid:
            return column
    return _trimmed(column).dictionary_encode()


def _whole_ids(pieces: list[pa.Array]) -> pa.Array:
    """One column of its pieces; integers as wide as the widest piece, dictionaries made one."""
    wide = max((piece.type for piece in pieces), key=lambda kind: kind.bit_width)
    whole = pa.chunked_array([piece.cast(wide) for piece in pieces], type=wide)
    return whole.unify_dictionaries().combine_chunks()


def _integers(ids: pa.Array) -> pa.Array:
    """Make text that is nothing but integers (``12`` and ``12.0`` alike) integers."""
    if not pa.types.is_dictionary(ids.type):
        return ids
    names = ids.dictionary
    if not pc.all(pc.match_substring_regex(names, _INTEGER), min_count=0).as_py():
        return ids
    numbers = pc.cast(pc.replace_substring_regex(names, r"\.0+$|^\+", ""), pa.int64())
    return numbers.take(ids.indices)


def _narrow(numbers: npt.NDArray[np.int64]) -> Ints:
    small = numbers.astype(np.int32)
    return small if np.array_equal(small, numbers) else numbers


def _narrow_floats(numbers: Floats) -> Floats:
    """The same numbers in 32 bits where these hold them, as they do half stars."""
    with np.errstate(over="ignore"):
        small = numbers.astype(np.float32)
    return np.asarray(small if np.array_equal(small, numbers, equal_nan=True) else numbers)


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
    return np.asarray(as_array(column), dtype=np.float64)


def as_array(column: pa.Array) -> npt.NDArray[Any]:
    """Numbers of a column, NaN where there is none, in an array that is not to be written to.

    pyarrow's own way loads pandas first, which takes longer than reading a million ratings.
    """
    if column.null_count:
        return np.asarray(column.to_numpy(zero_copy_only=False))
    return np.from_dlpack(column)


def _seconds(column: pa.Array) -> tuple[npt.NDArray[np.int64], Mask]:
    """Seconds since 1970 from seconds, milliseconds or ISO dates, and which rows have none."""
    numbers = _floats(column)
    seconds = np.where(np.abs(numbers) >= _MILLISECONDS, numbers / 1000, numbers)
    if pa.types.is_string(column.type):
        seconds = np.where(np.isnan(numbers), _dates(column), seconds)
    bad = ~np.isfinite(seconds) | (np.abs(seconds) >= _ENDLESS)
    return np.where(bad, 0.0, seconds).astype(np.int64), bad


def _dates(column: pa.Array) -> Floats:
    """Seconds since 1970 of ISO dates, in UTC unless they say otherwise; NaN for anything else."""
    import pandas as pd  # noqa: PLC0415 - slow to import, and few sources write dates

    parsed = pd.to_datetime(column.to_pandas(), format="ISO8601", errors="coerce", utc=True)
    seconds = parsed.to_numpy(dtype="datetime64[s]")
    return np.where(np.isnat(seconds), np.nan, seconds.astype(np.int64).astype(np.float64))
