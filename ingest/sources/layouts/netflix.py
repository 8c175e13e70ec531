"""The Netflix Prize: a line ``17:`` for a movie, below it a line for each rating of it.

The titles beside them are ``17,1999,A title, with commas``. Both are rewritten, as they are read,
into tables like others.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import IO, Any, cast

from ingest.sources.delimited import HEAD, DelimitedTable
from recommender.files.archives import Member, reading

__all__ = ["netflix_table"]

_RATINGS = re.compile(rb"\s*[0-9]+:[ \t]*\r?\n[0-9]+,[0-9.]+,[^,\n]+\n")
_MOVIE = re.compile(rb"(?m)^[ \t]*([0-9]+):[ \t]*\r?$\n?")
_TITLES = re.compile(rb"(?:[0-9]+,(?:[12][0-9]{3}|NULL),[^\n]*[A-Za-z][^\n]*\n){3}")
_TITLE = re.compile(rb"(?m)^([0-9]+),([12][0-9]{3}|NULL),")
_PIECE = 4 << 20

_Rewrite = Callable[[bytes], bytes]


def netflix_table(member: Member, head: bytes) -> DelimitedTable | None:
    """Read a file of ratings or titles; None where its first bytes are those of another."""
    if _RATINGS.match(head):
        return _rewritten(member, b"movie,user,rating,date\n", _Ratings)
    if _TITLES.match(head):
        return _rewritten(member, b"movie\tyear\ttitle\n", _Titles)
    return None


def _rewritten(member: Member, header: bytes, rewrite: Callable[[], _Rewrite]) -> DelimitedTable:
    def opened() -> IO[bytes]:
        lines = _Lines(member.open(), header, rewrite())
        return cast(IO[bytes], io.BufferedReader(lines, _PIECE))

    rows = Member(member.name, member.size, opened)
    with reading(member.name), rows.open() as stream:
        return DelimitedTable(rows, stream.read(HEAD))


class _Ratings:
    """Puts the movie in front of each rating."""

    def __init__(self) -> None:
        self._movie = b""

    def __call__(self, lines: bytes) -> bytes:
        # What is before the first line of a movie belongs to the last one of the lines before.
        before, *rest = _MOVIE.split(lines)
        parts = [_prefixed(before, self._movie)]
        for movie, ratings in zip(rest[0::2], rest[1::2], strict=True):
            self._movie = movie
            parts.append(_prefixed(ratings, movie))
        return b"".join(parts)


def _prefixed(ratings: bytes, movie: bytes) -> bytes:
    if not ratings.strip():
        return b""
    return movie + b"," + ratings.rstrip().replace(b"\n", b"\n" + movie + b",") + b"\n"


class _Titles:
    """Puts tabs before the year and the title, which may have commas."""

    def __call__(self, lines: bytes) -> bytes:
        return _TITLE.sub(rb"\1\t\2\t", lines)


class _Lines(io.RawIOBase):
    """The bytes of a file, its lines rewritten, below a header."""

    def __init__(self, stream: IO[bytes], header: bytes, rewrite: _Rewrite) -> None:
        self._stream, self._rewrite = stream, rewrite
        self._ready, self._rest = header, b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def close(self) -> None:
        """Close the file too."""
        self._stream.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """Give the next bytes."""
        while not self._ready and (piece := self._stream.read(_PIECE)):
            lines, end, self._rest = (self._rest + piece).rpartition(b"\n")
            self._ready = self._rewrite(lines + end)
        if not self._ready and self._rest:
            self._ready, self._rest = self._rewrite(self._rest + b"\n"), b""
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size
