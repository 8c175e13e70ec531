"""The pictures a page refers to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.routing import Route

from tests.ui.omdb_double import KEY, OmdbDouble, picture
from ui import serve
from ui.posters import posters

TOY = "tt0114709"


@pytest.fixture(autouse=True)
def _settings(
    double: OmdbDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A key, and nothing kept yet."""
    monkeypatch.setenv("OMDB_API_KEY", KEY)
    monkeypatch.setenv("OMDB_URL", double.url)
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path))
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def get(path: str) -> httpx.Response:
    """Ask the app's own server."""
    served = Starlette(routes=[Route("/posters/{imdb_id}", serve._poster)])

    async def asking() -> httpx.Response:
        transport = httpx.ASGITransport(served)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            return await client.get(path)

    return asyncio.run(asking())


def fetched() -> None:
    """Have one poster fetched."""
    service = posters()
    assert service
    service.wish([TOY])
    while service.awaited([TOY]):
        pass


def test_a_poster_that_is_here_is_served_as_what_it_is() -> None:
    """With its type, which the browser is told not to guess, and for long."""
    fetched()
    got = get(f"/posters/{TOY}")
    assert (got.status_code, got.content) == (200, picture())
    assert got.headers["Content-Type"] == "image/jpeg"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in got.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["tt0000001", "tt1", "tt01147091234", "0114709", "tt0114709x"])
def test_other_addresses_are_empty_and_ask_nobody(name: str, double: OmdbDouble) -> None:
    """Whoever types ids cannot spend the budget; an answer of none is not kept by the browser."""
    got = get(f"/posters/{name}")
    assert (got.status_code, got.content) == (404, b"")
    assert got.headers["Cache-Control"] == "no-store"
    assert double.calls == []


@pytest.mark.parametrize(("name", "value"), [("OMDB_API_KEY", ""), ("OMDB_URL", "nonsense")])
def test_without_usable_settings_there_is_nothing(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key or a wrong address: not found, rather than an error."""
    monkeypatch.setenv(name, value)
    assert get(f"/posters/{TOY}").status_code == 404


def test_without_a_way_out_there_are_no_posters(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The app goes on, and the log says why, once."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")
    assert [posters(), posters()] == [None, None]
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "there are no posters"
    ]
    assert get(f"/posters/{TOY}").status_code == 404
