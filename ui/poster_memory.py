"""What OMDb said, the pictures, and the requests made in a day: one SQLite file.

Several servers may share it. Where it cannot be written, or turns out to be broken, the same is
kept in the server's own memory.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

from ui.omdb import Picture

__all__ = ["PosterMemory"]

_MOST_WITHOUT_DISK = 50_000_000
_SET_UP = """
CREATE TABLE IF NOT EXISTS posters (imdb_id TEXT PRIMARY KEY, until REAL, type TEXT, data BLOB);
CREATE INDEX IF NOT EXISTS posters_by_age ON posters (until, imdb_id, type);
CREATE TABLE IF NOT EXISTS days (day TEXT PRIMARY KEY, requests INTEGER);
PRAGMA user_version = 1;
"""  # the last of which fails where the file cannot be written


class PosterMemory:
    """Remembers in a folder. Every method may be called from any thread.

    Beyond ``most`` bytes in the file, what would be forgotten soonest goes.
    """

    def __init__(self, folder: Path, most: int = 500_000_000) -> None:
        self._lock, self._most = threading.Lock(), most
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._open(str(folder / "posters.sqlite"))
        except (OSError, sqlite3.Error) as problem:
            self._go_on_without_disk(problem)

    def _open(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(_SET_UP)

    def _go_on_without_disk(self, problem: Exception) -> None:
        logging.getLogger(__name__).warning("posters are not kept on disk: %s", problem)
        self._most = min(self._most, _MOST_WITHOUT_DISK)
        self._open(":memory:")

    def _run(self, sql: str, *values: object) -> list[Any]:
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.Error as problem:
                self._go_on_without_disk(problem)
                return self._db.execute(sql, values).fetchall()

    def known(self, now: float, which: str = "*") -> dict[str, tuple[float, bool]]:
        """Give what still holds of one film, or of all: until when, and if there is a picture."""
        sql = "SELECT imdb_id, until, type IS NOT NULL FROM posters"
        rows = self._run(f"{sql} WHERE until > ? AND imdb_id GLOB ?", now, which)
        return {imdb_id: (until, bool(there)) for imdb_id, until, there in rows}

    def picture(self, imdb_id: str) -> Picture | None:
        """Give a picture, if there is one."""
        sql = "SELECT data, type FROM posters WHERE imdb_id = ? AND data IS NOT NULL"
        rows = self._run(sql, imdb_id)
        return Picture(*rows[0]) if rows else None

    def keep(self, imdb_id: str, until: float, picture: Picture | None) -> None:
        """Remember a picture, or that there is none."""
        values = (picture.type, picture.data) if picture else (None, None)
        self._run("INSERT OR REPLACE INTO posters VALUES (?, ?, ?, ?)", imdb_id, until, *values)
        while self._size() > self._most:
            self._run(
                "DELETE FROM posters WHERE imdb_id IN "
                "(SELECT imdb_id FROM posters ORDER BY until LIMIT 8)"
            )

    def _size(self) -> int:
        sql = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, "
        size: int = self._run(sql + "pragma_freelist_count, pragma_page_size")[0][0]
        return size

    def spend(self, day: str, most: int) -> bool:
        """Count a request, if the day has one left."""
        sql = (
            "INSERT INTO days VALUES (?, 1) ON CONFLICT (day) DO UPDATE "
            "SET requests = requests + 1 WHERE requests < ? RETURNING requests"
        )
        return bool(self._run(sql, day, most))

    def spend_all(self, day: str, most: int) -> None:
        """Count the day's requests as all made."""
        self._run("INSERT OR REPLACE INTO days VALUES (?, ?)", day, most)
