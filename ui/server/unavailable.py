"""Between visitors and an index that cannot be asked: all are told at once, and nobody waits.

A circuit breaker (Nygard, *Release It!*, 2007). A failure that is everybody's opens it. While it is
open no page asks the index; one question is put to it beside the pages, time and again as long as
somebody looks at one, and the first that is answered closes it.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from recommender import EngineUnavailableError, IndexProblem, KindredError
from recommender.errors import IndexDamagedError, IndexFormatError

__all__ = ["OF_ALL", "Circuit"]

OF_ALL = (EngineUnavailableError, IndexDamagedError, IndexFormatError)
"""What nobody's question gets past."""
_PAUSE = 2.0
"""Most seconds from one answer, or failure, to the next question beside the pages."""
_LONGEST_PAUSE = 60.0
_DOUBT = 5.0
"""Seconds after an answer beside the pages in which a failure is that of one question alone."""
_log = logging.getLogger(__name__)


class Circuit:
    """Lets questions through unless the last one failed in a way that the next would too."""

    def __init__(self, ask: Callable[[], object]) -> None:
        """Begin closed; ``ask`` puts a question and raises KindredError where that fails."""
        self._ask = ask
        self._lock = threading.Lock()
        self._problem: IndexProblem | None = None
        self._since = self._next = 0.0
        self._closed = float("-inf")
        self._asking: threading.Thread | None = None

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let what is asked in the block through, and open where it fails for everybody."""
        self.check()
        try:
            yield
        except OF_ALL as problem:
            self._open(problem)
            raise

    def check(self) -> None:
        """Raise what is wrong while it is open, and see to it that somebody looks again."""
        with self._lock:
            problem = self._problem
            if problem is None or threading.current_thread() is self._asking:
                return
            if self._asking is None and time.monotonic() >= self._next:
                asking = threading.Thread(target=self._look, daemon=True)
                with suppress(RuntimeError):  # there is no room for a thread just now
                    asking.start()
                    self._asking = asking
        raise type(problem)(*problem.args)

    @property
    def open(self) -> bool:
        """Whether nobody is let through."""
        return self._problem is not None

    def seconds(self) -> float:
        """Tell for how long it has been open."""
        return time.monotonic() - self._since

    def close(self) -> None:
        """Let questions through again."""
        with self._lock:
            if self._problem is not None:
                _log.warning("the index can be asked again, after %.0f s", self.seconds())
                self._closed = time.monotonic()
            self._problem = None

    def _open(self, problem: IndexProblem) -> None:
        now = time.monotonic()
        with self._lock:
            if self._problem is None:
                if now - self._closed < _DOUBT:
                    return
                _log.warning("the index cannot be asked: %s", problem)
                self._since, self._next = now, now + _wanted(problem)
            self._problem = problem

    def _look(self) -> None:
        # Others serve the same index, and need not ask in step.
        pause = random.uniform(_PAUSE / 2, _PAUSE)  # noqa: S311
        try:
            self._ask()
        except OF_ALL as problem:
            _log.debug("still not: %s", problem)
            pause = max(pause, _wanted(problem))
        except KindredError:  # pages have an answer to that
            self.close()
        else:
            self.close()
        finally:
            with self._lock:
                self._asking = None
                self._next = time.monotonic() + pause


def _wanted(problem: IndexProblem) -> float:
    """Seconds for which a server wants to be left alone."""
    after = problem.after if isinstance(problem, EngineUnavailableError) else 0.0
    return min(after, _LONGEST_PAUSE)
