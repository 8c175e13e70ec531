"""Which films of a list are shown, and in which order."""

from __future__ import annotations

import pytest

from recommender import Movie
from tests.ui.profiles import own_profile
from ui.components.film_list import ALL, choose, in_order, listed, show_more
from ui.state.visit import Visit

FILMS = (
    Movie(1, "The Third Man", 1949),
    Movie(2, "Amélie", 2001),
    Movie(3, "Solaris", 1972),
    Movie(4, "Solaris", 2002),
    Movie(5, "A Man Escaped"),
)
SAID = own_profile({1: 1, 2: -1, 3: 0, 4: 1, 5: 1}, {1: 4.0, 2: 1.0, 4: 5.0})
APART: dict[int | str, float] = {1: 0.1, 2: -2.0, 4: 1.0}


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("Latest first", [1, 2, 3, 4, 5]),
        ("Title", [2, 5, 3, 4, 1]),  # articles and accents aside
        ("Year", [4, 2, 3, 1, 5]),
        ("My stars", [4, 1, 2, 5, 3]),  # what has none goes by opinion
        ("Furthest from the average", [2, 4, 1, 3, 5]),
    ],
)
def test_films_are_sorted_and_equals_keep_their_order(sort: str, order: list[int]) -> None:
    """As they came, the latest first; films without a year or stars come last."""
    assert [movie.movie_id for movie in in_order(FILMS, SAID, sort, APART)] == order


@pytest.mark.parametrize(
    ("opinion", "query", "films"),
    [
        (ALL, "", [1, 2, 3, 4, 5]),
        ("Liked", "", [1, 4, 5]),
        ("Seen", "", [3]),
        ("Disliked", "", [2]),
        ("With stars", "", [1, 2, 4]),
        ("Without stars", "", [3, 5]),
        (ALL, "solaris", [3, 4]),
        ("Liked", "SOLARIS!", [4]),
        (ALL, "solraris", [3, 4]),
        (ALL, "zzzzzz", []),
    ],
)
def test_films_are_chosen_by_opinion_and_by_title(
    opinion: str, query: str, films: list[int]
) -> None:
    """Case, signs and typing errors aside."""
    found = choose(FILMS, SAID, opinion=opinion, query=query)
    assert [movie.movie_id for movie in found] == films


def test_a_list_stays_until_another_is_looked_for() -> None:
    """Films that leave or come back change nothing; a film that is new does, as does a question."""
    visit = Visit("1", "films")
    first = listed(visit, "rated", [1, 2, 3], lambda: [3, 2, 1])
    show_more(first)
    assert listed(visit, "rated", [1, 3], list) is first
    assert listed(visit, "rated", [1, 2, 3], list) is first
    assert listed(visit, "rated", [4], lambda: [4, 3]).films == [4, 3]
    other = listed(visit, "hidden", [4], lambda: [4])
    assert other.rows < first.rows
