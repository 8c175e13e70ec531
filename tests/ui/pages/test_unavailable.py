"""The index cannot be asked: what is said, what is kept, and how the page comes back."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ingest import ingest
from recommender import EngineUnavailableError, IndexProblem, Recommender
from recommender.storage.open_store import choose_store
from tests.qdrant_double import READ, WRITE, QdrantDouble, qdrant_double, times
from tests.ui import films
from tests.ui.conftest import APP
from tests.ui.driving import answer, page, profile_in, rate, visit, with_browser
from tests.ui.fresh import fresh
from tests.ui.profiles import own_profile
from ui.server import open_index
from ui.server.open_index import served_index

SAID = "The ratings cannot be reached"


@pytest.fixture(autouse=True)
def _begin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin with nothing open, and let every check be a new one."""
    monkeypatch.setattr(open_index, "_TIMEOUT", 60.0)
    fresh()
    yield
    fresh()


def until_gone(app: AppTest) -> None:
    """Let the page look again and again, as it does by itself each second."""
    deadline = time.monotonic() + 60
    while SAID in page(app):
        assert time.monotonic() < deadline
        time.sleep(0.05)
        app.run()
        assert not app.exception


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
    """Ratings, and those clicked meanwhile, are there when it is back."""
    app = with_browser(AppTest.from_file(str(APP), default_timeout=60))
    rate(app.run(), 17, 1)
    double.fault = times(-1, 503)
    rate(app, 5, 1)
    for words in (SAID, "does not answer", "Nothing of yours is lost", "by itself"):
        assert words in page(app)
    for hidden in (READ, double.url):
        assert hidden not in page(app)
    # Before the check that began then has found out, the next run may still take clicks.
    assert isinstance(served_index().check().exception(60), EngineUnavailableError)
    app.run()
    assert SAID in page(app)
    double.fault = None
    until_gone(app)
    assert not visit(app).known  # so that the browser says again what it keeps
    answer(app, own_profile({17: 1, 5: 1}))
    assert profile_in(app).opinions == {17: 1, 5: 1}


def test_who_comes_while_it_is_away_is_told_the_same(double: QdrantDouble) -> None:
    """Whether or not the app was ever open."""
    double.fault = times(-1, 503)
    app = with_browser(AppTest.from_file(str(APP), default_timeout=60)).run()
    assert not app.exception
    assert SAID in page(app)
    double.fault = None
    until_gone(app)
    assert profile_in(app).films == ()


def test_a_damaged_index_is_told_of_until_another_is_in_its_place(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an ingest; nobody need do anything about the page."""
    broken = tmp_path / "index"
    shutil.copytree(index, broken)
    for manifest in broken.rglob("manifest.json"):
        manifest.unlink()
    monkeypatch.setenv("KINDRED_INDEX", str(broken))
    app = with_browser(AppTest.from_file(str(APP), default_timeout=60)).run()
    assert not app.exception
    assert "The index is damaged" in page(app)
    ingest(str(films.write(tmp_path / "csv")), index=broken)
    until_gone(app)
    rate(app, 17, 1)


def test_a_page_whose_question_fails_alone_keeps_nobody_else_out(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tries again, but not at once; others are answered."""
    monkeypatch.setenv("KINDRED_INDEX", str(index))
    asked: list[object] = []

    def broken(*_: object, **__: object) -> None:
        asked.append(_)
        raise IndexProblem("files are missing")

    with monkeypatch.context() as patched:
        patched.setattr(Recommender, "rows", broken)
        app = with_browser(AppTest.from_file(str(APP), default_timeout=60)).run()
        assert not app.exception
        assert "cannot be used" in page(app)
        assert len(asked) == 1
        served_index().check().result(60)
        assert open_index.recommender().recommend({8: 1})
    until_gone(app)
