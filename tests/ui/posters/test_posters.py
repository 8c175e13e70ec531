"""Posters: what is asked, what is remembered and for how long, and that nobody waits."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.ui.omdb_double import KEY, OmdbDouble, picture
from ui.posters.fetcher import Posters
from ui.posters.omdb import Facts, Failure, Picture
from ui.posters.poster_store import PosterStore
from ui.settings import OmdbSettings

HOUR, DAY = 3600.0, 86_400.0
PNG = b"\x89PNG\r\n\x1a\n"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
TOY, HEAT, UP = "tt0114709", "tt0113277", "tt1049413"


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


def _film(number: int) -> str:
    return f"tt{number + 1:07}"


def settle(*services: Posters, ids: list[str], requested_by: str | None = None) -> None:
    """Wait until nothing is pending any more, of what somebody may request first."""
    if requested_by is not None:
        services[0].request(ids, requested_by)
    deadline = time.monotonic() + 30
    while any(service.is_pending(ids) for service in services):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def fetch(service: Posters, *ids: str) -> list[str | None]:
    """Request, wait, and return the addresses."""
    service.request(ids)
    settle(service, ids=[*ids])
    return [service.address(imdb_id) for imdb_id in ids]


def test_a_poster_comes_later_and_its_address_is_relative(start: Start, double: OmdbDouble) -> None:
    """While OMDb hangs, looking and requesting return at once; then the picture is here."""
    double.seconds = 1.0
    service = start()
    service.request([TOY])
    assert service.address(TOY) is None
    assert service.is_pending([TOY])
    settle(service, ids=[TOY])
    assert service.address(TOY) == f"posters/{TOY}"
    assert service.picture(TOY) == Picture(picture(), "image/jpeg")
    assert service.notice is None


@pytest.mark.parametrize(
    ("does", "address", "kept"),
    [
        ("hit", f"posters/{TOY}", 30 * DAY),
        ("no poster", None, 7 * DAY),
        ("not there", None, 7 * DAY),
        ("dead link", None, 7 * DAY),
        ("500", None, HOUR),
        ("html", None, HOUR),
        ("cut", None, HOUR),
        ("redirect", None, HOUR),
    ],
)
def test_each_answer_is_remembered_for_its_time(
    does: str, address: str | None, kept: float, start: Start, double: OmdbDouble, clock: Clock
) -> None:
    """Not asked again before, also by a server started anew; asked again after."""
    double.does = lambda _: does
    assert fetch(start(), TOY) == [address]
    clock.now += kept - 1
    assert fetch(start(), TOY) == [address]
    assert len(double.calls) == 1
    clock.now += 2
    service = start()
    assert service.address(TOY) is None
    double.does = lambda _: "hit"
    assert fetch(service, TOY) == [f"posters/{TOY}"]
    assert len(double.calls) == 2


@pytest.mark.parametrize("does", ["bad key", "bad key with 200", "no key"])
def test_a_bad_key_ends_all_calls(does: str, start: Start, double: OmdbDouble) -> None:
    """Those on their way may end; after the first refusal there are no others."""
    double.does = lambda _: does
    service = start()
    fetch(service, *(f"tt00000{number:02}" for number in range(40)))
    assert len(double.calls) <= 4
    assert "Check OMDB_API_KEY" in str(service.notice)
    calls = len(double.calls)
    assert fetch(service, TOY) == [None]
    assert len(double.calls) == calls


def test_a_reached_limit_ends_the_calls_of_the_day(
    start: Start, double: OmdbDouble, clock: Clock
) -> None:
    """Also those of a server started anew; after midnight UTC posters come back."""
    double.does = lambda _: "limit"
    service = start()
    fetch(service, TOY)
    assert "come back tomorrow (UTC)" in str(service.notice)
    again = start()
    fetch(again, HEAT)
    assert len(double.calls) == 1
    assert "come back tomorrow (UTC)" in str(again.notice)
    double.does = lambda _: "hit"
    clock.now += 12 * HOUR
    assert again.notice is None
    assert fetch(again, TOY, HEAT) == [f"posters/{TOY}", f"posters/{HEAT}"]


def test_the_budget_is_counted_per_utc_day_over_restarts(
    start: Start, double: OmdbDouble, clock: Clock
) -> None:
    """Three requests a day: the fourth waits for tomorrow. Pictures do not count."""
    ids = [f"tt000000{number}" for number in range(9)]
    fetch(start(daily_limit=3), *ids[:2])
    service = start(daily_limit=3)
    fetch(service, *ids[2:6])
    assert len(double.calls) == 3
    assert "budget (OMDB_DAILY_LIMIT) is used up" in str(service.notice)
    clock.now += 12 * HOUR
    fetch(service, *ids)
    assert len(double.calls) == 6


def test_one_client_cannot_use_up_the_whole_day(
    start: Start, double: OmdbDouble, clock: Clock
) -> None:
    """A quarter of it, be it for posters or plots; others, and the server's own network, go on."""
    service = start(daily_limit=8)
    settle(service, ids=[*map(_film, range(6))], requested_by="192.0.2.1")
    assert sorted(double.ids) == [_film(0), _film(1)]
    assert asyncio.run(service.facts(_film(9), "192.0.2.1")) is Failure.LIMIT_REACHED
    settle(service, ids=[_film(4)], requested_by="192.0.2.2")
    settle(service, ids=[*map(_film, range(10, 13))], requested_by="")
    assert len(double.calls) == 6
    clock.now += DAY
    settle(service, ids=[_film(9)], requested_by="192.0.2.1")
    assert len(double.calls) == 7


def test_at_most_four_are_asked_at_once_and_none_twice(start: Start, double: OmdbDouble) -> None:
    """Many requests, many times, by many pages."""
    double.seconds = 0.05
    ids = [f"tt00000{number:02}" for number in range(20)]
    service = start()
    for _ in range(5):
        service.request(ids)
    settle(service, ids=ids)
    assert sorted(double.ids) == ids
    assert double.most_at_once == 4


def test_the_newest_page_comes_first_and_its_top_before_its_end(
    start: Start, double: OmdbDouble
) -> None:
    """Who has gone on does not wait for what was on the page before."""
    double.seconds = 0.4
    old, new = ([f"tt000{page}{number:03}" for number in range(8)] for page in (1, 2))
    service = start()
    service.request(old)
    while len(double.calls) < 4:
        time.sleep(0.01)
    service.request(new)
    settle(service, ids=old + new)
    assert sorted(double.ids[:4]) == old[:4]
    assert sorted(double.ids[4:8]) == new[:4]
    assert sorted(double.ids[8:12]) == new[4:]
    assert sorted(double.ids[12:]) == old[4:]


def test_requests_beyond_a_bound_are_dropped_oldest_first(start: Start, double: OmdbDouble) -> None:
    """A crowd cannot fill the memory with requests."""
    double.does = lambda _: "stall"
    service = start()
    service.request([f"tt{number:07}" for number in range(504)])
    service.request([f"tt{number:07}" for number in range(1000, 1600)])
    assert not service.is_pending([f"tt{number:07}" for number in range(10, 500)])
    assert service.is_pending(["tt0001000"])
    assert not service.is_pending(["tt0001590"])


@pytest.mark.parametrize("imdb_id", ["", "tt1", "0114709", "tt01147091234", "tt٠١١٤٧٠٩", "../x"])
def test_what_is_no_imdb_id_is_never_asked(imdb_id: str, start: Start, double: OmdbDouble) -> None:
    """A film without one keeps the drawn poster, and costs nothing."""
    service = start()
    assert fetch(service, imdb_id) == [None]
    assert double.calls == []


def test_two_servers_share_what_they_know(start: Start, double: OmdbDouble) -> None:
    """What one fetched the other does not ask for, though it was started before."""
    one, other = start(daily_limit=2), start(daily_limit=2)
    fetch(one, TOY)
    assert fetch(other, TOY) == [f"posters/{TOY}"]
    assert other.picture(TOY) == one.picture(TOY)
    fetch(other, HEAT)
    assert fetch(one, UP) == [None]
    assert len(double.calls) == 2


@pytest.mark.process
def test_two_processes_count_one_budget(tmp_path: Path) -> None:
    """Of a hundred requests tried by two at once, as many are allowed as the day has."""
    code = (
        "import sys; from pathlib import Path; from ui.posters.poster_store import PosterStore\n"
        "store = PosterStore(Path(sys.argv[1]))\n"
        "print(sum(store.count_request('2026-03-01', 60) for _ in range(50)))\n"
    )
    argv = [sys.executable, "-c", code, str(tmp_path)]
    both = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sum(int(process.communicate()[0]) for process in both) == 60


def test_the_folder_is_bounded_and_the_oldest_go(tmp_path: Path) -> None:
    """Forty pictures of 100 kB into two megabytes: the last ones stay."""
    store = PosterStore(tmp_path, max_bytes=2_000_000)
    for number in range(40):
        store.save_picture(
            f"tt{number:07}", NOON + number, Picture(PNG + bytes(100_000), "image/png")
        )
    assert store.picture("tt0000000") is None
    assert store.picture("tt0000039") is not None
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 3_000_000


def test_a_picture_another_server_threw_away_is_fetched_again(
    start: Start, double: OmdbDouble, tmp_path: Path
) -> None:
    """The browser gets no picture once, and the film's next card asks anew."""
    service = start()
    fetch(service, TOY)
    with sqlite3.connect(tmp_path / "posters" / "posters.sqlite") as file:
        file.execute("DELETE FROM posters")
    file.close()
    assert service.picture(TOY) is None
    assert fetch(service, TOY) == [f"posters/{TOY}"]
    assert service.picture(TOY) is not None


@pytest.mark.parametrize("how", ["a file", "broken", "another's", "read only"])
def test_without_a_usable_folder_posters_live_in_memory(
    how: str, start: Start, double: OmdbDouble, tmp_path: Path
) -> None:
    """Nothing is written, and nothing fails."""
    folder = tmp_path / "elsewhere"
    if how == "a file":
        folder.write_text("not a folder")
    else:
        folder.mkdir()
    if how == "broken":
        (folder / "posters.sqlite").write_bytes(b"garbage" * 1_000)
    elif how == "another's":
        with sqlite3.connect(folder / "posters.sqlite") as file:
            file.execute("CREATE TABLE posters (something INTEGER)")
        file.close()
    elif how == "read only":
        (folder / "posters.sqlite").mkdir()
    service = start(folder)
    assert fetch(service, TOY) == [f"posters/{TOY}"]
    assert service.picture(TOY) is not None
    assert fetch(service, TOY) == [f"posters/{TOY}"]
    assert len(double.calls) == 1


def test_a_file_that_breaks_later_is_left_alone(
    start: Start, double: OmdbDouble, tmp_path: Path
) -> None:
    """The server goes on in its own memory."""
    service = start()
    fetch(service, TOY)
    (tmp_path / "posters" / "posters.sqlite").write_bytes(b"garbage" * 10_000)
    assert fetch(service, HEAT) == [f"posters/{HEAT}"]
    assert service.picture(HEAT) is not None


def test_whatever_a_disk_makes_of_the_file_nothing_false_comes_of_it(tmp_path: Path) -> None:
    """Bits turn, the end is missing: what is given is sound, and all else as if not there."""
    store, facts_of_all = PosterStore(tmp_path), Facts("A plot.", "D", "A", "81 min")
    for number in range(40):
        store.save_picture(_film(number), NOON, Picture(PNG + bytes(300), "image/png"))
        store.save_facts(_film(number), NOON, facts_of_all)
    store._run("PRAGMA wal_checkpoint(TRUNCATE)")
    sound = (tmp_path / "posters.sqlite").read_bytes()
    chance = random.Random(7)
    for turn in range(60):
        broken = bytearray(sound[: len(sound) if turn % 3 else chance.randrange(len(sound))])
        for _ in range(turn // 2):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        folder = tmp_path / str(turn)
        folder.mkdir()
        (folder / "posters.sqlite").write_bytes(broken)
        store = PosterStore(folder)
        assert all(isinstance(until, float) for until, _ in store.known().values())
        for number in range(40):
            found, (until, facts) = store.picture(_film(number)), store.facts(_film(number))
            assert found is None or found.is_valid
            assert isinstance(until, float)
            assert facts is None or len(facts) == 4
        assert store.count_request("2026-03-01", 5) in (True, False, None)
        store.extend(_film(1), NOON)
        assert store.save_picture(_film(1), NOON, Picture(PNG, "image/png")) in (True, False)


@pytest.mark.parametrize("text", ["{", "7", '["A."]', '{"Plot": "A."}', "\\x00"])
def test_facts_that_cannot_be_read_are_not_known(text: str, tmp_path: Path) -> None:
    """Rather than an error, each time the film is opened."""
    store = PosterStore(tmp_path)
    store.save_facts(TOY, NOON, Facts("A."))
    store._run("UPDATE facts SET told = ?", text)
    assert store.facts(TOY) == (0.0, None)


def test_a_picture_that_became_something_else_is_not_served(tmp_path: Path) -> None:
    """Whoever writes into the file cannot have this server serve a page of theirs."""
    store = PosterStore(tmp_path)
    for kind, data in (("text/html", PNG), ("image/svg+xml", b"<svg/>"), ("image/png", b"<html>")):
        store._run("INSERT OR REPLACE INTO posters VALUES (?, 9e9, ?, ?)", TOY, kind, data)
        assert store.picture(TOY) is None


def test_a_file_of_a_newer_kindred_is_left_as_it_is(
    start: Start, double: OmdbDouble, tmp_path: Path
) -> None:
    """The server goes on in its own memory."""
    file = tmp_path / "posters" / "posters.sqlite"
    file.parent.mkdir()
    with sqlite3.connect(file) as made:
        made.executescript("CREATE TABLE posters (film TEXT, until REAL); PRAGMA user_version = 2;")
    made.close()
    service = start()
    assert fetch(service, TOY) == [f"posters/{TOY}"]
    with sqlite3.connect(file) as read:
        assert read.execute("PRAGMA user_version").fetchone() == (2,)
    read.close()


@pytest.mark.parametrize("does", ["hit", "bad key", "limit", "500", "cut"])
def test_the_key_is_not_on_the_disk(
    does: str, start: Start, double: OmdbDouble, tmp_path: Path
) -> None:
    """Not in any file of the folder."""
    double.does = lambda _: does
    fetch(start(), TOY)
    files = [file for file in (tmp_path / "posters").rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if KEY.encode() in file.read_bytes()]


def test_a_look_up_that_fails_is_not_asked_for_again_at_once(
    start: Start,
    double: OmdbDouble,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is known to be without a poster for an hour, and the log does not say the key."""

    def count_request(self: PosterStore, day: str, limit: int) -> bool:
        raise OverflowError(KEY)

    monkeypatch.setattr(PosterStore, "count_request", count_request)
    service = start()
    for _ in range(3):
        assert fetch(service, TOY) == [None]
    assert [record.message for record in caplog.records] == [
        "a film was not looked up: OverflowError"
    ]
    assert KEY not in caplog.text


def test_a_file_locked_for_a_while_costs_nothing(
    start: Start, double: OmdbDouble, clock: Clock, tmp_path: Path
) -> None:
    """No request, no notice; an hour later all is as before, and still on disk."""
    service = start(daily_limit=1)
    file = sqlite3.connect(tmp_path / "posters" / "posters.sqlite", isolation_level=None)
    file.execute("BEGIN IMMEDIATE")
    assert fetch(service, TOY) == [None]
    file.execute("ROLLBACK")
    file.close()
    assert double.calls == []
    assert service.notice is None
    clock.now += HOUR + 1
    assert fetch(service, TOY) == [f"posters/{TOY}"]
    assert start().address(TOY) == f"posters/{TOY}"


def test_a_full_disk_is_not_left(tmp_path: Path) -> None:
    """What finds no room is not kept; what is there stays, and so does what comes later."""
    store = PosterStore(tmp_path)
    small, large = (Picture(PNG + bytes(size), "image/png") for size in (10, 100_000))
    assert store.save_picture(TOY, NOON, small)
    assert store._db is not None
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    assert not store.save_picture(HEAT, NOON, large)
    assert store.picture(TOY) == small
    store._db.execute("PRAGMA max_page_count = 1000000")
    assert store.save_picture(HEAT, NOON, large)
    assert {*PosterStore(tmp_path).known()} == {TOY, HEAT}


def test_a_server_started_while_the_file_is_locked_finds_it_later(
    start: Start, double: OmdbDouble, tmp_path: Path
) -> None:
    """What is on disk is not asked for again."""
    fetch(start(), TOY)
    file = sqlite3.connect(tmp_path / "posters" / "posters.sqlite", isolation_level=None)
    file.execute("BEGIN IMMEDIATE")
    service = start()
    file.execute("ROLLBACK")
    file.close()
    assert fetch(service, TOY) == [f"posters/{TOY}"]
    assert len(double.calls) == 1


def test_without_disk_the_day_goes_on_being_counted(tmp_path: Path) -> None:
    """Two of three requests are used up when the file breaks: one is left."""
    store = PosterStore(tmp_path)
    assert [store.count_request("2026-03-01", 3) for _ in range(2)] == [True, True]
    assert store._db is not None
    store._db.execute("DROP TABLE posters")
    store.save_picture(TOY, NOON, None)
    assert store.known() == {TOY: (NOON, False)}
    assert [store.count_request("2026-03-01", 3) for _ in range(2)] == [True, False]


def test_what_is_no_database_is_put_aside(start: Start, double: OmdbDouble, tmp_path: Path) -> None:
    """Under another name; posters are kept on disk again."""
    (tmp_path / "posters").mkdir()
    (tmp_path / "posters" / "posters.sqlite").write_bytes(b"garbage" * 1_000)
    fetch(start(), TOY)
    assert start().address(TOY) == f"posters/{TOY}"
    broken = tmp_path / "posters" / "posters.sqlite.broken"
    assert broken.read_bytes() == b"garbage" * 1_000


def test_an_outage_uses_up_nothing_and_is_waited_out(
    start: Start, double: OmdbDouble, clock: Clock
) -> None:
    """After four refused connections nobody is asked for a minute; the budget is untouched."""
    url, double.url = double.url, "http://127.0.0.1:9"
    ids = [f"tt00000{number:02}" for number in range(40)]
    service = start(daily_limit=1)
    for imdb_id in ids[:3]:
        fetch(service, imdb_id)
    assert not service._is_paused()
    fetch(service, *ids[3:])
    assert service.notice is None
    double.url = url
    service._omdb = start(daily_limit=1)._omdb
    service.request([TOY])
    assert not service.is_pending([TOY])
    clock.now += 61
    assert fetch(service, TOY) == [f"posters/{TOY}"]
    assert len(double.calls) == 1


def test_an_outage_uses_up_nothing_of_a_clients_share(
    start: Start, double: OmdbDouble, clock: Clock
) -> None:
    """Though many requests came to nothing."""
    url, double.url = double.url, "http://127.0.0.1:9"
    service = start(daily_limit=4)
    settle(service, ids=[*map(_film, range(9))], requested_by="192.0.2.1")
    double.url = url
    service._omdb = start()._omdb
    clock.now += 61
    settle(service, ids=[TOY], requested_by="192.0.2.1")
    assert double.ids == [TOY]


def test_four_faults_in_a_row_pause_requests_and_others_between_do_not(
    start: Start, double: OmdbDouble
) -> None:
    """Three faults, a hit, four faults: then nobody is asked."""
    ids = [f"tt000000{number}" for number in range(9)]
    double.does = lambda imdb_id: "hit" if imdb_id == ids[3] else "500"
    service = start()
    for imdb_id in ids:
        fetch(service, imdb_id)
    assert double.ids == ids[:8]


@pytest.mark.parametrize("does", ["500", "limit", "bad key"])
def test_an_old_picture_stays_while_there_is_no_new_answer(
    does: str, start: Start, double: OmdbDouble, clock: Clock
) -> None:
    """Also for a server started anew."""
    fetch(start(), TOY)
    clock.now += 31 * DAY
    double.does = lambda _: does
    service = start()
    assert fetch(service, TOY) == [f"posters/{TOY}"]
    assert service.picture(TOY) is not None
    assert len(double.calls) == 2
    if does == "500":
        assert start().address(TOY) == f"posters/{TOY}"
        clock.now += HOUR + 1
        fetch(service, TOY)
        assert len(double.calls) == 3


def test_what_was_kept_under_a_wrong_clock_is_not_believed(
    start: Start, double: OmdbDouble, clock: Clock
) -> None:
    """A year ahead for a while: asked again, rather than believed for a year."""
    double.does = lambda _: "no poster"
    clock.now += 365 * DAY
    service = start()
    fetch(service, TOY)
    clock.now = NOON
    double.does = lambda _: "hit"
    assert fetch(service, TOY) == [f"posters/{TOY}"]


def test_what_is_extended_is_never_shortened(tmp_path: Path) -> None:
    """Nor is its picture lost; what is not known is without one."""
    store, small = PosterStore(tmp_path), Picture(PNG, "image/png")
    store.save_picture(TOY, NOON + DAY, small)
    store.save_picture(HEAT, NOON, small)
    for imdb_id in (TOY, HEAT, UP):
        store.extend(imdb_id, NOON + HOUR)
    hour = NOON + HOUR
    assert store.known() == {TOY: (NOON + DAY, True), HEAT: (hour, True), UP: (hour, False)}
    assert store.picture(HEAT) == small
