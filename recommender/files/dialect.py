"""How a file separates its cells: the delimiter, quotation marks, and lines before the table."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Dialect", "detect_dialect"]

# In the order they are tried. A blank is tried only where no other fits: text has blanks too.
_DELIMITERS = ("::", "\t", ";", "|", ",")
# The part of the lines that must have one number of cells; a few malformed ones may not.
_FITTING = 0.8
_SAMPLE_LINES = 100
# Excel's first line, which names the delimiter.
_SEP = re.compile(r'"?sep=(\t|::|.)"?\s*', re.IGNORECASE)
_COMMENTS = ("#", "%")


@dataclass(frozen=True)
class Dialect:
    """How to split a file into rows and cells."""

    delimiter: str
    """One character, ``::``, or a blank for any number of blanks and tabs."""
    quoted: bool
    """Whether a cell may stand in quotation marks; otherwise these are letters like others."""
    escaped: bool = False
    """Whether a quotation mark inside quotation marks is written ``\\"`` and not ``""``."""
    skip: int = 0
    """Lines before the table: blank ones, comments, and Excel's ``sep=;``."""

    def split(self, lines: Iterable[str], *, strict: bool = False) -> Iterator[list[str]]:
        """Split lines, each with its line break, into rows of cells.

        Raises csv.Error for a cell of more than 128 KiB and, if ``strict``, for a quotation mark
        that is not closed, or closed within a cell.
        """
        if self.delimiter == "::":
            return (line.rstrip("\r\n").split("::") for line in lines)
        if self.delimiter == " " and not self.quoted:
            return (line.split() for line in lines)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
            doublequote=not self.escaped,
            escapechar="\\" if self.escaped else None,
            skipinitialspace=self.delimiter == " ",
            strict=strict,
        )


def detect_dialect(lines: Sequence[str]) -> Dialect:
    r"""Detect the dialect of a file from its first lines, each with its line break.

    Examples
    --------
    >>> detect_dialect(["sep=;\n", "user;film;stars\n", "1;7;4,5\n"])
    Dialect(delimiter=';', quoted=True, escaped=False, skip=1)
    """
    skip, named = 0, None
    for line in lines:
        if named is None and (match := _SEP.fullmatch(line.strip(" \r\n\ufeff"))):
            named = match[1]
        elif line.strip() and not line.startswith(_COMMENTS):
            break
        skip += 1
    sample = [line for line in lines[skip:] if line.strip()][:_SAMPLE_LINES]
    if named is not None:
        return _with_quotes(named, sample, skip)
    fitting = [
        (share, width, dialect)
        for dialect in (_with_quotes(delimiter, sample, skip) for delimiter in _DELIMITERS)
        for share, width in [_consistency(dialect, sample)]
        if width > 1 and share >= _FITTING
    ]
    if fitting:
        # The first of equals, in the order above.
        return max(fitting, key=lambda one: one[:2])[2]
    blank = _with_quotes(" ", sample, skip)
    # R writes one heading less than cells, as its first column has none.
    share, width = _consistency(blank, sample[1:] or sample)
    if width > 1 and share == 1:
        return blank
    # Rows of many different widths: what stands in the first line decides.
    first = sample[0] if sample else ""
    return _with_quotes(max(",;\t|", key=first.count), sample, skip)


def _consistency(dialect: Dialect, sample: Sequence[str]) -> tuple[float, int]:
    """Part of the rows that have the commonest number of cells, and that number."""
    try:
        widths = Counter(len(row) for row in dialect.split(sample) if row)
    except csv.Error:  # a cell of more than 128 KiB
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, rows = widths.most_common(1)[0]
    return rows / widths.total(), width


def _with_quotes(delimiter: str, sample: Sequence[str], skip: int) -> Dialect:
    """Tell whether quotation marks around cells are part of the dialect."""
    text = "".join(sample)
    if delimiter == "::":
        return Dialect(delimiter, quoted=False, skip=skip)
    if delimiter == " ":
        # A cell of several words has to be quoted, and a mark within a word quotes nothing.
        cells = re.findall(r'(?<!\S)"[^"\n]*"(?!\S)', text)
        return Dialect(
            delimiter, quoted=bool(cells) and 2 * len(cells) == text.count('"'), skip=skip
        )
    # A \" outside of quoted cells would be a letter like others.
    escaped = delimiter in ",;" and re.search(r'\\"(?![,;\r\n])', text) is not None
    if delimiter in ",;":
        return Dialect(delimiter, quoted=True, escaped=escaped, skip=skip)
    # Elsewhere few programs quote: a title that only begins with a mark shows that none did here.
    cells = re.findall(
        rf"(?:^|(?<=[{re.escape(delimiter)}\n]))\"[^{re.escape(delimiter)}\n]*", text
    )
    quoted = bool(cells) and all(
        len(cell.rstrip()) > 1 and cell.rstrip()[-1] == '"' for cell in cells
    )
    return Dialect(delimiter, quoted=quoted, skip=skip)
