"""EASE on three films, whose equations one can solve by hand.

Raters 0 and 1 like films 0 and 1, rater 2 likes films 0 and 2, and rater 3 likes film 2. With a
ridge of 1 the table is::

    film 0   4  2  1
    film 1   2  3  0
    film 2   1  0  3
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recommender.ranking.films.ease import Ease
from recommender.ranking.films.panel import Panel

PANEL = Panel.of(
    np.arange(4),
    ({},) * 4,
    starts=np.array([0, 3, 5, 7, 7]),
    owner=np.array([0, 1, 2, 0, 1, 2, 3]),
    level=np.zeros(7, dtype=np.uint8),
    levels=np.array([1.0, 0.0]),
    first=4,
)


def solve(
    films: list[int], candidates: list[int], *, dropout: float = 0.0, raters: int = 4
) -> Ease:
    """Solve for films that all count the same."""
    worth = np.full(len(films), 1 / len(films))
    of = replace(PANEL, first=raters), np.array(films), worth, np.array(candidates)
    return Ease.solve(*of, ridge=1.0, dropout=dropout)


def test_a_candidate_is_predicted_by_what_the_others_leave_to_the_film() -> None:
    """Film 1 by 0 beside 2: 4a + b = 2 and a + 3b = 0; film 2 by 0 beside 1: 4a + 2b = 1 and so on.

    The first ``a`` is 6/11, the second 3/8. Half of all raters like either film, so that the
    predictions are scaled from 81/88 to 1.
    """
    found = solve([0], [1, 2])
    assert found.expected.tolist() == [0.5, 0.5]
    assert found.predicted == pytest.approx([6 / 11 * 88 / 81, 3 / 8 * 88 / 81])
    assert found.terms[:, 0] == pytest.approx(found.predicted)


def test_dropout_adds_to_the_diagonal_what_there_is_of_a_film() -> None:
    """Half of 3, 2 and 2: the diagonal is then 5.5, 4 and 4."""
    first, second = solve([0], [1, 2], dropout=0.5).predicted
    assert first / second == pytest.approx((2 * 4 / (5.5 * 4 - 1)) / (1 * 4 / (5.5 * 4 - 4)))


def test_two_films_alone_leave_nothing_but_what_popularity_lets_expect() -> None:
    """Whatever is found is scaled to it."""
    found = solve([0], [1])
    assert found.predicted == pytest.approx(found.expected)


def test_shares_sum_to_one_and_may_speak_against() -> None:
    """Of film 1: 4a + c = 2 and a + 3c = 0 make 6/11 and -2/11, and of their sum 3/2 and -1/2."""
    found = solve([0, 2], [1])
    assert found.predicted == pytest.approx([0.5])
    assert found.shares(np.array([1])) == pytest.approx(np.array([[1.5, -0.5]]))


def test_what_is_predicted_below_nothing_and_what_is_no_candidate_has_no_shares() -> None:
    """By film 2 alone, film 0 is liked at 1/3, film 1 at less than 0, and 3 is not asked for."""
    found = solve([2], [0, 1])
    assert found.terms[1, 0] < 0
    # All that popularity lets expect of both, 3/4 and 1/2, goes to the one.
    assert found.predicted == pytest.approx([1.25, 0])
    assert found.shares(np.array([3, 1, 0])).tolist() == [[0], [0], [1]]


def test_some_raters_stand_for_all() -> None:
    """Two of four, counted twice: film 0 is then 5, film 1 too, and 4 they have in common."""
    assert replace(PANEL, first=2).gram(np.array([0, 1, 2])).tolist() == [
        [4, 4, 0],
        [4, 4, 0],
        [0, 0, 0],
    ]
    # Film 2 is liked by neither, so that all is predicted of film 1.
    assert solve([0], [1, 2], raters=2).predicted == pytest.approx([1, 0])
