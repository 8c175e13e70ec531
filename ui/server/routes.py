"""The addresses beside the pages: posters, facts about a film, and health."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommender import KindredError, Movie
from ui.posters.fetcher import Found, Posters, posters
from ui.posters.omdb import picture_type
from ui.posters.placeholder_art import poster_svg
from ui.server.health import health
from ui.server.open_index import recommender
from ui.server.origin_check import origin_check

__all__ = ["middleware", "routes"]

_MAX_POSTERS = 100  # in one request
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


def _posters() -> Posters | None:
    with suppress(KindredError):  # a wrong setting, which the page reports
        return posters()
    return None


def _poster(request: Request) -> Response:
    """Return a stored poster; one that is not stored is never fetched from here."""
    service = _posters()
    picture = service and service.picture(request.path_params["imdb_id"])
    # By its bytes: whoever writes into the file cannot have a page of theirs served.
    kind = picture and picture_type(picture)
    if not picture or not kind:
        return _not_found()
    headers = {"Cache-Control": "private, max-age=604800", **_PICTURE}
    return Response(picture, media_type=kind, headers=headers)


def _find(request: Request, names: Iterable[str]) -> Found | None:
    """Find what is known of films, and have OMDb asked for what is missing, for a page of the app.

    None without a key, and where there is no such film: only films of the catalogue may use up the
    requests of the day.
    """
    # A browser names the origin of the page that sends a POST; others than ours do not get here.
    if "Origin" not in request.headers:
        raise HTTPException(403, "Only pages of this app may ask for posters.")
    service = _posters()
    if service is None:
        return None
    films: tuple[Movie | None, ...] = ()
    with suppress(KindredError):  # a wrong index, which the page reports
        films = recommender().find(f"imdb:{name}" for name in names)
    imdb_ids = dict.fromkeys(film.imdb_id for film in films if film and film.imdb_id)
    return service.find(imdb_ids) if imdb_ids else None


def _request_posters(request: Request) -> Response:
    """List the posters of films on a page that are here, and those that may come."""
    found = _find(request, request.query_params.get("ids", "").split(",")[:_MAX_POSTERS])
    stored, awaited, notice = found or Found({}, [], None)
    here = [imdb_id for imdb_id, film in stored.items() if film.has_picture]
    answer = {"here": here, "awaited": awaited, "notice": notice}
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


def _details(request: Request) -> Response:
    """Answer with those of plot, director, actors and runtime that are known, or why none is."""
    found = _find(request, [request.path_params["imdb_id"]])
    body = next((film.body for film in found.stored.values()), None) if found else None
    answer: dict[str, object]
    if found is None:
        answer = {"reason": "OMDb is not asked about this film."}
    elif body is not None:
        answer = json.loads(body) or {"reason": "OMDb knows nothing about this film."}
    elif found.awaited:
        answer = {"awaited": True, "reason": "OMDb is slow to answer. Try again in a moment."}
    else:
        answer = {"reason": found.notice or "OMDb does not answer. Try again later."}
    return JSONResponse(answer, headers=_NOT_CACHED)


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
                host = Headers(scope=scope)["Host"]
                # Not every browser counts a web socket to the page's own origin as 'self'.
                sockets = f" ws://{host} wss://{host}"
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", _POLICY + sockets)
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("X-Content-Type-Options", "nosniff")
            await send(message)

        await app(scope, receive, send_with_headers)

    return answer


routes = [
    _route("posters/{imdb_id}", _poster),
    _route("posters", _request_posters, "POST"),
    _route("drawn/{movie_id:path}", _placeholder),
    _route("details/{imdb_id}", _details, "POST"),
    _route("health", health),
]
# The headers name the host, which is checked before.
middleware = [Middleware(origin_check), Middleware(_security_headers)]
