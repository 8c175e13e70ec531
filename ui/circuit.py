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
from contextlib import contextmanager

from recommender import (
    EngineUnavailableError,
    IndexDamagedError,
    IndexFormatError,
    IndexNotFoundError,
    IndexProblem,
    KindredError,
)

__all__ = ["OF_ALL", "Circuit"]

OF_ALL = (EngineUnavailableError, IndexDamagedError, IndexFormatError)
"""What nobody's question gets past."""
_PAUSE = 2.0
"""Most seconds from one answer, or failure, to the next question beside the pages."""
_log = logging.getLogger(__name__)


class Circuit:
    """Lets questions through unless the last one failed in a way that the next would too."""

    def __init__(self, ask: Callable[[], object]) -> None:
        """Begin closed; ``ask`` puts a question and raises KindredError where that fails."""
        self._ask = ask
        self._lock = threading.Lock()
        self._problem: IndexProblem | None = None
        self._since = self._next = 0.0
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
                self._asking = threading.Thread(target=self._look, daemon=True)
                self._asking.start()
        raise type(problem)(*problem.args)

    def seconds(self) -> float:
        """Tell for how long it has been open."""
        return time.monotonic() - self._since

    def close(self) -> None:
        """Let questions through again."""
        with self._lock:
            if self._problem is not None:
                _log.warning("the index can be asked again, after %.0f s", self.seconds())
            self._problem = None

    def _open(self, problem: IndexProblem) -> None:
        with self._lock:
            if self._problem is None:
                _log.warning("the index cannot be asked: %s", problem)
                self._since, self._next = time.monotonic(), 0.0
            self._problem = problem

    def _look(self) -> None:
        try:
            self._ask()
        except IndexNotFoundError:  # pages have an answer to that
            self.close()
        except KindredError as problem:
            _log.debug("still not: %s", problem)
        else:
            self.close()
        finally:
            with self._lock:
                self._asking = None
                # Others serve the same index, and need not ask in step.
                self._next = time.monotonic() + random.uniform(_PAUSE / 2, _PAUSE)  # noqa: S311
