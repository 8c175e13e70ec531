"""The page to bring films to, driven through Streamlit's test harness."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from recommender import Recommender
from tests.ui.driving import page, profile_in, undo, visit
from tests.ui.exported import IMDB, zipped
from tests.ui.fresh import fresh
from tests.ui.profiles import own_profile
from ui.pages.import_export import discard_upload, make_file
from ui.transfer import exports
from ui.transfer.review import Review

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
        visit(app).goes_to = "bring"
        app.run()
    for name, data in files.items():
        raw = data.encode() if isinstance(data, str) else data
        app.file_uploader[0].upload(name.replace("__", "."), raw)
    app.run()
    assert not app.exception


def test_a_zip_is_looked_over_added_and_taken_back(app: AppTest) -> None:
    """Nothing is said before the button is pressed, and one step undoes all."""
    bring(app, mine__zip=zipped())
    assert "6 films: 6 matched." in page(app)
    assert profile_in(app) == own_profile()
    assert app.button(key="bring-add").label == "Add 5 ratings and 1 film saved"
    app.button(key="bring-add").click().run()
    assert profile_in(app) == own_profile(
        {8: 1, 3: -1, 10: 0, 12: 1, 16: 1}, {8: 4.5, 3: 2.0, 16: 4.0}, watchlist=(14,)
    )
    assert "Added 5 ratings and 1 film saved. Undo takes all of it back." in page(app)
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
    assert not app.download_button
    assert app.expander[0].label == "What was read of the files"
    app.button(key="bring-drop").click().run()
    assert app.download_button
    bring(app, imdb__csv=IMDB)
    assert not app.expander
    assert "imdb.csv (IMDb)" in page(app)


def test_what_is_not_certain_is_chosen_by_the_person(app: AppTest) -> None:
    """One film from suggestions, one left out, one looked for; titles show as written."""
    bring(app, ratings__csv=CHECK)
    assert "4 films: 1 matched, 2 to check, 1 not in this collection." in page(app)
    assert app.button(key="bring-add").label == "Add 1 rating"
    first, second = (box for box in app.selectbox if str(box.key).startswith("bring-choice"))
    assert first.label == "Film 10 (1972), liked, 5 stars"
    assert first.value is None
    first.set_value(0).run()
    assert "2 matched, 1 to check" in page(app)
    second.set_value(1).run()  # none of these
    assert "to check" not in page(app)
    app.session_state[f"review-{brought(app).turn}"] = "Not in this collection"
    app.run()
    app.text_input(key="bring-title-3").set_value("Film 20").run()
    assert app.selectbox[-1].options[0] == "Film 20 (1980)"
    assert app.button(key="bring-take").disabled
    app.selectbox[-1].set_value(0).run()
    app.button(key="bring-take").click().run()
    assert "All of them were found." in page(app)
    app.button(key="bring-add").click().run()
    assert not app.exception
    assert profile_in(app) == own_profile({8: 1, 10: 1, 20: 0}, {8: 4.5, 10: 5.0, 20: 3.0})


def test_two_films_of_one_name_are_told_apart(app: AppTest) -> None:
    """A control would take them for one; what has no title is shown by its number."""
    remakes = [{"movie_id": number, "title": "Unheard of", "year": 2023} for number in (900, 901)]
    films = [*remakes, {"tmdb_id": 7}]
    bring(app, taste__json=json.dumps({"kindred_taste": 1, "watchlist": films}))
    (box,) = app.selectbox
    assert box.options == ["Unheard of (2023), 1 of 2", "Unheard of (2023), 2 of 2", "TMDB 7"]
    assert list(app.dataframe[0].value["Title"]) == ["Unheard of", "Unheard of", "TMDB 7"]


def test_all_first_suggestions_are_taken_at_once(app: AppTest) -> None:
    """And each can still be chosen otherwise."""
    bring(app, ratings__csv=CHECK)
    app.button(key="bring-first").click().run()
    assert "3 matched, 1 not in this collection" in page(app)
    boxes = [box for box in app.selectbox if str(box.key).startswith("bring-choice")]
    assert [box.value for box in boxes] == [0, 0]
    boxes[1].set_value(1).run()
    app.button(key="bring-add").click().run()
    assert profile_in(app).opinions == {8: 1, 10: 1}


def test_a_bad_file_is_one_line_and_others_are_read(app: AppTest) -> None:
    """A file without any film brings no review, and the next can be dropped."""
    bring(app, bad__csv="<html><b>x</b>", imdb__csv=IMDB)
    assert "bad.csv is a web page and not the file itself" in page(app)
    assert "2 films: 2 matched." in page(app)
    app.button(key="bring-drop").click().run()
    assert "bad.csv" not in page(app)
    bring(app, empty__csv="Const,Your Rating,Title\n")
    assert "empty.csv (IMDb): 0 films." in page(app)
    assert brought(app).draft is None
    bring(app, imdb__csv=IMDB)
    assert "2 films: 2 matched." in page(app)


def test_films_are_looked_up_again_in_another_version(app: AppTest) -> None:
    """Choices among those of the old one are void."""
    bring(app, ratings__csv=CHECK)
    app.button(key="bring-first").click().run()
    brought(app).version = "another"
    app.run()
    assert "1 matched, 2 to check" in page(app)
    assert not app.exception


def test_there_is_a_file_for_whatever_there_is(app: AppTest) -> None:
    """Nothing but recommendations for someone new."""
    bring(app)
    assert [button.disabled for button in app.download_button] == [True] * 4 + [False]
    bring(app, mine__zip=zipped())
    app.button(key="bring-add").click().run()
    assert [button.disabled for button in app.download_button] == [False] * 5
    visit(app).taste.clear("test")
    visit(app).taste.watch(8, "test")
    app.run()
    disabled = [button.disabled for button in app.download_button]
    assert disabled == [False, False, True, False, False]


@pytest.mark.usefixtures("served")
def test_a_file_is_made_of_what_is_served_when_it_is_asked_for(
    recommender: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which may be another collection by then, or none: the file says so in one line."""
    taste, source = own_profile({8: 1}), recommender.stats().source.label
    assert b'"title": "Film 8"' in make_file(exports.kindred, taste, source)
    assert b"those of another collection" in make_file(exports.kindred, taste, "another")
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
    monkeypatch.setattr("ui.pages.import_export.get_script_run_ctx", lambda: context)
    discard_upload(UploadedFile(record, FileURLs()))
    assert held.get_files("somebody", ["1"]) == []
