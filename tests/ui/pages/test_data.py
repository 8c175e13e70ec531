"""Whose ratings these are, in figures, pictures and words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from recommender import Recommender
from recommender.catalogue.summary import Overview, Tally
from recommender.storage.manifest import Source
from tests.ui.driving import page
from tests.ui.paging import one_page
from ui.pages.data import bars, describe_decades, describe_stars, facts


@pytest.mark.usefixtures("served")
def test_the_page_tells_what_there_is_and_what_is_kept(recommender: Recommender) -> None:
    """Counts, scale, years, stars and decades in words; and nothing of where it is stored."""
    app = one_page("data").run()
    assert not app.exception
    text, stats = page(app), recommender.stats()
    for said in (f"{stats.ratings:,}", "60", "30", "1967–2008", "0.5 to 5 stars"):
        assert f"<dd>{said}" in text
    assert "stars are given most often" in text
    assert "have the most films" in text
    assert len(app.get("vega_lite_chart")) == 3
    assert "kept by your own browser" in text
    assert stats.place not in text
    assert stats.source.name not in text


@pytest.mark.usefixtures("served")
def test_an_index_of_likes_draws_no_stars(
    recommender: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are none to draw; the other charts stay."""
    less = replace(recommender.overview(), stars=())
    monkeypatch.setattr(Recommender, "overview", lambda _: less)
    app = one_page("data").run()
    assert not app.exception
    assert "Decades" in page(app)
    assert "given most often" not in page(app)
    assert len(app.get("vega_lite_chart")) == 2


def test_facts_are_of_the_source(recommender: Recommender) -> None:
    """Licence and citation where there are some; what is not known is said or left out."""
    source = Source(name="/secret/x", title="<X>", licence="free", citation="Me 2026")
    stats = replace(
        recommender.stats(),
        source=source,
        years=None,
        scale="likes only",
        raters=55,
        created="2026-01-02T03:04:05+00:00",
    )
    told = dict(facts(stats))
    assert told["Source"] == "<X>"
    assert (told["Licence"], told["Citation"]) == ("free", "Me 2026")
    assert told["People"] == "60, 55 of whom can be kindred raters"
    assert told["Scale"] == "likes only"
    assert told["Dates of ratings"] == "known"
    assert told["Built"] == "02 January 2026, 03:04 UTC"
    assert "Released" not in told
    assert "/secret" not in "".join(told.values())


def test_the_words_say_what_the_pictures_show() -> None:
    """The most frequent stars; the decades with the most films and the most ratings."""
    told = describe_stars(((1.0, 1), (4.0, 6), (5.0, 3)))
    assert told == "4 stars are given most often, in 60% of the ratings. Ratings run from 1 to 5."
    overview = Overview((), {}, {1980: Tally(90, 1, 0), 1990: Tally(10, 3, 0)})
    expected = "The 1990s have the most films (75%), the 1980s the most ratings (90%)."
    assert describe_decades(overview) == expected


@pytest.mark.parametrize("dark", [False, True])
def test_bars_are_named_and_say_their_part(dark: bool) -> None:
    """In figures too, also a part too small for a percent; many bars are left without."""
    drawn = json.dumps(bars({"1": 999, "2": 1, "3": 0}, "stars", "ratings", dark=dark).to_dict())
    for part in ("100%", "<1%", "0%"):
        assert f'"part": "{part}"' in drawn
    many = bars({str(at): 1 for at in range(20)}, "stars", "ratings", dark=dark).to_dict()
    assert [layer["mark"]["type"] for layer in many["layer"]] == ["bar"]
