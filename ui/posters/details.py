"""What OMDb tells of a film, at an address that its card asks when it is opened."""

from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from recommender import KindredError
from ui.posters.fetcher import IMDB_ID, posters
from ui.posters.omdb import Facts, Verdict
from ui.server.client_ip import stranger
from ui.server.open_index import recommender

__all__ = ["details"]

_PATIENCE = 6.0  # seconds
_TOLD = {"Cache-Control": "private, max-age=86400"}
_NOT_SET_UP = "Details come from OMDb, which is not set up here."
_STRANGE = "This film is not in the collection."
_SLOW = "OMDb takes its time. Try again in a moment."
_REASONS = {
    Verdict.NONE: "OMDb tells nothing of this film.",
    Verdict.KEY_REFUSED: "OMDb refuses the key of this server.",
    Verdict.LIMIT_REACHED: "Today's questions to OMDb are used up. Try again tomorrow.",
}
_PASSING = "OMDb does not answer. Try again later."


async def details(request: Request) -> JSONResponse:
    """Answer with plot, director, actors and runtime, null where unknown; or the reason why not.

    Only films of the catalogue are asked for, or anybody could spend the budget on others.
    """
    who = stranger(request.client.host if request.client else None)
    got = await _find(request.path_params["imdb_id"], who)
    if isinstance(got, Facts):
        return JSONResponse(got._asdict(), headers=_TOLD)
    return JSONResponse({"reason": got}, 404, headers=_TOLD | {"Cache-Control": "no-store"})


async def _find(imdb_id: str, who: str) -> Facts | str:
    if not IMDB_ID.fullmatch(imdb_id):
        return _STRANGE
    try:
        service = await run_in_threadpool(posters)
        if service is None:
            return _NOT_SET_UP
        (movie,) = await run_in_threadpool(lambda: recommender().find([f"imdb:{imdb_id}"]))
        if movie is None or movie.imdb_id != imdb_id:
            return _STRANGE
        async with asyncio.timeout(_PATIENCE):
            got = await service.facts(imdb_id, who)
    except KindredError:  # of the setting or the index that is wrong, the page itself speaks
        return _STRANGE
    except TimeoutError:
        return _SLOW
    return _REASONS.get(got, _PASSING) if isinstance(got, Verdict) else got
