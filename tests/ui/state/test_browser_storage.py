"""The document that a browser keeps, read and written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import ingest
from recommender import InvalidInputError, Opinion, Recommender
from tests.ui import films
from tests.ui.profiles import own_profile
from ui.state import browser_storage
from ui.state.browser_storage import changes, read
from ui.state.taste import Said, Taste
from ui.transfer import exports

WHEN = "2026-02-01T00:00:00.000Z"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """The same films under another name, of which two are known to IMDb."""
    folder = films.write(tmp_path_factory.mktemp("films") / "other")
    (folder / "links.csv").write_text("movieId,imdbId,tmdbId\n8,111,\n9,,222\n")
    ingest(str(folder), index=folder.parent / "index")
    with Recommender.open(folder.parent / "index") as opened:
        yield opened


def heard(document: object, recommender: Recommender) -> Taste:
    """The taste of who has heard of a document alone."""
    taste, stored = Taste(), read(document, recommender)
    taste.merge(stored.films, stored.cleared)
    return taste


def test_what_is_sent_is_heard_as_it_was_said(recommender: Recommender) -> None:
    """Ratings, stars, lists, what was taken back, and clearing, with their times."""
    taste = Taste()
    taste.rate(8, 1, "like")
    taste.say({9: Said(Opinion.DISLIKE, 2.5)}, "stars")
    taste.watch(10, "saving")
    taste.hide(11, "hiding")
    taste.forget(8, "removal")
    sent = json.loads(json.dumps(changes(taste, recommender)))
    there = heard(sent, recommender)
    assert there.profile == taste.profile
    assert [there.time_of(movie) for movie in (8, 9)] == [taste.time_of(8), taste.time_of(9)]
    taste.clear("clearing")
    stored = read(changes(taste, recommender), recommender)
    there.merge(stored.films, stored.cleared)
    assert there.profile.films == ()


def test_numbers_of_another_source_are_never_read_as_ones_of_this(
    recommender: Recommender, other: Recommender
) -> None:
    """Films go by the ids of the world there; the others stay as they are."""
    films = [
        {"movie_id": 8, "imdb_id": "tt0000111", "opinion": "like", "when": WHEN},
        {"movie_id": 77, "tmdb_id": 222, "opinion": "dislike", "when": WHEN},
        {"movie_id": 10, "opinion": "like", "when": WHEN},
    ]
    document = {"source": "elsewhere", "ratings": films, "watchlist": [{"movie_id": 12}]}
    stored = read(document, other)
    assert heard(document, other).profile == own_profile({8: 1, 9: -1})
    assert [(name, entry["source"]) for name, entry in stored.missing.values()] == [
        ("ratings", "elsewhere"),
        ("watchlist", "elsewhere"),
    ]
    assert heard(document, recommender).profile.films == ()
    both = exports.kindred(own_profile({8: 1}), other, stored.missing)
    assert [movie for movie, _, _ in read(both.decode(), other).films] == [8]
    assert {film["movie_id"] for film in json.loads(both)["ratings"]} == {8, 10}


@pytest.mark.parametrize(
    ("film", "known"),
    [
        ({"movie_id": 8}, True),
        ({"movie_id": 8, "title": "film, 8", "year": 1968}, True),
        ({"movie_id": 8, "title": "Something else", "year": 1968}, False),
        ({"movie_id": 8, "title": "Film 8", "year": 1950}, False),
        ({"movie_id": "8"}, True),
        ({"movie_id": 99}, False),
        ({"title": "Film 8", "year": 1968}, False),
    ],
)
def test_a_film_of_the_same_number_must_be_the_same_film(
    film: dict[str, object], known: bool, recommender: Recommender
) -> None:
    """Two sources may have one name, as two folders of one name do."""
    document = {"source": "/somewhere/csv", "ratings": [{**film, "opinion": "like", "when": WHEN}]}
    stored = read(document, recommender)
    assert (len(stored.films), len(stored.missing)) == ((1, 0) if known else (0, 1))


def test_numbers_that_javascript_would_round_are_sent_as_text(tmp_path: Path) -> None:
    """And read as the numbers they are."""
    big = 2**60 + 1
    rows = "".join(f"{user},{big + movie},5\n" for user in range(6) for movie in range(6))
    (tmp_path / "ratings.csv").write_text(f"userId,movieId,rating\n{rows}")
    ingest(str(tmp_path / "ratings.csv"), index=tmp_path / "index")
    with Recommender.open(tmp_path / "index") as opened:
        taste = Taste()
        taste.rate(big, 1, "like")
        sent = changes(taste, opened)
        assert sent["ratings"][0]["movie_id"] == str(big)
        assert heard(sent, opened).profile == own_profile({big: 1})


@pytest.mark.parametrize(
    "document", [None, [], "{", {"kindred_taste": 2}, {"ratings": [{"when": 7}]}]
)
def test_what_is_no_document_is_refused(document: object, recommender: Recommender) -> None:
    """With Kindred's own error."""
    with pytest.raises(InvalidInputError):
        browser_storage.read(document, recommender)
