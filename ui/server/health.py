"""The health check of this server, and what strangers are told of an index that does not answer."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse

from recommender import EngineUnavailableError, IndexNotFoundError, IndexProblem
from recommender.errors import EngineError, IndexDamagedError, IndexFormatError
from ui.server.open_index import served_index

__all__ = ["health", "public_reason"]

_TIMEOUT = 4.0
"""Seconds after which a check without a result counts as failed."""
# By kind of error, the most special first. No path and no address: those are in the log.
_REASONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    ((EngineUnavailableError, TimeoutError), "The index does not answer in time."),
    (
        (IndexDamagedError, IndexNotFoundError),
        "The index is damaged or gone: restore it, ingest again, or go back with "
        "`kindred ingest --rollback`.",
    ),
    (IndexFormatError, "The index was made by another version of Kindred: ingest again."),
    (EngineError, "The index server refuses the request, or fails."),
    (IndexProblem, "The index cannot be used as it is."),
)


def public_reason(problem: Exception) -> str:
    """Say in one sentence what is wrong, without what only the operator of this server may know."""
    known = (reason for kind, reason in _REASONS if isinstance(problem, kind))
    return next(known, "The app is set up wrongly, or has met an unexpected error.")


async def health(_: Request) -> JSONResponse:
    """Answer 200 and ``ok``, or ``empty`` where nothing was ever ingested; else 503 and why."""
    index = served_index()
    try:
        # Shielded, because a timeout would cancel the check that others wait for too.
        check = asyncio.shield(asyncio.wrap_future(index.check()))
        found = await asyncio.wait_for(check, _TIMEOUT)
    except Exception as problem:
        if isinstance(problem, IndexNotFoundError) and not index.was_open:
            return _report(200, status="empty")
        return _report(503, status="failing", reason=public_reason(problem))
    return _report(200, status="ok", version=found.version, milliseconds=found.milliseconds)


def _report(code: int, **report: object) -> JSONResponse:
    return JSONResponse(report, code, headers={"Cache-Control": "no-store"})
