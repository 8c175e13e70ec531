"""My taste, drawn by Streamlit's harness."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from recommender import Profile, Recommender
from tests.ui.driving import answer, cards, click, group, page, param, profile_in, rate, undo, visit
from tests.ui.films import HOSTILE
from tests.ui.paging import one_page
from tests.ui.profiles import own_profile
from ui.state.taste import EMPTY

pytestmark = pytest.mark.usefixtures("served")

SIX = own_profile({8: 1, 10: 1, 12: 1, 14: -1, 9: -1, 11: 0}, {8: 4.5}, (16,), (18,))


def opened(recommender: Recommender, taste: Profile = EMPTY) -> AppTest:
    """Open the page by the link of a taste."""
    app = one_page("my_taste", taste).run()
    assert not app.exception
    return app


def rows(app: AppTest) -> list[tuple[int, int | None, float | None]]:
    """Film, opinion and stars of each row."""
    shown = group(app, "films")["cards"]
    return [(int(card["id"]), card["said"], card["own"]) for card in shown]


def shelf(app: AppTest, name: str) -> None:
    """Look at another shelf."""
    app.segmented_control(key="shelf").set_value(name).run()
    assert not app.exception


def test_someone_new_is_led_to_films(recommender: Recommender) -> None:
    """There is nothing to show, and a way to it."""
    app = opened(recommender)
    assert "You have not rated a film yet" in page(app)
    assert rows(app) == []
    app.button(key="rate-a-few").click().run()
    assert visit(app).goes_to == "discover"


def test_under_five_ratings_say_how_many_are_missing(recommender: Recommender) -> None:
    """The list is there, the pictures are not."""
    app = opened(recommender, own_profile({8: 1, 10: 1}))
    assert "Rate 3 more films" in page(app)
    assert len(rows(app)) == 2
    assert "Genres" not in page(app)
    assert len(app.get("vega_lite_chart")) == 0


def test_everything_that_was_said_is_on_a_shelf(recommender: Recommender) -> None:
    """Ratings with stars, what is saved, what is hidden; in the browser what each film is."""
    app = opened(recommender, SIX)
    assert rows(app) == [
        (11, 0, None),
        (9, -1, None),
        (14, -1, None),
        (12, 1, None),
        (10, 1, None),
        (8, 1, 4.5),
    ]
    assert group(app, "films")["layout"] == "list"
    assert group(app, "films")["title"] == "6 films"
    assert "6 rated, 1 on your watchlist, 1 marked not interested." in page(app)
    shelf(app, "watchlist")
    assert rows(app) == [(16, None, None)]
    shelf(app, "hidden")
    assert [(card["id"], card["hidden"]) for card in group(app, "films")["cards"]] == [("18", True)]


def test_an_empty_shelf_says_how_films_get_there(recommender: Recommender) -> None:
    """Each in its own words."""
    app = opened(recommender, own_profile({8: 1}))
    shelf(app, "watchlist")
    assert "Your watchlist is empty. The bookmark on a film puts it here" in page(app)
    shelf(app, "hidden")
    assert "No films yet. The cross on a film" in page(app)
    assert rows(app) == []


def test_films_stay_in_place_while_they_are_rated(recommender: Recommender) -> None:
    """A rating is the latest from the next visit on; what is removed leaves, until undo."""
    app = opened(recommender, SIX)
    rate(app, 14, 1)
    click(app, "stars", 9, 3.5)
    assert rows(app)[:4] == [(11, 0, None), (9, 0, 3.5), (14, 1, None), (12, 1, None)]
    click(app, "rate", 14, None)
    assert [row[0] for row in rows(app)] == [11, 9, 12, 10, 8]
    undo(app)
    assert rows(app)[2] == (14, 1, None)
    shelf(app, "hidden")
    shelf(app, "rated")
    assert [row[0] for row in rows(app)] == [14, 9, 11, 12, 10, 8]


def test_the_list_can_be_sorted_and_narrowed(recommender: Recommender) -> None:
    """By title, year and stars; by what is said; F5 keeps the choice."""
    app = opened(recommender, SIX)
    app.selectbox(key="sort-rated").set_value("Title").run()
    assert [row[0] for row in rows(app)] == [10, 11, 12, 14, 8, 9]
    app.selectbox(key="sort-rated").set_value("Year").run()
    assert [row[0] for row in rows(app)] == [14, 12, 11, 10, 9, 8]
    app.selectbox(key="sort-rated").set_value("My stars").run()
    assert rows(app)[0] == (8, 1, 4.5)
    app.selectbox(key="said").set_value("Disliked").run()
    assert {row[0] for row in rows(app)} == {9, 14}
    assert group(app, "films")["title"] == "2 films"
    again = one_page("my_taste")
    vars(again)["run_without_browser"]()
    answer(again, SIX, tab=visit(app).tab_state())
    assert rows(again) == rows(app)
    rate(app, 9, 1)  # in sight until one looks for something else
    assert {row[0] for row in rows(app)} == {9, 14}
    app.selectbox(key="said").set_value("With stars").run()
    assert rows(app) == [(8, 1, 4.5)]


def test_titles_stand_as_they_are(recommender: Recommender) -> None:
    """As text in the list, and escaped in what is written as HTML."""
    app = opened(recommender, own_profile(dict.fromkeys(HOSTILE, 1)))
    titles = [card["title"] for card in group(app, "films")["cards"]]
    assert '<b>Bold</b> & "Quoted"' in titles
    assert "M*A*S*H" in titles
    visit(app).taste.rate(5, -1, 'dislike of <b>Bold</b> & "Quoted"')
    app.run()
    assert "dislike of &lt;b&gt;Bold" in page(app)
    assert "<b>Bold" not in page(app)


def test_clearing_everything_can_be_undone(recommender: Recommender) -> None:
    """It is asked about first; it is one step, and says where everything is kept."""
    app = opened(recommender, SIX)
    assert "kept by this browser, and nowhere else" in page(app)
    app.button(key="clear").click().run()
    assert profile_in(app) == SIX
    app.button(key="clear-all").click().run()
    assert profile_in(app) == own_profile()
    assert "You have not rated a film yet" in page(app)
    undo(app)
    assert profile_in(app) == SIX
    assert len(rows(app)) == 6


def test_many_films_can_be_searched_typing_errors_allowed(recommender: Recommender) -> None:
    """A title that holds the text; else what is like it; else a word that nothing is."""
    many: dict[int | str, int] = dict.fromkeys(range(1, 29), 1)
    app = opened(recommender, own_profile(many))
    assert [row[0] for row in rows(app)] == [*range(28, 8, -1)]
    app.button(key="more-films").click().run()
    assert len(rows(app)) == 28
    assert not [button for button in app.button if button.key == "more-films"]
    search = app.text_input(key="find-rated")
    search.set_value("m*a*s*h").run()
    assert [card["title"] for card in group(app, "films")["cards"]] == ["M*A*S*H"]
    search.set_value("quotde").run()
    assert rows(app) == [(5, 1, None)]
    search.set_value("<zzzzzz>").run()
    assert "No title here is like “&lt;zzzzzz&gt;”." in page(app)
    assert rows(app) == []
    few = opened(recommender, SIX)
    assert len(few.text_input) == 0


def test_the_pictures_follow_what_is_said(recommender: Recommender) -> None:
    """Genres and decades beside others, and what the last step did."""
    app = opened(recommender, SIX)
    assert "What your last step changed" not in page(app)
    assert len(app.get("vega_lite_chart")) >= 2
    assert "of your films" in page(app)
    visit(app).taste.rate(20, 1, "like of Film 20 (1980)")
    app.run()
    assert not app.exception
    assert "What your last step changed" in page(app)
    assert "like of Film 20 (1980)" in page(app)
    visit(app).taste.watch(22, "saving of Film 22 (1982)")
    app.run()
    assert "like of Film 20 (1980)" in page(app)  # saving one changes no list


def test_stars_are_set_beside_the_average_of_each_film(recommender: Recommender) -> None:
    """From five on with a picture; without stars, by what others give what is liked."""
    app = opened(recommender, own_profile(dict.fromkeys(range(8, 18, 2), 1)))
    assert "The films you like have" in page(app)
    pictures = len(app.get("vega_lite_chart"))
    for film in range(8, 18, 2):
        click(app, "stars", film, 5.0)
    assert "Your stars and everybody’s" in page(app)
    assert len(app.get("vega_lite_chart")) == pictures + 1


WATCHLIST = (16, 17, 20, 22, 24)
EVEN = own_profile({8: 1, 10: 1, 12: 1, 9: -1, 11: -1}, {}, WATCHLIST)


def test_the_watchlist_is_ranked_and_three_are_picked_of_it(recommender: Recommender) -> None:
    """Even films for whoever likes even ones; stars and who likes it are said of each."""
    app = opened(recommender, EVEN)
    shelf(app, "watchlist")
    films = [row[0] for row in rows(app)]
    assert {*films} == {*WATCHLIST}
    assert films[-1] == 17
    best = group(app, "films")["cards"][0]
    assert best["stand"].startswith("Liked by ")
    assert best["stars"]
    three = cards(app, "tonight")
    assert len({*three} & {*WATCHLIST}) == 3
    assert three[0] == films[0]


def test_an_address_leads_to_a_shelf(recommender: Recommender) -> None:
    """As of the watchlist; a name that is none leads to the first."""
    app = one_page("my_taste", EVEN, shelf="watchlist").run()
    assert cards(app, "tonight")
    shelf(app, "rated")
    assert param(app, "shelf") == ""
    assert not cards(app, "tonight")
    assert len(rows(one_page("my_taste", EVEN, shelf="attic").run())) == 5


def test_a_saved_film_can_be_rated_where_it_is(recommender: Recommender) -> None:
    """It is a rating then, and stays in sight until one looks elsewhere; it is no pick any more."""
    app = opened(recommender, EVEN)
    shelf(app, "watchlist")
    films = [row[0] for row in rows(app)]
    first = cards(app, "tonight")[0]
    click(app, "stars", first, 5.0)
    assert profile_in(app).stars == {first: 5.0}
    assert first not in cards(app, "tonight")
    assert [row[0] for row in rows(app)] == films
    assert rows(app)[films.index(first)] == (first, 1, 5.0)


def test_chance_picks_another_film_at_each_click(recommender: Recommender) -> None:
    """None again before all were shown; F5 keeps the one that is shown; three come back."""
    app = opened(recommender, EVEN)
    shelf(app, "watchlist")
    three, shown = cards(app, "tonight"), []
    for _ in WATCHLIST:
        app.button(key="surprise").click().run()
        shown += cards(app, "tonight")
    assert sorted(shown) == sorted(WATCHLIST)
    again = one_page("my_taste")
    vars(again)["run_without_browser"]()
    answer(again, EVEN, tab=visit(app).tab_state())
    shelf(again, "watchlist")
    assert cards(again, "tonight") == shown[-1:]
    app.button(key="surprise").click().run()
    assert cards(app, "tonight") != shown[-1:]
    app.button(key="three").click().run()
    assert cards(app, "tonight") == three


def test_fewer_than_three_are_all_there_is(recommender: Recommender) -> None:
    """With one alone there is nothing to be surprised by."""
    app = opened(recommender, own_profile({8: 1}, {}, (16, 20)))
    shelf(app, "watchlist")
    assert {*cards(app, "tonight")} == {16, 20}
    assert "There are no others to choose from." in page(app)
    rate(app, 16, 1)
    assert cards(app, "tonight") == [20]
    assert not [button for button in app.button if button.key == "surprise"]


def test_tonight_obeys_the_filters_and_says_so(recommender: Recommender) -> None:
    """Film 17 is the one drama; with no film left a button takes the filters away."""
    app = opened(recommender, EVEN)
    shelf(app, "watchlist")
    genres, years = (f"filter-{name}-{visit(app).version}" for name in ("genres", "years"))
    app.session_state[genres] = ["Drama"]
    app.run()
    assert cards(app, "tonight") == [17]
    assert "There are no others to choose from. Filters: Drama." in page(app)
    assert len(rows(app)) == 5  # what was said is there whatever the filters
    app.session_state[years] = (1960, 1970)
    app.run()
    assert not app.exception
    assert cards(app, "tonight") == []
    assert "None of the 5 films on your watchlist is left. Filters: Drama, 1960–1970." in page(app)
    app.button(key="tonight-clear").click().run()
    assert len(cards(app, "tonight")) == 3
    assert "unlike each other.</p>" in page(app)


def test_a_watchlist_without_ratings_stands_by_what_everybody_likes(
    recommender: Recommender,
) -> None:
    """There is no match yet, and no stars for anybody."""
    app = opened(recommender, own_profile({}, {}, WATCHLIST))
    shelf(app, "watchlist")
    assert {row[0] for row in rows(app)} == {*WATCHLIST}
    assert len(cards(app, "tonight")) == 3
