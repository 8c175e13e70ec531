"""Posters: what is asked, what is remembered and for how long, and that nobody waits."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.ui.omdb_double import KEY, OmdbDouble, picture
from ui.posters import poster_store
from ui.posters.fetcher import Posters
from ui.posters.poster_store import PosterStore
from ui.settings import OmdbSettings

HOUR, DAY = 3600.0, 86_400.0
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
TOY, HEAT, UP = "tt0114709", "tt0113277", "tt1049413"
MANY = [f"tt00000{number:02}" for number in range(20)]


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        """Give the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Noon, UTC."""
    return Clock()


Start = Callable[..., Posters]


@pytest.fixture
def start(double: OmdbDouble, clock: Clock, tmp_path: Path) -> Start:
    """Start a server's posters, on one folder unless another is named."""

    def started(folder: Path = tmp_path / "posters", **given: object) -> Posters:
        settings = OmdbSettings.read(url=double.url, api_key=KEY, **given)
        return Posters(settings, folder, clock)

    return started


def here(service: Posters, *ids: str) -> list[str]:
    """Look for films until none is awaited any more, as a page does; list those with a poster."""
    deadline = time.monotonic() + 30
    while (found := service.find(ids)).awaited:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return [name for name in ids if name in found.stored and found.stored[name].has_picture]


def notice(service: Posters) -> str:
    """Why OMDb is not asked, or nothing."""
    return service.find([]).notice or ""


def test_a_poster_comes_later(start: Start, double: OmdbDouble) -> None:
    """While OMDb takes its time, looking returns at once; then facts and picture are here."""
    double.seconds = 1.0
    service = start()
    first = service.find([TOY])
    assert (first.awaited, first.stored) == ([TOY], {})
    assert double.fetched == []
    assert here(service, TOY) == [TOY]
    assert service.picture(TOY) == picture()
    assert (
        service.find([TOY]).stored[TOY].body == '{"plot": "Toys come alive.", "runtime": "81 min"}'
    )
    assert notice(service) == ""


@pytest.mark.parametrize(
    ("does", "has_poster", "kept"),
    [
        ("hit", True, 30 * DAY),
        ("no poster", False, 7 * DAY),
        ("not there", False, 7 * DAY),
        ("dead link", False, 7 * DAY),
        ("500", False, HOUR),
        ("html", False, HOUR),
        ("cut", False, HOUR),
        ("redirect", False, HOUR),
    ],
)
def test_each_answer_is_remembered_for_its_time(
    does: str, has_poster: bool, kept: float, start: Start, double: OmdbDouble, clock: Clock
) -> None:
    """Not asked again before, also by a server started anew; asked again after."""
    double.does = lambda _: does
    assert here(start(), TOY) == [TOY] * has_poster
    clock.now += kept - 1
    assert here(start(), TOY) == [TOY] * has_poster
    assert len(double.calls) == 1
    clock.now += 2
    double.does = lambda _: "hit"
    assert here(start(), TOY) == [TOY]
    assert len(double.calls) == 2


@pytest.mark.parametrize("does", ["bad key", "bad key with 200", "no key"])
def test_a_bad_key_ends_all_calls(does: str, start: Start, double: OmdbDouble) -> None:
    """Those under way may end; with another key the same films are asked for at once."""
    double.does = lambda _: does
    service = start()
    assert here(service, *MANY) == []
    calls = len(double.calls)
    assert calls <= 4
    assert "Check OMDB_API_KEY" in notice(service)
    assert here(service, TOY) == []
    assert len(double.calls) == calls
    double.does = lambda _: "hit"
    assert here(start(), *MANY) == MANY


def test_a_reached_limit_ends_the_calls_of_the_day(
    start: Start, double: OmdbDouble, clock: Clock
) -> None:
    """Also those of a server started anew; after midnight UTC posters come back."""
    double.does = lambda _: "limit"
    assert here(start(), TOY) == []
    again = start()
    assert here(again, HEAT) == []
    assert len(double.calls) == 1
    assert "return tomorrow (UTC)" in notice(again)
    double.does = lambda _: "hit"
    clock.now += 12 * HOUR
    assert notice(again) == ""
    assert here(again, TOY, HEAT) == [TOY, HEAT]


def test_the_budget_is_counted_per_utc_day_over_restarts(
    start: Start, double: OmdbDouble, clock: Clock
) -> None:
    """Three requests a day: the fourth waits for tomorrow. Pictures do not count."""
    assert here(start(daily_limit=3), *MANY[:2]) == MANY[:2]
    service = start(daily_limit=3)
    assert here(service, *MANY[2:6]) == MANY[2:3]
    assert len(double.calls) == 3
    assert "limit (OMDB_DAILY_LIMIT) is used up" in notice(service)
    clock.now += 12 * HOUR
    assert here(service, *MANY[:9]) == MANY[:6]
    assert len(double.calls) == 6


def test_at_most_four_are_asked_at_once_and_none_twice(start: Start, double: OmdbDouble) -> None:
    """However often, and by however many pages, they are looked for."""
    double.seconds = 0.2
    service = start()
    for _ in range(5):
        service.find(MANY)
    assert here(service, *MANY) == MANY
    assert sorted(double.ids) == MANY
    assert double.most_at_once == 4


def test_the_top_of_a_page_comes_first(start: Start, double: OmdbDouble) -> None:
    """What a page does not look for any more is not asked for either."""
    double.seconds = 0.2
    service = start()
    service.find(MANY[:10])
    assert here(service, *MANY[10:]) == MANY[10:]
    assert sorted(double.ids[:4]) == MANY[:4]
    assert sorted(double.ids[4:]) == MANY[10:]


def test_two_servers_share_what_they_know(start: Start, double: OmdbDouble) -> None:
    """What one fetched the other does not ask for, and they count one budget."""
    one, other = start(daily_limit=2), start(daily_limit=2)
    assert here(one, TOY) == here(other, TOY) == [TOY]
    assert other.picture(TOY) == picture()
    here(other, HEAT)
    assert here(one, UP) == []
    assert len(double.calls) == 2


@pytest.mark.process
def test_two_processes_count_one_budget(tmp_path: Path) -> None:
    """Of a hundred requests tried by two at once, as many are allowed as the day has."""
    code = (
        "import sys; from pathlib import Path; from ui.posters.poster_store import PosterStore\n"
        "store = PosterStore(Path(sys.argv[1]))\n"
        "print(sum(len(store.begin(['tt1'], 1.0, '2026-03-01', 60)) for _ in range(50)))\n"
    )
    argv = [sys.executable, "-c", code, str(tmp_path / "posters.sqlite")]
    both = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sum(int(process.communicate()[0]) for process in both) == 60


def test_the_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those go that expire soonest."""
    monkeypatch.setattr(poster_store, "_MAX_FILMS", 3)
    store = PosterStore(tmp_path / "posters.sqlite")
    for number in (4, 1, 5, 3, 2):
        store.save(MANY[number], NOON + number, "{}", b"")
    assert {*store.films(MANY)} == {MANY[3], MANY[4], MANY[5]}


@pytest.mark.parametrize("how", ["the folder is a file", "garbage", "a folder", "another's"])
def test_without_a_usable_file_nobody_is_asked(
    how: str,
    start: Start,
    double: OmdbDouble,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing fails, and the log names the file; once it is gone, posters are back."""
    folder = tmp_path / "elsewhere"
    file = folder / "posters.sqlite"
    if how == "the folder is a file":
        folder.write_text("not a folder")
    else:
        folder.mkdir()
    if how == "garbage":
        file.write_bytes(b"garbage" * 1_000)
    elif how == "another's":
        with closing(sqlite3.connect(file)) as made:
            made.execute("CREATE TABLE films (something INTEGER)")
    elif how == "a folder":
        file.mkdir()
    service = start(folder)
    assert here(service, TOY) == []
    assert service.picture(TOY) is None
    assert double.calls == []
    assert str(folder) in caplog.text
    (folder if how == "the folder is a file" else file).rename(tmp_path / "aside")
    assert here(service, TOY) == [TOY]


def test_while_the_file_is_locked_nobody_is_asked(
    start: Start, double: OmdbDouble, tmp_path: Path
) -> None:
    """Later all is as before, and what is on disk is not asked for again."""
    service = start()
    assert here(service, TOY) == [TOY]
    with closing(sqlite3.connect(tmp_path / "posters" / "posters.sqlite")) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert here(service, TOY, HEAT) == []
    assert double.ids == [TOY]
    assert here(service, TOY, HEAT) == [TOY, HEAT]
    assert double.ids == [TOY, HEAT]


def test_an_answer_that_cannot_be_stored_is_not_asked_for_over_and_over(
    start: Start, double: OmdbDouble, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that is full: once in an hour, by any server."""

    def save(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(PosterStore, "save", save)
        assert here(start(), TOY) == here(start(), TOY) == []
        assert len(double.calls) == 1
    clock.now += HOUR + 1
    assert here(start(), TOY) == [TOY]


@pytest.mark.parametrize("does", ["500", "limit", "bad key", "broken link"])
def test_an_old_picture_stays_while_there_is_no_new_one(
    does: str, start: Start, double: OmdbDouble, clock: Clock
) -> None:
    """Also for a server started anew."""
    here(start(), TOY)
    clock.now += 31 * DAY
    double.does = lambda _: does
    assert here(start(), TOY) == here(start(), TOY) == [TOY]
    assert start().picture(TOY) == picture()


def test_the_file_of_an_earlier_version_is_used_on(
    start: Start, double: OmdbDouble, tmp_path: Path
) -> None:
    """Its pictures go, and what it counted today stays."""
    file = tmp_path / "posters" / "posters.sqlite"
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as old, old:
        old.executescript(
            "CREATE TABLE posters (imdb_id TEXT PRIMARY KEY, until REAL, type TEXT, data BLOB);"
            "CREATE TABLE facts (imdb_id TEXT PRIMARY KEY, until REAL, told TEXT);"
            "CREATE TABLE days (day TEXT PRIMARY KEY, requests INTEGER);"
            "INSERT INTO days VALUES ('2026-03-01', 1);"
        )
    assert here(start(daily_limit=2), TOY, HEAT) == [TOY]
    with closing(sqlite3.connect(file)) as now:
        tables = now.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert sorted(tables) == [("days",), ("films",)]


@pytest.mark.parametrize("does", ["hit", "bad key", "limit", "500", "cut"])
def test_the_key_is_not_on_the_disk(
    does: str, start: Start, double: OmdbDouble, tmp_path: Path
) -> None:
    """Not in any file of the folder."""
    double.does = lambda _: does
    here(start(), TOY)
    files = [file for file in (tmp_path / "posters").rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if KEY.encode() in file.read_bytes()]
