"""What is logged of questions, and in which form programs show it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ingest
from recommender import InvalidInputError, Recommender, UnknownMovieError
from recommender.logs import configure_logging, logged
from tests.support import FILMS, THREE_RATERS, build_index, likes, write_source

TASTE = likes("Brazil", "Amélie")
QUESTIONS: dict[str, tuple[Callable[[Recommender], object], dict[str, object]]] = {
    "recommend": (
        lambda rec: rec.recommend(TASTE),
        {"ratings": 2, "movies": 5, "neighbours": 2, "fallback": None},
    ),
    "recommend to nobody": (
        lambda rec: rec.recommend(profile={}),
        {"ratings": 0, "movies": 9, "neighbours": 0, "fallback": "popular"},
    ),
    "recommend_together": (
        lambda rec: rec.recommend_together({"Ana": TASTE, "Ben": likes("Alien")}),
        {"ratings": 3, "movies": 4, "people": 2, "fallback": None},
    ),
    "rows": (
        lambda rec: rec.rows(TASTE, limit=2),
        {"ratings": 2, "rows": 4, "movies": 6, "neighbours": 2},
    ),
    "neighbours": (lambda rec: rec.neighbours(TASTE), {"ratings": 2, "found": 2}),
    "explain": (lambda rec: rec.explain(TASTE, "Alien"), {"ratings": 2}),
    "similar": (
        lambda rec: rec.similar("Brazil"),
        {"movies": 4, "neighbours": 0, "fallback": None},
    ),
    "predict_many": (lambda rec: rec.predict(TASTE, "Heat"), {"ratings": 2, "found": 1}),
    "search": (lambda rec: rec.search("brasil"), {"found": 1}),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the small world."""
    return build_index(tmp_path_factory.mktemp("world"), THREE_RATERS, FILMS)


def fields(record: logging.LogRecord) -> dict[str, object]:
    """What a record has that records do not have by themselves."""
    known = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
    return {name: value for name, value in vars(record).items() if name not in known}


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_question_is_one_event_of_counts(
    name: str, index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """How long it took and how much it held; nothing of what was asked or answered."""
    ask, counts = QUESTIONS[name]
    with Recommender.open(index) as rec, caplog.at_level(logging.INFO):
        caplog.clear()
        ask(rec)
    [record] = caplog.records
    told = fields(record)
    assert (record.getMessage(), record.levelname) == ("answered", "INFO")
    assert isinstance(told.pop("milliseconds"), float)
    assert told == {"kind": name.partition(" ")[0], "version": "000001", **counts}


def test_a_question_that_fails_is_told_by_the_class_of_its_error(
    index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its message quotes what somebody said."""
    with Recommender.open(index) as rec, caplog.at_level(logging.INFO):
        caplog.clear()
        with pytest.raises(UnknownMovieError):
            rec.recommend(likes("Mulholland"))
    [record] = caplog.records
    told = fields(record)
    assert told.keys() == {"kind", "ratings", "error", "milliseconds"}
    assert told["error"] == "UnknownMovieError"


def test_each_version_that_is_opened_is_an_event(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The first, and each that replaces it."""
    index = build_index(tmp_path, THREE_RATERS)
    with (
        caplog.at_level(logging.INFO, "recommender.storage.live_index"),
        Recommender.open(index) as rec,
    ):
        ingest.ingest(str(write_source(tmp_path / "other", THREE_RATERS)), index=index)
        rec.stats()
    opened = [fields(record) for record in caplog.records]
    assert [told["version"] for told in opened] == ["000001", "000002"]
    assert [(told["raters"], told["movies"]) for told in opened] == [(3, 9), (3, 9)]


def test_an_ingest_tells_its_stages_and_what_it_dropped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """By count; not the name of the source, which is a path of the person's."""
    source = write_source(tmp_path / "secret", {**THREE_RATERS, 15: {1: 5, 2: float("nan")}})
    with caplog.at_level(logging.INFO, "ingest"):
        ingest.ingest(str(source), index=tmp_path / "index")
    *stages, done = [fields(record) for record in caplog.records]
    named = [stage["stage"] for stage in stages]
    assert named == ["reading", "cleaning", "counting", "storing", "finishing"]
    assert (done["ratings"], done["dropped"]) == (28, {"no rating": 1})
    assert "secret" not in str([*stages, done])


@pytest.mark.process
def test_the_libraries_leave_it_to_the_program() -> None:
    """Nothing is shown, not even a warning, until a program asks for it."""
    program = (
        "import logging, ingest, recommender, ui\n"
        "for name in ('recommender', 'ingest', 'ui'):\n"
        "    logging.getLogger(f'{name}.x').warning('seen')\n"
        "assert not logging.root.handlers\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stderr == b""


def test_json_is_one_object_on_each_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In UTC, with the fields, and a traceback on the same line."""
    monkeypatch.setenv("KINDRED_LOG", "json")
    monkeypatch.setenv("KINDRED_LOG_LEVEL", "info")
    configure_logging()
    log = logging.getLogger("recommender.x")
    with logged(log, "answered", kind="rows") as told:
        told["movies"] = 3
    try:
        raise ValueError("two\nlines")
    except ValueError:
        log.exception("no\nluck")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    age = datetime.now(UTC) - datetime.fromisoformat(first.pop("time"))
    assert abs(age.total_seconds()) < 600
    assert first.pop("milliseconds") >= 0
    assert first == {
        **{"level": "info", "logger": "recommender.x", "event": "answered"},
        **{"kind": "rows", "movies": 3},
    }
    assert (second["level"], second["event"]) == ("error", "no\nluck")
    assert second["traceback"].endswith("ValueError: two\nlines")


def test_text_is_quiet_until_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Warnings, as they are; with the level info also what goes well, and its fields."""
    log = logging.getLogger("ui.x")
    configure_logging()
    log.info("unseen")
    log.warning("seen")
    assert capsys.readouterr().err == "seen\n"
    monkeypatch.setenv("KINDRED_LOG_LEVEL", "info")
    configure_logging()
    log.info("answered", extra={"kind": "rows", "movies": 3})
    assert capsys.readouterr().err == "answered kind=rows movies=3\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_of_other_libraries_only_warnings_are_shown(
    form: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And none of their fields: an HTTP library tells each address, and keys may be in it."""
    monkeypatch.setenv("KINDRED_LOG", form)
    monkeypatch.setenv("KINDRED_LOG_LEVEL", "info")
    configure_logging()
    other = logging.getLogger("httpx")
    other.info("GET https://example.org/?apikey=4711")
    other.warning("slow", extra={"address": "https://example.org/?apikey=4711"})
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "slow" in shown
    assert "4711" not in shown


@pytest.mark.parametrize("name", ["KINDRED_LOG", "KINDRED_LOG_LEVEL"])
def test_a_setting_that_cannot_be_used_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it may be."""
    monkeypatch.setenv(name, "debug")
    with pytest.raises(InvalidInputError, match=f"^{name} is 'debug': Input should be "):
        configure_logging()
