"""The facts that a card shows when it is opened, and the posters that a page asks for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.asgi import get, post
from tests.ui.fresh import fresh
from tests.ui.omdb_double import ANSWERS, KEY, OmdbDouble
from ui.posters.fetcher import posters

DAY = 86_400.0
FILM, OTHER = "tt0000007", "tt0000008"
FACTS = {"plot": "Toys come alive.", "runtime": "81 min"}
NOTHING: dict[str, object] = {"here": [], "awaited": [], "notice": None}


@pytest.fixture(autouse=True)
def _settings(
    linked: Path, double: OmdbDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A key, and nothing kept yet."""
    monkeypatch.setenv("KINDRED_INDEX", str(linked))
    monkeypatch.setenv("OMDB_API_KEY", KEY)
    monkeypatch.setenv("OMDB_URL", double.url)
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path))
    fresh()
    yield
    fresh()


def details(imdb_id: str = FILM) -> dict[str, object]:
    """Ask until nothing is awaited, as a page does."""
    deadline = time.monotonic() + 30
    while (answer := post(f"/details/{imdb_id}")).json().get("awaited"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    found: dict[str, object] = answer.json()
    return found


def ask(*ids: str) -> dict[str, object]:
    """Ask for posters until none is awaited."""
    deadline = time.monotonic() + 30
    while (answer := post(f"/posters?ids={','.join(ids)}").json())["awaited"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    found: dict[str, object] = answer
    return found


def test_one_request_brings_facts_and_poster(double: OmdbDouble) -> None:
    """Whichever is asked for first: the other costs nothing more, also after a restart."""
    assert details(FILM) == FACTS
    assert ask(FILM, OTHER)["here"] == [FILM, OTHER]
    for _ in range(2):
        assert details(FILM) == details(OTHER) == FACTS
        fresh()
    assert double.ids == [FILM, OTHER]


@pytest.mark.parametrize("imdb_id", ["tt0000999", "0", "nonsense", "x" * 999])
def test_only_films_of_the_collection_are_asked_for(imdb_id: str, double: OmdbDouble) -> None:
    """Whoever types ids cannot use up the budget on others."""
    assert details(imdb_id) == {"reason": "OMDb is not asked about this film."}
    assert ask(imdb_id) == NOTHING
    assert double.calls == []


def test_each_film_is_asked_for_by_one_spelling_of_its_id(double: OmdbDouble) -> None:
    """Nor can they use it up twice on one."""
    for spelling in (FILM, "tt00000007", "7", "tt7"):
        assert details(spelling) == FACTS
    assert double.ids == [FILM]


@pytest.mark.parametrize("path", [f"/details/{FILM}", f"/posters?ids={FILM}"])
def test_only_pages_of_the_app_have_films_asked_for(path: str, double: OmdbDouble) -> None:
    """A page elsewhere can send a GET without an origin, and a POST with its own."""
    assert get(path).status_code == 405
    for headers in ({}, {"Origin": b"https://evil.example"}, {"Origin": b"null"}):
        assert get(path, "POST", **headers).status_code == 403
    assert double.calls == []
    assert post(path).status_code == 200


@pytest.mark.parametrize("does", sorted(ANSWERS))
def test_every_fault_is_one_plain_sentence(does: str, double: OmdbDouble) -> None:
    """And is remembered: asking again at once costs nothing."""
    double.does = lambda _: does
    nothing, refused = (
        "OMDb knows nothing about this film.",
        "OMDb refuses the key: posters are off.",
    )
    reasons = {
        **dict.fromkeys(("not there", "no data", "not found"), nothing),
        **dict.fromkeys(("named a page", "named nothing"), nothing),
        **dict.fromkeys(("bad key", "bad key with 200", "no key"), refused),
        "limit": "Today's OMDb limit",
    }
    for _ in range(2):
        (reason,) = details().values()
        assert str(reason).startswith(reasons.get(does, "OMDb does not answer. Try again later."))
    assert len(double.calls) == 1


def test_a_film_of_which_nothing_is_told_says_so(double: OmdbDouble) -> None:
    """An answer without a single fact is as good as none, though it brings a poster."""
    double.facts = {"Plot": "N/A"}
    assert details() == {"reason": "OMDb knows nothing about this film."}
    assert ask(FILM)["here"] == [FILM]


def test_many_who_ask_at_once_share_one_request(double: OmdbDouble) -> None:
    """Nobody waits: who asks is told to ask again."""
    double.seconds = 0.5
    assert [post(f"/details/{FILM}").json()["awaited"] for _ in range(5)] == [True] * 5
    assert details() == FACTS
    assert double.ids == [FILM]


def test_without_a_key_or_an_index_nobody_is_asked(
    double: OmdbDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than an error."""
    for name, value in (("OMDB_API_KEY", ""), ("KINDRED_INDEX", "/nonexistent")):
        with monkeypatch.context() as patched:
            patched.setenv(name, value)
            fresh()
            assert details() == {"reason": "OMDb is not asked about this film."}
            assert ask(FILM) == NOTHING
            assert post("/posters").json() == NOTHING
    assert double.calls == []


def test_the_budget_of_the_day_holds_for_facts(
    double: OmdbDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request a day: the second film waits for tomorrow."""
    monkeypatch.setenv("OMDB_DAILY_LIMIT", "1")
    assert details() == FACTS
    assert "OMDB_DAILY_LIMIT" in str(details(OTHER)["reason"])
    assert "OMDB_DAILY_LIMIT" in str(ask(OTHER)["notice"])
    assert double.ids == [FILM]


def test_old_facts_are_better_than_none(
    double: OmdbDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a month they are asked for anew; while that fails the old ones are shown."""
    details()
    now = time.time() + 31 * DAY
    service = posters()
    assert service
    monkeypatch.setattr(service, "_clock", lambda: now)
    double.does = lambda _: "500"
    assert ask(FILM)["here"] == [FILM]
    assert details() == FACTS
    assert double.ids == [FILM, FILM]
