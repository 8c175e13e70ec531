"""Points kept in memory: the right ones, in the right order, within bounds."""

from __future__ import annotations

import threading

import numpy as np

from recommender.arrays import Ints
from recommender.storage.cache import Cache


class Source:
    """Points of ten bytes each, counting how often each is fetched."""

    def __init__(self) -> None:
        self.fetched: list[int] = []

    def load(self, numbers: Ints) -> list[str]:
        """Fetch points."""
        self.fetched += numbers.tolist()
        return [f"{number:10}" for number in numbers.tolist()]


def _get(cache: Cache[str], *numbers: int) -> list[int]:
    return [int(point) for point in cache.get(np.array(numbers))]


def test_points_come_in_the_order_asked_for_and_are_fetched_once() -> None:
    """Held and fetched ones mixed."""
    source = Source()
    cache = Cache(source.load, len)
    assert _get(cache, 3, 1) == [3, 1]
    assert _get(cache, 2, 1, 3, 4) == [2, 1, 3, 4]
    assert source.fetched == [3, 1, 2, 4]


def test_what_came_first_goes_first_when_the_bound_is_reached() -> None:
    """The bound holds three points; an answer is whole even where it does not fit."""
    source = Source()
    cache = Cache(source.load, len, limit=3 * 10)
    assert _get(cache, 1, 2, 3) == [1, 2, 3]
    assert _get(cache, 4) == [4]
    assert _get(cache, 2, 3, 4) == [2, 3, 4]
    assert source.fetched == [1, 2, 3, 4]
    assert _get(cache, 1) == [1]
    assert _get(cache, 5, 6, 7, 8, 9) == [5, 6, 7, 8, 9]
    assert source.fetched == [1, 2, 3, 4, 1, 5, 6, 7, 8, 9]


def test_threads_may_share_it() -> None:
    """Everybody gets what they asked for while others push them out."""
    cache = Cache(Source().load, len, limit=5 * 10)
    wrong: list[list[int]] = []

    def ask(seed: int) -> None:
        dice = np.random.default_rng(seed)
        for _ in range(300):
            asked = dice.permutation(30)[:7].tolist()
            if _get(cache, *asked) != asked:
                wrong.append(asked)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
