"""The health check of this server."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from recommender import InvalidInputError, Recommender
from recommender.errors import (
    EngineError,
    EngineUnavailableError,
    IndexDamagedError,
    IndexFormatError,
    IndexProblem,
)
from recommender.health import Health
from tests.ui.asgi import get, get_all
from tests.ui.fresh import fresh
from ui.server import health, open_index
from ui.server.health import public_reason

PATH = "/health"


@pytest.fixture(autouse=True)
def _begin(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin with the usual index, nothing asked yet, every check a new one, on a busy machine."""
    monkeypatch.setattr(health, "_TIMEOUT", 60.0)
    monkeypatch.setattr(open_index, "_VALID", 0.0)
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


def test_an_index_that_was_there_and_is_deleted_fails_until_it_is_back(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app that has served an index never calls its folder empty."""
    folder = tmp_path / "index"
    shutil.copytree(index, folder)
    monkeypatch.setenv("KINDRED_INDEX", str(folder))
    assert get(PATH).json()["status"] == "ok"
    folder.rename(tmp_path / "away")
    folder.mkdir()
    for _ in range(2):
        got = get(PATH)
        assert (got.status_code, got.json()["status"]) == (503, "failing")
    assert got.json()["reason"].startswith("The index is damaged or gone: restore it")
    folder.rmdir()
    (tmp_path / "away").rename(folder)
    assert get(PATH).json()["status"] == "ok"


def test_a_damaged_index_fails_and_its_path_is_in_the_log_alone(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever asks learns the kind of error and the way out."""
    caplog.set_level(logging.INFO, "ui.server.open_index")
    shutil.copytree(index, tmp_path / "index")
    for manifest in (tmp_path / "index").rglob("manifest.json"):
        manifest.write_text("{}")
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "index"))
    got = get(PATH)
    assert (got.status_code, got.json()["status"]) == (503, "failing")
    assert "ingest again" in got.json()["reason"]
    assert str(tmp_path) not in got.text
    assert str(tmp_path) in vars(caplog.records[0])["reason"]


def test_a_server_that_is_away_fails_and_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens there."""
    monkeypatch.delenv("KINDRED_INDEX")
    monkeypatch.setenv("QDRANT_URL", "http://127.0.0.1:9")
    got = get(PATH)
    assert (got.status_code, got.json()["status"]) == (503, "failing")
    assert got.json()["reason"] == "The index does not answer in time."


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (EngineUnavailableError, "does not answer"),
        (EngineError, "index server refuses"),
        (IndexDamagedError, "is damaged"),
        (IndexFormatError, "another version of Kindred"),
        (IndexProblem, "cannot be used"),
        (InvalidInputError, "set up wrongly"),
        (ZeroDivisionError, "an unexpected error"),
    ],
)
def test_a_reason_is_one_sentence_by_the_kind_of_error(problem: type[Exception], says: str) -> None:
    """Whatever the error itself says."""
    reason = public_reason(problem("/srv/index at http://10.0.0.1:6333 hush"))
    assert says in reason
    assert reason.endswith(".")
    assert "hush" not in reason


def test_asking_often_costs_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """All who ask at once, and soon after, get the same report."""
    monkeypatch.setattr(open_index, "_VALID", 3600.0)
    answers = [*get_all(*[PATH] * 20), get(PATH)]
    assert {answer.text for answer in answers} == {answers[0].text}


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

    monkeypatch.setattr(open_index, "check_health", hangs)
    monkeypatch.setattr(health, "_TIMEOUT", 0.05)
    for _ in range(2):
        got = get(PATH)
        assert (got.status_code, got.json()["status"]) == (503, "failing")
        assert "answer in time" in got.json()["reason"]
    monkeypatch.setattr(health, "_TIMEOUT", 60.0)
    monkeypatch.setattr(open_index, "_VALID", 3600.0)
    go_on.set()
    assert get(PATH).json()["status"] == "ok"
    assert len(asked) == 1
