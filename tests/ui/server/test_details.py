"""The facts that a card shows when it is opened."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import ingest
from tests.ui import films
from tests.ui.asgi import get, get_all
from tests.ui.fresh import fresh
from tests.ui.omdb_double import ANSWERS, KEY, OmdbDouble
from ui.posters import omdb
from ui.posters.fetcher import posters
from ui.posters.poster_store import PosterStore
from ui.server import routes

DAY = 86_400.0
FILM, OTHER = "tt0000007", "tt0000008"
FACTS = {"plot": "Toys come alive.", "director": None, "actors": None, "runtime": "81 min"}


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an index of films with IMDb ids: film 7 is tt0000007."""
    folder = tmp_path_factory.mktemp("linked")
    films.write(folder / "csv")
    lines = ["movieId,imdbId,tmdbId", *(f"{number},{number:07}," for number in films.films())]
    (folder / "csv" / "links.csv").write_text("\n".join(lines))
    ingest(str(folder / "csv"), index=folder / "index")
    return folder / "index"


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


def reason(imdb_id: str = FILM) -> str:
    """Return the reason why there are no facts."""
    got = get(f"/details/{imdb_id}")
    assert got.status_code == 404
    assert got.headers["Cache-Control"] == "no-store"
    assert list(got.json()) == ["reason"]
    return str(got.json()["reason"])


def settle(*imdb_ids: str) -> None:
    """Wait until none of them is pending."""
    service, deadline = posters(), time.monotonic() + 30
    assert service
    while service.is_pending(imdb_ids):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_one_request_brings_facts_and_poster(double: OmdbDouble) -> None:
    """Whichever is asked for first: the other costs nothing more, also after a restart."""
    got = get(f"/details/{FILM}")
    assert (got.status_code, got.json()) == (200, FACTS)
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    settle(FILM)
    service = posters()
    assert service
    assert service.address(FILM) == f"posters/{FILM}"
    service.request([OTHER])
    settle(OTHER)
    for _ in range(2):
        assert get(f"/details/{FILM}").json() == get(f"/details/{OTHER}").json() == FACTS
        fresh()
    assert double.ids == [FILM, OTHER]


def test_facts_of_a_film_whose_poster_is_long_known_are_asked_for(
    tmp_path: Path, double: OmdbDouble
) -> None:
    """A file from before there were facts is read on; its picture stays and is not fetched."""
    folder = tmp_path / "posters"
    folder.mkdir()
    with sqlite3.connect(folder / "posters.sqlite") as file:
        file.executescript(
            "CREATE TABLE posters (imdb_id TEXT PRIMARY KEY, until REAL, type TEXT, data BLOB);"
            "CREATE TABLE days (day TEXT PRIMARY KEY, requests INTEGER); PRAGMA user_version = 1;"
        )
        file.execute(
            "INSERT INTO posters VALUES (?, ?, 'image/png', x'89504E470D0A1A0A')",
            (FILM, time.time() + 9 * DAY),
        )
    file.close()
    assert get(f"/details/{FILM}").json() == FACTS
    settle(FILM)
    service = posters()
    assert service
    picture = service.picture(FILM)
    assert picture
    assert picture.data == b"\x89PNG\r\n\x1a\n"
    assert (double.ids, double.fetched) == ([FILM], [])


@pytest.mark.parametrize("imdb_id", ["tt0000999", "tt00000007", "0000007", "7", "tt7", "x" * 999])
def test_only_films_of_the_collection_are_asked_for(imdb_id: str, double: OmdbDouble) -> None:
    """Whoever types ids cannot use up the budget on others, nor twice on one."""
    assert reason(imdb_id) == "This film is not in the collection."
    assert double.calls == []


@pytest.mark.parametrize("does", sorted(ANSWERS))
def test_every_fault_is_one_plain_sentence(does: str, double: OmdbDouble) -> None:
    """And is remembered: asking again at once costs nothing."""
    double.does = lambda _: does
    reasons = {
        "not there": "OMDb tells nothing of this film.",
        "no data": "OMDb tells nothing of this film.",
        "not found": "OMDb tells nothing of this film.",
        "bad key": "OMDb refuses the key of this server.",
        "bad key with 200": "OMDb refuses the key of this server.",
        "no key": "OMDb refuses the key of this server.",
        "limit": "Today's questions to OMDb are used up. Try again tomorrow.",
    }
    for _ in range(2):
        assert reason() == reasons.get(does, "OMDb does not answer. Try again later.")
    assert len(double.calls) == 1


def test_a_film_of_which_nothing_is_told_says_so(double: OmdbDouble) -> None:
    """An answer without a single fact is as good as none, though it brings a poster."""
    double.facts = {"Plot": "N/A"}
    assert reason() == "OMDb tells nothing of this film."


def test_facts_are_there_though_the_picture_fails(double: OmdbDouble) -> None:
    """They come with the first answer."""
    double.does = lambda _: "broken link"
    assert get(f"/details/{FILM}").json() == FACTS


def test_facts_do_not_wait_for_a_slow_picture(
    double: OmdbDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture drips for ten seconds; the facts are here long before."""
    monkeypatch.setattr(omdb, "_DEADLINE", 10.0)
    double.does = lambda _: "dripping picture"
    assert get(f"/details/{FILM}").json() == FACTS
    service = posters()
    assert service
    assert service.is_pending([FILM])


def test_many_who_ask_at_once_share_one_request(double: OmdbDouble) -> None:
    """Ten browsers and a page that requests the poster: one question."""
    double.seconds = 0.5
    service = posters()
    assert service
    service.request([FILM])
    got = get_all(*[f"/details/{FILM}"] * 10)
    assert [answer.json() for answer in got] == [FACTS] * 10
    assert double.ids == [FILM]


def test_a_film_that_is_opened_comes_before_posters_still_wanted(double: OmdbDouble) -> None:
    """And no more than four are asked for at once."""
    double.seconds = 0.3
    service = posters()
    assert service
    service.request([f"tt00000{number}" for number in range(10, 30)])
    while len(double.calls) < 4:
        time.sleep(0.01)
    assert get(f"/details/{FILM}").status_code == 200
    assert FILM in double.ids[4:8]
    assert double.most_at_once == 4


def test_nobody_waits_long(double: OmdbDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """While OMDb hangs the browser is told to try again; what comes later is there then."""
    monkeypatch.setattr(routes, "_FACTS_TIMEOUT", 0.2)
    release = threading.Event()
    double.does = lambda _: "hit" if release.wait(20) else "cut"
    assert reason() == "OMDb takes its time. Try again in a moment."
    release.set()
    settle(FILM)
    assert get(f"/details/{FILM}").json() == FACTS
    assert double.ids == [FILM]


def test_without_a_key_nobody_is_asked(double: OmdbDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """And without an index nothing is in the collection."""
    monkeypatch.setenv("OMDB_API_KEY", "")
    assert reason() == "Details come from OMDb, which is not set up here."
    fresh()
    monkeypatch.setenv("OMDB_API_KEY", KEY)
    monkeypatch.setenv("KINDRED_INDEX", "/nonexistent")
    assert reason() == "This film is not in the collection."
    assert double.calls == []


def test_the_budget_of_the_day_holds_for_facts(
    double: OmdbDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request a day: the second film waits for tomorrow, and the operator sees why."""
    monkeypatch.setenv("OMDB_DAILY_LIMIT", "1")
    assert get(f"/details/{FILM}").status_code == 200
    settle(FILM)
    assert reason(OTHER) == "Today's questions to OMDb are used up. Try again tomorrow."
    service = posters()
    assert service
    budget = service.budget()
    assert (budget.requests, budget.limit, budget.pictures) == (1, 1, 1)
    assert budget.bytes > 0
    assert "OMDB_DAILY_LIMIT" in str(budget.notice)
    assert double.ids == [FILM]


def test_old_facts_are_better_than_none(
    double: OmdbDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a month they are asked for anew; while that fails the old ones are shown."""
    get(f"/details/{FILM}")
    settle(FILM)
    now = time.time() + 31 * DAY
    service = posters()
    assert service
    monkeypatch.setattr(service, "_clock", lambda: now)
    double.does = lambda _: "500"
    for _ in range(2):
        assert get(f"/details/{FILM}").json() == FACTS
        settle(FILM)
    assert double.ids == [FILM, FILM]


def test_the_file_stays_bounded_where_only_facts_are_left_to_go(tmp_path: Path) -> None:
    """Those that expire soonest go."""
    store = PosterStore(tmp_path, max_bytes=200_000)
    for number in range(1_500):
        store.save_facts(f"tt{number:07}", number, omdb.Facts("x" * 200))
    assert store.size() <= 200_000
    assert store.facts("tt0000000") == (0.0, None)
    assert store.facts("tt0001499") == (1499.0, omdb.Facts("x" * 200))


def test_posters_are_requested_and_reported_as_they_come(double: OmdbDouble) -> None:
    """First awaited, then here; what is no film of the catalogue is never asked for."""
    asked = f"/posters?ids={FILM},{OTHER},tt9999999,nonsense"
    first = get(asked).json()
    assert {*first["here"], *first["awaited"]} == {FILM, OTHER}
    deadline = time.monotonic() + 30
    while (answer := get(asked).json())["awaited"] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert answer == {"here": [FILM, OTHER], "awaited": [], "notice": None}
    assert {*double.ids} == {FILM, OTHER}
    double.does = lambda _: "bad key"
    more = ",".join(f"tt{number:07}" for number in range(9, 12))
    while (answer := get(f"/posters?ids={more}").json())["awaited"] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "OMDb refuses the key" in answer["notice"]


def test_without_a_key_no_poster_is_awaited(
    double: OmdbDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is asked."""
    monkeypatch.setenv("OMDB_API_KEY", "")
    assert get(f"/posters?ids={FILM}").json() == {"here": [], "awaited": [], "notice": None}
    assert get("/posters").json()["awaited"] == []
    assert double.calls == []
