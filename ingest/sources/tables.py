"""Parse delimited files into columns with pyarrow, and read ids and text columns from them."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

from ingest.sources.detection import Layout, Role
from recommender.archives import Member, reading
from recommender.errors import SourceError
from recommender.storage.encoding import ExternalId, as_id
from recommender.storage.manifest import IdKind

__all__ = ["as_array", "csv_options", "open_csv", "read_id", "read_text", "unreadable"]

# Bytes that Arrow reads at once; a longer line cannot be read.
_LONGEST_LINE = 8 << 20
# Bytes of a movies, links, tags or users file: more than three times the largest of MovieLens.
_MOST_BYTES = 1 << 28
# Stands for "::" where Arrow needs one character; no title or tag contains it.
_UNIT_SEPARATOR = "\x1f"
# The genre columns of u.item in ml-100k, from the sixth column on.
_GENRE_FLAGS = [
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary",
    "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi",
    "Thriller", "War", "Western",
]  # fmt: skip


class _CheckedUtf8:
    """A stream that raises UnicodeDecodeError where its bytes are not UTF-8.

    Arrow notices too, but prints a traceback where the bytes lie in a row it cannot split.
    """

    closed = False

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def read(self, size: int = -1) -> bytes:
        """Read and check a block; for ASCII, the usual case, nothing is decoded."""
        block = self._stream.read(size)
        # The state is not empty where the block before ended within a character.
        if not block.isascii() or self._decoder.getstate()[0]:
            self._decoder.decode(block, final=not block)
        return block


def csv_options(
    layout: Layout, types: dict[str, pa.DataType], on_invalid_row: Callable[[Any], str]
) -> dict[str, Any]:
    """Arrow's options to read the columns of a file that have a role.

    Columns without a type in ``types``, by role, are read as text.
    """
    # Arrow splits at one character; between the halves of a "::" it then finds an empty column.
    stride = len(layout.delimiter)
    names = [f"_{column}" for column in range(stride * (layout.columns - 1) + 1)]
    wanted: dict[str, int] = dict(layout.roles) | layout.attributes
    for name, column in wanted.items():
        names[stride * column] = name
    return {
        "read_options": csv.ReadOptions(
            column_names=names,
            skip_rows=layout.skip,
            encoding=layout.encoding,
            block_size=_LONGEST_LINE,
        ),
        "parse_options": csv.ParseOptions(
            delimiter=layout.delimiter[0],
            # In a "::" file a quotation mark is part of a title.
            quote_char='"' if layout.delimiter in ",;\t" else False,
            newlines_in_values=layout.kind != "ratings",
            invalid_row_handler=on_invalid_row,
        ),
        "convert_options": csv.ConvertOptions(
            include_columns=list(wanted),
            column_types={name: types.get(name, pa.string()) for name in wanted},
            # Only an empty field is missing: a film may be called "Null" and a user "NA".
            null_values=[""],
            strings_can_be_null=True,
        ),
    }


def open_csv(stream: IO[bytes], layout: Layout) -> pa.PythonFile:
    """Wrap a stream for Arrow, and check it where it should be UTF-8."""
    return pa.PythonFile(_CheckedUtf8(stream) if layout.encoding == "utf-8" else stream, mode="r")


def read_text(member: Member, layout: Layout) -> pa.Table:
    """Read a file beside the ratings: its columns with a role, and attributes of users, as text.

    Lines with a wrong number of columns are left out.

    Raises SourceError where it cannot be read.
    """
    data = member.read(_MOST_BYTES)
    # The whole file tells the encoding better than its first bytes, which detection goes by.
    try:
        text = data.decode("utf-16" if layout.encoding == "utf-16" else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    layout = replace(layout, encoding="utf-8")
    if layout.delimiter == "::":
        # Titles contain ":", which Arrow would split at.
        text = text.replace("::", _UNIT_SEPARATOR)
        layout = replace(layout, delimiter=_UNIT_SEPARATOR)
    if layout.genre_flags:
        lines = (_with_genre_names(line.split(layout.delimiter)) for line in text.splitlines())
        text = "\n".join(lines)
        roles: dict[Role, int] = {"movie": 0, "title": 1, "genres": 2}
        layout = replace(layout, delimiter=_UNIT_SEPARATOR, columns=3, roles=roles)
    options = csv_options(layout, {}, lambda row: "skip")
    try:
        with reading(member.name):
            return csv.read_csv(open_csv(io.BytesIO(text.encode("utf-8")), layout), **options)
    except pa.ArrowInvalid as error:
        raise unreadable(member, layout, error) from None


def _with_genre_names(fields: list[str]) -> str:
    """Id, title and genres of a line that has a column of 0 or 1 for each genre."""
    genres = [name for name, flag in zip(_GENRE_FLAGS, fields[5:], strict=False) if flag == "1"]
    return _UNIT_SEPARATOR.join([*fields[:2], "|".join(genres)])


def unreadable(member: Member, layout: Layout, error: Exception) -> SourceError:
    """Make an error of one line from Arrow's message of several."""
    reason, *_ = str(error).splitlines()
    if "straddles" in reason:
        reason = f"a line has more than {_LONGEST_LINE:,} bytes, or a quotation mark is missing"
    return SourceError(f"{member.name} cannot be read as {layout.kind}: {reason}")


def read_id(text: str | None, kind: IdKind) -> ExternalId | None:
    """Read an id of another file as the ratings have it; None where it is not of their kind."""
    return as_id(re.sub(r"\.0+\s*$", "", text) if text and kind == "int" else text, kind)


def as_array(column: pa.Array) -> npt.NDArray[Any]:
    """Numbers of a column, NaN where missing, as an array that must not be written to.

    pyarrow's own method imports pandas first, which takes longer than reading a million ratings.
    """
    if column.null_count:
        return np.asarray(column.to_numpy(zero_copy_only=False))
    return np.from_dlpack(column)
