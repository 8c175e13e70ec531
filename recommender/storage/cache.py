"""Caches in memory: of points read from an index, and of values calculated once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import numpy as np

from recommender.arrays import Ints

__all__ = ["Cache", "cached_property"]

# Bytes by default, for each of the two caches of an index: raters and movies' vectors.
_BYTES = 64 << 20

T = TypeVar("T")


class Cache(Generic[T]):
    """Keeps points read from one version, which never change, up to a limit in bytes.

    On a server much of a question's time goes into fetching and decoding. Raters of common
    taste are neighbours of many persons, and common movies are in many profiles. First in, first
    out. Safe for threads.

    ``load`` reads points by dense number, in the order given; ``size`` returns the bytes of one.
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
        """Points by dense number, in the order given; loads those not held."""
        wanted = numbers.tolist()
        found = list(map(self._held.get, wanted))
        missing = [number for number, point in zip(wanted, found, strict=True) if point is None]
        if missing:
            missing = list(dict.fromkeys(missing))
            loaded = dict(zip(missing, self._load(np.array(missing)), strict=True))
            self._hold(loaded)
            # From what was loaded, and not from the cache: it may be too small for all of them.
            found = [loaded.get(n, point) for n, point in zip(wanted, found, strict=True)]
        return cast("list[T]", found)

    def _hold(self, loaded: dict[int, T]) -> None:
        with self._lock:
            for number, point in loaded.items():
                if number not in self._held:  # another thread may have loaded it meanwhile
                    self._held[number] = point
                    self._bytes += self._size(point)
            while self._bytes > self._limit:
                self._bytes -= self._size(self._held.pop(next(iter(self._held))))


class cached_property(Generic[T]):  # noqa: N801 - named as that of functools
    """A property calculated at the first request and kept.

    That of functools has, before Python 3.12, one lock for all instances while it calculates, which
    a process forked meanwhile inherits and would wait for without end. Here two threads that ask at
    once both calculate.
    """

    def __init__(self, calculate: Callable[[Any], T]) -> None:
        self._calculate = calculate
        self.__doc__ = calculate.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> T:
        if instance is None:
            return self  # type: ignore[return-value] # of the class, as for its documentation
        value = instance.__dict__[self._name] = self._calculate(instance)
        return value
