"""The health check of this server."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from recommender import IndexProblem, Recommender
from recommender.health import Health, check_health
from tests.ui.asgi import get, get_all
from tests.ui.fresh import fresh
from ui.server import health, open_index

PATH = "/_kindred/health"


@pytest.fixture(autouse=True)
def _begin(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin with the usual index, nothing asked yet, and a long timeout, for a busy machine."""
    monkeypatch.setattr(health, "_TIMEOUT", 60.0)
    monkeypatch.setenv("KINDRED_INDEX", str(index))
    fresh()
    yield
    fresh()


def test_a_server_that_answers_says_so() -> None:
    """With the version, and how long a question took; no proxy may keep it."""
    got = get(PATH)
    assert (got.status_code, got.headers["Cache-Control"]) == (200, "no-store")
    report = got.json()
    assert report.pop("milliseconds") > 0
    assert report == {"status": "ok", "version": "000001"}


def test_without_an_index_the_app_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows how to make one, and must not be taken away for it."""
    monkeypatch.setenv("KINDRED_INDEX", "/nonexistent")
    got = get(PATH)
    assert (got.status_code, got.json()) == (200, {"status": "empty"})


def test_a_damaged_index_fails_with_one_line(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the page says it."""
    shutil.copytree(index, tmp_path / "index")
    for manifest in (tmp_path / "index").rglob("manifest.json"):
        manifest.write_text("{}")
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "index"))
    got = get(PATH)
    assert (got.status_code, got.json()["status"]) == (503, "failing")
    assert "ingest again" in got.json()["reason"]
    assert "\n" not in got.json()["reason"]


def test_a_server_that_is_away_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens there."""
    monkeypatch.delenv("KINDRED_INDEX")
    monkeypatch.setenv("QDRANT_URL", "http://127.0.0.1:9")
    got = get(PATH)
    assert (got.status_code, got.json()["status"]) == (503, "failing")
    assert "http://127.0.0.1:9" in got.json()["reason"]


def test_what_nobody_foresaw_fails_by_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by what it says, which may be anything."""

    def broken(_: Recommender) -> Health:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(health, "check_health", broken)
    got = get(PATH)
    assert (got.status_code, got.json()["reason"]) == (503, "unexpected ZeroDivisionError")


def test_without_room_for_a_thread_it_fails_and_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody asks, nobody is waited for."""
    health_check, start = health._health_check(), threading.Thread.start

    def full(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", full)
    assert health_check.request().result(0) == {
        "status": "failing",
        "reason": "can't start new thread",
    }
    monkeypatch.setattr(threading.Thread, "start", start)
    assert health_check.request().result(60)["status"] == "ok"


def test_asking_often_costs_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """All who ask at once, and soon after, get the same report."""
    asked: list[Recommender] = []

    def counted(rec: Recommender) -> Health:
        asked.append(rec)
        return check_health(rec)

    monkeypatch.setattr(health, "check_health", counted)
    answers = [*get_all(*[PATH] * 20), get(PATH)]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert asked == [open_index.recommender()]
    monkeypatch.setattr(health._health_check(), "_valid_until", 0.0)
    get(PATH)
    assert len(asked) == 2


def test_a_question_that_hangs_fails_in_time_and_is_not_asked_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or each who asks would take another thread."""
    asked: list[Recommender] = []
    go_on = threading.Event()

    def hangs(rec: Recommender) -> Health:
        asked.append(rec)
        go_on.wait(60)
        return Health("000001", 60_000.0, 1, 1)

    monkeypatch.setattr(health, "check_health", hangs)
    monkeypatch.setattr(health, "_TIMEOUT", 0.05)
    for _ in range(2):
        got = get(PATH)
        assert (got.status_code, got.json()["status"]) == (503, "failing")
        assert "no answer within" in got.json()["reason"]
    go_on.set()
    monkeypatch.setattr(health, "_TIMEOUT", 60.0)
    assert get(PATH).json()["status"] == "ok"
    assert len(asked) == 1


def test_a_change_of_health_is_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning where it begins to fail."""

    def broken(_: Recommender) -> Health:
        raise IndexProblem("files are gone")

    caplog.set_level(logging.INFO, "ui.server.health")
    health_check = health._health_check()
    for check in (check_health, broken, broken, check_health):
        monkeypatch.setattr(health, "check_health", check)
        monkeypatch.setattr(health_check, "_valid_until", 0.0)
        get(PATH)
    logged = [(record.levelname, vars(record)["status"]) for record in caplog.records]
    assert logged == [("INFO", "ok"), ("WARNING", "failing"), ("INFO", "ok")]
