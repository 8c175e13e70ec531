"""What a server has one of, whoever asks.

It is not among Streamlit's cached resources: any browser may have those cleared for everybody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Single"]

T = TypeVar("T")


class Single(Generic[T]):
    """Decorates what makes it, which is called once, by the first who asks; others wait for it.

    Where that raises an error nothing is kept, and the next who asks tries again.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self.__doc__ = make.__doc__
        self._make, self._lock = make, threading.Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        """Give it."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def clear(self) -> None:
        """Have it made anew for the next who asks."""
        with self._lock:
            self._made = []
