"""How a browser gets, and loses, the cookie by which this server knows it again.

A page cannot set a cookie that scripts may not read: only an answer to a request can. So the page
makes a ticket, good for one request within a minute, and has the browser send it here.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from ui.server.singleton import Singleton

__all__ = ["COOKIE", "HEADER", "Tickets", "redeem", "returned", "tickets"]

COOKIE = "kindred_visitor"
HEADER = "X-Kindred"
"""Only our own page can send it: without it, a page elsewhere could have a browser redeem a ticket
of its own, and then read what that visitor likes."""

_GOOD_FOR = 60  # seconds
_MOST = 10_000
_COOKIE_KEPT = 400 * 24 * 3600  # as long as browsers allow; what counts is what is remembered here


class Tickets:
    """Tickets not yet redeemed. Every method may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._open: dict[str, tuple[float, str]] = {}  # the oldest first

    def issue(self, token: str) -> str:
        """Give a ticket for a cookie with this token; with an empty one it clears the cookie."""
        ticket, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._open[ticket] = (now + _GOOD_FOR, token)
            for old in [*self._open]:
                if self._open[old][0] >= now and len(self._open) <= _MOST:
                    break
                del self._open[old]
        return ticket

    def take(self, ticket: str) -> str | None:
        """Redeem a ticket, which is possible once."""
        with self._lock:
            until, token = self._open.pop(ticket, (float("-inf"), ""))
        return token if until >= self._clock() else None


@Singleton
def tickets() -> Tickets:
    """Return the tickets of this server."""
    return Tickets()


def redeem(request: Request) -> Response:
    """Set or clear the cookie, as a ticket says."""
    if HEADER not in request.headers:
        return _answer(403)
    token = tickets().take(request.path_params["ticket"])
    if token is None:
        return _answer(410)
    answer = _answer(204)
    # Behind a proxy the request may have come to us by http.
    by_https = request.headers.get("Origin", str(request.url)).startswith("https:")
    answer.set_cookie(
        COOKIE,
        token,
        max_age=_COOKIE_KEPT if token else 0,
        httponly=True,
        samesite="strict",
        secure=by_https,
    )
    return answer


def returned(request: Request) -> Response:
    """Tell a browser whether it sent the cookie: not every one keeps what it is given."""
    return _answer(204 if COOKIE in request.cookies else 404)


def _answer(status: int) -> Response:
    return Response(status_code=status, headers={"Cache-Control": "no-store"})
