"""What OMDb said of films, and the number of requests of a day: one SQLite file.

Several servers may share it. Every method raises one of FAULTS, and logs it, where the file is
locked for more than a second, damaged, or on a full or read-only disk.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

__all__ = ["FAULTS", "PosterStore", "Stored"]

FAULTS = (OSError, sqlite3.Error)

_log = logging.getLogger(__name__)

_MAX_FILMS = 10_000
"""Films kept, some 400 MB; of more, those that expire soonest are deleted."""
# The tables that are dropped are those of earlier versions.
# Nothing here is worth waiting for a slow disk, which would lock out whoever shares the file.
_SCHEMA = """
PRAGMA synchronous = OFF;
DROP TABLE IF EXISTS posters;
DROP TABLE IF EXISTS facts;
CREATE TABLE IF NOT EXISTS films (imdb_id TEXT PRIMARY KEY, until REAL, body TEXT, picture BLOB);
CREATE INDEX IF NOT EXISTS films_by_age ON films (until);
CREATE TABLE IF NOT EXISTS days (day TEXT PRIMARY KEY, requests INTEGER);
"""
# An old picture or plot is better than none.
_SAVE = """
INSERT INTO films VALUES (?, ?, ?, ?) ON CONFLICT (imdb_id) DO UPDATE SET until = excluded.until,
body = coalesce(excluded.body, body), picture = coalesce(excluded.picture, picture)
"""
# One statement, or two servers could both take the last request of the day.
_COUNT = """
INSERT INTO days VALUES (?, 1) ON CONFLICT (day) DO UPDATE
SET requests = requests + 1 WHERE requests < ? RETURNING requests
"""
_DELETE = """
DELETE FROM films WHERE imdb_id IN
(SELECT imdb_id FROM films ORDER BY until DESC LIMIT -1 OFFSET ?)
"""


class Stored(NamedTuple):
    """What is stored of a film."""

    until: float
    """When to ask for it again, in seconds since 1970."""
    body: str | None
    """Its facts, as JSON; None where OMDb has not answered yet."""
    has_picture: bool


class PosterStore:
    """Stores in a file, which is made at the first use. Safe to share by threads."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._file, timeout=1)) as db, db:
                db.executescript(_SCHEMA)
                yield db
        except FAULTS as problem:
            advice = "make it writable, or delete it"
            _log.warning("no posters: %s cannot be used (%s): %s", self._file, problem, advice)
            raise

    def films(self, imdb_ids: Collection[str]) -> dict[str, Stored]:
        """Return what is stored of these films."""
        marks = ", ".join("?" * len(imdb_ids))
        sql = "SELECT imdb_id, until, body, picture IS NOT NULL FROM films WHERE imdb_id IN"
        with self._transaction() as db:
            rows = db.execute(f"{sql} ({marks})", [*imdb_ids]).fetchall()
        return {name: Stored(until, body, bool(picture)) for name, until, body, picture in rows}

    def picture(self, imdb_id: str) -> bytes | None:
        """Return a picture, if there is one."""
        with self._transaction() as db:
            rows = db.execute("SELECT picture FROM films WHERE imdb_id = ?", [imdb_id]).fetchall()
        return rows[0][0] if rows else None

    def save(self, imdb_id: str, until: float, body: str | None, picture: bytes | None) -> None:
        """Store a film; a body or a picture that is None leaves the one there is."""
        with self._transaction() as db:
            db.execute(_SAVE, (imdb_id, until, body, picture))
            db.execute(_DELETE, [_MAX_FILMS])

    def begin(self, imdb_ids: Collection[str], until: float, day: str, limit: int) -> list[str]:
        """Count a request for each of the films for which the day has one left; return those.

        They are not to be asked for again before ``until``, whatever becomes of the requests.
        """
        begun = []
        with self._transaction() as db:
            for imdb_id in imdb_ids:
                if db.execute(_COUNT, (day, limit)).fetchall():
                    db.execute(_SAVE, (imdb_id, until, None, None))
                    begun.append(imdb_id)
        return begun

    def requests(self, day: str) -> int:
        """Return the number of requests counted in a day."""
        with self._transaction() as db:
            rows = db.execute("SELECT requests FROM days WHERE day = ?", [day]).fetchall()
        return rows[0][0] if rows else 0

    def use_up(self, day: str, limit: int) -> None:
        """Count the day's requests as all made."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO days VALUES (?, ?)", (day, limit))
