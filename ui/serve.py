"""What ``streamlit run`` serves: the app, and the pictures its pages refer to."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from recommender import KindredError
from ui.posters import IMDB_ID, Posters, posters

__all__ = ["app"]


def _service() -> Posters | None:
    with suppress(KindredError):  # a setting is wrong: the page will say so
        return posters()
    return None


def _poster(request: Request) -> Response:
    """Give a poster that is here; nobody is asked for one that is not."""
    imdb_id, service = request.path_params["imdb_id"], _service()
    found = service.picture(imdb_id) if service and IMDB_ID.fullmatch(imdb_id) else None
    if found is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    headers = {"Cache-Control": "private, max-age=604800", "X-Content-Type-Options": "nosniff"}
    return Response(found.data, media_type=found.type, headers=headers)


_service()  # opened now, so that no page has to wait for it
_base = str(st.get_option("server.baseUrlPath") or "").strip("/")
_path = f"/{_base}/posters/{{imdb_id}}".replace("//", "/")
app = st.App(Path(__file__).with_name("app.py"), routes=[Route(_path, _poster)])
