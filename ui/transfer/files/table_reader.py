"""Text and tables from the bytes of a file that a stranger's program wrote."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import partial
from itertools import islice

from recommender import SourceError
from recommender.files.archives import guess_encoding, printable
from recommender.files.dialect import detect_dialect

__all__ = ["MOST_ROWS", "Table", "read_text"]

MOST_ROWS = 100_000
_LONGEST_CELL = 300
_LONGEST_LINE = 1_000_000
# What the dialect is detected by: a hundred lines, of which none need be longer.
_SAMPLE, _LONGEST_SAMPLE = 100, 10_000
# Exports have some twenty columns.
_MOST_HEADS = 1_000
_DAMAGED = "\ufffd"
# How a list of Letterboxd begins.
_LIST = "Letterboxd list export"


def read_text(name: str, data: bytes) -> str:
    """Read a file as text, whatever the encoding.

    Raises SourceError where it is empty, not text, or a web page.
    """
    # A stray byte is no reason to refuse a file: it costs one letter of one title.
    text = data.decode(guess_encoding(data), errors="replace").removeprefix("\ufeff").strip()
    if not text:
        raise SourceError(f"{name} is empty: download it again")
    if "\0" in text:
        raise SourceError(f"{name} is not a text file: import a CSV, a JSON or a zip of them")
    if text.startswith(("<?xml", "<recentrankings")):
        raise SourceError(f"{name} is XML: export it as CSV or JSON instead")
    if text.startswith("<"):
        raise SourceError(
            f"{name} is a web page and not the file itself: sign in on that site and "
            "download it again"
        )
    return text


class Table:
    """Separated values with a header, as services and spreadsheets write them.

    Raises SourceError where the header cannot be read.
    """

    def __init__(self, name: str, text: str) -> None:
        if text.startswith(_LIST):  # which has a table of its own about the list in front
            text = text[max(text.find("\nPosition,"), 0) :].lstrip()
        self._name, self._text = name, text
        lines = io.StringIO(text, newline="")
        sample = iter(partial(lines.readline, _LONGEST_SAMPLE), "")
        self._dialect = detect_dialect([*islice(sample, _SAMPLE)])
        self.damaged = 0
        """Cells read so far with a letter that could not be decoded."""
        heads = next(self._read(), [])[:_MOST_HEADS]
        self.heads = [printable(" ".join(head[:_LONGEST_CELL].split())) for head in heads]
        """Its headings."""

    def rows(self) -> Iterator[list[str]]:
        """Read what is below the header, blank lines aside: at most one cell for each heading.

        Raises SourceError where that cannot be done.
        """
        width, self.damaged, damaged = len(self.heads), 0, _DAMAGED in self._text
        for number, cells in enumerate(islice(self._read(), 1, None)):
            if number == MOST_ROWS:
                raise SourceError(
                    f"{self._name} has more than {MOST_ROWS:,} rows: import the ratings of one "
                    "person"
                )
            if any(cells):
                row = cells[:width]
                self.damaged += damaged and sum(_DAMAGED in cell for cell in row)
                yield row

    def _read(self) -> Iterator[list[str]]:
        text = io.StringIO(self._text, newline="")
        for _ in range(self._dialect.skip):
            text.readline()
        # In parts, as a line may hold ten million cells, of which a list would fill memory. Strict:
        # a missing quotation mark would make one cell of all that follows.
        reader = self._dialect.split(iter(partial(text.readline, _LONGEST_LINE), ""), strict=True)
        try:
            yield from reader
        except csv.Error as error:
            line = self._dialect.skip + getattr(reader, "line_num", 0)
            raise SourceError(
                f"{self._name} cannot be read from line {line:,} on "
                f"({error}): a quotation mark may be missing there; download it again"
            ) from None
