"""Lists of Trakt: ratings, what was watched, the watchlist and favourites."""

from __future__ import annotations

import json

import pytest

from tests.ui.exported import LETTERBOXD, zipped
from ui.transfer.imports import ImportedFiles

HEAT = {"title": "Heat", "year": 1995, "ids": {"trakt": 1, "imdb": "tt0113277", "tmdb": 949}}
RATED = {"rated_at": "2021-01-02T03:04:05.000Z", "rating": 9, "type": "movie", "movie": HEAT}
WATCHED = {"plays": 2, "last_watched_at": "2021-01-02T03:04:05.000Z", "movie": HEAT}
LISTED = {"rank": 1, "listed_at": "2021-01-02T03:04:05.000Z", "type": "movie", "movie": HEAT}
SHOW = {"rating": 9, "type": "show", "show": {"title": "Lost"}}
EPISODE = {"watched_at": "2021-01-02T03:04:05.000Z", "episode": {"number": 1}, "show": {}}


def brought(name: str, *entries: object) -> ImportedFiles:
    """Bring a list."""
    files = ImportedFiles()
    files.add(name, json.dumps(entries).encode())
    return files


@pytest.mark.parametrize(
    ("name", "entry", "words"),
    [
        ("ratings-movies.json", RATED, "liked, 4.5 stars"),
        ("watched-movies.json", WATCHED, "seen"),
        ("history-1.json", {"watched_at": "2021-01-02T03:04:05Z", "movie": HEAT}, "seen"),
        ("watchlist.json", LISTED, "to watch"),
        ("favorites-movies.json", LISTED, "liked"),
    ],
)
def test_a_list_says_what_its_entries_say(name: str, entry: object, words: str) -> None:
    """With the ids and the day."""
    files = brought(name, entry)
    (film,) = files.films
    assert (str(film), film.opinion_words, film.when) == ("Heat (1995)", words, "2021-01-02")
    assert (film.mention.imdb_id, film.mention.tmdb_id) == ("tt0113277", 949)


def test_a_film_without_ids_or_year_is_one_by_its_title() -> None:
    """Programs of people write nothing there, or an empty text."""
    files = brought("ratings.json", RATED | {"movie": {"title": "Ran", "year": "", "ids": None}})
    assert [str(film) for film in files.films] == ["Ran"]


def test_shows_and_episodes_are_left_out_and_counted() -> None:
    """So is what is listed and no more, and what has no rating on the scale."""
    files = brought("all.json", RATED, SHOW, SHOW, EPISODE, LISTED, RATED | {"rating": 11})
    assert files.summaries == [
        "all.json (Trakt): 1 film. Left out: 2 listed as show, 1 listed as episode, 1 without a "
        "rating in a file not named a watchlist, 1 with a rating above 10 or below 0."
    ]


@pytest.mark.parametrize("entries", [[], [1], [{"a": 1}], [{"movie": "Heat"}], [[RATED]]])
def test_another_list_is_refused(entries: list[object]) -> None:
    """In one line that says which are known."""
    files = brought("x.json", *entries)
    assert files.films == ()
    assert files.problems[0].startswith("x.json is nothing that Kindred can read: of JSON")


def test_a_list_of_millions_is_refused_before_it_is_parsed() -> None:
    """What takes a gigabyte is no person's."""
    files = ImportedFiles()
    files.add("x.json", b"[" + b"{}," * 300_000 + b"{}]")
    assert files.problems == ["x.json has more than 50,000 entries: import one person's list."]


def test_a_zip_names_the_files_that_are_no_lists() -> None:
    """Not more than a few, and only where others are."""
    files = ImportedFiles()
    extra = {f"user-{number}.json": "{}" for number in range(4)}
    rated = json.dumps([RATED])
    files.add("trakt.zip", zipped({"ratings-movies.json": rated, **extra}))
    assert files.problems == []
    assert files.summaries == [
        "trakt.zip: ratings-movies.json (Trakt): 1 film.",
        "trakt.zip: left out user-0.json, user-1.json, user-2.json and 1 other.",
    ]
    files = ImportedFiles()
    files.add("mine.zip", zipped({"profile.csv": LETTERBOXD["profile.csv"], "user.json": "{}"}))
    assert files.problems[0].startswith("mine.zip has nothing that Kindred can read")
