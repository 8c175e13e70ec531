"""Numbers that may have been meant otherwise are told of, and others are not."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import suppress

import pytest

from recommender import Profile, Recommender, UnknownMovieError
from recommender.errors import MovieIdWarning
from tests.support import build_index

# Ids 1 to 5 are of famous films, and 11 to 15 of films that one person rated. Of these the numbers
# at TMDB are the other way round.
NAMES = {
    **{number: (f"Famous {number} (1990)", "Drama") for number in range(1, 6)},
    **{number: (f"Obscure {number} (1990)", "Drama") for number in range(11, 16)},
    300: ("Quiz Show (1994)", "Drama"),
    301: ("300 (2007)", "Drama"),
}
LINKS = "movieId,imdbId,tmdbId\n" + "".join(
    f"{number},{9_000 + number},{number + 10 if number < 10 else 900 + number}\n"
    for number in (*range(1, 6), *range(11, 16))
)


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Forty people who rated the famous films, and one who rated all."""
    ratings: dict[int, dict[int, float]] = {
        rater: dict.fromkeys(range(1, 6), 4.0 + rater % 2) for rater in range(40)
    }
    ratings[40] = dict.fromkeys(NAMES, 4.0)
    index = build_index(tmp_path_factory.mktemp("world"), ratings, NAMES, links=LINKS)
    with Recommender.open(index) as opened:
        yield opened


def told(rec: Recommender, *keys: int | str) -> list[str]:
    """Ask with likes of movies, and return the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with suppress(UnknownMovieError):
            rec.recommend(Profile(dict.fromkeys(keys, 1)))
    assert all(one.category is MovieIdWarning for one in caught)
    return [str(one.message) for one in caught]


def test_numbers_of_tmdb_that_are_ids_of_hardly_known_movies_are_told_of(rec: Recommender) -> None:
    """All are ids here, and by TMDB they are films that everybody knows."""
    (line,) = told(rec, 11, 12, 13, 14, 15)
    assert line == (
        "the numbers of this profile look like those of TMDB: 5 of 5 are, and 5 are ids of other "
        "movies in this index; if Famous 1 (1990) is meant by 11, write 'tmdb:11'"
    )


def test_numbers_of_imdb_that_are_no_ids_are_told_of(rec: Recommender) -> None:
    """As numbers or as text; and then the first unknown one is an error that says what to write."""
    (line,) = told(rec, 9_001, 9_002, "9003", "9004")
    assert line.startswith("the numbers of this profile look like those of IMDb: 4 of 4 are, and 0")
    with pytest.raises(UnknownMovieError, match=r"if Famous 1 \(1990\) is meant, write 'imdb:9001"):
        rec.movie(9_001)
    with pytest.raises(UnknownMovieError, match=r"if Famous 1 \(1990\) is meant, write 'imdb:tt00"):
        rec.movie("tt0009001")


@pytest.mark.parametrize(
    "keys",
    [
        (1, 2, 3, 4, 5),  # famous by their own ids
        (11, 12, 13),  # too few
        ("tmdb:11", "tmdb:12", "tmdb:13", "tmdb:14"),
        ("id:11", "id:12", "id:13", "id:14"),
        (1, 2, 3, 11, 12, 13),  # half of them
        (),
    ],
)
def test_numbers_that_are_ids_are_not_doubted(rec: Recommender, keys: tuple[int | str]) -> None:
    """Where they are famous, few, or say what they are."""
    assert told(rec, *keys) == []


def test_a_number_as_text_that_is_also_a_title_is_told_of(rec: Recommender) -> None:
    """It is read as an id, as always; as a number or with a year it is clear."""
    assert told(rec, "300") == [
        "'300' is read as the id of Quiz Show (1994): if 300 (2007) is meant, write 'id:301'"
    ]
    assert told(rec, 300, "300 (2007)", "id:301") == []


def test_a_number_is_no_title(rec: Recommender) -> None:
    """Only text is: -300 reads like a title, and is no id."""
    assert rec.movie("-300").movie_id == 301
    with pytest.raises(UnknownMovieError):
        rec.movie(-300)
