"""The pictures a page refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from ingest import ingest
from tests.ui import films
from tests.ui.asgi import HOST, get, post
from tests.ui.fresh import fresh
from tests.ui.omdb_double import KEY, OmdbDouble, picture
from ui.posters.fetcher import posters
from ui.posters.poster_store import PosterStore

TOY = "tt0114709"


@pytest.fixture(autouse=True)
def _settings(
    double: OmdbDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A key, and nothing kept yet."""
    monkeypatch.setenv("OMDB_API_KEY", KEY)
    monkeypatch.setenv("OMDB_URL", double.url)
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path))
    fresh()
    yield
    fresh()


def fetched() -> None:
    """Have one poster fetched."""
    service = posters()
    assert service
    while service.find([TOY]).awaited:
        pass


def test_a_poster_that_is_here_is_served_as_what_it_is() -> None:
    """With its type, which the browser is told not to guess, and for long."""
    fetched()
    got = get(f"/posters/{TOY}")
    assert (got.status_code, got.content) == (200, picture())
    assert got.headers["Content-Type"] == "image/jpeg"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in got.headers["Cache-Control"]
    assert got.headers["Content-Security-Policy"].startswith("default-src 'none';")


@pytest.mark.parametrize("name", ["tt0000001", "tt1", "tt01147091234", "0114709", "tt0114709x"])
def test_other_addresses_are_empty_and_ask_nobody(name: str, double: OmdbDouble) -> None:
    """Whoever types ids cannot use up the budget; an answer of none is not kept by the browser."""
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SSL_CERT_FILE", "/nonexistent"),
        ("ALL_PROXY", "gopher://me:pa55word@proxy:1"),  # pragma: allowlist secret
        ("HTTPS_PROXY", "http://me:pa55word@proxy:port"),  # pragma: allowlist secret
    ],
)
def test_without_a_way_out_there_are_no_posters(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The app goes on, and the log says why, once, without key or password."""
    monkeypatch.setenv(name, value)
    assert [posters(), posters()] == [None, None]
    (record,) = caplog.records
    assert re.fullmatch(r"there are no posters, .+ SSL_CERT_FILE, .+", record.message)
    assert not re.search(f"pa55word|{KEY}", caplog.text)
    assert get(f"/posters/{TOY}").status_code == 404


@pytest.mark.parametrize("data", [b"<svg/>", b"<html>", b""])
def test_a_picture_that_became_something_else_is_not_served(data: bytes, tmp_path: Path) -> None:
    """Whoever writes into the file cannot have this server serve a page of theirs."""
    PosterStore(tmp_path / "posters" / "posters.sqlite").save(TOY, 9e9, "{}", data)
    assert get(f"/posters/{TOY}").status_code == 404


def test_a_drawn_poster_is_a_picture_and_nothing_else(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hostile title is text in it, and opened by itself it may run and load nothing."""
    monkeypatch.setenv("KINDRED_INDEX", str(index))
    got = get("/drawn/5")
    assert got.status_code == 200
    assert got.headers["Content-Type"].startswith("image/svg+xml")
    assert got.headers["Cache-Control"] == "private, max-age=86400"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert got.headers["Content-Security-Policy"].endswith("sandbox")
    assert "Bold" in "".join(ElementTree.fromstring(got.text).itertext())


def test_a_film_is_drawn_by_an_id_that_needs_quoting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids may be text with a slash, a blank and an ampersand."""
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "index"))
    ingest(str(films.write_bare(tmp_path / "bare.csv")), index=tmp_path / "index")
    got = get("/drawn/" + quote("film/3 &", safe=""))
    assert (got.status_code, "film/3" in got.text) == (200, True)


@pytest.mark.parametrize("name", ["", "0", "999", "x", "5/", "Film 9", "imdb:tt1", "9" * 9_000])
def test_what_is_no_id_of_the_catalogue_is_not_drawn(
    name: str, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not found, and not kept by the browser."""
    monkeypatch.setenv("KINDRED_INDEX", str(index))
    got = get(f"/drawn/{quote(name)}")
    assert (got.status_code, got.content) == (404, b"")
    assert got.headers["Cache-Control"] == "no-store"


def test_without_an_index_nothing_is_drawn() -> None:
    """Not found, rather than an error."""
    assert get("/drawn/1").status_code == 404


@pytest.mark.parametrize("path", ["/posters/x", "/posters", "/drawn/x", "/details/x", "/no"])
def test_every_answer_says_what_a_browser_must_not_do(path: str) -> None:
    """Load or run what is elsewhere, be framed there, or tell where it comes from."""
    headers = get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'; " in policy
    assert policy.endswith(f"connect-src 'self' ws://{HOST} wss://{HOST}")
    assert "frame-ancestors 'self'" in policy
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "ODD"])
@pytest.mark.parametrize("path", ["/posters/tt0114709", "/drawn/1"])
def test_what_is_only_read_takes_no_other_method(method: str, path: str) -> None:
    """And no other origin is told that it may ask."""
    got = get(path, method)
    assert got.status_code == 405
    assert not [name for name in got.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/x", "a%00b", "%ff", "~"])
@pytest.mark.parametrize("place", ["posters", "drawn", "details"])
def test_no_path_leads_elsewhere(place: str, path: str) -> None:
    """Names are looked up in what is known, never on the disk."""
    assert get(f"/{place}/{path}").status_code in (404, 405)


def test_no_number_of_posters_is_too_many(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred of them are looked at."""
    monkeypatch.setenv("KINDRED_INDEX", str(index))
    got = post("/posters?ids=" + "tt0114709," * 2_000 + "&ids=" * 5_000)
    assert got.json() == {"here": [], "awaited": [], "notice": None}
