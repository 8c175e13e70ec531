"""What ``streamlit run`` serves: the app, and what its pages ask for by themselves."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommender import KindredError
from ui.posters.details import details
from ui.posters.fetcher import IMDB_ID, Posters, posters
from ui.posters.placeholder_art import poster_svg
from ui.server.client_ip import stranger
from ui.server.health import health
from ui.server.logs import begin_logging
from ui.server.open_index import recommender
from ui.state.tickets import redeem, returned
from ui.state.visitors import FAULTS, visitors

__all__ = ["app", "middleware", "routes"]

_MOST_WISHES = 100  # in one request
_DAY = 24 * 3600  # seconds
_NOT_KEPT = {"Cache-Control": "no-store"}
# A picture that is opened by itself may run and load nothing, whatever it holds.
_PICTURE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
# Streamlit draws charts with code it makes as it goes, and components with blobs.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'; connect-src 'self'"
)
_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]+)?|\[[0-9a-f:]+\](:[0-9]+)?", re.IGNORECASE | re.ASCII)


def _service() -> Posters | None:
    with suppress(KindredError):  # a setting is wrong: the page will say so
        return posters()
    return None


def _poster(request: Request) -> Response:
    """Give a poster that is here; nobody is asked for one that is not."""
    imdb_id, service = request.path_params["imdb_id"], _service()
    found = service.picture(imdb_id) if service and IMDB_ID.fullmatch(imdb_id) else None
    if found is None:
        return _nothing()
    headers = {"Cache-Control": "private, max-age=604800", **_PICTURE}
    return Response(found.data, media_type=found.type, headers=headers)


def _wished(request: Request) -> Response:
    """Have the posters of films on a page fetched; tell which are here and which may still come."""
    asked = request.query_params.get("ids", "").split(",")[:_MOST_WISHES]
    service = _service()
    if service is None:
        return JSONResponse({"here": [], "awaited": [], "notice": None}, headers=_NOT_KEPT)
    try:
        films = recommender().find(f"imdb:{name}" for name in asked if IMDB_ID.fullmatch(name))
    except KindredError:
        films = ()
    # Only films of the catalogue are asked for, or anybody could spend the budget on others.
    imdb_ids = [movie.imdb_id for movie in films if movie and movie.imdb_id]
    service.wish(imdb_ids, stranger(request.client.host if request.client else None))
    told = {
        "here": [name for name in imdb_ids if service.address(name)],
        "awaited": [name for name in imdb_ids if service.awaited([name])],
        "notice": service.notice,
    }
    return JSONResponse(told, headers=_NOT_KEPT)


def _drawn(request: Request) -> Response:
    """Draw the poster of a film of the catalogue."""
    try:
        (movie,) = recommender().find([f"id:{request.path_params['movie_id']}"])
    except KindredError:
        return _nothing()
    if movie is None:
        return _nothing()
    svg = poster_svg(movie.title, movie.year, movie.genres)
    headers = {"Cache-Control": "private, max-age=86400", **_PICTURE}
    return Response(svg.encode(), media_type="image/svg+xml", headers=headers)


def _nothing() -> Response:
    return Response(status_code=404, headers=_NOT_KEPT)


def _route(
    path: str, answer: Callable[[Request], Response | Awaitable[Response]], method: str = "GET"
) -> Route:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return Route(f"/{base}/{path}".replace("//", "/"), answer, methods=[method])


def _guarded(served: ASGIApp) -> ASGIApp:
    """Tell browsers to run and load nothing from elsewhere, and to tell nobody the address they
    come from, for it holds what a person likes."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                host = Headers(scope=scope).get("Host", "")
                # Not every browser takes a web socket for its page's own origin.
                sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", _POLICY + sockets)
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("X-Content-Type-Options", "nosniff")
            await send(message)

        await served(scope, receive, tell)

    return answer


@asynccontextmanager
async def _begin(_app: st.App) -> AsyncIterator[None]:
    begin_logging()
    _service()  # opened now, so that no page has to wait for it
    tidying = asyncio.create_task(_tidy_daily())
    yield
    tidying.cancel()


async def _tidy_daily() -> None:
    """Forget visitors in time, though nobody comes."""
    while True:
        try:
            await run_in_threadpool(lambda: visitors().tidy())
        except (*FAULTS, KindredError) as problem:
            logging.getLogger(__name__).warning("visitors are not forgotten now: %s", problem)
        await asyncio.sleep(_DAY)


routes = [
    _route("posters/{imdb_id}", _poster),
    _route("posters", _wished),
    _route("drawn/{movie_id:path}", _drawn),
    _route("details/{imdb_id}", details),
    _route("remember", returned),
    _route("remember/{ticket}", redeem, "POST"),
    _route("_kindred/health", health),
]
middleware = [Middleware(_guarded)]
app = st.App(
    Path(__file__).with_name("main.py"), routes=routes, middleware=middleware, lifespan=_begin
)
