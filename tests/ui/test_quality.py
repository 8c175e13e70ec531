"""The chart of an evaluation, and the way to it."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from recommender import Recommender, Source
from tests.ui.driving import visit
from tests.ui.evaluated import METHODS, quality, quality_of
from ui.quality import chart, explained


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", ["ranking", "stars"])
def test_every_method_is_in_the_chart(kind: str, dark: bool) -> None:
    """With Kindred in its colour, and a band or bars for what is not sure."""
    drawn = json.dumps(chart(quality(Source(name="x", title="x"), kind), dark=dark).to_dict())
    for method in METHODS:
        assert f'"{method}"' in drawn
    assert ("#5fcbb5" if dark else "#0b6b5d") in drawn
    assert '"low"' in drawn
    assert '"high"' in drawn


def test_names_at_the_ends_of_lines_do_not_overlap() -> None:
    """They are sixteen pixels apart at least, in the order of the lines, and inside the chart."""
    drawn = chart(quality(Source(name="x", title="x"))).to_dict()
    values = [row for data in drawn["datasets"].values() for row in data if "place" in row]
    places = {row["method"]: row["place"] for row in values}
    assert list(places) == ["kindred", "ease", "als", "popular", "svd"]
    step = 16 / 380 * 1.05 * 0.55
    gaps = [a - b for a, b in zip(list(places.values()), list(places.values())[1:], strict=False)]
    assert min(gaps) > 0.999 * step
    assert min(places.values()) > 0
    assert places["popular"] == pytest.approx(0.3)


def test_the_words_say_what_was_done_and_in_whose_favour() -> None:
    """How many people, and that the others were tuned on them."""
    words = explained(quality(Source(name="x", title="x")))
    assert "up to 90 who are not in the index were asked" in words
    assert "in its favour" in words
    assert "less is better" in explained(quality(Source(name="x", title="x"), "stars"))


def test_without_a_result_for_this_source_there_is_no_way_to_one(app: AppTest) -> None:
    """A result for another source is none for this."""
    quality(Source(name="another", title="another")).save()
    quality(Source(name="sample", title="another file of that name")).save()
    app.run()
    assert not app.exception
    assert "quality" not in [str(button.key) for button in app.button]


def test_a_result_is_shown_at_a_click(app: AppTest, recommender: Recommender) -> None:
    """With Kindred beside the best other method for each length, and what that means."""
    stats = recommender.stats()
    quality_of(stats).save()
    quality_of(stats, "stars").save()
    app.query_params["like"] = ["8"]
    app.run()
    app.button(key="quality").click().run()
    assert not app.exception
    told = " ".join(str(text.value) for text in app.markdown)
    assert "who are not in the index were asked" in told
    assert "RMSE minds large errors" in told
    figures = app.table[0].value
    assert figures["ratings given"].tolist() == ["5", "10"]
    assert figures["best other"].tolist() == ["0.490 (ease)"] * 2
    assert figures["Kindred's lead (95 % sure)"].tolist() == ["-2% to +20%"] * 2
    assert visit(app).taste.ratings == {8: 1}  # looking changes no rating
