"""Whether this server answers, at an address for whoever watches it.

A real question is asked of the index that visitors are served from, in this very process: starting
another for it would cost a second of work each time.
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
from ui.server.shared import Single

__all__ = ["health"]

_FRESH = 3.0
"""Seconds for which an answer holds, so that nobody can load the server by asking."""
_PATIENCE = 4.0
"""Seconds after which a question that is not answered counts as failed."""
_FAILING = "failing"
_log = logging.getLogger(__name__)

_Told = dict[str, object]


class _Watch:
    """The question last asked, by a thread of its own: one that hangs is not asked twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: Future[_Told] = Future()
        self._told.set_result({"status": "ok"})
        self._until = float("-inf")
        self._status = ""

    def ask(self) -> Future[_Told]:
        """Give the answer that holds, or is under way."""
        with self._lock:
            if self._told.done() and time.monotonic() >= self._until:
                told: Future[_Told] = Future()
                try:
                    threading.Thread(target=self._ask, args=(told,), daemon=True).start()
                except RuntimeError as problem:  # there is no room for a thread just now
                    told.set_result({"status": _FAILING, "reason": str(problem)})
                self._told = told
            return self._told

    def _ask(self, told: Future[_Told]) -> None:
        found = _ask()
        self._until = time.monotonic() + _FRESH
        told.set_result(found)

    def note(self, told: _Told) -> None:
        """Log it where it is another than before."""
        with self._lock:
            changed, self._status = self._status != told["status"], str(told["status"])
        if changed:
            level = logging.WARNING if self._status == _FAILING else logging.INFO
            _log.log(level, "health", extra=told)


@Single
def _watch() -> _Watch:
    return _Watch()


def _ask() -> _Told:
    try:
        found = check_health(recommender())
    except IndexNotFoundError:  # the app is well: it shows how to make one
        return {"status": "empty"}
    except KindredError as problem:
        return {"status": _FAILING, "reason": str(problem)}
    except Exception as problem:  # whatever it is, who watches is to know of it
        return {"status": _FAILING, "reason": f"unexpected {type(problem).__name__}"}
    return {"status": "ok", "version": found.version, "milliseconds": found.milliseconds}


async def health(request: Request) -> JSONResponse:
    """Answer 200 and ``ok``, or ``empty`` where nothing was ingested yet; else 503 and the reason.

    It says the same for some seconds.
    """
    watch = _watch()
    try:
        asked = asyncio.wrap_future(watch.ask())
        told = await asyncio.wait_for(asyncio.shield(asked), _PATIENCE)
    except TimeoutError:
        told = {"status": _FAILING, "reason": f"no answer within {_PATIENCE:g} seconds"}
    watch.note(told)
    status = 503 if told["status"] == _FAILING else 200
    return JSONResponse(told, status, headers={"Cache-Control": "no-store"})
