"""The people behind the list, drawn by Streamlit's harness."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ingest import ingest
from recommender import Profile, Recommender
from tests.ui import films
from tests.ui.driving import cards, click, group, page, profile_in
from tests.ui.paging import one_page
from tests.ui.profiles import own_profile

EVEN = own_profile({8: 1, 10: 1, 12: 1, 9: -1, 11: -1}, {}, (), (14,))


def opened(recommender: Recommender, taste: Profile) -> AppTest:
    """Open the page by the link of a taste."""
    app = one_page("people_like_you", taste).run()
    assert not app.exception
    return app


@pytest.mark.usefixtures("served")
def test_someone_new_is_led_to_films(recommender: Recommender) -> None:
    """Nobody is like nobody."""
    app = opened(recommender, own_profile())
    assert "Rate a film, and people with your taste" in page(app)
    assert app.button(key="rate-a-few")


@pytest.mark.usefixtures("served")
def test_the_nearest_stand_there_with_what_is_shared(recommender: Recommender) -> None:
    """Twenty, the most alike first, as the recommender has them."""
    app = opened(recommender, EVEN)
    nearest = recommender.neighbours(EVEN.opinions, limit=20)
    places = [page(app).index(f"<h3>Rater {one.user_id}</h3>") for one in nearest]
    assert places == sorted(places)
    assert page(app).count('class="k-rater"') == 20
    assert "You both like" in page(app)
    assert "You both dislike" in page(app)
    assert page(app).count("the closest to you") == 1
    assert "Here are the 20 nearest." in page(app)


@pytest.mark.usefixtures("served")
def test_one_can_be_opened_for_the_films_they_love(recommender: Recommender) -> None:
    """Those they gave most stars, without what is rated or hidden; they stay while one rates."""
    app = opened(recommender, EVEN)
    nearest = recommender.neighbours(EVEN.opinions, limit=1)[0]
    app.button(key="open-1").click().run()
    assert not app.exception
    stars = recommender.profile_of(nearest.user_id).stars
    loved = {int(str(key).removeprefix("id:")) for key, given in stars.items() if given == 5}
    assert {*cards(app, "loved")} == loved - {8, 10, 12, 14}
    assert group(app, "loved")["title"] == f"What Rater {nearest.user_id} loved"
    assert group(app, "loved")["cards"][0]["stand"] == "They gave it 5 of 5 stars"
    first = cards(app, "loved")[0]
    click(app, "rate", first, 1)
    assert profile_in(app).opinions[first] == 1
    assert first not in cards(app, "loved")
    assert cards(app, "loved")
    open_one = next(button for button in app.button if button.label == "Close")
    open_one.click().run()
    assert [button.label for button in app.button] == ["What they loved"] * 20


def test_raters_of_a_bare_source_have_no_names_and_no_stars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their ids are words, which might name somebody."""
    ingest(str(films.write_bare(tmp_path / "bare.csv")), index=tmp_path / "index")
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "index"))
    with Recommender.open(tmp_path / "index") as bare:
        app = opened(bare, own_profile({"film/1 &": 1, "film/3 &": 1}))
    assert "Rater no. 1" in page(app)
    assert "Rater u" not in page(app)
    app.button(key="open-1").click().run()
    assert not app.exception
    assert group(app, "loved")["title"] == "What Rater no. 1 loved"
