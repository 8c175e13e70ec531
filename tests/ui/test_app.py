"""The app as a whole, driven through Streamlit's test harness."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Html

from ingest import ingest
from recommender import KindredError, Recommender
from tests.ui import films
from tests.ui.conftest import APP
from ui.visit import Visit

FILTER = "filter-{}-000001"


def page(app: AppTest) -> str:
    """Everything written as HTML."""
    return "\n".join(block.value for block in app.get("html") if isinstance(block, Html))


def address(app: AppTest) -> dict[str, list[str]]:
    """The query parameters."""
    params: dict[str, str | list[str]] = dict(app.query_params)
    return {name: [ids] if isinstance(ids, str) else ids for name, ids in params.items()}


def visit(app: AppTest) -> Visit:
    """The state of the one visitor."""
    found: Visit = app.session_state["visit"]
    return found


def keys(app: AppTest, start: str) -> list[str]:
    """Keys of the rating controls at a place, in order."""
    return [str(control.key) for control in app.button_group if str(control.key).startswith(start)]


def films_at(app: AppTest, place: str) -> list[int]:
    """Ids of the films with a rating control at a place, in order."""
    return [int(key.rsplit("-", 1)[1]) for key in keys(app, f"rate-{place}-")]


def rate(app: AppTest, key: str, said: str | None) -> None:
    """Click in a rating control."""
    app.button_group(key=key).set_value(said).run()
    assert not app.exception


def open_ratings(app: AppTest) -> None:
    """Open the panel of one's own ratings; the harness has no such click."""
    app.session_state["ratings"] = True
    app.run()


def test_someone_new_sees_starters_and_what_everyone_likes(app: AppTest) -> None:
    """Without ratings there is a grid to rate, and the fallback says that it is one."""
    app.run()
    assert not app.exception
    assert len(keys(app, "rate-starter-")) == 12
    assert "Popular with everyone" in page(app)
    assert "Rate a film to make it yours." in page(app)
    starters = {key.removeprefix("rate-starter-") for key in keys(app, "rate-starter-")}
    picks = {key.removeprefix("rate-pick-") for key in keys(app, "rate-pick-")}
    assert picks
    assert not starters & picks


def test_each_click_changes_recommendations_and_address(app: AppTest) -> None:
    """A like gives recommendations with reasons, and stands in the address bar."""
    app.run()
    liked, disliked = films_at(app, "starter")[:2]
    rate(app, f"rate-starter-{liked}", "Like")
    assert "Recommended for you" in page(app)
    assert "because you liked <cite>" in page(app)
    assert liked not in films_at(app, "pick")
    rate(app, f"rate-starter-{disliked}", "Dislike")
    assert address(app) == {"like": [str(liked)], "dislike": [str(disliked)]}
    assert "2 of 5" in page(app)


def test_recommended_films_show_predicted_stars_where_there_are_some(
    app: AppTest, recommender: Recommender
) -> None:
    """None for someone new; then just those that the recommender predicts, to one digit."""
    app.run()
    assert "predicted for you" not in page(app)
    rate(app, f"rate-starter-{films_at(app, 'starter')[0]}", "Like")
    shown = re.findall(r"★</span> <b>([0-9.]+)</b> stars predicted for you", page(app))
    top = recommender.recommend(dict(visit(app).taste.ratings), limit=len(films_at(app, "pick")))
    stars = [row.predicted_rating for row in top if row.predicted_rating is not None]
    assert shown == [f"{predicted:.1f}" for predicted in stars] != []


def test_a_second_click_takes_a_rating_back(app: AppTest) -> None:
    """Clicking the chosen segment again leaves no rating."""
    app.run()
    rate(app, "rate-starter-8", "Like")
    rate(app, "rate-starter-8", None)
    assert visit(app).taste.ratings == {}
    assert address(app) == {}


def test_a_recommended_film_can_be_rated_at_once(app: AppTest) -> None:
    """Rating a recommendation takes it out of the list and says so."""
    app.query_params["like"] = ["8"]
    app.run()
    first = keys(app, "rate-pick-")[0]
    rate(app, first, "Seen")
    assert first not in keys(app, "rate-pick-")
    assert [toast.value for toast in app.toast] != []


def test_undo_goes_back_through_every_kind_of_step(app: AppTest) -> None:
    """Rating, changing, removing and clearing can all be undone."""
    app.run()
    assert app.button(key="undo").disabled
    one, other = films_at(app, "starter")[:2]
    rate(app, f"rate-starter-{one}", "Like")
    rate(app, f"rate-starter-{one}", "Dislike")
    open_ratings(app)
    app.button(key=f"remove-{one}").click().run()
    rate(app, f"rate-starter-{other}", "Like")
    open_ratings(app)
    app.button(key="clear-all").click().run()
    states: list[Any] = [visit(app).taste.ratings]
    while not app.button(key="undo").disabled:
        app.button(key="undo").click().run()
        states.append(visit(app).taste.ratings)
    assert states == [{}, {other: 1}, {}, {one: -1}, {one: 1}, {}]
    assert address(app) == {}


def test_a_link_restores_a_profile_and_reports_unknown_films(app: AppTest) -> None:
    """Opening a shared link goes straight to recommendations; strangers are skipped."""
    app.query_params["like"] = ["8", "10", "no-such-film"]
    app.query_params["seen"] = ["9"]
    app.run()
    assert visit(app).taste.ratings == {8: 1, 10: 1, 9: 0}
    assert "1 film is not in this collection" in page(app)
    assert keys(app, "rate-starter-") == []
    rate(app, keys(app, "rate-pick-")[0], "Like")
    assert "not in this collection" not in page(app)


def test_a_link_of_garbage_opens_as_for_someone_new(app: AppTest) -> None:
    """Hundreds of unknown ids are one line, not an error."""
    app.query_params["like"] = [f"no-{number}" for number in range(950)]
    app.run()
    assert not app.exception
    assert "900 films are not in this collection and only the first 900" in page(app)
    assert len(films_at(app, "starter")) == 12


def test_the_back_button_brings_the_earlier_profile_back(app: AppTest) -> None:
    """An address changed by the browser, not by a click, is followed."""
    app.query_params["like"] = ["8"]
    app.run()
    app.query_params["like"] = ["10"]
    app.run()
    assert visit(app).taste.ratings == {10: 1}


def test_a_click_made_before_the_address_was_written_is_not_lost(app: AppTest) -> None:
    """Two fast clicks: the second comes with the address of before the first, and both count."""
    app.run()
    one, other = films_at(app, "starter")[:2]
    rate(app, f"rate-starter-{one}", "Like")
    app.query_params.clear()
    rate(app, f"rate-starter-{other}", "Dislike")
    assert visit(app).taste.ratings == {one: 1, other: -1}
    assert address(app) == {"like": [str(one)], "dislike": [str(other)]}


def test_show_others_gives_other_films_and_never_runs_dry(app: AppTest) -> None:
    """Films passed over come back only after all others."""
    app.run()
    seen: list[str] = []
    for _ in range(4):
        batch = keys(app, "rate-starter-")
        assert batch
        seen += batch
        app.button(key="others").click().run()
    assert len(set(seen)) == 30
    assert not app.exception


def test_done_puts_recommendations_first(app: AppTest) -> None:
    """Who is done rating sees recommendations, and can go on rating."""
    app.run()
    rate(app, "rate-starter-8", "Like")
    app.button(key="done").click().run()
    assert keys(app, "rate-starter-") == []
    app.button(key="rate-more").click().run()
    assert keys(app, "rate-starter-")


def test_search_forgives_typing_errors(app: AppTest) -> None:
    """A misspelt title is found, with a control to rate it."""
    app.run()
    app.text_input(key="search").set_value("batereis not includd").run()
    assert keys(app, "rate-found-")[0] == "rate-found-1"
    app.text_input(key="search").set_value("qqqqqqqqqqqq").run()
    assert "Nothing found" in page(app)
    assert not app.exception


def test_filters_leave_out_and_can_be_loosened(app: AppTest) -> None:
    """Too few results say which filters are on and offer to drop them."""
    app.query_params["like"] = ["8"]
    app.run()
    app.multiselect(key=FILTER.format("genres")).set_value(["War"]).run()
    assert "with these filters: War." in page(app)
    assert len(keys(app, "rate-pick-")) <= 1
    app.slider(key=FILTER.format("years")).set_value((1990, 1995)).run()
    assert "No film is left with these filters: War; 1990–1995." in page(app)
    app.button(key="loosen-genres").click().run()
    assert 1 <= len(keys(app, "rate-pick-")) <= 6
    app.button(key="filters-clear").click().run()
    assert len(keys(app, "rate-pick-")) > 6
    assert app.slider(key=FILTER.format("years")).value == (1967, 2008)


def test_the_dial_reaches_the_recommender(app: AppTest) -> None:
    """Familiar and adventurous are different questions."""
    app.query_params["like"] = ["8"]
    app.run()
    for word, expected in (("Familiar", 0.0), ("Adventurous", 1.0), ("Balanced", None)):
        app.select_slider(key=FILTER.format("dial")).set_value(word).run()
        last = visit(app).last
        assert last is not None
        assert last[0].wishes.adventurous == expected


def test_an_unchanged_question_is_not_asked_again(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searching and opening panels do not cost a recommendation."""
    app.query_params["like"] = ["8"]
    app.run()

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr(Recommender, "recommend", never)
    app.text_input(key="search").set_value("film").run()
    assert not app.exception


def test_hostile_titles_are_written_as_they_are(app: AppTest) -> None:
    """In HTML they are escaped; in a label that is only read out they are left alone."""
    app.query_params["like"] = [str(number) for number in films.HOSTILE]
    open_ratings(app)
    assert not app.exception
    assert "<b>Bold</b>" not in page(app)
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; &quot;Quoted&quot; (2001)" in page(app)
    label = app.button_group(key="rate-list-1").label
    assert label == "Rate *batteries not included (1987)"


def test_error_panel_instead_of_a_traceback(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Kindred says went wrong is shown, and trying again helps once it is right."""

    def broken(path: object = None) -> Recommender:
        raise KindredError("the index was made by <another> Kindred: ingest again")

    with monkeypatch.context() as patched:
        patched.setattr(Recommender, "open", broken)
        app.run()
        assert not app.exception
        assert "made by &lt;another&gt; Kindred" in page(app)
    app.button(key="try-again").click().run()
    assert len(keys(app, "rate-starter-")) == 12


def test_a_setting_that_cannot_be_used_is_a_panel_too(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the app was started in another way than by its command."""
    monkeypatch.setenv("OMDB_URL", "nonsense")
    app.run()
    assert not app.exception
    assert "OMDB_URL is &#x27;nonsense&#x27;" in page(app)


def test_a_failing_question_is_a_panel_too(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index damaged after it was opened does not end in a traceback."""

    def broken(*_: Any, **__: Any) -> None:
        raise KindredError("files are missing: ingest again")

    monkeypatch.setattr(Recommender, "recommend", broken)
    app.run()
    assert not app.exception
    assert "files are missing: ingest again" in page(app)


def test_without_an_index_there_is_one_button(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first start offers the sample."""
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "none"))
    st.cache_resource.clear()
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception
    assert "No ratings yet" in page(app)
    assert app.button(key="ingest-sample").label == "Load the sample"


def test_a_new_ingest_drops_films_it_does_not_have(app: AppTest) -> None:
    """When the collection changes under a visit, unknown ratings go and the page stays."""
    app.query_params["like"] = ["8", "10"]
    app.run()
    state = visit(app)
    state.version = "older"
    state.taste.ratings[999_999] = 1
    app.run()
    assert not app.exception
    assert visit(app).taste.ratings == {8: 1, 10: 1}
    assert "1 film is not in this collection" in page(app)


def test_the_source_of_the_ratings_is_named(app: AppTest, recommender: Recommender) -> None:
    """A line says how much is in the collection and where it comes from."""
    app.run()
    assert f"{recommender.stats().ratings:,} ratings of 30 films by 60 people: csv." in page(app)


def test_ratings_without_any_catalogue_are_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Films that are only an id, of any letters, can be rated, linked and recommended."""
    ingest(str(films.write_bare(tmp_path / "ratings.csv")), index=tmp_path / "index")
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "index"))
    st.cache_resource.clear()
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["like"] = ["film/3 &", "film/5 &", "id:film/5 &"]
    app.run()
    assert not app.exception
    assert visit(app).taste.ratings == {"film/3 &": 1, "film/5 &": 1}
    first = keys(app, "rate-pick-")[0]
    rate(app, first, "Dislike")
    assert address(app)["dislike"] == [first.removeprefix("rate-pick-")]
    st.cache_resource.clear()
