"""The one open index: opened by one for all, and asked for all whether it answers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from recommender import EngineUnavailableError, IndexProblem, KindredError, Recommender
from recommender.health import Health, check_health
from tests.ui.fresh import fresh
from ui.server import open_index
from ui.server.open_index import ServedIndex, served_index, turn, version_of

AWAY = EngineUnavailableError("Qdrant at http://hush cannot be reached")
Check = Callable[[Recommender], Health]


@pytest.fixture
def served(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServedIndex]:
    """The index, not yet open, on a machine that may be busy."""
    monkeypatch.setattr(open_index, "_TIMEOUT", 60.0)
    monkeypatch.setenv("KINDRED_INDEX", str(index))
    fresh()
    yield served_index()
    fresh()


def fails(problem: Exception) -> Check:
    """Give a check with an error for its result."""

    def check(_: Recommender) -> Health:
        raise problem

    return check


def test_of_many_who_come_to_a_server_that_hangs_one_tries_to_open_it(
    served: ServedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others share its failure, and do not wait for their turn to fail."""
    tries, began, hung = list[object](), threading.Event(), threading.Event()

    def hangs(**given: object) -> Recommender:
        tries.append(given)
        began.set()
        assert hung.wait(60)
        raise AWAY

    with monkeypatch.context() as patched, ThreadPoolExecutor(10) as visitors:
        patched.setattr(Recommender, "open", hangs)
        waiting = [visitors.submit(served.recommender) for _ in range(10)]
        assert began.wait(60)
        patched.setattr(open_index, "_TIMEOUT", 0.1)
        with pytest.raises(EngineUnavailableError, match=r"within 0\.1 seconds"):
            served.recommender()  # who comes later waits no longer than anybody
        hung.set()
        assert {type(visitor.exception(60)) for visitor in waiting} == {EngineUnavailableError}
    assert tries == [{"timeout": 60.0}]
    assert not served.was_open


def test_while_it_is_away_visitors_wait_for_the_check_and_ask_nothing(
    served: ServedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same recommender goes on when it is back; nothing is opened anew."""
    opened = served.recommender()
    monkeypatch.setattr(open_index, "check_health", fails(AWAY))
    assert served.check(anew=True).exception(60) is AWAY
    for _ in range(3):
        with pytest.raises(EngineUnavailableError):
            served.recommender()
    monkeypatch.setattr(open_index, "check_health", check_health)
    served.check(anew=True)
    assert served.recommender() is opened


def test_an_index_whose_check_fails_otherwise_is_still_asked(
    served: ServedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages say what is wrong, each with what it asked: some may be answered."""
    monkeypatch.setattr(open_index, "check_health", fails(IndexProblem("answers in no order")))
    assert served.recommender().stats().ratings
    assert isinstance(served.check().exception(60), IndexProblem)


def test_a_check_holds_for_everybody_for_a_while(
    served: ServedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who knows better has one made at once; of one under way nobody has another."""
    asked, go_on = list[Recommender](), threading.Event()

    def counted(recommender: Recommender) -> Health:
        asked.append(recommender)
        assert go_on.wait(60)
        return check_health(recommender)

    monkeypatch.setattr(open_index, "_VALID", 3600.0)
    monkeypatch.setattr(open_index, "check_health", counted)
    first = served.check()
    assert served.check(anew=True) is first
    go_on.set()
    first.result(60)
    assert served.check() is first
    served.check(anew=True).result(60)
    assert len(asked) == 2
    monkeypatch.setattr(open_index, "_VALID", 0.0)
    served.check().result(60)
    assert len(asked) == 3


def test_what_cannot_be_opened_is_tried_again(
    served: ServedIndex, tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the next check."""
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path))
    monkeypatch.setattr(open_index, "_VALID", 0.0)
    with pytest.raises(KindredError):
        served.recommender()
    monkeypatch.setenv("KINDRED_INDEX", str(index))
    assert served.recommender().stats().place == str(index)


def test_a_change_is_logged_once_with_what_strangers_are_not_told(
    served: ServedIndex, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning where it begins to fail, with the address; of what nobody foresaw, the class."""
    caplog.set_level(logging.INFO, "ui.server.open_index")
    strange = ZeroDivisionError("secret")
    for check in (check_health, fails(AWAY), fails(AWAY), check_health, fails(strange)):
        monkeypatch.setattr(open_index, "check_health", check)
        served.check(anew=True).exception(60)
    logged = [(record.levelname, vars(record)["status"]) for record in caplog.records]
    assert logged == [
        *(("INFO", "ok"), ("WARNING", "failing"), ("INFO", "ok"), ("WARNING", "failing"))
    ]
    reasons = [vars(record).get("reason") for record in caplog.records]
    assert reasons == [None, str(AWAY), None, "unexpected ZeroDivisionError"]


def test_an_index_made_anew_has_other_versions(served: ServedIndex) -> None:
    """Though their numbers are the same: open pages must let go of the old films."""
    stats = served.recommender().stats()
    assert version_of(replace(stats, created="2001-01-01T00:00:00Z")) != version_of(stats)


def test_two_pages_are_drawn_at_a_time_and_none_waits_for_long(
    served: ServedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A third begins when one of two ends, or, where both hang, after a while."""
    third = threading.Event()

    def draw() -> Recommender:
        with turn() as opened:
            third.set()
            return opened

    with ThreadPoolExecutor(1) as visitors:
        with turn():
            with turn():
                waiting = visitors.submit(draw)
                assert not third.wait(0.2)
            assert waiting.result(60) is served.recommender()
            with turn():
                monkeypatch.setattr(open_index, "_TIMEOUT", 0.1)
                assert visitors.submit(draw).result(60) is served.recommender()
        monkeypatch.setattr(open_index, "_TIMEOUT", 60.0)
        with turn(), turn():  # whoever had no turn gave none back
            assert not open_index._turns.acquire(blocking=False)
