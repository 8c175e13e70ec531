"""The app as a whole, driven through Streamlit's test harness."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ingest import ingest
from recommender import KindredError, Profile, Recommender
from tests.ui import films
from tests.ui.conftest import APP
from tests.ui.driving import (
    answer,
    cards,
    click,
    group,
    page,
    profile_in,
    rate,
    say,
    sent,
    step,
    undo,
    visit,
    with_browser,
)
from tests.ui.fresh import fresh
from tests.ui.profiles import own_profile
from ui.state import link
from ui.state.taste import said_in
from ui.state.visit import STORAGE

Opened = Callable[[Profile], AppTest]


def open_filters(app: AppTest) -> None:
    """Open the panel; the harness has no such click."""
    app.session_state["filters"] = True
    app.run()


def filter_key(app: AppTest, name: str) -> str:
    """Key of a filter, which is of one version of the index."""
    return f"filter-{name}-{visit(app).version}"


@pytest.fixture
def opened(app: AppTest) -> Opened:
    """Open the app in a browser that keeps a taste."""
    return lambda taste: with_browser(app, taste).run()


def test_someone_new_sees_starters_and_what_everyone_likes(app: AppTest) -> None:
    """Without ratings there is a grid to rate, and rows that say they are nobody's."""
    app.run()
    assert not app.exception
    starters = cards(app, "starters")
    assert len(starters) == 12
    assert "three ratings give you a list" in group(app, "starters")["under"]
    assert "What everyone likes" in group(app, "popular")["under"]
    assert cards(app, "popular")
    assert not {*starters} & {*cards(app, "popular")}
    assert group(app, "popular")["cards"][0]["short"] == ""


def test_each_click_changes_the_recommendations(app: AppTest) -> None:
    """A like gives a list with reasons, and who is behind it."""
    app.run()
    liked, disliked = cards(app, "starters")[:2]
    rate(app, liked, 1)
    first = group(app, "top_picks")["cards"][0]
    assert first["short"].startswith("Because you liked")
    assert "Liked by" in first["stand"]
    assert liked not in cards(app, "top_picks")
    assert liked in cards(app, "starters")
    rate(app, disliked, -1)
    assert profile_in(app).opinions == {liked: 1, disliked: -1}
    assert group(app, "starters")["pips"] == [2, 5]
    rate(app, cards(app, "starters")[2], 1)
    assert "3 of 5. This is your list" in group(app, "starters")["under"]


def test_recommended_films_show_predicted_stars_where_there_are_some(
    app: AppTest, recommender: Recommender
) -> None:
    """None for someone new; then just those that the recommender predicts, to one digit."""
    app.run()
    assert {card["stars"] for card in group(app, "popular")["cards"]} == {None}
    rate(app, cards(app, "starters")[0], 1)
    shown = {card["id"]: card["stars"] for card in group(app, "top_picks")["cards"]}
    predicted = recommender.predict_many({**profile_in(app).opinions}, [int(one) for one in shown])
    assert [*shown.values()] == [
        None if one.stars is None else f"{one.stars:.1f}" for one in predicted
    ]
    assert all(shown.values())
    for card in group(app, "top_picks")["cards"]:
        assert card["rests"].endswith("ordered by what kindred raters love, not by stars.")


def test_a_rated_or_hidden_film_leaves_and_undo_brings_it_back(app: AppTest) -> None:
    """Rating, hiding, saving: each is one step, each can be undone, and each says so."""
    app.run()
    rate(app, cards(app, "starters")[0], 1)
    one, other, third = cards(app, "top_picks")[:3]
    rate(app, one, -1)
    assert one not in cards(app, "top_picks")
    assert "Undo takes it back" in app.toast[0].value
    click(app, "hide", other, True)
    assert other not in cards(app, "top_picks")
    assert other not in profile_in(app).opinions
    click(app, "save", third, True)
    assert cards(app, "watchlist") == [third]
    assert third in cards(app, "top_picks")
    undo(app)
    assert cards(app, "watchlist") == []
    undo(app)
    undo(app)
    assert cards(app, "top_picks")[:3] == [one, other, third]


def test_undo_goes_back_to_the_start(app: AppTest) -> None:
    """And no further."""
    app.run()
    assert step(app) == ""
    one = cards(app, "starters")[0]
    rate(app, one, 1)
    rate(app, one, -1)
    rate(app, one, None)
    states: list[Any] = [{**profile_in(app).opinions}]
    while step(app):
        undo(app)
        states.append({**profile_in(app).opinions})
    assert states == [{}, {one: -1}, {one: 1}, {}]


def test_what_a_browser_keeps_is_there_again(opened: Opened) -> None:
    """Ratings, stars, what was saved and hidden; and it goes straight to the lists."""
    taste = own_profile({8: 1, 10: 1, 9: 0}, {8: 4.5}, (12,), (14,))
    app = opened(taste)
    assert profile_in(app) == taste
    assert cards(app, "starters") == []
    assert cards(app, "watchlist") == [12]
    assert 14 not in cards(app, "top_picks")
    app.button(key="rate-more").click().run()
    assert not {8, 9, 10} & {*cards(app, "starters")}


def test_a_link_is_looked_at_and_never_overwrites(opened: Opened, recommender: Recommender) -> None:
    """Its lists are shown; what is rated meanwhile goes to one's own, which comes back whole."""
    app = opened(own_profile({8: 1}))
    say(app, "link", link.encode(own_profile({10: 1, 12: -1}), recommender))
    assert "the taste of a link: 2 films" in page(app)
    assert 10 not in cards(app, "top_picks")
    rate(app, cards(app, "top_picks")[0], 1)
    assert profile_in(app).opinions.keys() >= {8}
    assert not profile_in(app).opinions.keys() & {10, 12}
    assert sent(app)["link"]
    app.button(key="guest-close").click().run()
    assert "the taste of a link" not in page(app)
    assert sent(app)["link"] == ""
    assert len(profile_in(app).opinions) == 2


def test_back_to_an_address_without_a_link_leaves_it(
    opened: Opened, recommender: Recommender
) -> None:
    """As its button does."""
    app = opened(own_profile({8: 1}))
    say(app, "link", link.encode(own_profile({10: 1}), recommender))
    assert "the taste of a link" in page(app)
    say(app, "link", "")
    assert "the taste of a link" not in page(app)


def test_a_page_that_fails_asks_the_browser_nothing_again(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its clicks were taken: or question, answer and failure would go on for ever."""
    app = opened(own_profile({8: 1}))
    with broken(monkeypatch, "rows", "it cannot be said"):
        rate(app, 10, 1)
        assert "it cannot be said" in page(app)
        assert visit(app).known
    assert profile_in(app).opinions == {8: 1, 10: 1}


def test_a_link_can_be_taken_over(opened: Opened, recommender: Recommender) -> None:
    """Films of which nothing was said are added, in one step; one's own word stays."""
    app = opened(own_profile({8: -1}))
    say(app, "link", link.encode(own_profile({8: 1, 10: 1}), recommender))
    app.button(key="guest-keep").click().run()
    assert profile_in(app).opinions == {8: -1, 10: 1}
    assert {film["movie_id"] for film in sent(app)["changes"]["ratings"]} == {10}
    undo(app)
    assert profile_in(app).opinions == {8: -1}


def test_nothing_is_drawn_until_the_browser_has_answered(served: None) -> None:
    """No film to begin with flashes up for somebody who rated hundreds."""
    app = AppTest.from_file(str(APP), default_timeout=60).run().run()
    assert visit(app).taken.keys() == {STORAGE}
    assert not sent(app)["known"]
    answer(app)
    assert len(cards(app, "starters")) == 12


def test_what_the_server_changes_is_sent_until_the_browser_has_it(opened: Opened) -> None:
    """A run may be abandoned before its page reaches anybody."""
    app = opened(own_profile({8: 1, 10: 1}))
    rate(app, 8, None)
    assert sent(app)["changes"] is None  # the browser wrote it down at the click
    undo(app)
    changes, number = sent(app)["changes"], sent(app)["number"]
    assert [film["movie_id"] for film in changes["ratings"]] == [8]
    app.run()
    assert sent(app)["changes"] == changes
    say(app, "changes", {"source": visit(app).source})  # which names the number it knows
    assert (sent(app)["changes"], sent(app)["number"]) == (None, number)


def test_what_another_tab_said_is_merged(opened: Opened) -> None:
    """The later word of each film counts; a change of before is none."""
    app = opened(own_profile({8: 1, 10: 1}))
    rate(app, 10, -1)
    document = {
        "source": visit(app).source,
        "ratings": [
            {"movie_id": 9, "opinion": "like", "when": "2026-02-01T00:00:00Z"},
            {"movie_id": 10, "opinion": "seen", "when": "2026-02-01T00:00:00Z"},
        ],
        "removed": [{"movie_id": 8, "when": "2026-02-01T00:00:00Z"}],
    }
    say(app, "changes", document)
    assert profile_in(app).opinions == {9: 1, 10: -1}
    say(app, "changes", {"cleared": "2126-01-01T00:00:00Z"})
    assert profile_in(app).films == ()


def test_what_f5_must_not_change_comes_back(served: None) -> None:
    """The films to begin with, and the filters."""
    app = with_browser(AppTest.from_file(str(APP), default_timeout=60)).run()
    for movie_id in cards(app, "starters")[:3]:
        rate(app, movie_id, 1)
    click(app, "pass", cards(app, "starters")[5], True)
    shown, kept = cards(app, "starters"), visit(app).tab_state() | {"filters": {"genres": ["War"]}}
    again = AppTest.from_file(str(APP), default_timeout=60).run()
    answer(again, profile_in(app), tab=kept)
    assert cards(again, "starters") == shown
    assert visit(again).filters.movies.genres == ("War",)
    strange = AppTest.from_file(str(APP), default_timeout=60).run()
    answer(strange, profile_in(app), tab={"version": 7})
    assert cards(strange, "starters") == []


def test_clicks_are_taken_once_and_none_is_lost(app: AppTest) -> None:
    """The browser repeats what was not taken."""
    app.run()
    one, other = cards(app, "starters")[:2]
    name = visit(app).name
    acts = [[1, "rate", str(one), 1, name, 1, 0], [2, "rate", str(other), -1, name, 2, 0]]
    app.session_state["cards-discover"] = {"acts": acts}
    app.run()
    app.session_state["cards-discover"] = {"acts": [*acts, [3, "rate", str(one), None, name, 3, 0]]}
    app.run()
    assert profile_in(app).opinions == {other: -1}
    click(app, "rate", "no such film", 1)
    click(app, "no such verb", one, 1)
    assert profile_in(app).opinions == {other: -1}


def test_clicks_are_taken_in_their_order_whatever_they_were_on(app: AppTest) -> None:
    """Like, like, undo at once: the first stays."""
    app.run()
    one, other = cards(app, "starters")[:2]
    name = visit(app).name
    acts = [[1, "rate", str(one), 1, name, 1, 0], [2, "rate", str(other), 1, name, 2, 0]]
    app.session_state["cards-discover"] = {"acts": acts}
    app.session_state[STORAGE] = {"acts": [[2, "undo", "", None, name, 3, 0]]}
    app.run()
    assert profile_in(app).opinions == {one: 1}


def test_clicks_of_a_visit_that_was_lost_are_not_taken_again(app: AppTest) -> None:
    """A server that was started anew gets the old list of clicks once more."""
    app.run()
    one = cards(app, "starters")[0]
    app.session_state["cards-discover"] = {"acts": [[1, "rate", str(one), 1, "another", 1, 0]]}
    app.run()
    assert profile_in(app) == own_profile()


def test_clicks_of_another_make_are_left_alone(app: AppTest) -> None:
    """A page may be open while the app is replaced by one that writes clicks in another way."""
    app.run()
    one = cards(app, "starters")[0]
    acts = [[1, "rate", str(one), 1], [2, "rate", str(one), 1, visit(app).name, 1, 0]]
    app.session_state["cards-discover"] = {"acts": acts}
    app.run()
    assert not app.exception
    assert profile_in(app).opinions == {one: 1}


def test_passing_over_a_film_can_be_undone(app: AppTest) -> None:
    """It comes back where it stood; so do all after others were shown."""
    app.run()
    first = cards(app, "starters")
    rate(app, first[0], 1)
    click(app, "pass", first[3], True)
    click(app, "others", "starters")
    undo(app)
    undo(app)
    assert cards(app, "starters") == first
    assert profile_in(app).opinions == {first[0]: 1}


def test_under_another_collection_films_go_by_ids_of_the_world(opened: Opened) -> None:
    """Never by the number of another source; what is not here stays with the browser."""
    app = opened(own_profile({8: 1}))
    foreign = {"movie_id": 9, "source": "elsewhere", "opinion": "like", "imdb_id": "tt9999999"}
    say(app, "changes", {"ratings": [{**foreign, "when": "2026-02-01T00:00:00Z"}]})
    assert profile_in(app).opinions == {8: 1}
    assert visit(app).count_missing() == 1
    state = visit(app)
    state.source, state.version = "other", "other"
    app.run()
    assert not state.known or profile_in(app).opinions == {8: 1}


def test_clicks_of_before_do_not_rate_films_of_another_collection(app: AppTest) -> None:
    """Those still on their way."""
    app.run()
    state = visit(app)
    acts = [[1, "rate", "2", 1, state.name, 1, 0]]
    state.source, state.version = "other", "other"
    app.session_state["cards-discover"] = {"acts": acts}
    app.run()
    assert profile_in(app) == own_profile()
    app.run()
    rate(app, 3, 1)
    assert profile_in(app).opinions == {3: 1}


def test_other_starters_come_and_never_run_dry(app: AppTest) -> None:
    """One not seen is replaced where it stood; all can be; passed ones come back at the end."""
    app.run()
    first = cards(app, "starters")
    click(app, "pass", first[3], True)
    replaced = cards(app, "starters")
    assert replaced[:3] + replaced[4:] == first[:3] + first[4:]
    assert replaced[3] not in first
    seen = {first[3], *replaced}
    for _ in range(3):
        click(app, "others", "starters")
        batch = cards(app, "starters")
        assert batch
        seen |= {*batch}
    assert len(seen) == 30


def test_done_puts_recommendations_first(app: AppTest) -> None:
    """It is offered from the third film on; one can go on rating later."""
    app.run()
    for movie_id in cards(app, "starters")[:3]:
        assert "done" not in dict(group(app, "starters")["buttons"])
        rate(app, movie_id, 1)
    assert "done" in dict(group(app, "starters")["buttons"])
    click(app, "done", "starters")
    assert cards(app, "starters") == []
    app.button(key="rate-more").click().run()
    assert cards(app, "starters")


def test_show_more_lengthens_the_first_row(opened: Opened) -> None:
    """By two dozen, as far as there are films."""
    app = opened(own_profile({8: 1, 10: 1, 9: -1}))
    assert len(cards(app, "top_picks")) == 12
    click(app, "more", "top_picks")
    assert len(cards(app, "top_picks")) > 12
    visit(app).more = 2_000
    app.run()
    assert not app.exception
    assert group(app, "top_picks")["buttons"] == []


def sorted_by(app: AppTest, order: str) -> list[dict[str, Any]]:
    """Sort the list, and give its films."""
    app.selectbox(key=filter_key(app, "sort")).set_value(order).run()
    found: list[dict[str, Any]] = group(app, "top_picks")["cards"]
    return found


def test_the_best_matches_can_be_put_in_another_order(opened: Opened) -> None:
    """It says so; all of them are there; no row repeats them, and F5 keeps the order."""
    app = opened(own_profile({8: 1, 9: -1, 11: -1}))
    visit(app).more = 12
    app.run()
    best = cards(app, "top_picks")
    assert "Best match first" in group(app, "top_picks")["under"]
    newest = sorted_by(app, "Newest")
    assert {int(one["id"]) for one in newest} == {*best}
    years = [one["year"] for one in newest]
    assert years == sorted(years, reverse=True)
    under = group(app, "top_picks")["under"]
    assert f"Your {len(best)} best matches, newest first. By your 3 ratings" in under
    assert not {*best} & {*cards(app, "popular"), *cards(app, "hidden_gems")}
    stars = [float(one["stars"]) for one in sorted_by(app, "Predicted stars")]
    assert stars == sorted(stars, reverse=True)
    again = AppTest.from_file(str(APP), default_timeout=60).run()
    answer(again, profile_in(app), tab=visit(app).tab_state())
    assert "highest predicted stars first" in group(again, "top_picks")["under"]
    sorted_by(app, "Best match")
    assert cards(app, "top_picks") == best


def test_the_usual_order_is_one_question(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list comes with the rows below it."""

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("asked for the list alone")

    monkeypatch.setattr(Recommender, "recommend", never)
    app = opened(own_profile({8: 1, 9: -1, 11: -1}))
    rate(app, cards(app, "top_picks")[0], 1)
    assert cards(app, "top_picks")


def shown_before(taste: Profile, shown: object) -> AppTest:
    """Open the app in a browser that keeps what was shown at earlier visits."""
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    answer(app, taste, shown=shown)
    return app


def test_only_what_was_not_shown_before(opened: Opened) -> None:
    """The list and the rows leave it out; without the filter it stays in its place."""
    taste = own_profile({8: 1, 9: -1, 11: -1})
    first = cards(opened(taste), "top_picks")
    app = shown_before(taste, [[str(film), 1] for film in first[:8]])
    assert cards(app, "top_picks") == first
    open_filters(app)
    app.toggle(key=filter_key(app, "fresh")).set_value(True).run()
    for row in ("top_picks", "popular", "hidden_gems"):
        assert not {*first[:8]} & {*cards(app, row)}
    assert group(app, "top_picks")["under"].endswith("Filters: not shown to you before.")


def test_a_film_shown_on_three_days_and_left_alone_comes_last(opened: Opened) -> None:
    """Unless something is said of it; "Clear everything" forgets what was shown."""
    taste = own_profile({8: 1, 9: -1, 11: -1})
    app = opened(taste)
    visit(app).more = 24
    app.run()
    best = cards(app, "top_picks")
    app = shown_before(taste, [[str(best[0]), 3], [str(best[1]), 4], [str(best[2]), 2]])
    assert cards(app, "top_picks") == best[2:14]
    under = group(app, "top_picks")["under"]
    assert "2 films shown to you on three days and left alone come last." in under
    assert not {*best[:2]} & {*cards(app, "popular"), *cards(app, "hidden_gems")}
    visit(app).more = 24
    app.run()
    assert cards(app, "top_picks") == [*best[2:], *best[:2]]
    click(app, "save", best[0], True)
    assert cards(app, "top_picks") == [best[0], *best[2:], best[1]]
    visit(app).clear_taste()
    assert visit(app).seen == {}


@pytest.mark.parametrize(
    "shown",
    [None, 7, "8", {}, [8], [["8"]], [["8", "3"]], [[8, 3]], [["8", True]], [["x" * 9_999, 3]]],
)
def test_what_is_no_list_of_shown_films_hides_nothing(shown: object, opened: Opened) -> None:
    """A browser may send anything."""
    app = shown_before(own_profile({10: 1}), shown)
    assert visit(app).seen == {}


def test_lists_of_a_guest_leave_nothing_out_and_count_nothing(
    opened: Opened, recommender: Recommender
) -> None:
    """They are for somebody else."""
    app = shown_before(own_profile({8: 1, 9: -1, 11: -1}), [["10", 3]])
    assert 10 not in cards(app, "top_picks")
    assert group(app, "top_picks")["counted"]
    say(app, "link", link.encode(own_profile({8: 1, 14: 1}), recommender))
    assert 10 in cards(app, "top_picks")
    assert not group(app, "top_picks")["counted"]


def test_where_no_film_is_left_it_is_said(opened: Opened) -> None:
    """And not taken for a want of ratings."""
    app = opened(own_profile({8: 1}))
    app.session_state[filter_key(app, "title")] = "nothing"
    app.run()
    assert "No film is left" in page(app)
    assert "no kindred raters yet" not in json.dumps(group(app, "popular"))
    app = shown_before(own_profile(dict.fromkeys(films.films(), 1)), [])
    assert "You have rated every film that could be recommended." in page(app)


def test_search_forgives_typing_errors(app: AppTest) -> None:
    """A misspelt title is found; nothing found is said, with a way out."""
    app.run()
    app.text_input(key="search").set_value("batereis not includd").run()
    assert cards(app, "found")[0] == 1
    app.text_input(key="search").set_value("qqqqqqqqqqqq").run()
    assert "No title is like “qqqqqqqqqqqq”" in group(app, "found")["under"]
    assert not app.exception


def test_filters_can_be_loosened(opened: Opened) -> None:
    """Too few results say which filters are on and offer to drop them."""
    app = opened(own_profile({8: 1}))
    open_filters(app)
    app.multiselect(key=filter_key(app, "genres")).set_value(["War"]).run()
    assert "No film is left besides those to rate. Filters: War." in page(app)
    app.slider(key=filter_key(app, "years")).set_value((1990, 1995)).run()
    assert "Filters: War, 1990–1995." in page(app)
    assert app.button(key="loosen-genres").label == "Any genre\\: 1 film"
    assert not [one for one in app.button if one.key == "loosen-years"]  # would bring none
    app.button(key="loosen-genres").click().run()
    assert 1 <= len(cards(app, "top_picks")) <= 6
    app.button(key="filters-clear").click().run()
    assert app.slider(key=filter_key(app, "years")).value == (1967, 2008)


def test_filters_that_a_browser_kept_are_read(app: AppTest) -> None:
    """What makes sense in this collection; the rest is left out."""
    app.run()
    tab = visit(app).tab_state()
    kept = {
        "genres": ["Drama", "Nonsense"],
        "without": ["War"],
        "years": [1900, 1990],
        "dial": "Adventurous",
        "min_ratings": 7,
    }
    visit(app).answered = False
    app.session_state["filters"] = False
    other = with_browser(AppTest.from_file(str(APP), default_timeout=60))
    other.session_state["people"] = app.session_state["people"]
    other.session_state["visit"] = visit(app)
    answer(other, tab={**tab, "filters": kept})
    movies, filters = visit(other).filters.movies, visit(other).filters
    assert (movies.genres, movies.exclude_genres) == (("Drama",), ("War",))
    assert (movies.years, movies.min_ratings, filters.adventurous) == (None, None, 1.0)


def test_a_decade_is_one_click(app: AppTest) -> None:
    """Cut to the years there are."""
    app.run()
    open_filters(app)
    app.button(key="decade-1960").click().run()
    assert app.slider(key=filter_key(app, "years")).value == (1967, 1969)


def test_the_dial_reaches_the_recommender(opened: Opened) -> None:
    """Familiar and adventurous are different questions."""
    app = opened(own_profile({8: 1}))
    open_filters(app)
    for word, expected in (("Familiar", 0.0), ("Adventurous", 1.0), ("Balanced", None)):
        app.select_slider(key=filter_key(app, "dial")).set_value(word).run()
        assert visit(app).filters.adventurous == expected


def test_an_unchanged_question_is_not_asked_again(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searching and opening panels do not cost a recommendation."""
    app = opened(own_profile({8: 1}))
    app.run()

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr(Recommender, "rows", never)
    app.text_input(key="search").set_value("film").run()
    assert not app.exception


def test_hostile_titles_are_written_as_they_are(app: AppTest) -> None:
    """Components get them as data, and set them as text."""
    app.run()
    app.text_input(key="search").set_value("<b>Bold</b> & Quoted").run()
    found = {card["id"]: card["title"] for card in group(app, "found")["cards"]}
    assert found["5"] == '<b>Bold</b> & "Quoted"'
    rate(app, 5, 1)
    assert step(app) == 'Undo the like of <b>Bold</b> & "Quoted" (2001)'
    assert "<b>Bold</b>" not in page(app)


@contextmanager
def broken(monkeypatch: pytest.MonkeyPatch, method: str, says: str) -> Iterator[None]:
    """Let a method of the recommender fail, as Kindred says that something went wrong."""

    def fail(*_: Any, **__: Any) -> None:
        raise KindredError(says)

    with monkeypatch.context() as patched:
        patched.setattr(Recommender, method, fail)
        yield


def test_error_panel_instead_of_a_traceback(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Kindred says went wrong is shown, and the next run helps once it is right."""
    monkeypatch.setattr("ui.server.open_index._VALID", 0.0)
    with broken(monkeypatch, "open", "the index was made by <another> Kindred: ingest again"):
        app.run()
        assert not app.exception
        assert "made by &lt;another&gt; Kindred" in page(app)
    app.run()
    assert len(cards(app, "starters")) == 12


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
    with broken(monkeypatch, "rows", "files are missing: ingest again"):
        app.run()
        assert not app.exception
        assert "files are missing: ingest again" in page(app)


def test_a_new_ingest_drops_films_it_does_not_have(opened: Opened) -> None:
    """When the collection changes under a visit, unknown ratings go and the page stays."""
    app = opened(own_profile({8: 1, 10: 1}))
    state = visit(app)
    state.version = "older"
    state.taste.say(said_in(own_profile({8: 1, 10: 1, 999_999: 1})), "test")
    app.run()
    assert not app.exception
    assert profile_in(app).opinions == {8: 1, 10: 1}
    answer(app, own_profile({8: 1, 10: 1, 999_999: 1}))
    assert profile_in(app).opinions == {8: 1, 10: 1}
    assert "1 film you rated elsewhere" in page(app)


def test_the_source_of_the_ratings_is_named(app: AppTest, recommender: Recommender) -> None:
    """A line says how much is in the collection and where it comes from."""
    app.run()
    assert f"{recommender.stats().ratings:,} ratings of 30 films by 60 people: csv." in page(app)


def test_ratings_without_any_catalogue_are_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Films that are only an id, of any letters, can be rated, kept and recommended."""
    ingest(str(films.write_bare(tmp_path / "ratings.csv")), index=tmp_path / "index")
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "index"))
    fresh()
    app = AppTest.from_file(str(APP), default_timeout=60)
    with_browser(app, own_profile({"film/3 &": 1, "film/5 &": 1})).run()
    assert not app.exception
    first = group(app, "top_picks")["cards"][0]["id"]
    click(app, "rate", first, -1)
    assert profile_in(app).opinions == {"film/3 &": 1, "film/5 &": 1, first: -1}
    fresh()


NONSENSE: list[object] = [
    None, 7, "acts", {}, [], [7], [1, 2, 3], ["a"] * 7,
    ["1", "rate", "7", 1, "", 1], [1, ["rate"], "7", 1, "", 1],
    [1, "rate", 7, 1, "", 1], [1, "rate", ["7"], 1, "", 1],
    [1, "rate", "7" * 5_000, 1, "", 1], [1, "rate", "7", [1], "", 1],
    [1, "rate", "7", {"a": 1}, "", 1],
    [1, "rate", "7", 1, "", "now"], [1, "rate", "7", 1, "", None],
    [1, "rate", "7", 1, "", float("nan")], [float("nan"), "rate", "7", 1, "", 1],
    [10**400, "rate", "7", 1, "", 1], [-1, "rate", "7", 1, "", 1],
    [1, "rate", "7", 2, "", 1], [2, "burn", "7", 1, "", 1],
    [3, "rate", "no such film", 1, "", 1], [4, "rate", "\x00", 1, "", 1],
    [5, "similar", "-1", 1, "", 1], [6, "save", "imdb:tt1", 1, "", 1],
    [7, "rate", "1", 1, "", 10**400], [8, "rate", "1", 1, "", math.inf],
]  # fmt: skip
"""What a browser may send in place of clicks; the empty text stands for the mark of a visit."""


def test_what_is_no_click_does_nothing(app: AppTest) -> None:
    """And a click that comes after it counts."""
    app.run()
    name = visit(app).name
    acts = [
        [*act[:4], name, act[5], 0] if isinstance(act, list) and len(act) == 6 else act
        for act in NONSENSE
    ]
    for state in (7, {"acts": 7}, {"acts": {"0": acts}}, {"acts": acts}):
        app.session_state["cards-discover"] = state
        app.run()
        assert not app.exception
        assert profile_in(app) == own_profile()
    rate(app, cards(app, "starters")[0], 1)
    assert len(profile_in(app).opinions) == 1


LINKS = [
    ("x" * 100_000, "This link is damaged"),
    ("1m" + "A" * 100_000, "This link is damaged"),
    ("1zeJyrVkrLz1eyUkpKLFKqBQAdegQ0", "This link is damaged"),
    ('{"ratings":{"7":1}}', "This link is damaged"),
    ("2mAAAA", "made by a newer Kindred"),
    ("<script>hacked=1</script>" * 900, "This link is damaged"),
]


@pytest.mark.parametrize(("code", "told"), LINKS)
def test_no_link_is_more_than_a_notice(code: str, told: str, app: AppTest) -> None:
    """And what is clicked then counts."""
    app.query_params["film"] = ["x" * 10_000, "\x00", "-1"]
    with_browser(app, link=code).run()
    assert told in page(app)
    rate(app, cards(app, "starters")[0], 1)
    assert len(profile_in(app).opinions) == 1
    assert told not in page(app)


@pytest.mark.parametrize(
    "document", [None, 7, [], "{", {"kindred_taste": 2}, {"ratings": [{"opinion": "loved"}]}]
)
def test_what_is_no_document_is_said_and_changes_nothing(document: object, app: AppTest) -> None:
    """A browser may keep what another Kindred wrote."""
    app.run()
    say(app, "document", {"document": document})
    assert "What this browser keeps for you cannot be read" in page(app)
    assert len(cards(app, "starters")) == 12
