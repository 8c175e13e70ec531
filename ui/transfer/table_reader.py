"""Text and tables from the bytes of a file that a stranger's program wrote."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from recommender import SourceError
from recommender.archives import guess_encoding

__all__ = ["Row", "Table", "read_text"]

MOST_ROWS = 100_000
_LONGEST_CELL = 300
_LONGEST_HEADER = 10_000
_LONGEST_ROW = 1_000_000
# As a file opened with newline="" has them, but without another copy of four bytes a letter.
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|[\r\n])|[^\r\n]++\Z")

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
        first = re.split(r"[\r\n]", text[:_LONGEST_HEADER], maxsplit=1)[0]
        self._name, self._text = name, text
        self._delimiter = max(",;\t", key=first.count)
        heads = next(csv.reader([first], delimiter=self._delimiter))
        self.heads = [" ".join(head.split()).casefold() for head in heads]
        """Its headings, in lower case."""

    def rows(self) -> Iterator[Row]:
        """Read what is below the header, blank lines aside.

        Raises SourceError where that cannot be done.
        """
        taken = 0  # letters of the row being read: it may have a million cells, and as many lines

        def lines() -> Iterator[str]:
            nonlocal taken
            for line in _LINE.finditer(self._text):
                taken += line.end() - line.start()
                if taken > _LONGEST_ROW:
                    raise csv.Error(f"a row has more than {_LONGEST_ROW:,} letters")
                yield line[0]

        reader = csv.reader(lines(), delimiter=self._delimiter, strict=True)
        try:
            next(reader)
            for number, cells in enumerate(reader):
                taken = 0
                if number == MOST_ROWS:
                    raise SourceError(
                        f"{self._name} has more than {MOST_ROWS:,} rows: bring the ratings of one "
                        "person"
                    )
                if any(cells):
                    short = (" ".join(cell[:_LONGEST_CELL].split()) for cell in cells)
                    yield defaultdict(str, zip(self.heads, short, strict=False))
        except csv.Error as error:
            raise SourceError(
                f"{self._name} cannot be read from line {reader.line_num:,} on ({error}): a "
                "quotation mark may be missing there; download it again"
            ) from None
