"""Naming the columns of a table on the page, driven through Streamlit's test harness."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from tests.ui.driving import page, profile_in, say, sent, visit
from tests.ui.exported import IMDB
from tests.ui.pages.test_import_export import bring
from tests.ui.profiles import own_profile
from ui.state.visit import STORAGE

MINE = "Peli;Puntos\nFilm 8;4\nFilm 10;2\n"


def control(app: AppTest, name: str) -> Selectbox[str]:
    """One of the controls."""
    (found,) = (box for box in app.selectbox if str(box.key).endswith(f"-{name}"))
    return found


def press(app: AppTest, label: str) -> None:
    """Press a button of the form."""
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def test_columns_are_named_and_the_films_reviewed(app: AppTest) -> None:
    """With the first rows and a guess; what is wrong is said in one line."""
    bring(app, mine__csv=MINE, imdb__csv=IMDB)
    assert "none of its headings (Peli, Puntos) is a film" in page(app)
    assert app.dataframe[0].value.to_dict("list") == {
        "Peli": ["Film 8", "Film 10"],
        "Puntos": ["4", "2"],
    }
    assert (control(app, "title").value, control(app, "rating").value) == ("1", "2")
    press(app, "Read it this way")
    assert "go up to 4, so the scale may end at 5 or elsewhere: choose the scale." in page(app)
    control(app, "scale").set_value("1:5")
    control(app, "year").set_value("2")
    press(app, "Read it this way")
    assert "One column is chosen twice" in page(app)
    control(app, "year").set_value("")
    press(app, "Read it this way")
    assert "mine.csv: 2 films, rated from 1 to 5." in page(app)
    app.button(key="bring-add").click().run()
    assert profile_in(app) == own_profile({8: 1, 9: -1, 10: -1}, {8: 4.5, 9: 1.5, 10: 2.0})


def test_without_a_title_or_a_rating_nothing_is_read(app: AppTest) -> None:
    """Either is asked for."""
    bring(app, mine__csv=MINE)
    control(app, "title").set_value("")
    press(app, "Read it this way")
    assert "Choose the column of titles" in page(app)
    control(app, "title").set_value("1")
    control(app, "rating").set_value("")
    press(app, "Read it this way")
    assert "Choose the column of your ratings, or say what films without one are." in page(app)
    control(app, "unrated").set_value("watchlist")
    press(app, "Read it this way")
    assert "2 films: 2 found." in page(app)


def test_a_table_can_be_left_out(app: AppTest) -> None:
    """The other files are read."""
    bring(app, mine__csv=MINE)
    press(app, "Leave it out")
    assert "mine.csv: left out." in page(app)
    bring(app, mine__csv=MINE, imdb__csv=IMDB)
    press(app, "Leave it out")
    assert "2 films: 2 found." in page(app)


def test_the_answer_is_kept_by_the_browser_for_files_of_that_form(app: AppTest) -> None:
    """By their headings; cells and names of files are not in it."""
    bring(app, mine__csv=MINE)
    control(app, "scale").set_value("0:4")
    press(app, "Read it this way")
    ((form, kept),) = json.loads(sent(app)["columns"]).items()
    assert (kept["title"], kept["rating"], kept["scale"]) == ("1", "2", "0:4")
    assert "Film" not in f"{form}{kept}"
    app.button(key="bring-drop").click().run()
    visit(app).columns_chosen = {}  # as in another visit
    say(app, "document", {"document": {"kindred_taste": 1}, "columns": {form: kept, "x": 1}})
    bring(app, other__csv=MINE)
    assert control(app, "scale").value == "0:4"
    visit(app).clear_taste()
    app.run()
    assert sent(app)["columns"] == "{}"


def test_what_a_browser_says_it_kept_is_no_more_than_a_guess(app: AppTest) -> None:
    """Whatever it says."""
    bring(app, mine__csv=MINE)
    control(app, "scale").set_value("0:4")
    press(app, "Read it this way")
    (form,) = json.loads(sent(app)["columns"])
    for kept in (7, {"title": "9", "scale": ["x"], "rating": None}):
        app.button(key="bring-drop").click().run()
        visit(app).columns_chosen = {}
        document = {"document": {"kindred_taste": 1}, "columns": {form: kept}}
        say(app, "document", document)
        bring(app, mine__csv=MINE)
        assert control(app, "scale").value == ""
        press(app, "Leave it out")
        bring(app, mine__csv=IMDB)
    assert STORAGE in visit(app).taken
