"""What only the operator sees."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from recommender import Recommender
from tests.ui.driving import page
from tests.ui.paging import one_page
from ui.pages.operator import budget_facts, storage_facts
from ui.posters.fetcher import Budget

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
    """Place, engine, sizes; and that there are no posters without a key."""
    told = dict(storage_facts(recommender))
    assert told["Place"] == recommender.stats().place
    assert "Qdrant" in told["Engine"]
    assert told["Raters"].startswith("60 points, 60 indexed, ")
    assert told["Raters"].endswith(" MB on disk")
    for said in told.values():
        assert said in page(operated)
    assert "started without OMDB_API_KEY" in page(operated)


def test_the_budget_is_told_in_figures() -> None:
    """And why nobody is asked, where that is so."""
    told = dict(budget_facts(Budget(1_200, 100_000, 1, 2_345_678, None)))
    assert told["Requests today"].startswith("1,200 of 100,000 ")
    assert told["Kept"] == "1 picture, 2.3 MB"
    assert "Notice" not in told
    assert dict(budget_facts(Budget(1, 1, 0, 0, "used up")))["Notice"] == "used up"
