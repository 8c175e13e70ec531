"""What this server remembers of visitors who asked it to: one SQLite file that only it may read.

A visitor is known by a random token that their browser holds; here there is only its hash. Whoever
has not been here for half a year is forgotten. What is forgotten is overwritten in the file.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from recommender.settings import CacheSettings
from ui.server.singleton import Singleton

__all__ = ["DAYS_KEPT", "FAULTS", "LARGEST", "Visitors", "visitors"]

DAYS_KEPT = 180
"""Days without a visit after which a visitor is forgotten."""
LARGEST = 5_000_000
"""Bytes that are kept of a visitor at most."""
FAULTS = (OSError, sqlite3.Error, UnicodeDecodeError)
"""What every call may raise, where the disk is full, or the file locked, broken or not ours."""

_PATIENCE = 0.3  # seconds for a file that another server is writing
_SET_UP = """
PRAGMA secure_delete = ON;
PRAGMA journal_mode = TRUNCATE;
PRAGMA synchronous = NORMAL;
PRAGMA max_page_count = 262144;
CREATE TABLE IF NOT EXISTS visitors
    (who TEXT, source TEXT, taste TEXT, seen INTEGER, PRIMARY KEY (who, source));
"""  # a gigabyte, so that a crowd cannot fill the disk


class Visitors:
    """Remembers in a folder, a taste for each visitor and source of ratings.

    The file is opened for each call, so that calls may come from any thread and process, and the
    file may be taken away at any time.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._clock = folder, clock
        self._tidied = 0

    def _today(self) -> int:
        return int(self._clock() // 86_400)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        file = self._folder / "visitors.sqlite"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        for path, mode in ((self._folder, 0o700), (file, 0o600)):
            if path.stat().st_mode & 0o077:
                path.chmod(mode)
        with closing(sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)) as db:
            db.executescript(_SET_UP)
            if self._tidied != self._today():
                db.execute("DELETE FROM visitors WHERE seen < ?", (self._today() - DAYS_KEPT,))
                self._tidied = self._today()
            yield db

    def tidy(self) -> None:
        """Forget who has not been here for too long; nothing is made where nobody is remembered."""
        if (self._folder / "visitors.sqlite").exists():
            with self._opened():
                pass

    def welcome(self, token: str, source: str, taste: str) -> None:
        """Begin to remember a visitor."""
        with self._opened() as db:
            values = (_who(token), source, taste, self._today())
            db.execute("INSERT OR REPLACE INTO visitors VALUES (?, ?, ?, ?)", values)

    def keep(self, token: str, source: str, change: Callable[[str, str], str | None]) -> bool:
        """Remember a newer taste; False for a visitor who has been forgotten.

        ``change`` makes it of what :meth:`find` gives, which nobody changes meanwhile; with None
        all stays as it is.
        """
        with self._opened() as db:
            db.execute("BEGIN IMMEDIATE")
            found = self._find(db, token, source)
            taste = change(*found) if found else None
            if taste is not None:
                values = (_who(token), source, taste, self._today())
                db.execute("INSERT OR REPLACE INTO visitors VALUES (?, ?, ?, ?)", values)
            db.execute("COMMIT")
        return found is not None

    def find(self, token: str, source: str) -> tuple[str, str] | None:
        """Give source and taste of a visitor, of another source where there is none of this one."""
        with self._opened() as db:
            return self._find(db, token, source)

    def _find(self, db: sqlite3.Connection, token: str, source: str) -> tuple[str, str] | None:
        sql = (
            "SELECT source, taste, seen FROM visitors WHERE who = ? AND seen >= ? "
            "ORDER BY source != ?, seen DESC"
        )
        today = self._today()
        found = db.execute(sql, (_who(token), today - DAYS_KEPT, source)).fetchone()
        if found is None:
            return None
        if found[2] != today:
            db.execute("UPDATE visitors SET seen = ? WHERE who = ?", (today, _who(token)))
        return found[0], found[1]

    def forget(self, token: str) -> None:
        """Forget a visitor."""
        with self._opened() as db:
            db.execute("DELETE FROM visitors WHERE who = ?", (_who(token),))


def _who(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@Singleton
def visitors() -> Visitors:
    """Return what this server remembers."""
    return Visitors(CacheSettings.read().cache / "visitors")
