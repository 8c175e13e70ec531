"""Refuses requests under a host that is not the app's, and those that pages of other sites send.

A page elsewhere may send requests to whatever its visitor can reach, this computer included, and a
name of that site may point here (DNS rebinding). Streamlit checks web sockets alone, and looks up
its own address on the Internet to do so, while everybody waits.
"""

from __future__ import annotations

import logging
import re

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from ui.settings import AppSettings

__all__ = ["origin_check"]

_log = logging.getLogger(__name__)

_LOCAL = {"localhost", "127.0.0.1", "::1"}
_HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?", re.IGNORECASE | re.ASCII)
_READING = ("GET", "HEAD", "OPTIONS")


def origin_check(app: ASGIApp) -> ASGIApp:
    """Answer 403 instead of ``app`` where a request comes by another host or from another origin.

    Hosts are those of this computer, the address that the request came to, and the names in
    ``KINDRED_ALLOWED_HOSTS``. The origin of a web socket, and of whatever else changes something,
    must be that host; without one it is sent by a program, and by no page.
    """
    hosts = _LOCAL | AppSettings.read().allowed_hosts

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _is_own(scope, hosts):
            await app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        reason = (
            f"refused: host {headers.get('Host')!r}, origin {headers.get('Origin')!r}. List the "
            "app's host names in KINDRED_ALLOWED_HOSTS, and have a proxy pass on the host it was "
            "asked for (nginx: proxy_set_header Host $http_host;)"
        )
        _log.warning(reason)
        if scope["type"] == "websocket":
            await WebSocketClose(1008)(scope, receive, send)  # policy violation; a 403 to a browser
        else:
            await PlainTextResponse(reason, 403)(scope, receive, send)

    return answer


def _is_own(scope: Scope, hosts: set[str]) -> bool:
    headers = Headers(scope=scope)
    host, origin = headers.get("Host", ""), headers.get("Origin")
    parts = _HOST.fullmatch(host)
    # A socket that listens on both protocols names IPv4 addresses as ::ffff:a.b.c.d.
    address = str((scope.get("server") or [""])[0]).removeprefix("::ffff:")
    if not parts or parts[1].strip("[]").lower() not in hosts | {address}:
        return False
    reads = scope["type"] == "http" and scope["method"] in _READING
    return reads or origin in (None, f"http://{host}", f"https://{host}")
