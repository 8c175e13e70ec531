"""Read the ratings of a source into narrow columns: user, movie, stars and time."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.sources.delimited import MALFORMED
from ingest.sources.detected import Detected
from ingest.sources.headings import Role
from ingest.sources.tables import Drops, Table
from ingest.sources.values.cells import INTEGER, is_integer
from ingest.sources.values.scales import KnownScale
from recommender.arrays import Floats, Mask, as_array
from recommender.errors import SourceError
from recommender.files.cells import MISSING, parse_rating
from recommender.files.times import DateOrder, TimeColumn, Times

__all__ = ["STRAY", "STRAYS", "RawRatings", "read_ratings"]

IdRole = Literal["user", "movie"]
STRAY: dict[IdRole, str] = {"user": "user not a number", "movie": "movie not a number"}
"""Why a row is left out whose id is no integer, as all others are."""

_ID_ROLES: tuple[IdRole, IdRole] = ("user", "movie")
STRAYS = 0.05
"""The part of the rows whose ids may be no integers, as all others are: these rows are left out. Of
more than that the column has ids of text."""
# Rows with another number of columns that are worth stopping for.
_MANY = 100_000
# Digits of a number that always fits 64 bits.
_DIGITS = 18


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
    """NaN where not a number, minus infinity where missing; None without a column of ratings."""
    times: Times | None
    """Seconds since 1970, and rows that have none; None where the source has no times."""
    note: str = ""
    """How dates are read, where they could be read in two ways."""
    warnings: list[str] = field(default_factory=list)
    """What may have been misread or could not be read at all, a sentence each."""
    strays: dict[IdRole, Mask] = field(default_factory=dict)
    """Rows whose id is no integer, as all others are, by column; none where it is not there."""
    dropped: Drops = field(default_factory=Drops)
    """Rows that could not be split into columns."""
    known_scale: KnownScale | None = None
    """The scale, where the layout of the source tells it."""


def read_ratings(
    files: Sequence[Detected], *, text_ids: Collection[str] = (), dates: DateOrder | None = None
) -> RawRatings:
    """Read ratings, some megabytes at a time, from one table or several with the same columns.

    ``text_ids`` names the columns, ``user`` or ``movie``, whose ids are read as text even where all
    of these are integers, because the catalogue has other ids too. ``dates`` tells whether a date
    such as 3/4/2015 has the day first, where the column leaves that open.

    Raises SourceError where a file cannot be read.
    """
    text: set[str] = set(text_ids)
    for role in _ID_ROLES:
        values = [value for file in files for value in file.table.values(file.roles[role])]
        texts = [value for value in values if value.casefold() not in MISSING]
        odd = sum(not is_integer(value) for value in texts)
        # A user may be called "NA", and a film "Null".
        if odd > STRAYS * len(texts) or (values and not texts):
            text.add(role)
    while True:
        found = _read(files, text, dates)
        if isinstance(found, RawRatings):
            return found
        # Too many texts far down the file: once more, as numbers have lost the zeros in front.
        text.add(found)


def _read(
    files: Sequence[Detected], text: set[str], dates: DateOrder | None
) -> RawRatings | IdRole:
    """Ratings, or else the column whose ids have to be read as text."""
    pieces: dict[str, list[Any]] = {"user": [], "movie": [], "user stray": [], "movie stray": []}
    rated, timed = (any(role in file.roles for file in files) for role in ("stars", "time"))
    times, rows = TimeColumn(dates), 0
    if rated:
        pieces["stars"] = []
    for file in files:
        types = _types(file, text)
        columns = {role: at for role, at in file.roles.items() if role in _COLUMNS}
        for whole in file.table.batches(columns, types):
            stars = _stars(whole.column("stars")) if "stars" in columns else None
            said = np.ones(len(whole), dtype=bool) if stars is None else np.isfinite(stars)
            batch, kept = _without_headings(file.table, file.roles, whole, said)
            rows += len(batch)
            for role in _ID_ROLES:
                ids, stray = _ids(_array(batch, role), as_text=role in text)
                pieces[role].append(ids)
                if stray is not None and (stray := stray & said[kept]).any():
                    pieces[f"{role} stray"].append((rows - len(batch), stray))
                    odd = batch.column(role)[int(stray.argmax())].as_py()
                    file.table.drops.examples.setdefault(STRAY[role], f"'{odd[:40]}'")
            if rated:
                found = np.full(len(batch), np.nan) if stars is None else stars[kept]
                pieces["stars"].append(_narrow(found, np.float32))
            if timed:
                empty = pa.nulls(len(batch), pa.string())
                times.add(_array(batch, "time") if "time" in columns else empty)
            if file.table.drops[MALFORMED] > _MANY:
                # Each costs Arrow much time, so that a file of them must not be read to its end.
                _check_widths(file.table.name, file.table.drops, rows)
    drops = Drops()
    for file in files:
        drops.add(file.table.drops)
    if not rows:
        names = ", ".join(file.table.name for file in files)
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in drops.items())
        raise SourceError(f"no rating can be used: {reasons or f'{names} has no rows'}")
    _check_widths(files[0].table.name, drops, rows)
    strays = {role: _mask(pieces.pop(f"{role} stray"), rows) for role in _ID_ROLES}
    for role in _ID_ROLES:
        if np.count_nonzero(strays[role]) > STRAYS * rows:
            return role
    known = [file.known_scale for file in files if file.known_scale]
    read = _times(files, times) if timed else None
    return RawRatings(
        # The pieces of each column are released as soon as it is complete.
        **{role: _join_ids(pieces.pop(role)) for role in _ID_ROLES},
        stars=np.concatenate(pieces.pop("stars")) if rated else None,
        times=read if read and read.seconds is not None else None,
        note=f"dates have the {read.order.split('-')[0]} first" if read and read.order else "",
        warnings=[f"no time such as '{read.example}' is understood, and none is kept"]
        if read and read.seconds is None and read.example is not None
        else [],
        strays={role: mask for role, mask in strays.items() if mask.any()},
        dropped=drops,
        known_scale=known[0] if known else None,
    )


def _check_widths(name: str, drops: Drops, rows: int) -> None:
    """Refuse a table of which many rows have another number of columns than most.

    What is left would be a choice: with decimal commas it is the whole stars alone.

    Raises SourceError.
    """
    if (bad := drops[MALFORMED]) > rows / 2:
        raise SourceError(
            f"{name}: {bad:,} of {bad + rows:,} rows have another number of columns than the "
            f"others, such as {drops.examples.get(MALFORMED, '')}: write all alike, and a comma in "
            "a number as a point"
        )


def _times(files: Sequence[Detected], times: TimeColumn) -> Times:
    try:
        return times.result()
    except SourceError as error:
        raise SourceError(f"{files[0].place('time')}: {error}") from None


_COLUMNS: tuple[Role, ...] = ("user", "movie", "stars", "time")


def _types(file: Detected, text: set[str]) -> dict[str, pa.DataType]:
    """Types that Arrow parses fastest, for columns whose first values have them."""
    types: dict[str, pa.DataType] = {"stars": pa.float64()}
    types |= {role: pa.int64() for role in _ID_ROLES if role not in text}
    if "time" in file.roles:
        values = file.table.values(file.roles["time"])
        if all(re.fullmatch(r"[+-]?[0-9]{1,18}", value) for value in values):
            types["time"] = pa.int64()
    return types


def _array(batch: pa.Table, name: str) -> pa.Array:
    column = batch.column(name).combine_chunks()
    return pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column


def _without_headings(
    table: Table, roles: dict[Role, int], batch: pa.Table, said: Mask
) -> tuple[pa.Table, Mask]:
    """The batch without rows that repeat the headings, as joined files have, and the rows kept."""
    kept = np.ones(len(batch), dtype=bool)
    column = batch.column("user")
    if not said.all() and table.heads and pa.types.is_string(column.type):
        repeated = pc.equal(column, table.heads[roles["user"]]).combine_chunks()
        kept = ~(np.asarray(repeated.fill_null(False)) & ~said)
    if kept.all():
        return batch, kept
    table.drops.count("headings repeated", int(np.count_nonzero(~kept)))
    return batch.filter(pa.array(kept)), kept


def _ids(column: pa.Array, *, as_text: bool) -> tuple[pa.Array, Mask | None]:
    """Ids of a batch, and the rows whose id is no integer though integers are wanted."""
    if pa.types.is_integer(column.type):
        return (column.cast(pa.string()) if as_text else _narrow_integers(column)), None
    if pa.types.is_floating(column.type):
        # A missing value makes all integers of a DataFrame floats.
        whole = pc.fill_null(pc.equal(pc.floor(column), column), True)
        if not as_text and pc.all(pc.or_(whole, pc.is_nan(column)), min_count=0).as_py():
            integers = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
            return _narrow_integers(integers.cast(pa.int64(), safe=False)), None
    texts = _trimmed(column.cast(pa.string())).dictionary_encode()
    if as_text:
        return texts, None
    names = texts.dictionary
    numeric = pc.match_substring_regex(names, INTEGER)
    # Nineteen digits may be too many for 64 bits.
    if (pc.max(pc.utf8_length(names)).as_py() or 0) > _DIGITS:
        numeric = pa.array([is_integer(name) for name in names.to_pylist()], pa.bool_())
    plain = pc.if_else(numeric, names, pa.scalar(None, pa.string()))
    numbers = pc.cast(pc.replace_substring_regex(plain, r"\.0+$|^\+", ""), pa.int64())
    missing = pc.is_in(pc.utf8_lower(names), pa.array(sorted(MISSING)))
    odd = np.asarray(pc.and_not(pc.invert(numeric), missing))
    stray = odd[as_array(texts.indices, 0)] if len(odd) else np.zeros(len(texts), bool)
    stray &= np.asarray(texts.is_valid())
    return _narrow_integers(numbers.take(texts.indices)), stray


def _narrow_integers(column: pa.Array) -> pa.Array:
    """Integers in 32 bits where they fit."""
    try:
        return column.cast(pa.int32())
    except pa.ArrowInvalid:
        return column


def _join_ids(pieces: list[pa.Array]) -> pa.Array:
    """Join pieces of ids: integers as wide as the widest piece, dictionaries merged into one."""
    if any(pa.types.is_string(piece.type) for piece in pieces):
        pieces = [_encoded(piece) for piece in pieces]
    wide = max((piece.type for piece in pieces), key=lambda kind: kind.bit_width)
    whole = pa.chunked_array([piece.cast(wide) for piece in pieces], type=wide)
    return whole.unify_dictionaries().combine_chunks()


def _encoded(piece: pa.Array) -> pa.Array:
    return piece.dictionary_encode() if pa.types.is_string(piece.type) else piece


def _mask(pieces: list[tuple[int, Mask]], rows: int) -> Mask:
    """One mask of all rows from those of batches, each with the number of its first row."""
    whole = np.zeros(rows, dtype=bool)
    for first, mask in pieces:
        whole[first : first + len(mask)] = mask
    return whole


def _narrow(numbers: npt.NDArray[Any], dtype: type[np.generic]) -> npt.NDArray[Any]:
    """Numbers in 32 bits where these hold them exactly, as they do half stars."""
    with np.errstate(over="ignore"):
        small = numbers.astype(dtype)
    return small if np.array_equal(small, numbers, equal_nan=True) else numbers


def _trimmed(column: pa.Array) -> pa.Array:
    r"""Text without surrounding white space, null where nothing is left, or only a ``\N``."""
    trimmed = pc.utf8_trim_whitespace(column)
    nothing = pc.is_in(trimmed, pa.array(["", r"\N"]))
    return pc.if_else(nothing, pa.scalar(None, pa.string()), trimmed)


def _stars(column: pa.ChunkedArray) -> Floats:
    """Ratings of a batch, read one by one where they are text: there are few different ones."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if not pa.types.is_string(column.type):
        try:
            column = column.cast(pa.float64())
        except pa.ArrowInvalid:
            column = column.cast(pa.string())
    if pa.types.is_floating(column.type):
        found = as_array(column.combine_chunks(), np.nan)
        missing, endless = np.isnan(found), np.isinf(found)
        if missing.any() or endless.any():
            found = np.where(missing, -np.inf, np.where(found == np.inf, np.nan, found))
        return found
    encoded = column.combine_chunks().dictionary_encode()
    values = [parse_rating(text) for text in encoded.dictionary.to_pylist()]
    rows = as_array(encoded.indices, len(values))
    return np.asarray(np.array([*values, -np.inf])[rows])
