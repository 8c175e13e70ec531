"""What is taken along says all that was said, and comes back the same."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Movie, MovieFilter, Opinion, Profile, Recommender
from recommender.catalogue.listed_films import Mention
from tests.support import THREE_RATERS, Titles, build_index
from tests.ui import films
from tests.ui.profiles import after, own_profile
from ui.state.taste import SCALE, MovieId
from ui.transfer import exports
from ui.transfer.import_draft import Draft
from ui.transfer.imported_films import Film, Precedence
from ui.transfer.imports import ImportedFiles

STATES = st.sampled_from(["opinion", "saved", "hidden", *(half / 2 for half in range(1, 11))])


@st.composite
def tastes(draw: st.DrawFn, movies: tuple[MovieId, ...] = tuple(films.films())) -> Profile:
    """Say anything of any of some films, in any order."""
    ratings: dict[MovieId, int] = {}
    stars: dict[MovieId, float] = {}
    saved: list[MovieId] = []
    hidden: list[MovieId] = []
    for movie_id in draw(st.lists(st.sampled_from(movies), unique=True)):
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
        "Rating10": "8",
        "WatchedDate": "",
        "kindred_id": "2",
    }
    assert [row["Rating10"] for row in rated] == ["8", ""]
    saved = table(exports.letterboxd_watchlist(profile, others))
    assert [row["Title"] for row in saved] == ["Andere 3"]


def test_imdbs_file_holds_films_with_stars_alone(others: Recommender) -> None:
    """Half a star is one of ten; the day is that of the opinion."""
    profile = own_profile({2: 1, 1: -1}, {2: 4.5}, (3,), (4,))
    dated = replace(profile, when={2: "2024-01-31T08:00:00.000Z"})
    (row,) = table(exports.imdb(dated, others))
    assert {name: cell for name, cell in row.items() if cell} == {
        "Const": "tt0000101",
        "Your Rating": "9",
        "Date Rated": "2024-01-31",
        "Title": "'=SUM(A1)",
        "URL": "https://www.imdb.com/title/tt0000101/",
        "Title Type": "Movie",
        "Year": "1979",
        "Genres": "'@Horror",
        "kindred_id": "2",
    }


def test_films_of_an_import_are_saved_as_the_file_had_them(others: Recommender) -> None:
    """With what they may be here, and no formula; such a file can be brought, too."""
    mention = Mention("=Unheard, of", 2023, "tt9999999", 77, "x-1")
    film = Film(mention, Precedence.RATED, Opinion.LIKE, 4.5, "2024-01-31")
    saved = Film(Mention("Other"), Precedence.SAVED)
    data = exports.imported([(film, [others.movie(1), others.movie(3)]), (saved, [])])
    rows = table(data)
    assert list(rows[0].values()) == [
        *("'=Unheard, of", "2023", "like", "4.5", "2024-01-31", "tt9999999", "77", "x-1"),
        "Andere 1 (1961), Andere 3 (1963)",
    ]
    assert [*rows[1].values()] == ["Other", "", "watchlist", "", "", "", "", "", ""]
    pile = ImportedFiles()
    pile.add("kindred-not-found.csv", data)
    assert pile.films == (film, saved)


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


def by_stars(profile: Profile) -> dict[MovieId, int]:
    """What stars alone say of the films that have them."""
    return {movie: SCALE.opinion(stars) for movie, stars in profile.stars.items()}


@given(profile=tastes())
def test_letterboxds_files_come_back_as_far_as_they_go(
    recommender: Recommender, profile: Profile
) -> None:
    """Stars and the watchlist, and that films without stars were seen."""
    back = again(exports.letterboxd(profile, recommender), recommender, "kindred-ratings.csv")
    assert back == own_profile(dict.fromkeys(profile.movies, 0) | by_stars(profile), profile.stars)
    saved = exports.letterboxd_watchlist(profile, recommender)
    back = again(saved, recommender, "kindred-watchlist (1).csv")
    assert back == own_profile(watchlist=profile.watchlist)


@given(profile=tastes())
def test_imdbs_file_comes_back_as_far_as_it_goes(
    recommender: Recommender, profile: Profile
) -> None:
    """Stars, and what these say."""
    back = again(exports.imdb(profile, recommender), recommender, "kindred-imdb-ratings.csv")
    assert back == own_profile(by_stars(profile), profile.stars)


ODD: Titles = {
    1: ("Twins (1990)", "Drama"),
    2: ("Twins (1990)", "Comedy"),
    3: ("=SUM(A1) (1979)", "Drama"),
    4: ('Say ""Cheese"", Please (1985)', "Drama"),
    5: ("Heat;=1+1 (1995)", "Drama"),
    6: ("'-30- (1960)", "Drama"),
    7: ("No Year, and No Number", "Drama"),
    8: ("1984 (1984)", "Drama"),
    9: ("(500) Days\t-1, or So", "Drama"),
}
"""Two of one name and year, formulas, commas, quotation marks; no year."""
# Here and elsewhere: the first and the fifth by IMDb's number, the third by TMDB's.
ODD_LINKS = "movieId,imdbId,tmdbId\n3,103,\n5,,205\n8,108,208\n"
LINKS_ELSEWHERE = "movieId,imdbId,tmdbId\n1,108,\n2,103,\n3,,205\n"
ELSEWHERE: dict[MovieId, MovieId] = {8: 1, 3: 2, 5: 3}
STARRED = "kindred-imdb-ratings.csv"
EXPORTS = {
    "kindred-taste.json": exports.kindred,
    "kindred-taste.csv": exports.spreadsheet,
    "kindred-ratings.csv": exports.letterboxd,
    "kindred-watchlist.csv": exports.letterboxd_watchlist,
    STARRED: exports.imdb,
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """An index of those films."""
    folder = tmp_path_factory.mktemp("odd")
    with Recommender.open(build_index(folder, THREE_RATERS, ODD, links=ODD_LINKS)) as opened:
        yield opened


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Three of them under other names and numbers."""
    folder = tmp_path_factory.mktemp("elsewhere")
    titles = {number: (f"Autre {number} (1950)", "Drama") for number in range(1, 10)}
    index = build_index(folder, THREE_RATERS, titles, links=LINKS_ELSEWHERE)
    with Recommender.open(index) as opened:
        yield opened


def held(name: str, profile: Profile) -> Profile:
    """What of a profile a file of this name can hold."""
    if "watchlist" in name:
        return own_profile(watchlist=profile.watchlist)
    if name == STARRED:
        return own_profile(by_stars(profile), profile.stars)
    if name == "kindred-ratings.csv":
        seen = dict.fromkeys(profile.movies, 0)
        return own_profile(seen | by_stars(profile), profile.stars)
    return profile


@pytest.mark.parametrize("name", EXPORTS)
@given(profile=tastes(tuple(ODD)))
def test_odd_films_come_back_here_and_elsewhere(
    odd: Recommender, elsewhere: Recommender, name: str, profile: Profile
) -> None:
    """Here all of them; elsewhere those with a number that is known there, and no other."""
    data, expected = EXPORTS[name](profile, odd), held(name, profile)
    assert again(data, odd, name) == expected
    known = {*ELSEWHERE} - ({5} if name == STARRED else set())  # IMDb writes its own numbers alone
    there = expected.without(*({*expected.films} - known))
    assert again(data, elsewhere, name) == own_profile(
        {ELSEWHERE[movie]: opinion for movie, opinion in there.opinions.items()},
        {ELSEWHERE[movie]: stars for movie, stars in there.stars.items()},
        tuple(ELSEWHERE[movie] for movie in there.watchlist),
        tuple(ELSEWHERE[movie] for movie in there.hidden),
    )


@pytest.mark.parametrize("name", ["kindred-taste.json", "kindred-taste.csv", STARRED])
def test_days_come_back(odd: Recommender, name: str) -> None:
    """Where a format has a place for them."""
    profile = own_profile({1: 1, 3: -1}, {1: 4.0, 3: 1.0})
    dated = replace(profile, when={1: "2024-01-31T23:00:00.000Z", 3: "2015-12-31"})
    pile = ImportedFiles()
    pile.add(name, EXPORTS[name](dated, odd))
    days = {film.mention.movie_id: film.when for film in pile.films}
    assert days == {1: "2024-01-31", 3: "2015-12-31"}


def test_recommendations_brought_back_say_nothing(recommender: Recommender) -> None:
    """They are no films that were seen."""
    pile = ImportedFiles()
    picks = exports.letterboxd_picks(own_profile({8: 1}), recommender)
    pile.add("kindred-recommendations.csv", picks)
    assert pile.films == ()
    assert [question.about for question in pile.questions] == ["unrated"]
