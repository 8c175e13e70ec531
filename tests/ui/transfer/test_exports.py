"""What is taken along says all that was said, and comes back the same."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Movie, MovieFilter, Profile, Recommender
from tests.support import THREE_RATERS, build_index
from tests.ui import films
from tests.ui.profiles import after, own_profile
from ui.state.taste import MovieId
from ui.transfer import exports
from ui.transfer.import_draft import Draft
from ui.transfer.imports import ImportedFiles

STATES = st.sampled_from(["like", "seen", "dislike", "saved", "hidden", 0.5, 2.5, 3.5, 4.0, 5.0])


@st.composite
def tastes(draw: st.DrawFn) -> Profile:
    """Say anything of any of the thirty films, in any order."""
    ratings: dict[MovieId, int] = {}
    stars: dict[MovieId, float] = {}
    saved: list[MovieId] = []
    hidden: list[MovieId] = []
    for movie_id in draw(st.lists(st.sampled_from(sorted(films.films())), unique=True)):
        state = draw(STATES)
        if isinstance(state, float):
            stars[movie_id] = state
        if state in ("saved", "hidden"):
            (saved if state == "saved" else hidden).append(movie_id)
        else:
            # An opinion of one's own stays, whatever the stars.
            ratings[movie_id] = draw(st.sampled_from([1, 0, -1]))
    return own_profile(ratings, stars, tuple(saved), tuple(hidden))


def again(data: bytes, recommender: Recommender, name: str = "kindred-taste.json") -> Profile:
    """Bring a file back, with nothing said before."""
    pile = ImportedFiles()
    pile.add(name, data)
    assert pile.problems == []
    return after(Draft.of(pile.films, recommender))


@given(profile=tastes())
def test_what_is_taken_along_comes_back_the_same(
    recommender: Recommender, profile: Profile
) -> None:
    """Everything, in the same order."""
    back = again(exports.kindred(profile, recommender), recommender)
    assert back == profile
    assert list(back.opinions) == list(profile.opinions)


def test_the_file_for_kindred_is_the_document_of_a_profile(recommender: Recommender) -> None:
    """Which the command line and the API read, too."""
    profile, source = own_profile({8: 1}, {8: 4.5}, (12,), (14,)), recommender.stats().source.name
    document = json.loads(exports.kindred(profile, recommender))
    assert (document["kindred_taste"], document["source"]) == (1, "csv")
    assert Profile.from_dict(document, source=source) == profile


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """The three raters' films under names and ids of their own; two are one film of IMDb."""
    folder = tmp_path_factory.mktemp("others")
    titles = {n: (f"Andere {n} ({1960 + n})", "Drama") for n in range(1, 10)}
    titles[2] = ("=SUM(A1) (1979)", "@Horror")
    links = "movieId,imdbId,tmdbId\n" + "".join(f"{n},{100 + n // 2},\n" for n in range(1, 10))
    with Recommender.open(build_index(folder, THREE_RATERS, titles, links=links)) as opened:
        yield opened


def test_two_films_of_one_id_come_back_as_two(others: Recommender) -> None:
    """By the ids they have here."""
    profile = own_profile({2: 1, 3: -1}, {3: 0.5}, (4,), (5,))
    assert again(exports.kindred(profile, others), others) == profile


def test_a_taste_goes_to_another_collection_by_the_ids_of_imdb(
    others: Recommender, tmp_path: Path
) -> None:
    """Where the same film has another name and number."""
    titles = {n: (f"Autre {n} (1950)", "Drama") for n in range(1, 10)}
    links = "movieId,imdbId,tmdbId\n7,100,\n8,104,\n"
    profile = own_profile({1: 1, 6: 0}, {1: 4.5}, (8,))
    with Recommender.open(build_index(tmp_path, THREE_RATERS, titles, links=links)) as elsewhere:
        assert again(exports.kindred(profile, others), elsewhere) == own_profile(
            {7: 1}, {7: 4.5}, (8,)
        )


def table(data: bytes) -> list[dict[str, str]]:
    """Rows of a CSV."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_spreadsheet_has_a_row_for_all_that_was_said(others: Recommender) -> None:
    """With no formula in it, whatever a title is."""
    rows = table(exports.spreadsheet(own_profile({2: 1, 1: -1}, {2: 4.5}, (3,), (4,)), others))
    assert [(row["title"], row["opinion"], row["stars"]) for row in rows] == [
        ("'=SUM(A1)", "like", "4.5"),
        ("Andere 1", "dislike", ""),
        ("Andere 3", "watchlist", ""),
        ("Andere 4", "not interested", ""),
    ]
    assert rows[0]["genres"] == "'@Horror"
    assert (rows[1]["imdb_id"], rows[1]["movie_id"], rows[1]["year"]) == ("tt0000100", "1", "1961")


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ("=SUM(A1)", "'=SUM(A1)"),
        ("+1", "'+1"),
        ("-30-", "'-30-"),
        ("@Midnight", "'@Midnight"),
        ("＝cmd|' /C calc'!A0", "'＝cmd|' /C calc'!A0"),
        ("  =1+1", "'  =1+1"),
        ("\t=1+1", "'\t'=1+1"),
        ("Heat;=1+1", "Heat;'=1+1"),
        ("Heat;\t-1", "Heat;'\t'-1"),
        ("Face/Off - 2 = 1", "Face/Off - 2 = 1"),
        ("", ""),
    ],
)
def test_no_cell_is_ever_a_formula(title: str, cell: str) -> None:
    """In any column of text, and where a semicolon or tab is taken for the end of a cell, too."""
    rows = table(exports._table(["a", "b"], [[title, "x"]]).encode())
    assert rows == [{"a": cell, "b": "x"}]


def test_numbers_below_zero_stay_numbers() -> None:
    """No number is a formula."""
    assert table(exports._table(["id"], [[-5]]).encode()) == [{"id": "-5"}]


def test_letterboxd_gets_ratings_and_watchlist_apart(others: Recommender) -> None:
    """By IMDb's ids, stars only where they are known, no day that was never told."""
    profile = own_profile({2: 1, 1: -1}, {2: 4.0}, (3,), (4,))
    rated = table(exports.letterboxd(profile, others))
    assert rated[0] == {
        "imdbID": "tt0000101",
        "tmdbID": "",
        "Title": "'=SUM(A1)",
        "Year": "1979",
        "Rating": "4",
        "WatchedDate": "",
    }
    assert [row["Rating"] for row in rated] == ["4", ""]
    saved = table(exports.letterboxd_watchlist(profile, others))
    assert [row["Title"] for row in saved] == ["Andere 3"]


def test_recommendations_leave_out_all_that_was_said_something_of(
    recommender: Recommender,
) -> None:
    """Best first, as recommended."""
    profile = own_profile({8: 1, 10: 1}, {}, (12,), (14,))
    rows = table(exports.letterboxd_picks(profile, recommender))
    expected: list[Movie] = [
        row.movie
        for row in recommender.recommend(
            {8: 1, 10: 1}, limit=100, movies=MovieFilter(exclude=[12, 14])
        )
    ]
    assert [row["Title"] for row in rows] == [movie.title for movie in expected] != []


def test_nothing_said_is_a_file_with_nothing_in_it(recommender: Recommender) -> None:
    """It comes back as that, and tables keep their headings."""
    assert again(exports.kindred(own_profile(), recommender), recommender) == own_profile()
    assert table(exports.spreadsheet(own_profile(), recommender)) == []
    assert table(exports.letterboxd(own_profile(), recommender)) == []


def test_what_is_not_in_the_collection_any_more_is_left_out(recommender: Recommender) -> None:
    """As after another ingest."""
    profile = own_profile({8: 1, 999: 1}, {}, (998,))
    assert again(exports.kindred(profile, recommender), recommender) == own_profile({8: 1})
    assert len(table(exports.spreadsheet(profile, recommender))) == 1


@given(profile=tastes())
def test_a_spreadsheet_comes_back_the_same(recommender: Recommender, profile: Profile) -> None:
    """Opinions beside other stars, watchlist and hidden films: all but the order."""
    assert again(exports.spreadsheet(profile, recommender), recommender, "any.csv") == profile


@given(profile=tastes())
def test_letterboxds_files_come_back_as_far_as_they_go(
    recommender: Recommender, profile: Profile
) -> None:
    """Stars and the watchlist, and that films without stars were seen."""
    back = again(exports.letterboxd(profile, recommender), recommender, "kindred-ratings.csv")
    assert back.stars == profile.stars
    assert back.movies == profile.movies
    saved = exports.letterboxd_watchlist(profile, recommender)
    back = again(saved, recommender, "kindred-watchlist (1).csv")
    assert (back.watchlist, len(back)) == (profile.watchlist, 0)


def test_recommendations_brought_back_say_nothing(recommender: Recommender) -> None:
    """They are no films that were seen."""
    pile = ImportedFiles()
    picks = exports.letterboxd_picks(own_profile({8: 1}), recommender)
    pile.add("kindred-recommendations.csv", picks)
    assert pile.films == ()
    assert "Left out: " in pile.summaries[0]
