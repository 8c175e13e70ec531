"""A circuit breaker between visitors and an index that cannot be asked: no visitor waits for it.

Nygard, *Release It!* (2007). A failure that everybody would meet opens the circuit. While it is
open no page asks the index: a probe asks in a thread of its own, again and again as long as
somebody looks at a page, and the first answer closes the circuit.
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

__all__ = ["OUTAGES", "CircuitBreaker"]

OUTAGES = (EngineUnavailableError, IndexDamagedError, IndexFormatError)
"""Errors that every question would meet, and not just the one that did."""
_PROBE_PAUSE = 2.0
"""Most seconds between two probes."""
_LONGEST_PAUSE = 60.0
"""Most seconds that a server can ask to be left alone for, or one wrong header would stop the app
for hours."""
_GRACE = 5.0
"""Seconds after a probe was answered in which a failure counts for its own question alone. Without
them one question that always fails would open the circuit again at once, for everybody."""
_log = logging.getLogger(__name__)


class CircuitBreaker:
    """Lets questions through unless the last one failed in a way that the next would too."""

    def __init__(self, probe: Callable[[], object]) -> None:
        """Begin closed; ``probe`` asks a question and raises KindredError where that fails."""
        self._probe = probe
        self._lock = threading.Lock()
        self._problem: IndexProblem | None = None
        self._opened_at = self._next_probe = 0.0
        self._closed_at = float("-inf")
        self._prober: threading.Thread | None = None

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Run the block where the circuit is closed, and open it on a failure for everybody."""
        self.check()
        try:
            yield
        except OUTAGES as problem:
            self._open(problem)
            raise

    def check(self) -> None:
        """Raise the problem while the circuit is open, and start a probe when one is due."""
        with self._lock:
            problem = self._problem
            if problem is None or threading.current_thread() is self._prober:
                return
            if self._prober is None and time.monotonic() >= self._next_probe:
                prober = threading.Thread(target=self._run_probe, daemon=True)
                with suppress(RuntimeError):  # no more threads can be started just now
                    prober.start()
                    self._prober = prober
        # A new error for each caller: a raised one collects the tracebacks of all of them.
        raise type(problem)(*problem.args)

    @property
    def open(self) -> bool:
        """Whether no question is let through."""
        return self._problem is not None

    def seconds_open(self) -> float:
        """Return for how many seconds it has been open."""
        return time.monotonic() - self._opened_at

    def close(self) -> None:
        """Let questions through again."""
        with self._lock:
            if self._problem is not None:
                _log.warning("the index can be asked again, after %.0f s", self.seconds_open())
                self._closed_at = time.monotonic()
            self._problem = None

    def _open(self, problem: IndexProblem) -> None:
        now = time.monotonic()
        with self._lock:
            if self._problem is None:
                if now - self._closed_at < _GRACE:
                    return
                _log.warning("the index cannot be asked: %s", problem)
                self._opened_at, self._next_probe = now, now + _retry_after(problem)
            self._problem = problem

    def _run_probe(self) -> None:
        # At random, so that several servers of one index do not probe it at the same moment.
        pause = random.uniform(_PROBE_PAUSE / 2, _PROBE_PAUSE)  # noqa: S311 - no secret
        try:
            self._probe()
        except OUTAGES as problem:
            _log.debug("still not: %s", problem)
            pause = max(pause, _retry_after(problem))
        except KindredError:  # such as a missing index: pages have an answer to that
            self.close()
        else:
            self.close()
        finally:
            with self._lock:
                self._prober = None
                self._next_probe = time.monotonic() + pause


def _retry_after(problem: IndexProblem) -> float:
    after = problem.after if isinstance(problem, EngineUnavailableError) else 0.0
    return min(after, _LONGEST_PAUSE)
