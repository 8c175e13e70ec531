"""Raters read lately, kept in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from recommender.arrays import Ints
from recommender.records import Rater

__all__ = ["RaterCache"]

_BYTES = 64 << 20
OVERHEAD = 300
"""Bytes a held rater takes beside the ratings: tuple, id, numbers and their entry in the table."""


class RaterCache:
    """Keeps raters read from one version, which never change, up to a bound in bytes.

    Half the time of a question goes into fetching and decoding its neighbours, and people of common
    taste are neighbours of many. What came first goes first. Safe for threads.
    """

    def __init__(self, load: Callable[[Ints], list[Rater]], *, limit: int = _BYTES) -> None:
        self._load = load
        self._limit = limit
        self._held: dict[int, Rater] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, numbers: Ints) -> list[Rater]:
        """Raters by dense number, in the order asked for; loads those not held."""
        asked = numbers.tolist()
        found = {number: self._held.get(number) for number in asked}
        missing = np.array([n for n, rater in found.items() if rater is None], dtype=np.int64)
        if len(missing):
            loaded = {rater.number: rater for rater in self._load(missing)}
            self._hold(loaded)
            found.update(loaded)
        return [rater for number in asked if (rater := found[number]) is not None]

    def _hold(self, loaded: dict[int, Rater]) -> None:
        with self._lock:
            for number, rater in loaded.items():
                if number not in self._held:
                    self._held[number] = rater
                    self._bytes += len(rater.packed) + OVERHEAD
            while self._bytes > self._limit:
                oldest = self._held.pop(next(iter(self._held)))
                self._bytes -= len(oldest.packed) + OVERHEAD
