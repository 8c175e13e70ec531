"""Open a file as a table, whatever its kind; what is no table is told by its first bytes."""

from __future__ import annotations

import json
import re

from ingest.sources.delimited import HEAD, DelimitedTable
from ingest.sources.detected import Aside
from ingest.sources.detection import PERSONAL
from ingest.sources.layouts.netflix import netflix_table
from ingest.sources.tables import JsonLinesTable, ParquetTable, Table
from recommender.files.archives import Member, reading

__all__ = ["WORKBOOK", "open_table"]

_TAR_MARK = slice(257, 262)
_JSON_LINES = "write JSON Lines, an object for each rating on a line of its own"
WORKBOOK = "it is an Excel workbook: save the sheet of the ratings as CSV"
"""Why an Excel file is no table, and what to do about it."""

_ARCHIVE = "it is an archive: unpack it, and give the folder"
# First bytes of files that are no tables, and what to do about each.
_OTHERS = {
    b"\xd0\xcf\x11\xe0": WORKBOOK,
    b"PK\3\4": "it is an archive in another, or a damaged one: unpack it, and give the folder",
    b"Rar!": _ARCHIVE,
    b"7z\xbc\xaf": _ARCHIVE,
    b"SQLite format 3": "it is a database: export the table of the ratings as CSV",
    b"%PDF": "it is a PDF: give the table itself, as CSV",
}


def open_table(member: Member) -> Table | Aside:
    """Open a file as a table, or tell why it is none.

    Raises SourceError where it cannot be read.
    """
    with reading(member.name), member.open() as stream:
        head = stream.read(HEAD)
    if reason := _no_table(member.name, head):
        return Aside(member.name, reason, complete=True)
    if head.startswith(b"PAR1"):
        return ParquetTable(member)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb"[{\[]\s*[{\"'\[}\]]", start):
        return _json(member, start)
    return netflix_table(member, start) or DelimitedTable(member, head)


def _no_table(name: str, head: bytes) -> str | None:
    """Why a file is no table, if its first bytes tell."""
    if head[_TAR_MARK] == b"ustar":
        return _ARCHIVE
    if head.lstrip().startswith(b"<"):
        return "it is a web page and not a table: download the file itself"
    if head.startswith(b"PK\3\4") and b"xl/" in head:
        return WORKBOOK
    reason = next((told for mark, told in _OTHERS.items() if head.startswith(mark)), None)
    # But for a damaged byte, text has zeros in UTF-16 alone, which begins with a mark.
    text = head.count(0) < 1 + len(head) // 10_000 or head.startswith(
        (b"\xff\xfe", b"\xfe\xff", b"PAR1")
    )
    return reason or (None if text else "it is no text")


def _json(member: Member, start: bytes) -> Table | Aside:
    # Exports of Trakt and of Kindred.
    if re.search(rb'"(ids|watchlist|hidden)"\s*:', start) and b'"user' not in start:
        return Aside(member.name, PERSONAL, complete=True)
    if start.startswith(b"["):
        return Aside(member.name, f"it is one JSON array: {_JSON_LINES}", complete=True)
    line, *_ = start.splitlines()
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        if len(start) < HEAD or len(line) < len(start):
            return Aside(member.name, f"it is JSON of another kind: {_JSON_LINES}", complete=True)
    return JsonLinesTable(member)
