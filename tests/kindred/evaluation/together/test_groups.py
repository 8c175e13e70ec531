"""Who watches together, and what movies are worth to each of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kindred.evaluation.questions import Questions
from kindred.evaluation.together.groups import OwnList, Together
from recommender.opinion import Opinion

NOBODY = Path("nowhere")


def together(given: list[list[int]], right: list[list[int]], movies: int = 8) -> Together:
    """People who gave these movies as likes, and like these others."""
    truth = np.zeros((len(given), movies), dtype=bool)
    for row, liked in enumerate(right):
        truth[row, liked] = True
    user = np.repeat(np.arange(len(given)), [len(one) for one in given])
    movie = np.array([movie for one in given for movie in one], dtype=np.int64)
    states = np.full(len(user), Opinion.LIKE.code, dtype=np.uint8)
    asked = Questions(user, movie, np.full(len(user), 5.0), states, truth.shape, "20", truth)
    return Together(NOBODY, list(range(movies)), asked, 0)


def members(split: Together, label: str) -> list[list[int]]:
    """Groups of a kind."""
    (found,) = (groups.members.tolist() for groups in split.groups if groups.label == label)
    return [list(group) for group in found]


def test_random_groups_divide_the_people_four_times() -> None:
    """Of seven, six are in a pair each time, and five in the one group of five."""
    split = together([[0]] * 7, [[1]] * 7)
    assert [groups.label for groups in split.groups] == [
        *("2 random", "3 random", "5 random", "2 alike", "3 alike", "5 alike")
    ]
    for size, count in ((2, 3), (3, 2), (5, 1)):
        drawn = members(split, f"{size} random")
        assert len(drawn) == 4 * count
        for order in range(4):
            people = np.array(drawn[order * count : (order + 1) * count])
            assert len(np.unique(people)) == people.size == size * count
    assert members(split, "2 random") == members(together([[0]] * 7, [[1]] * 7), "2 random")


def test_alike_are_those_who_like_the_same() -> None:
    """By what they gave and by what is right; who find each other are one group.

    Of three likes each the first two share two, and the last two all; the third shares one with the
    first and one with the second.
    """
    split = together([[0], [1], [1], [5], [6]], [[1, 2], [0, 3], [7], [4, 6], [4, 5]])
    assert members(split, "2 alike") == [[0, 1], [2, 0], [3, 4]]
    assert members(split, "5 alike") == [[0, 1, 2, 3, 4]]


def test_what_anybody_gave_is_right_for_nobody() -> None:
    """And a group in which somebody has nothing right left is not asked."""
    split = together([[0], [1], [2]], [[1, 3], [0, 4], [3]])
    assert np.argwhere(split.truth(np.array([0, 1]))).tolist() == [[0, 3], [1, 4]]
    assert len(members(split, "3 random")) == 4
    without = together([[0], [1], [2]], [[1], [0, 4], [3]])
    assert members(without, "3 random") == []
    assert {tuple(sorted(pair)) for pair in members(without, "2 random")} <= {(0, 2), (1, 2)}


def test_fewer_people_make_fewer_groups() -> None:
    """Two are a pair, and three of them there are not; one or none are no group."""
    assert {len(one.members) for one in together([[0]] * 2, [[1]] * 2).groups} == {4, 1, 0}
    for people in (0, 1):
        split = together([[0]] * people, [[1]] * people)
        assert [len(one.members) for one in split.groups] == [0] * 6


@pytest.fixture
def listed() -> Together:
    """Two people with lists of their own: Ana gave the movie 0, Ben the movie 1."""
    split = together([[0], [1]], [[5], [6]])
    lists = ([1, 4, 5], [8.0, 4.0, 1.0]), ([5, 0, 6], [3.0, 2.0, 1.5])
    vars(split)["own_lists"] = [OwnList(np.array(ids), np.array(s)) for ids, s in lists]
    return split


def test_a_movie_is_worth_its_score_over_the_best_that_is_left(listed: Together) -> None:
    """What Ben gave is left out of Ana's list, and the other way round."""
    movies, worth = listed.worths(np.array([0, 1]))
    assert movies.tolist() == [4, 5, 6]
    assert worth.tolist() == [[1.0, 0.25, 0.0], [0.0, 1.0, 0.5]]


def test_who_has_no_list_has_nothing_to_say(listed: Together) -> None:
    """Their worths are 0, and so are those of somebody whose films the other gave."""
    listed.own_lists[0] = OwnList(np.array([1]), np.array([2.0]))
    movies, worth = listed.worths(np.array([0, 1]))
    assert movies.tolist() == [5, 6]
    assert worth.tolist() == [[0, 0], [1.0, 0.5]]
