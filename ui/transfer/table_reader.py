"""Text and tables from the bytes of a file that a stranger's program wrote."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial

from recommender import SourceError
from recommender.archives import guess_encoding

__all__ = ["Row", "Table", "read_text"]

MOST_ROWS = 100_000
_LONGEST_CELL = 300
_LONGEST_HEADER = 10_000
_LONGEST_LINE = 1_000_000

Row = Mapping[str, str]
"""Cells by heading, in lower case; a cell that is not there is empty."""


def read_text(name: str, data: bytes) -> str:
    """Read a file as text, whatever the encoding.

    Raises SourceError where it is empty, not text, or a web page.
    """
    # A stray byte is no reason to refuse a file: it costs one letter of one title.
    text = data.decode(guess_encoding(data), errors="replace").removeprefix("\ufeff").strip()
    if not text:
        raise SourceError(f"{name} is empty: download it again")
    if "\0" in text:
        raise SourceError(f"{name} is not a text file: bring a CSV, a JSON or a zip of them")
    if text.startswith("<"):
        raise SourceError(
            f"{name} is a web page and not the file itself: sign in where it comes from and "
            "download it again"
        )
    return text


class Table:
    """Comma-separated values with a header; with semicolons or tabs, as Excel writes, too."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._lines = name, io.StringIO(text, newline="")
        first = self._lines.readline(_LONGEST_HEADER)
        self._delimiter = max(",;\t", key=first.count)
        heads = next(csv.reader([first], delimiter=self._delimiter))
        self.heads = [" ".join(head.split()).casefold() for head in heads]
        """Its headings, in lower case."""

    def rows(self) -> Iterator[Row]:
        """Read what is below the header, blank lines aside.

        Raises SourceError where that cannot be done.
        """
        # In parts, as a line may hold ten million cells, of which a list would fill memory.
        lines = iter(partial(self._lines.readline, _LONGEST_LINE), "")
        reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        try:
            for number, cells in enumerate(reader):
                if number == MOST_ROWS:
                    raise SourceError(
                        f"{self._name} has more than {MOST_ROWS:,} rows: bring the ratings of one "
                        "person"
                    )
                if any(cells):
                    short = (" ".join(cell[:_LONGEST_CELL].split()) for cell in cells)
                    yield defaultdict(str, zip(self.heads, short, strict=False))
        except csv.Error as error:
            # The header is not counted by this reader.
            raise SourceError(
                f"{self._name} cannot be read from line {reader.line_num + 1:,} on ({error}): a "
                "quotation mark may be missing there; download it again"
            ) from None
