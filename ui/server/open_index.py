"""The one index that this server serves: opened once for all visitors, and checked for them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from recommender import (
    EngineUnavailableError,
    IndexNotFoundError,
    IndexStats,
    KindredError,
    Recommender,
)
from recommender.health import Health, check_health
from ui.server.singleton import Singleton

__all__ = ["ServedIndex", "recommender", "served_index", "turn", "version_of"]

_TIMEOUT = 2.5
"""Seconds that a visitor waits at most: for a turn, one question, and the index to be opened."""
_VALID = 2.0
"""Seconds from its beginning for which a check holds, so that nobody can load the index by asking
often. Longer than the second after which a page that waits looks again."""
_AT_ONCE = 2
"""Pages drawn at a time: one of them may use Python while the other waits for the engine. As Python
runs one thread at a time, of fifty at once all would end as late as the last. With one or with four
``python -m benchmarks.app.sessions INDEX`` has longer waits."""
_turns = threading.Semaphore(_AT_ONCE)
_log = logging.getLogger(__name__)


class ServedIndex:
    """The index, and whether it answers, which one check at a time finds out for everybody.

    Once open it stays so: the recommender follows a new ingest, and an index that comes back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recommender: Recommender | None = None
        self._answers = False
        self._check: Future[Health] | None = None
        self._began = 0.0
        self._logged = ""

    @property
    def was_open(self) -> bool:
        """Whether it was ever open. What is then missing is lost, and not yet to be made."""
        return self._recommender is not None

    def recommender(self) -> Recommender:
        """Return the open index; while it is not open, or away, wait for the check under way.

        Raises KindredError where it cannot be opened, or does not answer in time.
        """
        if not self._answers:
            try:
                problem = self.check().exception(_TIMEOUT)
            except TimeoutError:
                problem = EngineUnavailableError(f"no answer within {_TIMEOUT:g} seconds")
            if problem is not None and not self._answers:
                raise problem
        assert self._recommender is not None
        return self._recommender

    def check(self, *, anew: bool = False) -> Future[Health]:
        """Return the check that is under way or still holds, or begin one, without waiting for it.

        ``anew`` is for who knows better than a check that holds. The result is that of
        :func:`recommender.health.check_health`, or the error.
        """
        with self._lock:
            holds = not anew and time.monotonic() - self._began < _VALID
            if self._check is None or (self._check.done() and not holds):
                self._check, self._began = Future(), time.monotonic()
                # A daemon, because neither a disk nor a library that hangs can be interrupted.
                threading.Thread(target=self._run, args=(self._check,), daemon=True).start()
            return self._check

    def _run(self, check: Future[Health]) -> None:
        try:
            if self._recommender is None:
                self._recommender = Recommender.open(timeout=_TIMEOUT)
            found = check_health(self._recommender)
        except Exception as problem:  # for whoever waits for it
            self._answers = self.was_open and not isinstance(problem, EngineUnavailableError)
            self._log(problem)
            check.set_exception(problem)
        else:
            self._answers = True
            self._log(None, version=found.version)
            check.set_result(found)

    def _log(self, problem: Exception | None, **fields: object) -> None:
        """Log how the index is where that changed."""
        if problem is None:
            status = "ok"
        elif isinstance(problem, IndexNotFoundError) and not self.was_open:
            status = "empty"
        else:
            status = "failing"
            # The message of an error that nobody foresaw may hold anything, a key included.
            known = isinstance(problem, KindredError)
            fields["reason"] = str(problem) if known else f"unexpected {type(problem).__name__}"
        if status != self._logged:
            self._logged = status
            level = logging.WARNING if status == "failing" else logging.INFO
            _log.log(level, "health", extra={"status": status, **fields})


@Singleton
def served_index() -> ServedIndex:
    """Return the index of this server, as the environment names it; nothing is opened yet."""
    return ServedIndex()


def recommender() -> Recommender:
    """Return the open index: see :meth:`ServedIndex.recommender`."""
    return served_index().recommender()


@contextmanager
def turn() -> Iterator[Recommender]:
    """Wait until a page may be drawn, but not behind pages that hang, and give it the open index.

    Raises as :func:`recommender`, which is asked after the wait: whoever waited for an index that
    does not answer any more need not find that out again.
    """
    has_turn = _turns.acquire(timeout=_TIMEOUT)
    try:
        yield recommender()
    finally:
        if has_turn:
            _turns.release()


def version_of(stats: IndexStats) -> str:
    """Name a version so that no other has its name: an index made anew counts from one again."""
    return f"{stats.version}-{stats.created}"
