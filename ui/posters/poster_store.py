"""What OMDb told of films, the pictures, and the requests made in a day: one SQLite file.

Several servers may share it. While it is locked or the disk is full, nothing is known and nothing
kept. Where it cannot be written, or turns out to be broken, the same is kept in the server's own
memory; what is broken within is as if it were not there.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

from ui.posters.omdb import Facts, Picture

__all__ = ["PosterMemory"]

_MOST_WITHOUT_DISK = 50_000_000
_MAGIC = b"SQLite format 3\0"
_PASSING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL)
_SET_UP = """
PRAGMA journal_mode = WAL;
PRAGMA wal_autocheckpoint = 100;
CREATE TABLE IF NOT EXISTS posters (imdb_id TEXT PRIMARY KEY, until REAL, type TEXT, data BLOB);
CREATE INDEX IF NOT EXISTS posters_by_age ON posters (until, imdb_id, type);
CREATE TABLE IF NOT EXISTS facts (imdb_id TEXT PRIMARY KEY, until REAL, told TEXT);
CREATE TABLE IF NOT EXISTS days (day TEXT PRIMARY KEY, requests INTEGER);
PRAGMA user_version = 1;
"""  # the last of which fails where the file cannot be written
# What is forgotten soonest goes first, and facts, which are small, after all pictures.
_MAKE_ROOM = (
    "DELETE FROM posters WHERE imdb_id IN "
    "(SELECT imdb_id FROM posters ORDER BY until LIMIT 8) RETURNING 1",
    "DELETE FROM facts WHERE imdb_id IN "
    "(SELECT imdb_id FROM facts ORDER BY until LIMIT 1000) RETURNING 1",
)


class PosterMemory:
    """Remembers in a folder. Every method may be called from any thread.

    Beyond ``most`` bytes in the file, what would be forgotten soonest goes.
    """

    def __init__(self, folder: Path, most: int = 500_000_000) -> None:
        self._lock, self._most = threading.Lock(), most
        self._file = folder / "posters.sqlite"
        self._db: sqlite3.Connection | None = None  # opened by the first question
        self._counted = ("", 0)  # the last day counted, and its requests

    def _open(self, path: Path | None) -> sqlite3.Connection:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and _begin(path) not in (_MAGIC, b""):
                path.replace(path.with_name(f"{path.name}.broken"))
        db = sqlite3.connect(
            path or ":memory:", timeout=1, isolation_level=None, check_same_thread=False
        )
        try:
            db.executescript(_SET_UP)
        except sqlite3.Error:
            db.close()
            raise
        return db

    def _run(self, sql: str, *values: object) -> list[Any] | None:
        """Give rows, or None while the file is locked or the disk full."""
        with self._lock:
            try:
                self._db = self._db or self._open(self._file)
                return self._db.execute(sql, values).fetchall()
            # A message about a broken file may itself not be text.
            except (OSError, sqlite3.Error, UnicodeDecodeError) as problem:
                if getattr(problem, "sqlite_errorcode", 0) & 0xFF in _PASSING:
                    return None
                logging.getLogger(__name__).warning("posters are not kept on disk: %s", problem)
            self._most = min(self._most, _MOST_WITHOUT_DISK)
            self._db = self._open(None)
            self._db.execute("INSERT INTO days VALUES (?, ?)", self._counted)
            return self._db.execute(sql, values).fetchall()

    def known(self, which: str = "*") -> dict[str, tuple[float, bool]]:
        """Give what was kept of one film, or of all: until when, and if there is a picture."""
        sql = "SELECT imdb_id, until, type IS NOT NULL FROM posters WHERE imdb_id GLOB ?"
        rows = self._run(f"{sql} AND typeof(until) = 'real'", which) or []
        return {imdb_id: (until, bool(there)) for imdb_id, until, there in rows}

    def picture(self, imdb_id: str) -> Picture | None:
        """Give a picture, if there is one."""
        sql = "SELECT data, type FROM posters WHERE imdb_id = ? AND data IS NOT NULL"
        rows = self._run(sql, imdb_id)
        found = Picture(*rows[0]) if rows else None
        return found if found and found.sound else None

    def keep(self, imdb_id: str, until: float, picture: Picture | None) -> bool:
        """Remember a picture, or that there is none; tell whether that was possible."""
        values = (picture.type, picture.data) if picture else (None, None)
        sql = "INSERT OR REPLACE INTO posters VALUES (?, ?, ?, ?)"
        kept = self._run(sql, imdb_id, until, *values) is not None
        self._make_room()
        return kept

    def facts(self, imdb_id: str) -> tuple[float, Facts | None]:
        """Give until when to go by what is known of a film, and what it was told to be."""
        sql = "SELECT until, told FROM facts WHERE imdb_id = ? AND typeof(until) = 'real'"
        rows = self._run(sql, imdb_id)
        until, told = rows[0] if rows else (0.0, None)
        try:
            return until, Facts._make(json.loads(told)) if told else None
        except (ValueError, TypeError):  # the disk did not keep what was written
            return 0.0, None

    def keep_facts(self, imdb_id: str, until: float, facts: Facts) -> None:
        """Remember what was told."""
        sql = "INSERT OR REPLACE INTO facts VALUES (?, ?, ?)"
        self._run(sql, imdb_id, until, json.dumps(facts))
        self._make_room()

    def _make_room(self) -> None:
        while self.size() > self._most and any(self._run(sql) for sql in _MAKE_ROOM):
            pass

    def prolong(self, imdb_id: str, until: float) -> None:
        """Let what is remembered, or that nothing is, hold at least until then."""
        for new in ("posters VALUES (?, ?, NULL, NULL)", "facts VALUES (?, ?, NULL)"):
            sql = f"INSERT INTO {new} ON CONFLICT (imdb_id) DO UPDATE "
            self._run(sql + "SET until = max(until, excluded.until)", imdb_id, until)

    def requests(self, day: str) -> int:
        """Give the number of requests counted in a day."""
        sql = "SELECT requests FROM days WHERE day = ? AND typeof(requests) = 'integer'"
        rows = self._run(sql, day)
        return rows[0][0] if rows else 0

    def size(self) -> int:
        """Give the bytes that all this takes."""
        sql = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, "
        rows = self._run(sql + "pragma_freelist_count, pragma_page_size")
        return int(rows[0][0]) if rows else 0

    def spend(self, day: str, most: int) -> bool | None:
        """Count a request, if the day has one left; None where it cannot be counted now."""
        sql = (
            "INSERT INTO days VALUES (?, 1) ON CONFLICT (day) DO UPDATE "
            "SET requests = requests + 1 WHERE requests < ? RETURNING requests"
        )
        rows = self._run(sql, day, most)
        if rows:
            self._counted = (day, rows[0][0])
        return None if rows is None else bool(rows)

    def give_back(self, day: str) -> None:
        """Take back the count of a request that was not made."""
        sql = "UPDATE days SET requests = requests - 1 WHERE day = ? AND requests > 0"
        self._run(sql, day)

    def spend_all(self, day: str, most: int) -> None:
        """Count the day's requests as all made."""
        self._counted = (day, most)
        self._run("INSERT OR REPLACE INTO days VALUES (?, ?)", day, most)


def _begin(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_MAGIC))
