"""Which index visitors are served from."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ingest import ingest
from recommender import IndexNotFoundError, IndexProblem, InvalidInputError, KindredError
from recommender.errors import EngineError
from tests.qdrant_double import READ, qdrant_double
from tests.ui import films
from tests.ui.conftest import APP
from tests.ui.driving import group, page, profile_in, rate, visit
from ui.server import open_index

pytestmark = pytest.mark.usefixtures("served")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of another index, its version named as that of the first."""
    folder = tmp_path_factory.mktemp("bare")
    ingest(str(films.write_bare(folder / "bare.csv")), index=folder / "index")
    return folder / "index"


def test_all_are_served_from_the_index_that_was_switched_to(index: Path, bare: Path) -> None:
    """Who is in the middle of a page goes on with the old one; an empty name leads back."""
    old = open_index.recommender()
    assert open_index.recommender().stats().place == str(index)
    open_index.switch_index(f" {bare} ")
    assert open_index.recommender().stats().place == str(bare)
    assert open_index.recommender().find(["film/3 &"]) != (None,)
    assert old.stats().place == str(index)
    open_index.switch_index("")
    assert open_index.recommender().stats().place == str(index)


def test_after_a_while_the_old_index_is_closed(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody draws a page for so long."""
    monkeypatch.setattr(open_index, "_CLOSE_AFTER", 0.0)
    old = open_index.recommender()
    open_index.switch_index(str(bare))
    deadline = time.monotonic() + 30
    with suppress(IndexProblem):
        while time.monotonic() < deadline:
            old.stats()
    assert time.monotonic() < deadline
    assert open_index.recommender().stats().place == str(bare)


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("/nonexistent", IndexNotFoundError),
        ("a\0b", InvalidInputError),
        ("\ud800", InvalidInputError),
        ("ftp://somewhere", InvalidInputError),
        ("http://127.0.0.1:9", KindredError),
    ],
)
def test_what_cannot_be_opened_changes_nothing(
    place: str, error: type[KindredError], index: Path
) -> None:
    """One line says why, and the old index goes on serving."""
    old = open_index.recommender()
    with pytest.raises(error) as problem:
        open_index.switch_index(place)
    assert "\n" not in str(problem.value)
    assert open_index.recommender() is old
    assert open_index.recommender().stats().place == str(index)


def test_an_index_that_goes_away_leads_back_to_the_first(
    index: Path, bare: Path, tmp_path: Path
) -> None:
    """Rather than to a page that offers to load a sample."""
    copy = tmp_path / "copy"
    shutil.copytree(bare, copy)
    open_index.switch_index(str(copy))
    shutil.rmtree(copy)
    open_index.recommender.clear()
    assert open_index.recommender().stats().place == str(index)


def test_from_no_index_one_can_switch_to_another(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator need not load the sample first."""
    monkeypatch.setenv("KINDRED_INDEX", "/nonexistent")
    open_index.switch_index(str(bare))
    assert open_index.recommender().stats().place == str(bare)


def test_the_key_of_our_server_is_sent_to_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator may point anywhere, and must not learn the key by it."""
    monkeypatch.delenv("KINDRED_INDEX")
    monkeypatch.setenv("QDRANT_API_KEY", READ)
    with qdrant_double() as double:
        double.keys = True
        monkeypatch.setenv("QDRANT_URL", "http://localhost:6333")
        with pytest.raises(EngineError, match="key"):
            open_index.switch_index(double.url)
        monkeypatch.setenv("QDRANT_URL", f"http://localhost:6333,{double.url}")
        with pytest.raises(IndexNotFoundError):
            open_index.switch_index(double.url)


def test_open_pages_move_to_the_other_index(
    index: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though its version has the same name: films and answers of the old one are let go."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    rate(app.run(), 17, 1)
    version = visit(app).version
    open_index.switch_index(str(bare))
    app.run()
    assert not app.exception
    assert visit(app).version != version
    assert not profile_in(app).films
    assert "another collection" in page(app)
    assert str(group(app, "starters")["cards"][0]["id"]).startswith("film/")
