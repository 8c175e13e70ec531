"""What only the operator sees and does."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ingest import ingest
from recommender import Recommender
from tests.ui import films
from tests.ui.driving import page
from tests.ui.paging import one_page
from ui.pages.operator import storage_facts

KEY = "open-sesame-4711"

pytestmark = pytest.mark.usefixtures("served")


@pytest.fixture
def operated(recommender: Recommender, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page with the data, after the key was typed."""
    monkeypatch.setenv("KINDRED_OPERATOR_KEY", KEY)
    app = one_page("data", recommender).run()
    assert "<dt>Engine</dt>" not in page(app)
    app.text_input(key="operator-key").set_value(KEY).run()
    assert not app.exception
    return app


def test_a_visitor_sees_nothing_of_where_things_are(recommender: Recommender) -> None:
    """Neither place nor engine nor a way to change them."""
    app = one_page("data", recommender).run()
    assert recommender.stats().place not in page(app)
    assert "Engine" not in page(app)
    assert not app.text_input


def test_the_operator_sees_how_the_index_is_stored(
    operated: AppTest, recommender: Recommender
) -> None:
    """Place, engine, sizes."""
    told = dict(storage_facts(recommender))
    assert told["Place"] == recommender.stats().place
    assert "Qdrant" in told["Engine"]
    assert told["Raters"].startswith("60 points, 60 indexed, ")
    assert told["Raters"].endswith(" MB on disk")
    for said in told.values():
        assert said in page(operated)


def test_the_index_is_switched_for_all_or_stays(operated: AppTest, tmp_path: Path) -> None:
    """A folder without an index changes nothing and says so in a line."""
    ingest(str(films.write_bare(tmp_path / "bare.csv")), index=tmp_path / "index")
    operated.text_input(key="switch-to").set_value(str(tmp_path / "none"))
    operated.button(key="switch").click().run()
    assert not operated.exception
    assert "That did not work" in page(operated)
    assert str(tmp_path / "none") in page(operated)
    assert "<dd>1967–2008</dd>" in page(operated)
    operated.text_input(key="switch-to").set_value(str(tmp_path / "index"))
    operated.button(key="switch").click().run()
    assert not operated.exception
    assert "All visitors are now served" in operated.toast[0].value
    assert f"<dd>{tmp_path / 'index'}</dd>" in page(operated)
    assert "1967–2008" not in page(operated)
    assert "That did not work" not in page(operated)


def test_who_is_operator_no_more_switches_nothing(
    operated: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A page that still shows the button is not enough."""
    switched: list[str] = []
    monkeypatch.setattr("ui.server.open_index.switch_index", switched.append)
    del operated.session_state["operator"]
    operated.text_input(key="switch-to").set_value(str(tmp_path))
    operated.button(key="switch").click().run()
    assert not operated.exception
    assert switched == []
