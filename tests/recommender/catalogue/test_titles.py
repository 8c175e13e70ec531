"""Titles are found exactly, by any of their names, and with typing errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.arrays import Ints
from recommender.catalogue.movies import Catalogue
from recommender.catalogue.title_matching import TitleMatcher
from recommender.catalogue.title_search import TitleSearch
from recommender.catalogue.titles import Title, folded, one_line
from recommender.storage.encoding import MovieRecord

FILMS: list[tuple[str, int | None, int]] = [
    # title, year, ratings
    ("The Godfather", 1972, 900),
    ("The Godfather: Part II", 1974, 500),
    ("Alien", 1979, 700),
    ("Aliens", 1986, 600),
    ("Alien³", 1992, 100),
    ("Amélie (Le Fabuleux destin d'Amélie Poulain)", 2001, 400),
    ("Seven (a.k.a. Se7en)", 1995, 800),
    ("It", 2017, 50),
    ("It", 1990, 20),
    ("M", 1931, 90),
    ("Up", 2009, 300),
    ("The Thing", 1982, 200),
    ("Thing", 2011, 5),
    ("!!!", None, 1),
    ("(500) Days of Summer", 2009, 150),
    ("千と千尋の神隠し", 2001, 350),
    ("Rome, Open City (Roma, città aperta)", 1945, 30),
    ("1917", 2019, 60),
    ("", None, 0),
]


class Titles:
    """The two ways to find a movie by its title."""

    def __init__(self, films: Sequence[tuple[str, int | None]], ratings: Ints) -> None:
        titles = [Title.read(*film) for film in films]
        matcher = TitleMatcher(titles, ratings)
        self.exact, self.search = matcher.exact, TitleSearch(matcher).search


TITLES = Titles(
    [(title, year) for title, year, _ in FILMS], np.array([ratings for *_, ratings in FILMS])
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Amélie!", "amelie"),
        ("  The   Matrix ", "the matrix"),
        ("WALL·E", "wall e"),
        ("Alien³", "alien3"),
        ("Ⅷ", "viii"),
        ("Straße", "straße"),
        ("!!!", ""),
        ("", ""),
        ("L'Âge d'or", "l age d or"),
    ],
)
def test_folding_takes_case_accents_and_signs_away(text: str, plain: str) -> None:
    """What is left is what people type."""
    assert folded(text) == plain


def test_signs_that_stand_for_many_fold_to_so_many_letters() -> None:
    """Each of these is a sentence of eighteen letters and signs."""
    assert len(folded("\ufdfa")) == 18
    assert len(folded("\ufdfa" * 20_000)) <= 1_000


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    """And leaves no white space but single spaces inside."""
    once = folded(text)
    assert folded(once) == once
    assert once == " ".join(once.split())


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("the godfather", [0]),
        ("THE GODFATHER (1972)", [0]),
        ("The Godfather 1972", [0]),
        ("Godfather", [0]),
        ("Godfather, The (1972)", [0]),
        ("Godfather II", [1]),
        ("The Godfather (1973)", []),
        ("amelie", [5]),
        ("Le fabuleux destin d'Amelie Poulain", [5]),
        ("Amélie (Le Fabuleux destin d'Amélie Poulain)", [5]),
        ("amelie 2001", [5]),
        ("Se7en", [6]),
        ("Seven", [6]),
        ("7", [6]),
        ("It", [7, 8]),
        ("It (1990)", [8]),
        ("it 2017", [7]),
        ("!!!", [13]),
        ("???", []),
        ("", [18]),
        ("500 Days of Summer", [14]),
        ("千と千尋の神隠し", [15]),
        ("Roma, citta aperta", [16]),
        ("1917", [17]),
    ],
)
def test_an_exact_title_with_or_without_its_year(text: str, numbers: list[int]) -> None:
    """Case, accents and signs aside; by each name it goes by; an empty one by nothing else."""
    assert TITLES.exact(text) == numbers


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("godfahter", 0),
        ("the godfather", 0),
        ("godfather part 2", 1),
        ("godfather part ii", 1),
        ("alien", 2),
        ("aliens", 3),
        ("amelie", 5),
        ("fabuleux destin", 5),
        ("se7en", 6),
        ("sevn", 6),
        ("it", 7),
        ("it 1990", 8),
        ("up", 10),
        ("m", 9),
        ("the thing", 11),
        ("500 days", 14),
        ("days of sumer", 14),
        ("千と千尋", 15),
        ("open city", 16),
        ("191", 17),
    ],
)
def test_the_best_match_comes_first(text: str, first: int) -> None:
    """Exact before begun, begun before like, and of those alike the better known."""
    assert TITLES.search(text, 5)[0] == first


NOISE = Titles(
    [
        ("The Matrix", 1999),
        ("Mary Poppins", 1964),
        ("Married to the Mob", 1988),
        ("The Lord of the Rings", 1978),
        ("Lord of the Flies", 1963),
        ("Back to the Future", 1985),
        ("The Terminator", 1984),
        ("Terminator 2: Judgment Day", 1991),
        ("Speed 2", 1997),
        ("*batteries not included", 1987),
    ],
    np.full(10, 100),
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("matrix", [0]),
        ("the mat", [0]),
        ("lord of the", [3, 4]),
        ("terminator 2", [7, 6]),
        ("batereis not includd", [9]),
    ],
)
def test_what_is_far_off_is_left_out_once_a_title_holds_it_all(
    text: str, numbers: list[int]
) -> None:
    """A title that is nearly the same stays; and typing errors are still forgiven."""
    assert NOISE.search(text, 10) == numbers


@pytest.mark.parametrize("text", ["", "  ", "???", "zzzzzz", "qwertyuiop"])
def test_nothing_is_found_where_nothing_is_like_it(text: str) -> None:
    """Signs alone, or letters of no title."""
    assert TITLES.search(text, 5) == []


@pytest.mark.parametrize("limit", [0, -1])
def test_no_limit_no_titles(limit: int) -> None:
    """Asking for none gives none."""
    assert TITLES.search("alien", limit) == []


def test_an_empty_catalogue_finds_nothing() -> None:
    """Neither exactly nor nearly."""
    empty = Titles([], np.array([], dtype=np.int64))
    assert empty.search("alien", 5) == []
    assert empty.exact("alien") == []


@given(text=st.text(max_size=40), limit=st.integers(1, 8))
def test_any_text_can_be_searched(text: str, limit: int) -> None:
    """No more than the limit, none twice, a shorter list the beginning of a longer one."""
    found = TITLES.search(text, limit)
    assert len(found) == len(set(found)) <= limit
    assert TITLES.search(text, limit + 1)[:limit] == found


@given(st.sampled_from(range(len(FILMS))))
def test_every_title_finds_its_own_movie(number: int) -> None:
    """Exactly, and with its year; searching for it puts it first among its namesakes."""
    title, year, _ = FILMS[number]
    assert number in TITLES.exact(title)
    if year is not None:
        assert TITLES.exact(f"{title} ({year})") == [number]
        assert TITLES.search(f"{title} {year}", 1) == [number]


def test_a_title_repeated_in_brackets_is_still_one_movie() -> None:
    """A movie is not ambiguous with itself."""
    index = Titles([("Léon (Leon)", 1994), ("Alien", 1979)], np.array([2, 1]))
    assert index.exact("leon") == [0]
    assert index.exact("leon 1994") == [0]


def test_another_title_does_not_come_before_a_normal_form() -> None:
    """Whoever writes *Ocean's 11* may mean either; with the year it is clear."""
    index = Titles(
        [("Ocean's Eleven (a.k.a. Ocean's 11)", 1960), ("Ocean's Eleven", 2001)], np.array([5, 90])
    )
    assert sorted(index.exact("Ocean's 11")) == [0, 1]
    assert index.exact("Oceans 11 (2001)") == [1]
    assert index.search("oceans 11", 2) == [1, 0]


def test_a_name_as_little_like_as_may_be_is_still_found() -> None:
    """RapidFuzz takes it for less where it is told to look no further."""
    titles = Titles([("Le Ss Foo A", None)], np.array([1]))
    assert titles.search("foo wars", 5) == [0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Alien", "Alien"),
        (" two\r\nlines\t", "two lines"),
        ("a\x00b\x1b[31mc\x9bd", "a b [31mc d"),
        ("a\u202efdp.exe\u2066b", "a fdp.exe b"),
        ("שלום\u200f, \u200dא", "שלום\u200f, \u200dא"),
        ("\x01\u202e", ""),
    ],
)
def test_a_line_holds_nothing_that_moves_a_cursor_or_turns_text_around(
    text: str, shown: str
) -> None:
    """Marks of direction that stand for themselves alone stay."""
    assert one_line(text) == shown


def test_a_catalogue_shows_lines_whatever_its_index_holds() -> None:
    """Titles, genres and tags, of bounded length; a film always has a title."""
    names = ("x\n", "x", "\x1b", "y" * 600)
    record = MovieRecord(0, 7, "\x1b\u202e", 1999, names, None, None, 1, 1, 4.0, 0, names, 1, 1.0)
    longer = record._replace(number=1, movie_id=8, title="z" * 10_000)
    catalogue = Catalogue([record, longer], movie_ids="int")
    movie = catalogue.movie(0)
    assert (str(movie), movie.genres) == ("7 (1999)", ("x", "y" * 499 + "…"))
    assert movie.tags == movie.genres
    assert catalogue.movie(1).title == "z" * 499 + "…"
