"""The health check of this server, for whatever watches it.

It asks a real question of the open index, in this process: starting another process for it would
cost a second of work each time.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import Future

from starlette.requests import Request
from starlette.responses import JSONResponse

from recommender import IndexNotFoundError, KindredError
from recommender.health import check_health
from ui.server.open_index import recommender
from ui.server.singleton import Singleton

__all__ = ["health"]

_VALID = 3.0
"""Seconds for which an answer holds, so that nobody can load the server by asking often."""
_TIMEOUT = 4.0
"""Seconds after which a question without an answer counts as failed."""
_FAILING = "failing"
_log = logging.getLogger(__name__)

_Report = dict[str, object]


class _HealthCheck:
    """The last check, made in a thread of its own: while one hangs no other is started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._report: Future[_Report] = Future()
        self._report.set_result({"status": "ok"})
        self._valid_until = float("-inf")
        self._status = ""

    def request(self) -> Future[_Report]:
        """Return the report that holds, or is being made."""
        with self._lock:
            if self._report.done() and time.monotonic() >= self._valid_until:
                report: Future[_Report] = Future()
                try:
                    threading.Thread(target=self._check, args=(report,), daemon=True).start()
                except RuntimeError as problem:  # no more threads can be started just now
                    report.set_result({"status": _FAILING, "reason": str(problem)})
                self._report = report
            return self._report

    def _check(self, report: Future[_Report]) -> None:
        result = _check()
        self._valid_until = time.monotonic() + _VALID
        report.set_result(result)

    def log_change(self, report: _Report) -> None:
        """Log a report whose status is not that of the one before."""
        with self._lock:
            changed, self._status = self._status != report["status"], str(report["status"])
        if changed:
            level = logging.WARNING if self._status == _FAILING else logging.INFO
            _log.log(level, "health", extra=report)


_health_check = Singleton(_HealthCheck)


def _check() -> _Report:
    try:
        found = check_health(recommender())
    except IndexNotFoundError:  # the app is well: its first page offers to make an index
        return {"status": "empty"}
    except KindredError as problem:
        return {"status": _FAILING, "reason": str(problem)}
    # Whatever happened must be reported, but its message could hold anything, a key included.
    except Exception as problem:
        return {"status": _FAILING, "reason": f"unexpected {type(problem).__name__}"}
    return {"status": "ok", "version": found.version, "milliseconds": found.milliseconds}


async def health(request: Request) -> JSONResponse:
    """Answer 200 and ``ok``, or ``empty`` where nothing was ingested yet; else 503 and the reason.

    The answer stays the same for some seconds.
    """
    check = _health_check()
    try:
        # Shielded, because a timeout would cancel the future that other requests wait for too.
        pending = asyncio.shield(asyncio.wrap_future(check.request()))
        report = await asyncio.wait_for(pending, _TIMEOUT)
    except TimeoutError:
        report = {"status": _FAILING, "reason": f"no answer within {_TIMEOUT:g} seconds"}
    check.log_change(report)
    status = 503 if report["status"] == _FAILING else 200
    return JSONResponse(report, status, headers={"Cache-Control": "no-store"})
