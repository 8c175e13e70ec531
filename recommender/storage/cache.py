"""What was read lately, kept in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar, cast

import numpy as np

from recommender.arrays import Ints

__all__ = ["Cache"]

_BYTES = 64 << 20

T = TypeVar("T")


class Cache(Generic[T]):
    """Keeps points read from one version, which never change, up to a bound in bytes.

    Half the time of a question goes into fetching and decoding what it needs, and people of common
    taste are neighbours of many, as common movies are in the profiles of many. What came first goes
    first. Safe for threads.

    ``load`` reads points by dense number, in the order asked for; ``size`` tells the bytes of one.
    """

    def __init__(
        self, load: Callable[[Ints], list[T]], size: Callable[[T], int], *, limit: int = _BYTES
    ) -> None:
        self._load = load
        self._size = size
        self._limit = limit
        self._held: dict[int, T] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, numbers: Ints) -> list[T]:
        """Points by dense number, in the order asked for; loads those not held."""
        asked = numbers.tolist()
        found = list(map(self._held.get, asked))
        missing = [number for number, point in zip(asked, found, strict=True) if point is None]
        if missing:
            missing = list(dict.fromkeys(missing))
            loaded = dict(zip(missing, self._load(np.array(missing)), strict=True))
            self._hold(loaded)
            found = [loaded.get(n, point) for n, point in zip(asked, found, strict=True)]
        return cast("list[T]", found)

    def _hold(self, loaded: dict[int, T]) -> None:
        with self._lock:
            for number, point in loaded.items():
                if number not in self._held:
                    self._held[number] = point
                    self._bytes += self._size(point)
            while self._bytes > self._limit:
                self._bytes -= self._size(self._held.pop(next(iter(self._held))))
