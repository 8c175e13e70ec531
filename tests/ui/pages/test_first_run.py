"""What is shown where there is no index, and who may make one from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ingest import ingest
from tests.ui import films
from tests.ui.conftest import APP
from tests.ui.driving import page, rate, with_browser
from tests.ui.fresh import fresh
from tests.ui.omdb_double import KEY
from ui.pages import first_run
from ui.pages.first_run import SampleIngest
from ui.server import open_index


@pytest.fixture(autouse=True)
def _begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin with nothing named, and an empty per-user data folder."""
    monkeypatch.delenv("KINDRED_INDEX", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(open_index, "_VALID", 0.0)
    monkeypatch.setattr(open_index, "_TIMEOUT", 60.0)
    fresh()
    yield
    fresh()


def run() -> AppTest:
    """Open the app."""
    app = with_browser(AppTest.from_file(str(APP), default_timeout=60)).run()
    assert not app.exception
    return app


def offers(app: AppTest) -> list[str]:
    """Labels of the buttons that ingest."""
    return [button.label for button in app.button if button.key == "ingest-sample"]


def test_where_nothing_was_named_there_is_one_button() -> None:
    """A first start offers the sample."""
    app = run()
    assert "No ratings yet" in page(app)
    assert offers(app) == ["Load the sample"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("KINDRED_INDEX", "/nonexistent"), ("KINDRED_HOST", "0.0.0.0")],
)
def test_where_the_folder_was_named_or_others_may_click_there_is_none(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unmounted volume is empty, too: the page says what to run."""
    monkeypatch.setenv(name, value)
    app = run()
    assert "No ratings yet" in page(app)
    assert offers(app) == []
    assert "kindred ingest sample" in page(app)
    assert value not in page(app)


def test_an_index_that_was_served_and_is_gone_is_not_made_anew(index: Path, tmp_path: Path) -> None:
    """Also in the per-user folder; the app goes on when it is back."""
    folder = tmp_path / "data" / "kindred" / "index"
    shutil.copytree(index, folder)
    app = run()
    rate(app, 17, 1)
    folder.rename(tmp_path / "away")
    for again in (app.run(), run()):
        assert not again.exception
        assert "The index is damaged or gone" in page(again)
        assert offers(again) == []
    assert not folder.exists()
    (tmp_path / "away").rename(folder)
    app.run()
    assert not app.exception
    assert "or gone" not in page(app)


def test_the_page_goes_on_when_a_command_made_the_index(tmp_path: Path) -> None:
    """Nobody need click."""
    app = run()
    ingest(str(films.write(tmp_path / "csv")), index=tmp_path / "data" / "kindred" / "index")
    deadline = time.monotonic() + 60
    while "No ratings yet" in page(app.run()):
        assert time.monotonic() < deadline
    rate(app, 17, 1)


def test_the_sample_is_ingested_by_this_python() -> None:
    """The command is the one the command line documents."""
    assert [sys.executable, "-m", "kindred", "ingest", "sample", "--json"] == first_run._SAMPLE


def job(monkeypatch: pytest.MonkeyPatch, code: str) -> SampleIngest:
    """Run another program in place of the command, and wait until it has ended."""
    monkeypatch.setattr(first_run, "_SAMPLE", [sys.executable, "-c", code])
    started = SampleIngest()
    started.start()
    deadline = time.monotonic() + 60
    while started.running:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return started


def test_an_ingest_that_fails_is_said_and_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The page does not repeat what it said on standard error, which names folders."""
    failed = job(monkeypatch, "raise SystemExit('error: no room on /srv')")
    assert failed.failed
    monkeypatch.setattr(first_run, "sample_ingest", lambda: failed)
    app = run()
    assert "could not be loaded" in page(app)
    assert offers(app) == ["Try again"]
    assert not job(monkeypatch, "").failed


def test_a_second_click_while_it_runs_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Be it in another tab."""
    ran: list[object] = []

    class Runs:
        def __init__(self, *given: object, **more: object) -> None:
            ran.append(given)

        def poll(self) -> None:
            return None

    monkeypatch.setattr(subprocess, "Popen", Runs)
    started = SampleIngest()
    assert not started.running
    started.start()
    started.start()
    assert started.running
    assert len(ran) == 1


def test_an_ingest_is_given_no_key_that_it_has_no_use_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Posters are no business of its."""
    monkeypatch.setenv("OMDB_API_KEY", KEY)
    code = f"import os; raise SystemExit({KEY!r} in os.environ.values())"
    assert not job(monkeypatch, code).failed
    assert os.environ["OMDB_API_KEY"] == KEY
