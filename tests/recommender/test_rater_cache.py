"""Raters kept in memory: the right ones, in the right order, within bounds."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from recommender.rater_cache import OVERHEAD, RaterCache
from recommender.records import Rater


class Shelf:
    """Raters with ten bytes of ratings each, counting how often each is fetched."""

    def __init__(self) -> None:
        self.fetched: list[int] = []

    def load(self, numbers: npt.NDArray[np.int64]) -> list[Rater]:
        """Fetch raters."""
        self.fetched += numbers.tolist()
        return [Rater(n, f"user {n}", 1.0, bytes(10)) for n in numbers.tolist()]


def _get(cache: RaterCache, *numbers: int) -> list[int]:
    return [rater.number for rater in cache.get(np.array(numbers))]


def test_raters_come_in_the_order_asked_for_and_are_fetched_once() -> None:
    """Held and fetched ones mixed."""
    shelf = Shelf()
    cache = RaterCache(shelf.load)
    assert _get(cache, 3, 1) == [3, 1]
    assert _get(cache, 2, 1, 3, 4) == [2, 1, 3, 4]
    assert shelf.fetched == [3, 1, 2, 4]


def test_what_came_first_goes_first_when_the_bound_is_reached() -> None:
    """The bound holds three raters; an answer is whole even where it does not fit."""
    shelf = Shelf()
    cache = RaterCache(shelf.load, limit=3 * (10 + OVERHEAD))
    assert _get(cache, 1, 2, 3) == [1, 2, 3]
    assert _get(cache, 4) == [4]
    assert _get(cache, 2, 3, 4) == [2, 3, 4]
    assert shelf.fetched == [1, 2, 3, 4]
    assert _get(cache, 1) == [1]
    assert _get(cache, 5, 6, 7, 8, 9) == [5, 6, 7, 8, 9]
    assert shelf.fetched == [1, 2, 3, 4, 1, 5, 6, 7, 8, 9]


def test_threads_may_share_it() -> None:
    """Everybody gets whom they asked for while others push them out."""
    cache = RaterCache(Shelf().load, limit=5 * (10 + OVERHEAD))
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
