"""The page to bring films to, driven through Streamlit's test harness."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ButtonGroup

from recommender import Recommender
from tests.ui.driving import page, profile_in, undo, visit
from tests.ui.exported import IMDB, zipped
from tests.ui.fresh import fresh
from tests.ui.profiles import own_profile
from ui.pages.import_export import make_file
from ui.transfer import exports
from ui.transfer.review import Review, _distinct
from ui.transfer.uploads import discard_upload

CHECK = (
    "Date,Name,Year,Letterboxd URI,Rating\n"
    "2024-02-01,Film 8,1968,x,4.5\n"
    "2024-02-01,Film 10,1972,x,5\n"  # another year: to check
    "2024-02-01,Film 12,1974,x,1\n"
    "2024-02-01,*Unheard* of,2023,x,3\n"
)


def brought(app: AppTest) -> Review:
    """What the page holds between runs."""
    found: Review = app.session_state["brought"]
    return found


def bring(app: AppTest, **files: str | bytes) -> None:
    """Go to the page and drop files."""
    if "visit" not in app.session_state:
        app.run()
        visit(app).goes_to = "import-export"
        app.run()
    for name, data in files.items():
        raw = data.encode() if isinstance(data, str) else data
        app.file_uploader[0].upload(name.replace("__", "."), raw)
    app.run()
    assert not app.exception


def test_a_zip_is_looked_over_added_and_taken_back(app: AppTest) -> None:
    """Nothing is said before the button is pressed, and one step undoes all."""
    bring(app, mine__zip=zipped())
    assert "6 films: 6 found." in page(app)
    assert profile_in(app) == own_profile()
    assert app.button(key="bring-add").label == "Add 5 ratings and 1 film saved"
    app.button(key="bring-add").click().run()
    assert profile_in(app) == own_profile(
        {8: 1, 3: -1, 10: 0, 12: 1, 16: 1}, {8: 4.5, 3: 2.0, 16: 4.0}, watchlist=(14,)
    )
    assert "Added 5 ratings and 1 film saved. Undo takes it all back." in page(app)
    assert brought(app).draft is None
    app.button(key="bring-done").click()
    assert not visit(app).rating_open  # the list is what is to be seen
    undo(app)
    undo(app)
    assert profile_in(app) == own_profile()
    assert "Added" not in page(app)
    assert not app.exception


def test_nothing_but_the_review_is_on_the_page_while_it_is_open(app: AppTest) -> None:
    """What was read of a few files is folded away; of one or two it stands there."""
    bring(app, mine__zip=zipped())
    assert [button.key for button in app.download_button] == ["bring-save"]
    assert app.expander[0].label == "What was read from the files"
    app.button(key="bring-drop").click().run()
    assert app.download_button(key="take-kindred-taste.json")
    bring(app, imdb__csv=IMDB)
    assert not app.expander
    assert "imdb.csv (IMDb)" in page(app)


def open_list(app: AppTest, name: str) -> None:
    """Open one of the lists."""
    app.segmented_control(key="bring-lists").set_value(name).run()
    assert not app.exception


def films_of(app: AppTest) -> list[str]:
    """What stands in the table, as the file names it."""
    return list(app.dataframe[0].value["In your file"])


def choices(app: AppTest) -> list[ButtonGroup[int]]:
    """The controls of the films to check."""
    return [one for one in app.pills if str(one.key).startswith("bring-choice")]


def test_what_is_not_certain_is_chosen_by_the_person(app: AppTest) -> None:
    """One film from suggestions, one left out, one looked for; titles show as written."""
    bring(app, ratings__csv=CHECK)
    assert "4 films: 1 found, 2 to check and 1 not found." in page(app)
    lists = app.segmented_control(key="bring-lists")
    assert lists.options == ["Found (1)", "To check (2)", "Not found (1)"]
    assert app.button(key="bring-add").label == "Add 1 rating"
    first, second = choices(app)
    assert first.label == "Film 10 (1972), liked, 5 stars"
    assert first.value is None
    first.set_value(0).run()
    assert "2 found, 1 to check and 1 not found" in page(app)
    second.set_value(1).run()  # none of these
    assert "2 found and 2 not found" in page(app)
    first.set_value(None).run()  # taken back
    assert "1 found, 1 to check and 2 not found" in page(app)
    first.set_value(0).run()
    open_list(app, "Not found")
    assert films_of(app) == ["Film 12 (1974)", "*Unheard* of (2023)"]
    brought(app).sought = 3  # as the button in its row does
    app.run()
    app.text_input(key="bring-search-here").set_value("Film 20").run()
    assert app.pills[0].options[0] == "Film 20 \\(1980\\)"
    app.pills[0].set_value(0).run()
    assert "3 found and 1 not found" in page(app)
    app.button(key="bring-add").click().run()
    assert not app.exception
    assert profile_in(app) == own_profile({8: 1, 10: 1, 20: 0}, {8: 4.5, 10: 5.0, 20: 3.0})


def test_a_film_that_was_found_wrongly_is_not_found(app: AppTest) -> None:
    """It may be looked for, and what was suggested is suggested again."""
    bring(app, imdb__csv=IMDB)
    assert list(app.dataframe[0].value["Here"]) == ["Film 8 (1968)", "Film 9 (1969)"]
    assert not [one for one in app.button if one.key == "bring-one"]
    app.text_input(key="bring-search").set_value("film 9").run()
    app.button(key="bring-one").click().run()  # which a row has, too, for the mouse
    assert "2 films: 1 found and 1 not found." in page(app)
    open_list(app, "Not found")
    assert films_of(app) == ["Film 9 (1969)"]
    app.button(key="bring-one").click().run()
    assert app.text_input(key="bring-search-here").value == "Film 9"
    assert app.pills[0].options[0] == "Film 9 \\(1969\\)"
    app.pills[0].set_value(0).run()
    assert "2 films: 2 found." in page(app)


def test_a_list_is_searched(app: AppTest) -> None:
    """By the title in the file or here; accents and case do not matter."""
    bring(app, ratings__csv=CHECK)
    app.text_input(key="bring-search").set_value("film 10").run()
    assert [one.label for one in choices(app)] == ["Film 10 (1972), liked, 5 stars"]
    app.text_input(key="bring-search").set_value("film 99").run()
    assert not choices(app)
    assert "No title in this list is like “film 99”." in page(app)


def test_a_second_import_of_a_file_is_nothing_new(app: AppTest) -> None:
    """How much of it is here already is said; a rating changed in between is a change."""
    bring(app, mine__zip=zipped())
    assert "5 new ratings." in page(app)
    app.button(key="bring-add").click().run()
    bring(app, mine__zip=zipped())
    assert app.button(key="bring-add").label == "Nothing new to add"
    assert app.button(key="bring-add").disabled
    assert "6 already here." in page(app)
    visit(app).taste.rate(8, -1, "test")
    app.run()
    assert "1 changed and 5 already here." in page(app)


def test_an_empty_list_says_so(app: AppTest) -> None:
    """Nothing is to check, and nothing was not found."""
    bring(app, imdb__csv=IMDB)
    open_list(app, "Not found")
    assert "None." in page(app)
    assert not app.dataframe


def test_two_films_of_one_name_are_told_apart(app: AppTest, recommender: Recommender) -> None:
    """A control would take them for one; what has no title is shown by its number."""
    remakes = [{"movie_id": number, "title": "Unheard of", "year": 2023} for number in (900, 901)]
    films = [*remakes, {"tmdb_id": 7}]
    bring(app, taste__json=json.dumps({"kindred_taste": 1, "watchlist": films}))
    open_list(app, "Not found")
    assert films_of(app) == ["Unheard of (2023)", "Unheard of (2023)", "TMDB 7"]
    movie = recommender.movie(8)
    assert _distinct([movie, movie]) == ["Film 8 (1968), 1 of 2", "Film 8 (1968), 2 of 2"]


def test_all_first_suggestions_are_taken_at_once(app: AppTest) -> None:
    """And each can still be chosen otherwise."""
    bring(app, ratings__csv=CHECK)
    app.button(key="bring-first").click().run()
    assert "3 found and 1 not found" in page(app)
    assert [one.value for one in choices(app)] == [0, 0]
    choices(app)[1].set_value(1).run()
    app.button(key="bring-add").click().run()
    assert profile_in(app).opinions == {8: 1, 10: 1}


def test_a_bad_file_is_one_line_and_others_are_read(app: AppTest) -> None:
    """A file without any film brings no review, and the next can be dropped."""
    bring(app, bad__csv="<html><b>x</b>", imdb__csv=IMDB)
    assert "bad.csv is a web page and not the file itself" in page(app)
    assert "2 films: 2 found." in page(app)
    app.button(key="bring-drop").click().run()
    assert "bad.csv" not in page(app)
    bring(app, empty__csv="Const,Your Rating,Title\n")
    assert "empty.csv (IMDb): 0 films." in page(app)
    assert brought(app).draft is None
    bring(app, imdb__csv=IMDB)
    assert "2 films: 2 found." in page(app)


def test_films_are_looked_up_again_in_another_version(app: AppTest) -> None:
    """Choices among those of the old one are void."""
    bring(app, ratings__csv=CHECK)
    app.button(key="bring-first").click().run()
    brought(app).version = "another"
    app.run()
    assert "1 found, 2 to check" in page(app)
    assert not app.exception


def test_there_is_a_file_for_whatever_there_is(app: AppTest) -> None:
    """Nothing but recommendations for someone new."""
    bring(app)
    assert [button.disabled for button in app.download_button] == [True] * 5 + [False]
    bring(app, mine__zip=zipped())
    app.button(key="bring-add").click().run()
    assert [button.disabled for button in app.download_button] == [False] * 6
    visit(app).taste.clear("test")
    visit(app).taste.watch(8, "test")
    app.run()
    disabled = [button.disabled for button in app.download_button]
    assert disabled == [False, False, True, False, True, False]


@pytest.mark.usefixtures("served")
def test_a_file_is_made_of_what_is_served_when_it_is_asked_for(
    recommender: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which may be another collection by then, or none: the file says so in one line."""
    taste, source = own_profile({8: 1}), recommender.stats().source.label
    assert b'"title": "Film 8"' in make_file(exports.kindred, taste, source)
    assert b"about another collection" in make_file(exports.kindred, taste, "another")
    monkeypatch.setenv("KINDRED_INDEX", "/nonexistent")
    fresh()
    line = make_file(exports.kindred, taste, source).decode()
    assert line.startswith("This file could not be made: there is no index")
    assert line.count("\n") == 1


def test_a_file_that_was_read_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit would hold it until the visit ends."""
    held = MemoryUploadedFileManager("/upload")
    record = UploadedFileRec("1", "ratings.csv", "text/csv", IMDB.encode())
    held.add_file("somebody", record)
    context = SimpleNamespace(uploaded_file_mgr=held, session_id="somebody")
    monkeypatch.setattr("ui.transfer.uploads.get_script_run_ctx", lambda: context)
    discard_upload(UploadedFile(record, FileURLs()))
    assert held.get_files("somebody", ["1"]) == []
