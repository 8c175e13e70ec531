"""A small index, and the app in Streamlit's own test harness."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui
from ingest import ingest
from recommender import Recommender
from tests.ui import films
from tests.ui.driving import with_browser
from tests.ui.fresh import fresh
from tests.ui.omdb_double import OmdbDouble, omdb_double

APP = Path(ui.__file__).parent / "app" / "main.py"


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an index of thirty films, hostile titles among them."""
    folder = tmp_path_factory.mktemp("films")
    ingest(str(films.write(folder / "csv")), index=folder / "index")
    return folder / "index"


@pytest.fixture(scope="session")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an index of films with IMDb ids: film 7 is tt0000007."""
    folder = tmp_path_factory.mktemp("linked")
    films.write(folder / "csv")
    lines = ["movieId,imdbId,tmdbId", *(f"{number},{number:07}," for number in films.films())]
    (folder / "csv" / "links.csv").write_text("\n".join(lines))
    ingest(str(folder / "csv"), index=folder / "index")
    return folder / "index"


@pytest.fixture(scope="session")
def recommender(index: Path) -> Iterator[Recommender]:
    """Recommender over that index."""
    with Recommender.open(index) as opened:
        yield opened


@pytest.fixture
def served(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the app be served from that index."""
    monkeypatch.setenv("KINDRED_INDEX", str(index))
    fresh()
    yield
    fresh()


@pytest.fixture
def app(served: None) -> AppTest:
    """The app over that index, in a browser that keeps nothing yet; not yet run."""
    return with_browser(AppTest.from_file(str(APP), default_timeout=60))


@pytest.fixture
def double() -> Iterator[OmdbDouble]:
    """A server that plays OMDb."""
    with omdb_double() as served:
        yield served
