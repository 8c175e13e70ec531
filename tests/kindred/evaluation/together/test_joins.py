"""One list of what movies are worth to several people, by each way to join."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from kindred.evaluation.together.joins import (
    average,
    average_without_misery,
    by_turns,
    least_misery,
    product,
    proportional,
)
from recommender.arrays import Ints

# Ana likes the first two movies, Ben the last; the one between is for both.
WORTH = np.array([[1.0, 0.9, 0.5, 0.0], [0.0, 0.3, 0.6, 1.0]])


@pytest.mark.parametrize(
    ("join", "order"),
    [
        # Means are .5, .6, .55 and .5: of equals the first.
        (average, [1, 2, 0, 3]),
        # The least are 0, .3, .5 and 0.
        (least_misery, [2, 1, 0, 3]),
        # Below .4 to somebody are all but the third.
        (partial(average_without_misery, threshold=0.4), [2, 1, 0, 3]),
        (partial(average_without_misery, threshold=0.3), [1, 2, 0, 3]),
        # .27 and .3; what is worth nothing to somebody comes last.
        (product, [2, 1, 0, 3]),
        # Ana's best, Ben's best, Ana's next, and what is left.
        (by_turns, [0, 3, 1, 2]),
        # At first .5, .6, .55 and .5 are owed to each, of which they get .5, .6 + .3, .5 + .55 and
        # .5. In the end, with 1.4 and .9 gained, .25 of the first counts, and .75 of the last.
        (proportional, [2, 1, 3, 0]),
    ],
)
def test_each_way_orders_by_its_rule(join: Callable[..., Ints], order: list[int]) -> None:
    """Four movies, two people."""
    assert join(WORTH).tolist() == order


def test_turns_take_no_movie_twice() -> None:
    """Where both like the same, the second takes their next."""
    assert by_turns(np.array([[1.0, 0.5, 0.2], [1.0, 0.1, 0.3]])).tolist() == [0, 2, 1]


def test_what_is_beyond_an_equal_part_counts_for_nothing() -> None:
    """After a movie for Ana alone, one for Ben comes before a better one for her.

    Of the first, half is owed to each, so that .5 of it counts; the others give less. Of the
    second .95 is then owed to each, and Ana has more; of the third .85 is owed to Ben, who gets .7.
    """
    worth = np.array([[1.0, 0.9, 0.0], [0.0, 0.0, 0.7]])
    assert proportional(worth).tolist() == [0, 2, 1]
    assert average(worth).tolist() == [0, 1, 2]


@pytest.mark.parametrize("join", [average, least_misery, product, by_turns, proportional])
def test_a_list_has_ten_movies_or_all_there_are(join: Callable[..., Ints]) -> None:
    """Each once; and none of nothing."""
    dice = np.random.default_rng(1)
    for movies, listed in ((12, 10), (3, 3), (0, 0)):
        found = join(dice.random((3, movies))).tolist()
        assert len(set(found)) == len(found) == listed
