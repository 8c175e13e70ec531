"""My taste, drawn by Streamlit's harness."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from recommender import Profile, Recommender
from tests.ui.driving import page, profile_in, visit
from tests.ui.films import HOSTILE
from tests.ui.paging import one_page
from tests.ui.profiles import own_profile
from ui.components.ratings_table import Editor
from ui.state.taste import EMPTY

pytestmark = pytest.mark.usefixtures("served")

SIX = own_profile({8: 1, 10: 1, 12: 1, 14: -1, 9: -1, 11: 0}, {8: 4.5}, (16,), (18,))


def opened(recommender: Recommender, taste: Profile = EMPTY) -> AppTest:
    """Open the page by the link of a taste."""
    app = one_page("my_taste", taste).run()
    assert not app.exception
    return app


def table(app: AppTest) -> list[list[object]]:
    """Film, opinion and stars of each row."""
    shown = app.data_editor[0].value[["Film", "Opinion", "Stars"]].astype(object)
    rows: list[list[object]] = shown.where(shown.notna(), None).to_numpy().tolist()
    return rows


def editor(app: AppTest) -> Editor:
    """The table that is shown; the harness cannot edit one."""
    found: Editor = app.session_state["sheet"]
    return found


def test_someone_new_is_led_to_films(recommender: Recommender) -> None:
    """There is nothing to show, and a way to it."""
    app = opened(recommender)
    assert "You have not rated a film yet" in page(app)
    assert len(app.data_editor) == 0
    app.button(key="rate-a-few").click().run()
    assert visit(app).goes_to == "discover"


def test_under_five_ratings_say_how_many_are_missing(recommender: Recommender) -> None:
    """The table is there, the pictures are not."""
    app = opened(recommender, own_profile({8: 1, 10: 1}))
    assert "Rate 3 more films" in page(app)
    assert len(table(app)) == 2
    assert "Genres" not in page(app)
    assert len(app.get("vega_lite_chart")) == 0


def test_every_kind_of_thing_said_has_its_table(recommender: Recommender) -> None:
    """Ratings with stars, what is saved, what is hidden."""
    app = opened(recommender, SIX)
    assert ["Film 8", "Like", 4.5] in table(app)
    assert ["Film 14", "Dislike", None] in table(app)
    assert len(table(app)) == 6
    assert "6 rated, 1 saved for later, 1 not for you." in page(app)
    app.segmented_control(key="shelf").set_value("watchlist").run()
    assert table(app) == [["Film 16", None, None]]
    app.segmented_control(key="shelf").set_value("hidden").run()
    assert table(app) == [["Film 18", None, None]]
    assert [*app.data_editor[0].proto.column_order] == ["Film", "Remove", "Year"]


def test_the_latest_stands_first(recommender: Recommender) -> None:
    """In the order in which the films were spoken of, wherever that was."""
    app = opened(recommender, own_profile({9: 1, 12: 1}))
    visit(app).taste.rate(8, 1, "like")
    visit(app).taste.rate(9, -1, "dislike")
    app.run()
    assert [row[0] for row in table(app)] == ["Film 9", "Film 8", "Film 12"]
    assert "The latest first. Change opinions" in page(app)


def test_titles_stand_as_they_are(recommender: Recommender) -> None:
    """In the table, which reads no marks, and escaped in what is written as HTML."""
    app = opened(recommender, own_profile(dict.fromkeys(HOSTILE, 1)))
    titles = [str(row[0]) for row in table(app)]
    assert '<b>Bold</b> & "Quoted"' in titles
    assert "M*A*S*H" in titles
    visit(app).taste.rate(5, -1, 'dislike of <b>Bold</b> & "Quoted"')
    app.run()
    assert "dislike of &lt;b&gt;Bold" in page(app)
    assert "<b>Bold" not in page(app)


def test_the_table_shows_the_taste_and_never_its_own_old_edits(recommender: Recommender) -> None:
    """It stays through edits of its own, and gives way to one that knows of no edit after undo."""
    app = opened(recommender, SIX)
    first = editor(app)
    row = [movie.movie_id for movie in first.movies].index(14)
    first.take({row: {"Opinion": "Like"}}, visit(app).taste)
    app.run()
    assert editor(app) is first
    assert table(app)[row] == ["Film 14", "Like", None]
    visit(app).taste.undo()
    app.run()
    assert editor(app).key != first.key
    assert ["Film 14", "Dislike", None] in table(app)
    editor(app).remove(0, visit(app).taste)
    app.run()
    assert len(table(app)) == 5


def test_a_saved_film_can_be_rated_where_it_is(recommender: Recommender) -> None:
    """It is a rating then, and stays in sight until one looks elsewhere."""
    app = opened(recommender, own_profile({8: 1}, {}, (16, 20)))
    app.segmented_control(key="shelf").set_value("watchlist").run()
    row = [movie.movie_id for movie in editor(app).movies].index(16)
    editor(app).take({row: {"Stars": 5.0}}, visit(app).taste)
    app.run()
    assert profile_in(app) == own_profile({8: 1, 16: 1}, {16: 5.0}, (20,))
    assert table(app)[row] == ["Film 16", "Like", 5.0]


def test_clearing_everything_can_be_undone(recommender: Recommender) -> None:
    """It is asked about first; it is one step, and says where everything is kept."""
    app = opened(recommender, SIX)
    assert "kept by this browser, and nowhere else" in page(app)
    app.button(key="clear").click().run()
    assert profile_in(app) == SIX
    app.button(key="clear-all").click().run()
    assert profile_in(app) == own_profile()
    assert "You have not rated a film yet" in page(app)
    visit(app).taste.undo()
    app.run()
    assert profile_in(app) == SIX
    assert len(table(app)) == 6


def test_many_films_can_be_searched_typing_errors_allowed(recommender: Recommender) -> None:
    """A title that holds the text; else what is like it; else a word that nothing is."""
    many: dict[int | str, int] = dict.fromkeys(range(1, 29), 1)
    app = opened(recommender, own_profile(many))
    search = app.text_input(key="find-rated")
    search.set_value("m*a*s*h").run()
    assert [row[0] for row in table(app)] == ["M*A*S*H"]
    search.set_value("quotde").run()
    assert [row[0] for row in table(app)] == ['<b>Bold</b> & "Quoted"']
    search.set_value("<zzzzzz>").run()
    assert "None of these titles is like “&lt;zzzzzz&gt;”." in page(app)
    assert len(app.data_editor) == 0
    few = opened(recommender, SIX)
    assert len(few.text_input) == 0


def test_the_pictures_follow_what_is_said(recommender: Recommender) -> None:
    """Genres and decades beside others, who is of one's mind, and what the last step did."""
    app = opened(recommender, SIX)
    assert "What your last step changed" not in page(app)
    assert len(app.get("vega_lite_chart")) >= 2
    assert "of your films" in page(app)
    assert "You and your kindred raters" in page(app)
    visit(app).taste.rate(20, 1, "like of Film 20 (1980)")
    app.run()
    assert not app.exception
    assert "What your last step changed" in page(app)
    assert "like of Film 20 (1980)" in page(app)
    visit(app).taste.watch(22, "saving of Film 22 (1982)")
    app.run()
    assert "like of Film 20 (1980)" in page(app)  # saving one changes no list
    app.button(key="to-raters").click().run()
    assert visit(app).goes_to == "people-like-you"
