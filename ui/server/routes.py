"""The addresses beside the pages: posters, facts about a film, cookies and health."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommender import KindredError
from ui.posters.fetcher import IMDB_ID, Posters, posters
from ui.posters.omdb import Facts, Failure
from ui.posters.placeholder_art import poster_svg
from ui.server.client_ip import public_client_network
from ui.server.health import health
from ui.server.open_index import recommender
from ui.state.tickets import redeem, returned

__all__ = ["middleware", "routes"]

_MAX_POSTERS = 100  # in one request
_FACTS_TIMEOUT = 6.0  # seconds; the lookup goes on, and a later request finds its answer
_NOT_CACHED = {"Cache-Control": "no-store"}
# Opened by itself, a picture may run and load nothing, whatever OMDb or a title put into it.
_PICTURE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
# Streamlit's charts compile code as they draw (unsafe-eval), and its components load blobs.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'; connect-src 'self'"
)
_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]+)?|\[[0-9a-f:]+\](:[0-9]+)?", re.IGNORECASE | re.ASCII)

_UNKNOWN_FILM = "This film is not in the collection."
_REASONS = {
    Failure.NONE: "OMDb tells nothing of this film.",
    Failure.KEY_REFUSED: "OMDb refuses the key of this server.",
    Failure.LIMIT_REACHED: "Today's questions to OMDb are used up. Try again tomorrow.",
}


def _posters() -> Posters | None:
    with suppress(KindredError):  # a wrong setting, which the page reports
        return posters()
    return None


def _client(request: Request) -> str:
    return public_client_network(request.client.host if request.client else None)


def _poster(request: Request) -> Response:
    """Return a stored poster; one that is not stored is never fetched from here."""
    imdb_id, service = request.path_params["imdb_id"], _posters()
    found = service.picture(imdb_id) if service and IMDB_ID.fullmatch(imdb_id) else None
    if found is None:
        return _not_found()
    headers = {"Cache-Control": "private, max-age=604800", **_PICTURE}
    return Response(found.data, media_type=found.type, headers=headers)


def _request_posters(request: Request) -> Response:
    """Have the posters of films on a page fetched; list those here and those that may come."""
    asked = request.query_params.get("ids", "").split(",")[:_MAX_POSTERS]
    service = _posters()
    if service is None:
        return JSONResponse({"here": [], "awaited": [], "notice": None}, headers=_NOT_CACHED)
    try:
        films = recommender().find(f"imdb:{name}" for name in asked if IMDB_ID.fullmatch(name))
    except KindredError:
        films = ()
    # Only films of the catalogue, or anybody could use up the day's requests on other ids.
    imdb_ids = [movie.imdb_id for movie in films if movie and movie.imdb_id]
    service.request(imdb_ids, _client(request))
    answer = {
        "here": [name for name in imdb_ids if service.address(name)],
        "awaited": [name for name in imdb_ids if service.is_pending([name])],
        "notice": service.notice,
    }
    return JSONResponse(answer, headers=_NOT_CACHED)


def _placeholder(request: Request) -> Response:
    """Draw the placeholder poster of a film of the catalogue."""
    movie = None
    with suppress(KindredError):
        (movie,) = recommender().find([f"id:{request.path_params['movie_id']}"])
    if movie is None:
        return _not_found()
    svg = poster_svg(movie.title, movie.year, movie.genres)
    headers = {"Cache-Control": "private, max-age=86400", **_PICTURE}
    return Response(svg.encode(), media_type="image/svg+xml", headers=headers)


async def _details(request: Request) -> JSONResponse:
    """Answer with plot, director, actors and runtime, null where unknown; or the reason why not."""
    imdb_id = request.path_params["imdb_id"]
    known = IMDB_ID.fullmatch(imdb_id)
    found = await _find_facts(imdb_id, _client(request)) if known else _UNKNOWN_FILM
    if isinstance(found, Facts):
        return JSONResponse(found._asdict(), headers={"Cache-Control": "private, max-age=86400"})
    return JSONResponse({"reason": found}, 404, headers=_NOT_CACHED)


async def _find_facts(imdb_id: str, client: str) -> Facts | str:
    try:
        service = await run_in_threadpool(posters)
        if service is None:
            return "Details come from OMDb, which is not set up here."
        (movie,) = await run_in_threadpool(lambda: recommender().find([f"imdb:{imdb_id}"]))
        # Only films of the catalogue, as above, and each by one spelling of its id.
        if movie is None or movie.imdb_id != imdb_id:
            return _UNKNOWN_FILM
        async with asyncio.timeout(_FACTS_TIMEOUT):
            found = await service.facts(imdb_id, client)
    except KindredError:  # a wrong setting or index, which the page reports
        return _UNKNOWN_FILM
    except TimeoutError:
        return "OMDb takes its time. Try again in a moment."
    if isinstance(found, Failure):
        return _REASONS.get(found, "OMDb does not answer. Try again later.")
    return found


def _not_found() -> Response:
    return Response(status_code=404, headers=_NOT_CACHED)


def _route(
    path: str, handler: Callable[[Request], Response | Awaitable[Response]], method: str = "GET"
) -> Route:
    # Streamlit moves its own addresses below this path, but not the routes given to `st.App`.
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return Route(f"/{base}/{path}".replace("//", "/"), handler, methods=[method])


def _security_headers(app: ASGIApp) -> ASGIApp:
    """Tell browsers to run and load nothing from elsewhere, and to send no referrer: the address
    of a page holds the visitor's ratings."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                host = Headers(scope=scope).get("Host", "")
                # Not every browser counts a web socket to the page's own origin as 'self'.
                sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", _POLICY + sockets)
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("X-Content-Type-Options", "nosniff")
            await send(message)

        await app(scope, receive, send_with_headers)

    return answer


routes = [
    _route("posters/{imdb_id}", _poster),
    _route("posters", _request_posters),
    _route("drawn/{movie_id:path}", _placeholder),
    _route("details/{imdb_id}", _details),
    _route("remember", returned),
    _route("remember/{ticket}", redeem, "POST"),
    _route("health", health),
]
middleware = [Middleware(_security_headers)]
