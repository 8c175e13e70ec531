"""Stored posters, facts of films and the number of requests of a day: one SQLite file.

Several servers may share it. While it is locked or the disk is full, nothing is found and nothing
stored. Where it cannot be written, or turns out to be broken, a database in the server's memory
takes its place. A row that is damaged counts as missing.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

from ui.posters.omdb import Facts, Picture

__all__ = ["PosterStore"]

_MAX_BYTES_IN_MEMORY = 50_000_000
_MAGIC = b"SQLite format 3\0"
_TEMPORARY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL)
# A write-ahead log lets servers read while one writes; kept small, because it comes on top of the
# size that is bounded. The columns are the format of files in use. The last line writes even where
# all is there, and so fails at once where the file is read-only.
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA wal_autocheckpoint = 100;
CREATE TABLE IF NOT EXISTS posters (imdb_id TEXT PRIMARY KEY, until REAL, type TEXT, data BLOB);
CREATE INDEX IF NOT EXISTS posters_by_age ON posters (until, imdb_id, type);
CREATE TABLE IF NOT EXISTS facts (imdb_id TEXT PRIMARY KEY, until REAL, told TEXT);
CREATE TABLE IF NOT EXISTS days (day TEXT PRIMARY KEY, requests INTEGER);
PRAGMA user_version = 1;
"""
# What expires soonest goes first; facts, which are small, after all pictures.
_DELETE_SOONEST = (
    "DELETE FROM posters WHERE imdb_id IN "
    "(SELECT imdb_id FROM posters ORDER BY until LIMIT 8) RETURNING 1",
    "DELETE FROM facts WHERE imdb_id IN "
    "(SELECT imdb_id FROM facts ORDER BY until LIMIT 1000) RETURNING 1",
)


class PosterStore:
    """Stores in a folder. Every method may be called from any thread.

    Beyond ``max_bytes`` in the file, what expires soonest is deleted.
    """

    def __init__(self, folder: Path, max_bytes: int = 500_000_000) -> None:
        self._lock, self._max_bytes = threading.Lock(), max_bytes
        self._file = folder / "posters.sqlite"
        self._db: sqlite3.Connection | None = None  # opened by the first query
        # The last day counted and its requests: a database in memory goes on from there.
        self._counted = ("", 0)

    def _open(self, path: Path | None) -> sqlite3.Connection:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            # No database at all: moved away, because SQLite would refuse it for good.
            if path.exists() and _read_header(path) not in (_MAGIC, b""):
                path.replace(path.with_name(f"{path.name}.broken"))
        db = sqlite3.connect(
            path or ":memory:", timeout=1, isolation_level=None, check_same_thread=False
        )
        try:
            db.executescript(_SCHEMA)
        except sqlite3.Error:
            db.close()
            raise
        return db

    def _run(self, sql: str, *values: object) -> list[Any] | None:
        """Return the rows, or None while the file is locked or the disk full."""
        with self._lock:
            try:
                self._db = self._db or self._open(self._file)
                return self._db.execute(sql, values).fetchall()
            # The message about a broken file may itself be no valid UTF-8.
            except (OSError, sqlite3.Error, UnicodeDecodeError) as problem:
                if getattr(problem, "sqlite_errorcode", 0) & 0xFF in _TEMPORARY:
                    return None
                logging.getLogger(__name__).warning("posters are not kept on disk: %s", problem)
            self._max_bytes = min(self._max_bytes, _MAX_BYTES_IN_MEMORY)
            self._db = self._open(None)
            self._db.execute("INSERT INTO days VALUES (?, ?)", self._counted)
            return self._db.execute(sql, values).fetchall()

    def known(self, imdb_id: str = "*") -> dict[str, tuple[float, bool]]:
        """Return, of one film or of all, when the entry expires and whether it has a picture."""
        # Any column may hold any type in SQLite, and does in a file that decayed.
        sql = "SELECT imdb_id, until, type IS NOT NULL FROM posters WHERE imdb_id GLOB ?"
        rows = self._run(f"{sql} AND typeof(until) = 'real'", imdb_id) or []
        return {name: (until, bool(has_poster)) for name, until, has_poster in rows}

    def picture(self, imdb_id: str) -> Picture | None:
        """Return a picture, if there is one."""
        sql = "SELECT data, type FROM posters WHERE imdb_id = ? AND data IS NOT NULL"
        rows = self._run(sql, imdb_id)
        found = Picture(*rows[0]) if rows else None
        return found if found and found.is_valid else None

    def save_picture(self, imdb_id: str, until: float, picture: Picture | None) -> bool:
        """Store a picture, or that there is none; return whether that was possible."""
        values = (picture.type, picture.data) if picture else (None, None)
        sql = "INSERT OR REPLACE INTO posters VALUES (?, ?, ?, ?)"
        saved = self._run(sql, imdb_id, until, *values) is not None
        self._delete_soonest()
        return saved

    def facts(self, imdb_id: str) -> tuple[float, Facts | None]:
        """Return when the facts of a film expire, and the facts, None where they are not known."""
        sql = "SELECT until, told FROM facts WHERE imdb_id = ? AND typeof(until) = 'real'"
        rows = self._run(sql, imdb_id)
        until, text = rows[0] if rows else (0.0, None)
        try:
            return until, Facts._make(json.loads(text)) if text else None
        except (ValueError, TypeError):  # the disk changed what was written
            return 0.0, None

    def save_facts(self, imdb_id: str, until: float, facts: Facts) -> None:
        """Store facts."""
        sql = "INSERT OR REPLACE INTO facts VALUES (?, ?, ?)"
        self._run(sql, imdb_id, until, json.dumps(facts))
        self._delete_soonest()

    def _delete_soonest(self) -> None:
        while self.size() > self._max_bytes and any(self._run(sql) for sql in _DELETE_SOONEST):
            pass

    def extend(self, imdb_id: str, until: float) -> None:
        """Let a film's entries, made empty where there are none, expire at ``until`` or later."""
        for new in ("posters VALUES (?, ?, NULL, NULL)", "facts VALUES (?, ?, NULL)"):
            sql = f"INSERT INTO {new} ON CONFLICT (imdb_id) DO UPDATE "
            self._run(sql + "SET until = max(until, excluded.until)", imdb_id, until)

    def requests(self, day: str) -> int:
        """Return the number of requests counted in a day."""
        sql = "SELECT requests FROM days WHERE day = ? AND typeof(requests) = 'integer'"
        rows = self._run(sql, day)
        return rows[0][0] if rows else 0

    def size(self) -> int:
        """Return the bytes in use, without free pages of the file."""
        sql = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, "
        rows = self._run(sql + "pragma_freelist_count, pragma_page_size")
        return int(rows[0][0]) if rows else 0

    def count_request(self, day: str, limit: int) -> bool | None:
        """Count a request if the day has one left; None where it cannot be counted now."""
        # In one statement, or two servers could both take the last request of the day.
        sql = (
            "INSERT INTO days VALUES (?, 1) ON CONFLICT (day) DO UPDATE "
            "SET requests = requests + 1 WHERE requests < ? RETURNING requests"
        )
        rows = self._run(sql, day, limit)
        if rows:
            self._counted = (day, rows[0][0])
        return None if rows is None else bool(rows)

    def uncount_request(self, day: str) -> None:
        """Take back the count of a request that did not reach OMDb."""
        sql = "UPDATE days SET requests = requests - 1 WHERE day = ? AND requests > 0"
        self._run(sql, day)

    def count_all_requests(self, day: str, limit: int) -> None:
        """Count the day's requests as all made."""
        self._counted = (day, limit)
        self._run("INSERT OR REPLACE INTO days VALUES (?, ?)", day, limit)


def _read_header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_MAGIC))
