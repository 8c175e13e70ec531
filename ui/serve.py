"""What ``streamlit run`` serves: the app, and the pictures its pages refer to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from recommender import KindredError
from ui.engine import recommender
from ui.poster import poster_svg
from ui.posters import IMDB_ID, Posters, posters

__all__ = ["app", "routes"]

_LONGEST_ID = 200
_DRAWN = {
    "Cache-Control": "private, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


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
    headers = {"Cache-Control": "private, max-age=604800", "X-Content-Type-Options": "nosniff"}
    return Response(found.data, media_type=found.type, headers=headers)


def _drawn(request: Request) -> Response:
    """Draw the poster of a film of the catalogue."""
    movie_id = request.path_params["movie_id"]
    if len(movie_id) > _LONGEST_ID:  # what is not found is looked for among all titles
        return _nothing()
    try:
        movie = recommender().movie(f"id:{movie_id}")
    except KindredError:
        return _nothing()
    svg = poster_svg(movie.title, movie.year, movie.genres)
    return Response(svg.encode(), media_type="image/svg+xml", headers=_DRAWN)


def _nothing() -> Response:
    return Response(status_code=404, headers={"Cache-Control": "no-store"})


def _route(path: str, answer: Callable[[Request], Response]) -> Route:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return Route(f"/{base}/{path}".replace("//", "/"), answer)


_service()  # opened now, so that no page has to wait for it
routes = [_route("posters/{imdb_id}", _poster), _route("drawn/{movie_id:path}", _drawn)]
app = st.App(Path(__file__).with_name("app.py"), routes=routes)
