"""How a browser gets and loses its cookie."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette

from tests.ui.asgi import get
from tests.ui.fresh import fresh
from ui.server.routes import routes
from ui.state.tickets import COOKIE, HEADER, Tickets, tickets


@pytest.fixture(autouse=True)
def _own() -> Iterator[None]:
    fresh()
    yield
    fresh()


def post(ticket: str, **headers: str) -> httpx.Response:
    """Redeem a ticket as a page does."""

    async def asking() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=routes))
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            return await client.post(f"/remember/{ticket}", headers=headers)

    return asyncio.run(asking())


def test_a_ticket_sets_a_cookie_once() -> None:
    """One that no script can read and that no other page's request carries."""
    ticket = tickets().issue("token")
    got = post(ticket, **{HEADER: "1"})
    assert (got.status_code, got.headers["Cache-Control"]) == (204, "no-store")
    name, *attributes = got.headers["Set-Cookie"].split("; ")
    assert name == f"{COOKIE}=token"
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {*attributes}
    assert "Secure" not in attributes
    again = post(ticket, **{HEADER: "1"})
    assert (again.status_code, "Set-Cookie" in again.headers) == (410, False)


def test_by_https_the_cookie_stays_there() -> None:
    """Also behind a proxy that speaks http to us: the browser says where the page is from."""
    got = post(tickets().issue("token"), **{HEADER: "1", "Origin": "https://films.example"})
    assert "Secure" in got.headers["Set-Cookie"].split("; ")


def test_an_empty_token_clears_the_cookie() -> None:
    """At once."""
    got = post(tickets().issue(""), **{HEADER: "1"})
    assert f'{COOKIE}=""' in got.headers["Set-Cookie"]
    assert "Max-Age=0" in got.headers["Set-Cookie"]


def test_a_page_elsewhere_cannot_redeem_a_ticket() -> None:
    """A form cannot send the header, and the ticket is still good for whose it is."""
    ticket = tickets().issue("token")
    got = post(ticket)
    assert (got.status_code, "Set-Cookie" in got.headers) == (403, False)
    assert post(ticket, **{HEADER: "1"}).status_code == 204


@pytest.mark.parametrize("ticket", ["x", "%00", "a" * 5_000])
def test_what_is_no_ticket_does_nothing(ticket: str) -> None:
    """Nor does asking for it with GET."""
    assert post(ticket, **{HEADER: "1"}).status_code == 410
    assert get(f"/remember/{ticket}").status_code == 405


def test_a_browser_is_told_whether_it_kept_the_cookie() -> None:
    """Without one: not found."""
    assert get("/remember").status_code == 404


def test_a_ticket_is_good_for_a_minute_and_there_are_so_many() -> None:
    """Old ones are thrown away when new ones are made."""
    now = [0.0]
    some = Tickets(lambda: now[0])
    first, second = some.issue("a"), some.issue("b")
    now[0] = 60
    assert some.take(first) == "a"
    now[0] = 61
    assert some.take(second) is None
    for number in range(10_005):
        some.issue(str(number))
    assert len(some._open) == 10_000
