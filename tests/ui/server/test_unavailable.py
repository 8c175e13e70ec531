"""The index cannot be asked: all are told at once, nothing is lost, and it passes by itself."""

from __future__ import annotations

import itertools
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ingest import ingest
from recommender import EngineUnavailableError, IndexNotFoundError, KindredError
from recommender.errors import EngineError, IndexDamagedError, VersionGoneError
from recommender.storage.open_store import choose_store
from tests.qdrant_double import READ, WRITE, QdrantDouble, qdrant_double, times
from tests.ui import films
from tests.ui.conftest import APP
from tests.ui.driving import _data, _key, code, page, profile_in, rate
from tests.ui.fresh import fresh
from tests.wire import Wire, silence
from ui.server import open_index
from ui.server.unavailable import CircuitBreaker

AWAY = EngineUnavailableError("Qdrant cannot be reached")


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Probe again at once, and count every failure as everybody's."""
    monkeypatch.setattr("ui.server.unavailable._PROBE_PAUSE", 0.0)
    monkeypatch.setattr("ui.server.unavailable._GRACE", 0.0)
    fresh()
    yield
    fresh()


def until(happened: Callable[[], bool]) -> None:
    """Wait for what is done beside the pages."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_closed(circuit: CircuitBreaker) -> bool:
    """Tell whether questions are let through, as a page would find out."""
    try:
        circuit.check()
    except KindredError:
        return False
    return True


def test_while_it_is_open_nobody_asks_but_one_beside_the_pages() -> None:
    """Everybody is told the same, however long that question takes; its answer closes it."""
    asked, answered = [], threading.Event()

    def ask() -> None:
        asked.append(threading.current_thread())
        assert answered.wait(60)

    circuit = CircuitBreaker(ask)
    with pytest.raises(EngineUnavailableError), circuit.calling():
        raise AWAY
    for _ in range(5):
        with pytest.raises(EngineUnavailableError, match=str(AWAY)), circuit.calling():
            pytest.fail("it was let through")
    assert len(asked) == 1
    assert threading.current_thread() not in asked
    answered.set()
    until(lambda: is_closed(circuit))


def test_a_question_that_fails_again_leaves_it_open_for_the_next() -> None:
    """Until one is answered, or fails in a way that pages have an answer to."""
    for end in (None, IndexNotFoundError("there is none"), EngineError("wants a key")):
        faults = iter([AWAY, IndexDamagedError("files are missing"), *filter(None, [end])])

        def ask(faults: Iterator[KindredError] = faults) -> None:
            for fault in faults:
                raise fault

        circuit = CircuitBreaker(ask)
        with pytest.raises(IndexDamagedError), circuit.calling():
            raise IndexDamagedError("files are missing")
        until(lambda circuit=circuit: is_closed(circuit))  # type: ignore[misc]
        assert next(faults, None) is None


def test_a_question_that_fails_right_after_another_was_answered_fails_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or one visitor's question would keep everybody out, time and again."""
    monkeypatch.setattr("ui.server.unavailable._GRACE", 60.0)
    circuit = CircuitBreaker(lambda: None)
    for lasts in (True, False):
        with pytest.raises(EngineUnavailableError), circuit.calling():
            raise AWAY
        assert circuit.open is lasts
        until(lambda: is_closed(circuit))


def test_a_server_that_wants_to_be_left_alone_is() -> None:
    """For as long as it says, and no longer than a minute."""
    circuit = CircuitBreaker(lambda: pytest.fail("it was asked"))
    busy, before = EngineUnavailableError("asked too much", after=1e9), time.monotonic()
    with pytest.raises(EngineUnavailableError), circuit.calling():
        raise busy
    for _ in range(3):
        assert not is_closed(circuit)
    assert before + 60 <= circuit._next_probe <= time.monotonic() + 60


def test_without_room_for_a_thread_the_next_visitor_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where nobody asked, nobody is waited for."""
    circuit, start = CircuitBreaker(lambda: None), threading.Thread.start

    def full(thread: threading.Thread) -> None:
        monkeypatch.setattr(threading.Thread, "start", start)
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", full)
    with pytest.raises(EngineUnavailableError), circuit.calling():
        raise AWAY
    with pytest.raises(EngineUnavailableError):
        circuit.check()
    assert threading.Thread.start is start
    until(lambda: is_closed(circuit))


@pytest.mark.parametrize("kind", [EngineError, VersionGoneError, KindredError])
def test_what_one_question_met_is_not_everybodys(kind: type[KindredError]) -> None:
    """The next may be answered."""
    circuit = CircuitBreaker(lambda: pytest.fail("nobody need ask"))
    with pytest.raises(kind), circuit.calling():
        raise kind("that failed")
    circuit.check()


def test_of_many_who_come_to_a_silent_server_one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others, who waited for its attempt to open the index, are told what became of it."""
    seen: list[socket.socket] = []

    def silent(connection: socket.socket) -> None:
        seen.append(connection)
        silence(connection)

    wire = Wire(("127.0.0.1", 9))
    wire.misbehave(itertools.repeat(silent))
    monkeypatch.setenv("QDRANT_URL", wire.url)
    monkeypatch.setenv("QDRANT_TIMEOUT", "1")
    monkeypatch.setattr("ui.server.unavailable._PROBE_PAUSE", 3600.0)
    faults: list[BaseException] = []

    def come() -> None:
        try:
            open_index.recommender()
        except EngineUnavailableError as error:
            faults.append(error)

    with wire:
        visitors = [threading.Thread(target=come) for _ in range(8)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
    assert len(faults) == 8
    assert len(seen) <= 2  # the first visitor's, and one beside the pages


@pytest.fixture
def double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[QdrantDouble]:
    """Let the app be served from a server."""
    with qdrant_double() as served:
        served.keys = True
        monkeypatch.setenv("QDRANT_URL", served.url)
        monkeypatch.setenv("QDRANT_API_KEY", READ)
        with closing(choose_store(url=served.url, api_key=WRITE)) as store:
            ingest(str(films.write(tmp_path / "csv")), index=store)
        yield served


def test_a_server_that_goes_away_takes_nothing_along(double: QdrantDouble) -> None:
    """Ratings, those clicked meanwhile and the address are there when it is back."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    rate(app.run(), 17, 1)
    address = code(app)
    double.fault = times(-1, 503)
    late = _data(app)
    app.session_state[_key(app)] = {"acts": [[late["ack"] + 1, "rate", "5", 1, late["visit"], 1.0]]}
    with pytest.raises(EngineUnavailableError), open_index.circuit_breaker().calling():
        raise AWAY  # as another visitor found out
    app.run()
    assert not app.exception
    for words in ("out of reach", "Nothing of yours is lost", "less than a minute now", str(AWAY)):
        assert words in page(app)
    assert READ not in page(app)
    assert code(app) == address
    double.fault = None
    until(lambda: is_closed(open_index.circuit_breaker()))
    app.run()
    assert not app.exception
    assert dict(profile_in(app).opinions) == {17: 1, 5: 1}
    assert "out of reach" not in page(app)


def test_a_damaged_index_is_told_of_until_another_is_in_its_place(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an ingest; nobody need do anything about the page."""
    broken = tmp_path / "index"
    shutil.copytree(index, broken)
    for manifest in broken.rglob("manifest.json"):
        manifest.write_text("{}", encoding="utf-8")
    monkeypatch.setenv("KINDRED_INDEX", str(broken))
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception
    assert "The ratings cannot be read" in page(app)
    ingest(str(films.write(tmp_path / "csv")), index=broken)
    until(lambda: is_closed(open_index.circuit_breaker()))
    app.run()
    assert not app.exception
    assert "The ratings cannot be read" not in page(app)
    rate(app, 17, 1)
