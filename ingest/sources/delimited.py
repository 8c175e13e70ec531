"""Delimited text as a table: rows are told apart here, and pyarrow parses a block of them at once.

A row may break lines inside quotation marks, so a block has to end where a row does. A mark that is
never closed costs its own line, and not the rest of the file.
"""

from __future__ import annotations

import codecs
import csv as text_csv
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO, Any, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv

from ingest.sources.headings import is_known
from ingest.sources.tables import MATRIX_COLUMNS, SAMPLE_ROWS, Drops, Places, Row, Table, Types
from recommender.arrays import Ints
from recommender.errors import SourceError
from recommender.files.archives import Member, guess_encoding, reading
from recommender.files.dialect import Dialect, detect_dialect

__all__ = ["HEAD", "MALFORMED", "DelimitedTable"]

MALFORMED = "wrong number of columns"
"""Reason for which a row is left out."""

HEAD = 1 << 18
"""Bytes of a file that its layout is told from."""
# Bytes read at once, and those of the longest row.
_PIECE, _LONGEST_ROW = 4 << 20, 8 << 20
# Bytes that Arrow parses at once, where rows do not break lines.
_BLOCK = 1 << 20
# Stands between cells where Arrow needs one character; no title contains it.
_UNIT_SEPARATOR = "\x1f"
_LETTERS = re.compile(r"[^\W\d_]{2}")


class DelimitedTable(Table):
    """A file of rows and cells: CSV and its relatives."""

    def __init__(self, member: Member, head: bytes) -> None:
        """Detect how a file is written; ``head`` are its first bytes, or all of them."""
        self.name, self._member, self.drops = member.name, member, Drops()
        self._encoding = guess_encoding(head, whole=len(head) < HEAD)
        text = head.decode(self._encoding, errors="replace").removeprefix("\ufeff")
        lines = text.splitlines(keepends=True)
        # The last line of a part of the file may be cut in two.
        lines = lines[:-1] if len(head) == HEAD and len(lines) > 1 else lines
        self._dialect = detect_dialect(lines)
        self.delimiter = self._dialect.delimiter
        self._skip = self._dialect.skip
        whole = len(head) < HEAD
        rows, header_lines = _sample(self._dialect, lines[self._skip :], whole=whole)
        while len(rows) > 2 and _filled(rows[0]) < 2 < min(map(_filled, rows[1:3])):
            # A line above the table, such as its name.
            self._skip += header_lines
            rows, header_lines = _sample(self._dialect, lines[self._skip :], whole=whole)
        self.heads, body = (), rows
        if rows and _is_header(rows):
            self._skip += header_lines
            self.heads, body = tuple(rows[0]), rows[1:]
        # As wide as most rows, and of equals as the headings, or else the widest.
        widths = Counter(map(len, body))
        self._width = max(
            widths or [len(self.heads)], key=lambda w: (widths[w], w == len(self.heads), w)
        )
        self.sample = [row for row in body if len(row) == self._width]
        if self.heads:
            self.heads = self._headings(self.heads)
        # Only a text may break lines: among numbers, a mark that is not closed is damage.
        self._breaks = self._dialect.quoted and any(
            any(map(_LETTERS.search, self.values(column))) for column in range(self._width)
        )

    @property
    def width(self) -> int:
        """Number of columns of most rows."""
        return self._width

    def _headings(self, heads: Row | tuple[str, ...]) -> tuple[str, ...]:
        """Headings of all columns, where some rows have one more than the header or fewer."""
        more = self._width - len(heads)
        names = {row[0] for row in self.sample}
        if more == 1 and len(names) == len(self.sample) and any(r[-1].strip() for r in self.sample):
            return ("", *heads)  # R writes the names of rows without a heading
        return (*heads, *([""] * more))[: self._width]

    def batches(self, columns: Places, types: Types | None = None) -> Iterator[pa.Table]:
        """Read columns, in the types wanted where all values of the batch fit, else as text."""
        self.drops = Drops()
        with reading(self.name), self._member.open() as stream:
            for line, block in self._blocks(stream):
                yield from self._parse(block, line, columns, types or {})

    def _blocks(self, stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
        """Blocks of whole rows in UTF-8, without what is before the table, and their first line."""
        rest, line, skip = b"", 1, self._skip
        pieces = _utf8(stream, self._encoding, self.drops)
        while True:
            piece = next(pieces, b"")
            data = rest + piece
            for _ in range(skip):
                if (end := data.find(b"\n") + 1) == 0:
                    break
                data, skip, line = data[end:], skip - 1, line + 1
            if not data and not piece:
                return
            rows = _rows(data, self._dialect) if self._breaks else _Rows(data.rfind(b"\n") + 1)
            cut = rows.end
            if not piece and not skip and not rows.open:
                cut = len(data)
            if not skip and not cut and (not piece or len(data) > _LONGEST_ROW):
                # A mark that is not closed, if anything: its line is left out.
                cut = data.find(b"\n") + 1 or len(data)
                if cut > _LONGEST_ROW:
                    raise SourceError(
                        f"{self.name} cannot be read: line {line:,} has more than "
                        f"{_LONGEST_ROW:,} bytes"
                    )
                self.drops.count(MALFORMED, 1, _quoted(line, data[:cut]))
            elif cut:
                yield line, self._without(data, rows.bad, cut, line)
            line += data.count(b"\n", 0, cut)
            rest = data[cut:]
            if not piece and (skip or not rest):
                return

    def _without(self, data: bytes, bad: Sequence[tuple[int, int]], cut: int, line: int) -> bytes:
        """The data up to a place, without lines that are no rows."""
        kept, place = [], 0
        for start, end in bad:
            example = None
            if MALFORMED not in self.drops.examples:
                example = _quoted(line + data.count(b"\n", 0, start), data[start:end])
            self.drops.count(MALFORMED, 1, example)
            kept.append(data[place:start])
            place = end
        return b"".join([*kept, data[place:cut]])

    def _parse(self, block: bytes, line: int, columns: Places, types: Types) -> Iterator[pa.Table]:
        drops = self.drops
        if self._dialect.quoted and not self._breaks and b'"' in block:
            block = self._without(block, _open_lines(block), len(block), line)
        block, delimiter = _one_character(block, self._dialect)

        def skip(row: Any) -> str:
            rows = row.text.rstrip().count("\n") + 1
            example = None
            if MALFORMED not in drops.examples:
                place = block.find(row.text.encode())
                example = _quoted(line + block.count(b"\n", 0, place), row.text)
            drops.count(MALFORMED, rows, example)
            return "skip"

        for attempt in (types, {}):
            before, examples = dict(drops), dict(drops.examples)
            try:
                table = csv.read_csv(
                    pa.BufferReader(block),
                    csv.ReadOptions(
                        column_names=[str(column) for column in range(self._width)],
                        block_size=len(block) + 1 if self._breaks else _BLOCK,
                    ),
                    csv.ParseOptions(
                        delimiter=delimiter,
                        quote_char='"' if self._dialect.quoted else False,
                        double_quote=not self._dialect.escaped,
                        escape_char="\\" if self._dialect.escaped else False,
                        newlines_in_values=self._breaks,
                        invalid_row_handler=skip,
                    ),
                    csv.ConvertOptions(
                        include_columns=list(dict.fromkeys(map(str, columns.values()))),
                        column_types={
                            str(at): attempt.get(name, pa.string()) for name, at in columns.items()
                        },
                        # Only an empty cell is missing: a film may be called "Null".
                        null_values=[""],
                        strings_can_be_null=True,
                    ),
                )
            except pa.ArrowInvalid as error:
                if "Empty CSV" in str(error):
                    return
                drops.clear()
                drops.update(before)
                drops.examples = examples
            else:
                yield pa.table(
                    {name: table.column(str(at)).combine_chunks() for name, at in columns.items()}
                )
                return
        raise SourceError(
            f"{self.name} cannot be read: one of its rows from line {line:,} on is damaged; take "
            "it out, or fetch the file again"
        )


def _sample(dialect: Dialect, lines: list[str], *, whole: bool) -> tuple[list[Row], int]:
    """First rows that are not blank, and the lines of the first of them."""
    rows: list[Row] = []
    header_lines, start = 1, 0
    while start < len(lines) and len(rows) <= SAMPLE_ROWS:
        reader = dialect.split(lines[start:], strict=True)
        read = 0
        try:
            for row in reader:
                read = getattr(reader, "line_num", read + 1)
                if not any(cell.strip() for cell in row):
                    continue
                if not rows:
                    header_lines = start + read
                rows.append(row)
                if len(rows) > SAMPLE_ROWS:
                    break
            start = len(lines)
        except text_csv.Error:
            # A mark that is not closed costs its line; at the end of a part it may be closed later.
            if not whole:
                break
            start += read + 1
    return rows, header_lines


def _is_header(rows: list[Row]) -> bool:
    """Whether the first row has headings: known words, or no numbers above columns of numbers."""
    first, rest = rows[0], rows[1:]
    if any(map(_is_number, first[:20])):
        # A matrix has the numbers of movies above its columns.
        name, *others = first
        matrix = len(others) >= MATRIX_COLUMNS and len(set(others)) == len(others)
        return matrix and (not name.strip() or is_known(name)) and all(map(_is_number, others))
    known = sum(is_known(cell) for cell in first)
    if known > 1 and 2 * known >= len(first):
        return True
    below = [[row[at] for row in rest if at < len(row) and row[at].strip()] for at in range(20)]
    numeric = any(column and sum(map(_is_number, column)) > 0.8 * len(column) for column in below)
    return numeric or (bool(known) and not rest)


def _filled(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*[+-]?[0-9]+([.,][0-9]+)?\s*", text) is not None


def _utf8(stream: IO[bytes], encoding: str, drops: Drops) -> Iterator[bytes]:
    """Pieces of a file in UTF-8; a byte that is not costs a letter, and is counted."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    # Whether any byte has told yet which encoding it is.
    known, first, old_mac = encoding != "utf-8", True, None
    while piece := stream.read(_PIECE):
        if old_mac is None:
            old_mac = b"\r" in piece and b"\n" not in piece and encoding != "utf-16"
        ascii_only = piece.isascii() and not decoder.getstate()[0] and encoding != "utf-16"
        if not known and not ascii_only:
            decoder = codecs.getincrementaldecoder(guess_encoding(piece, whole=False))("replace")
            known = True
        if not ascii_only:
            piece = _decoded(decoder, piece, drops)
        if first:
            piece, first = piece.removeprefix(codecs.BOM_UTF8), False
        yield piece.replace(b"\r", b"\n") if old_mac else piece
    if last := decoder.decode(b"", final=True):
        drops.damaged += 1
        yield last.encode()


def _decoded(decoder: codecs.IncrementalDecoder, piece: bytes, drops: Drops) -> bytes:
    text = decoder.decode(piece)
    if "\ufffd" in text:
        drops.damaged += max(text.count("\ufffd") - piece.count("\ufffd".encode()), 0)
    return text.encode(errors="replace")


def _one_character(block: bytes, dialect: Dialect) -> tuple[bytes, str]:
    """The block with one character between cells, and that character."""
    if dialect.delimiter == "::":
        return block.replace(b"::", _UNIT_SEPARATOR.encode()), _UNIT_SEPARATOR
    if dialect.delimiter == " ":
        block = re.sub(rb"(?m)^[ \t]+|[ \t\r]+$", b"", block)
        if not dialect.quoted:
            return re.sub(rb"[ \t]+", _UNIT_SEPARATOR.encode(), block), _UNIT_SEPARATOR
    return block, dialect.delimiter


def _positions(data: bytes, sign: bytes) -> Ints:
    return np.flatnonzero(np.frombuffer(data, np.uint8) == ord(sign))


def _open_lines(block: bytes) -> list[tuple[int, int]]:
    """Starts and ends of the lines with an odd number of quotation marks."""
    ends = _positions(block, b"\n")
    marks = np.bincount(np.searchsorted(ends, _positions(block, b'"')), minlength=len(ends) + 1)
    bounds = [0, *(ends + 1).tolist(), len(block)]
    return [(bounds[line], bounds[line + 1]) for line in np.flatnonzero(marks % 2).tolist()]


class _Rows(NamedTuple):
    """Where rows end in a part of a file, in which cells may break lines."""

    end: int
    """Behind the last line break that ends a row; 0 where none does."""
    open: bool = False
    """Whether a mark in what follows is not closed."""
    bad: Sequence[tuple[int, int]] = ()
    """Starts and ends of lines whose mark is closed within a cell, some lines on."""


def _rows(data: bytes, dialect: Dialect) -> _Rows:
    marks, breaks = _positions(data, b'"'), _positions(data, b"\n")
    if len(marks) == 0 or len(breaks) == 0:
        return _Rows(int(breaks[-1]) + 1 if len(breaks) else 0, open=len(marks) % 2 > 0)
    array = np.frombuffer(data, np.uint8)
    around = np.frombuffer(dialect.delimiter[-1:].encode() + b'\n\r"', np.uint8)
    before = np.where(marks > 0, array[marks - 1], ord("\n"))
    after = np.where(marks < len(array) - 1, array[np.minimum(marks + 1, len(array) - 1)], 10)
    # As a rule every other mark opens a cell, and the next one closes it.
    regular = np.isin(before[0::2], around).all() and np.isin(after[1::2], around).all()
    if regular and not dialect.escaped:
        ends = breaks[np.searchsorted(marks, breaks) % 2 == 0]
        return _Rows(int(ends[-1]) + 1 if len(ends) else 0, open=len(marks) % 2 > 0)
    cells, bad = _cells(data, marks.tolist(), dialect)
    spans = np.array(cells, dtype=np.int64).reshape(-1, 2)
    inside = np.searchsorted(spans[:, 0], breaks) > np.searchsorted(spans[:, 1], breaks)
    ends = breaks[~inside]
    is_open = bool(cells) and cells[-1][1] == len(data)
    return _Rows(int(ends[-1]) + 1 if len(ends) else 0, is_open, bad)


def _cells(
    data: bytes, marks: Sequence[int], dialect: Dialect
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Marks around each cell, an open one up to the end; and lines whose mark is no such mark."""
    cells: list[tuple[int, int]] = []
    bad: list[tuple[int, int]] = []
    around = {dialect.delimiter.encode(), b"\n", b"\r", b""}
    opened, place = -1, 0
    while place < len(marks):
        mark = marks[place]
        place += 1
        follows = data[mark + 1 : mark + 2]
        if opened < 0:
            # Elsewhere than at the start of a cell it is a letter like others.
            if data[max(mark - 1, 0) : mark] in around:
                opened = mark
        elif dialect.escaped and data[mark - 1 : mark] == b"\\":
            continue
        elif follows == b'"' and not dialect.escaped:
            place += 1
        elif follows not in around and (line_end := data.find(b"\n", opened, mark) + 1):
            # Closed within a cell of a later line: the one it was opened on never was.
            bad.append((data.rfind(b"\n", 0, opened) + 1, line_end))
            opened, place = -1, bisect_left(marks, line_end)
        else:
            cells.append((opened, mark))
            opened = -1
    if opened >= 0:
        cells.append((opened, len(data)))
    return cells, bad


def _quoted(line: int, row: bytes | str) -> str:
    """A row as an example in a message."""
    text = row.decode(errors="replace") if isinstance(row, bytes) else row
    return f"line {line:,}: {' '.join(text.split())[:80]}"
