"""Films that another list names are found by id or title; nothing uncertain is claimed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Recommender
from recommender.catalogue.listed_films import Mention
from recommender.catalogue.title_matching import TitleMatcher
from recommender.catalogue.titles import Title
from tests.support import FILMS as WORLD
from tests.support import THREE_RATERS, build_index

FILMS: list[tuple[str, int | None]] = [
    ("The Matrix", 1999),
    ("Seven (a.k.a. Se7en)", 1995),
    ("Amélie (Le Fabuleux destin d'Amélie Poulain)", 2001),
    ("Psycho", 1960),
    ("Psycho", 1998),
    ("Emma", 1996),
    ("Emma", 1996),
    ("Pride & Prejudice", 2005),
    ("Spider-Man", 2002),
    ("Kill Bill: Vol. 1", 2003),
    ("The Godfather: Part II", 1974),
    ("Star Wars: Episode IV - A New Hope", 1977),
    ("The Thing", 2011),
    ("Thing", 2011),
    ("Eva", None),
    ("8 1/2 (8½)", 1963),
    ("...", 2010),
    ("Das Boot", 1981),
    ("The Shawshank Redemption", 1994),
    ("Frozen", 2010),
    ("10", 1979),
    ("Blade Runner 2049", 2017),
    ("Runaway Train", 1985),
    ("Runaway Brain", 1995),
]
MATCHER = TitleMatcher([Title.read(*film) for film in FILMS], np.arange(len(FILMS), 0, -1))


@pytest.mark.parametrize(
    ("title", "year", "number"),
    [
        ("The Matrix", 1999, 0),
        ("Matrix, The", 1999, 0),
        ("Matrix, The (1999)", None, 0),
        ("matrix", 1999, 0),
        ("The Matrix", 2000, 0),
        ("Se7en", 1995, 1),
        ("Seven", 1995, 1),
        ("Seven (a.k.a. Se7en)", 1995, 1),
        ("AMELIE", 2001, 2),
        ("Le fabuleux destin d’Amélie Poulain", 2001, 2),
        ("Psycho", 1960, 3),
        ("Psycho", 1998, 4),
        ("Pride and Prejudice", 2005, 7),
        ("Spiderman", 2002, 8),
        ("Kill Bill Volume I", 2003, 9),
        ("The Godfather Part 2", 1974, 10),
        ("The Godfather, Part Two", 1974, 10),
        ("The Thing", 2011, 12),
        ("Thing", 2011, 13),
        ("Eva", None, 14),
        ("Eva", 2011, 14),
        ("8½", 1963, 15),
        ("...", 2010, 16),
        ("Boot, Das", 1981, 17),
        ("The Shawshank Redemtion", 1994, 18),
        ("Frozen 2010", None, 19),
        ("Frozen, 2010", None, 19),
        ("Blade Runner 2049", None, 21),
    ],
)
def test_a_film_written_in_another_way_is_found(title: str, year: int | None, number: int) -> None:
    """Articles, accents, signs, numbers, other names, a year beside it, a slip in a long title."""
    (found,) = MATCHER.match([(title, year)])
    assert found == ([number], True)


@pytest.mark.parametrize(
    ("title", "year", "suggested"),
    [
        ("Emma", 1996, [5, 6]),  # two of the same year
        ("Psycho", None, [3, 4]),  # no year to tell them apart
        ("Frozen", 2013, [19]),  # another film, or another count of years
        ("Frozen 2013", None, [19]),
        ("Runaway Train", 1995, [23]),  # no slip, but the title of another
        ("The Shawshank Redemptions", 1994, [18]),  # as "Tangerine" and "Tangerines" are two films
        ("Star Wars", 1977, [11]),  # a part of a title
        ("A New Hope", 1977, [11]),
        ("The Shawshank Redemtion", 1995, [18]),  # two slips
        ("Ten", 1979, [20]),  # as "Nine" and "9" are two films of 2009
    ],
)
def test_what_is_not_certain_is_only_suggested(
    title: str, year: int | None, suggested: list[int]
) -> None:
    """There is something to choose from, and no claim."""
    (found,) = MATCHER.match([(title, year)])
    assert found == (suggested, False)


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("Psycho", 1983),  # a remake, or a sequel
        ("Kill Bill: Vol. 2", 2003),
        ("The Godfather", 1972),
        ("Up", 2009),
        ("X", 1979),  # no "10"
        ("", 1999),
        ("", None),
    ],
)
def test_another_film_is_neither_found_nor_suggested(title: str, year: int | None) -> None:
    """Decades apart, another part of a series, or nothing like it."""
    assert MATCHER.match([(title, year)]) == [([], False)]


@given(st.lists(st.tuples(st.text(max_size=30), st.none() | st.integers(1900, 2030)), max_size=8))
def test_films_are_found_together_as_they_are_alone(wanted: list[tuple[str, int | None]]) -> None:
    """Any text may be asked for, and what is asked beside it changes nothing."""
    assert MATCHER.match(wanted) == [MATCHER.match([one])[0] for one in wanted]


def test_an_empty_catalogue_has_no_film() -> None:
    """Neither exactly nor nearly."""
    empty = TitleMatcher([], np.array([], dtype=np.int64))
    assert empty.match([("Alien", 1979)]) == [([], False)]


@pytest.fixture(scope="module")
def recommender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Nine films of the small world; three have ids elsewhere, two of them the same."""
    links = "movieId,imdbId,tmdbId\n1,133093,603\n6,54215,539\n7,54215,11252\n"
    folder = tmp_path_factory.mktemp("world")
    with Recommender.open(build_index(folder, THREE_RATERS, WORLD, links=links)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("mention", "movie_id"),
    [
        (Mention(imdb_id="tt0133093"), 1),
        (Mention("Another name", 1950, imdb_id="133093"), 1),
        (Mention("Another name", 1950, tmdb_id=11252), 7),
        (Mention("Alien", 1979, imdb_id="tt9999999"), 2),  # found by title: no id is known here
        (Mention("Alien", 1979, movie_id=2), 2),
        (Mention("Alien", 1979, movie_id="2"), 2),
        (Mention("Alien", 1979, movie_id=3), 2),  # an id of another list
        (Mention("Psycho", 1998, movie_id=7, imdb_id="tt0054215"), 7),
    ],
)
def test_ids_come_before_titles(recommender: Recommender, mention: Mention, movie_id: int) -> None:
    """And an id of this index counts where the title says the same."""
    (match,) = recommender.match([mention])
    assert match.movie is not None
    assert match.movie.movie_id == movie_id


def test_a_title_is_not_certain_where_the_id_is_another(recommender: Recommender) -> None:
    """IMDb or TMDB has them as two films."""
    others = [
        Mention("The Matrix", 1999, imdb_id="tt0000001"),
        Mention("The Matrix", 1999, tmdb_id=1),
    ]
    for match in recommender.match(others):
        assert match.movie is None
        assert [movie.movie_id for movie in match.movies] == [1]


@pytest.mark.parametrize("text", ["tt0133093", "https://www.imdb.com/title/tt0133093/?ref_=x"])
def test_an_imdb_number_is_searched_for_as_what_it_is(recommender: Recommender, text: str) -> None:
    """By itself or in an address; one that no movie has is any text."""
    assert [movie.movie_id for movie in recommender.search(text)] == [1]
    assert recommender.search("tt9999999") == ()


def test_there_is_a_match_for_each_mention(recommender: Recommender) -> None:
    """In their order, with nothing found for some, and for none none."""
    mentions = [Mention("Nothing", 1950), Mention("Heat", 1995), Mention(), Mention(tmdb_id=603)]
    found = [match.movie and match.movie.movie_id for match in recommender.match(mentions)]
    assert found == [None, 4, None, 1]
    assert recommender.match([]) == ()


def test_an_id_that_stands_in_for_a_title_is_none(tmp_path: Path) -> None:
    """*300* is a film, and here a movie of which nothing but a number is known."""
    ratings = {rater: {300: 5.0, 301: 4.0, 302: 1.0} for rater in range(1, 4)}
    with Recommender.open(build_index(tmp_path, ratings)) as untitled:
        film, own = untitled.match([Mention("300", 2006), Mention("300", movie_id=300)])
    assert film.movie is None
    assert own.movie is not None
