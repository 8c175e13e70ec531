"""Tables of a source, whatever file they come in: headings, a sample, and batches of columns."""

from __future__ import annotations

import io
import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import compute as pc

from recommender.errors import SourceError
from recommender.files.archives import Member, reading

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MATRIX_COLUMNS",
    "SAMPLE_ROWS",
    "Drops",
    "FrameTable",
    "JsonLinesTable",
    "ParquetTable",
    "Table",
]

SAMPLE_ROWS = 100
"""Rows by which the columns of a table are told."""
MATRIX_COLUMNS = 8
"""Fewest columns of ratings in a matrix of users and movies."""

Row = list[str]
Places = Mapping[Any, int]
"""Places of columns in a table, from 0, by the names they are to be read under."""
Types = Mapping[str, pa.DataType]
"""Types to read columns as, by name, where all values fit."""

# Bytes of JSON Lines that are parsed at once.
_BLOCK = 4 << 20
_LONGEST_LINE = 1 << 24
# Rows of a DataFrame or a Parquet file in a batch.
_BATCH_ROWS = 1 << 20


class Drops(Counter[str]):
    """Rows left out, counted by reason, with the first of each as an example."""

    def __init__(self) -> None:
        super().__init__()
        self.examples: dict[str, str] = {}
        self.damaged = 0
        """Letters that could not be read in rows that are kept."""

    def count(self, reason: str, rows: int, example: str | None = None) -> None:
        """Count rows left out for a reason."""
        if rows:
            self[reason] += rows
            if example is not None:
                self.examples.setdefault(reason, example)

    def add(self, other: Drops) -> None:
        """Count what was left out of another table too."""
        for reason, rows in other.items():
            self.count(reason, rows, other.examples.get(reason))
        self.damaged += other.damaged


class Table(ABC):
    """A table that can be read any number of times, in batches."""

    name: str
    """File name, or what stands for it."""
    heads: tuple[str, ...]
    """Headings as written; empty where the table has none."""
    sample: list[Row]
    """Its first rows as text, each as wide as the table."""
    drops: Drops
    """Rows left out by the reading that came last, and letters that could not be read."""
    delimiter = ""
    """Of a delimited file, what separates its cells."""

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.heads) or max(map(len, self.sample), default=0)

    def heading(self, column: int) -> str:
        """How a column is called in what is said of the table."""
        name = self.heads[column].strip() if self.heads else ""
        return name or f"column {column + 1}"

    def values(self, column: int) -> list[str]:
        """Values of a column in the sample, without those that are empty."""
        cells = (row[column].strip() for row in self.sample if column < len(row))
        return [cell for cell in cells if cell]

    def texts(self, columns: Places) -> Iterator[dict[str, str | None]]:
        """Read columns as text, row by row; rows that cannot be split are left out."""
        for batch in self.batches(columns):
            # In pieces: as dicts, all rows would take ten times the memory.
            for piece in batch.to_batches(max_chunksize=1 << 14):
                named = {name: piece.column(name).cast(pa.string()).to_pylist() for name in columns}
                for row in zip(*named.values(), strict=True):
                    yield dict(zip(named, row, strict=True))

    @abstractmethod
    def batches(self, columns: Places, types: Types | None = None) -> Iterator[pa.Table]:
        """Read columns batch after batch.

        Places whose values do not all fit the type wanted, or that have none in ``types``, are
        text in that batch, or of the type that the file itself gives them. Rows that cannot be
        split into columns are left out, and counted in :attr:`drops`.

        Raises SourceError where the file cannot be read.
        """


class _ArrowTable(Table):
    """A table whose columns have names and types of their own."""

    def _describe(self, first: pa.Table) -> None:
        self._keys = tuple(str(name) for name in first.column_names)
        self.heads = self._keys
        rows = first.slice(0, SAMPLE_ROWS).to_pylist()
        self.sample = [
            ["" if value is None else str(value) for value in row.values()] for row in rows
        ]

    @abstractmethod
    def _tables(self) -> Iterator[pa.Table]:
        """All rows, some at a time."""

    def batches(self, columns: Places, types: Types | None = None) -> Iterator[pa.Table]:
        """Read columns in the types they have."""
        self.drops = Drops()
        empty = pa.scalar(None, pa.string())
        for table in self._tables():
            # A line of JSON may lack a key.
            arrays = {
                name: _flat(table.column(self._keys[at]))
                if self._keys[at] in table.column_names
                else pa.repeat(empty, len(table))
                for name, at in columns.items()
            }
            yield pa.table(arrays)


class ParquetTable(_ArrowTable):
    """A Parquet file."""

    def __init__(self, member: Member) -> None:
        self.name, self._member, self.drops = member.name, member, Drops()
        with reading(self.name):
            try:
                first = next(self._read(SAMPLE_ROWS), None)
                schema = self._schema
            except (pa.ArrowException, ValueError) as error:
                raise _damaged(self.name, error) from None
        self._describe(first if first is not None else schema.empty_table())

    def _read(self, rows: int) -> Iterator[pa.Table]:
        from pyarrow import parquet  # noqa: PLC0415 - slow to import, and few sources need it

        with self._member.open() as stream:
            # What is packed can be read from its start only, and Parquet is read from its end.
            plain = isinstance(stream, io.BufferedReader) and hasattr(stream.raw, "fileno")
            with parquet.ParquetFile(stream if plain else io.BytesIO(stream.read())) as file:
                self._schema = file.schema_arrow
                for batch in file.iter_batches(rows):
                    yield pa.Table.from_batches([batch])

    def _tables(self) -> Iterator[pa.Table]:
        with reading(self.name):
            try:
                yield from self._read(_BATCH_ROWS)
            except (pa.ArrowException, ValueError) as error:
                raise _damaged(self.name, error) from None


class JsonLinesTable(_ArrowTable):
    """A file of JSON Lines: an object a line, whose keys are the headings."""

    def __init__(self, member: Member) -> None:
        self.name, self._member, self.drops = member.name, member, Drops()
        first = next(self._tables(), None)
        self._describe(first if first is not None else pa.table({}))

    def _tables(self) -> Iterator[pa.Table]:
        from pyarrow import json as text_json  # noqa: PLC0415 - likewise

        with reading(self.name), self._member.open() as stream:
            for block in _lines(stream, self.name, self.drops):
                options = text_json.ParseOptions(unexpected_field_behavior="infer")
                # One block, read here and now: without threads that read ahead.
                whole = text_json.ReadOptions(use_threads=False, block_size=len(block) + 1)
                try:
                    yield text_json.read_json(io.BytesIO(block), whole, options)
                except pa.ArrowException:
                    yield _objects(block, self.drops)


def _objects(block: bytes, drops: Drops) -> pa.Table:
    """Objects as text: some line is none, or a key has values of several types."""
    objects: list[dict[str, str | None]] = []
    for line in block.splitlines():
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            objects.append({k: None if v is None else str(v) for k, v in found.items()})
        elif line.strip():
            drops.count("not JSON", 1, line[:80].decode(errors="replace"))
    names = dict.fromkeys(name for found in objects for name in found)
    return pa.table(
        {name: pa.array([found.get(name) for found in objects], pa.string()) for name in names}
    )


class FrameTable(_ArrowTable):
    """A pandas DataFrame."""

    def __init__(self, name: str, frame: pd.DataFrame) -> None:
        self.name, self.drops = name, Drops()
        # Ids are often the index, as after a groupby.
        if any(level is not None for level in frame.index.names):
            frame = frame.reset_index()
        self._table = _from_pandas(frame)
        self._describe(self._table)
        # Places that pandas has numbered have no headings.
        if all(isinstance(name, int) for name in frame.columns):
            self.heads = ()

    def _tables(self) -> Iterator[pa.Table]:
        for first in range(0, len(self._table), _BATCH_ROWS):
            yield self._table.slice(first, _BATCH_ROWS)


def _from_pandas(frame: pd.DataFrame) -> pa.Table:
    columns: dict[str, Any] = {}
    for at, name in enumerate(frame.columns):
        column = frame.iloc[:, at]
        try:
            columns[str(name)] = pa.Array.from_pandas(column)
        except pa.ArrowException:  # values of several types
            gone = column.isna()
            texts = [None if no else str(value) for value, no in zip(column, gone, strict=True)]
            columns[str(name)] = pa.array(texts, pa.string())
    return pa.table(columns)


def _flat(column: pa.ChunkedArray) -> pa.Array:
    """One array; categories and what is nested as text."""
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # of no rows
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], column.type)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_decimal(array.type):
        return pc.cast(array, pa.float64())
    if pa.types.is_large_string(array.type) or pa.types.is_string_view(array.type):
        return pc.cast(array, pa.string())
    if pa.types.is_nested(array.type) or pa.types.is_binary(array.type):
        return pa.array([None if v is None else str(v) for v in array.to_pylist()], pa.string())
    return array


def _lines(stream: Any, name: str, drops: Drops) -> Iterator[bytes]:
    """Blocks of whole lines."""
    rest = b""
    while block := stream.read(_BLOCK):
        lines, end, begun = (rest + block).rpartition(b"\n")
        if len(begun) > _LONGEST_LINE:
            raise SourceError(
                f"{name} cannot be read: a line has more than {_LONGEST_LINE:,} bytes"
            )
        if lines.strip():
            yield _as_utf8(lines + end, drops)
        rest = begun
    if rest.strip():
        yield _as_utf8(rest, drops)


def _as_utf8(block: bytes, drops: Drops) -> bytes:
    if block.isascii():
        return block
    text = block.decode("utf-8-sig", errors="replace")
    drops.damaged += text.count("\ufffd") - block.count("\ufffd".encode())
    return text.encode()


def _damaged(name: str, error: Exception) -> SourceError:
    reason, *_ = str(error).splitlines()
    return SourceError(f"{name} is damaged ({reason}): fetch it again")
