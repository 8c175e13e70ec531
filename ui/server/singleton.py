"""Objects that a server has one of, made when first asked for.

Streamlit's ``st.cache_resource`` does not serve for this: any browser may have it cleared for
everybody, and with it the open index and the day's OMDb requests.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Singleton"]

T = TypeVar("T")


class Singleton(Generic[T]):
    """Decorates a factory, which the first caller runs while others wait for its result.

    Where it raises an error nothing is kept, and the next caller tries again.
    """

    def __init__(self, factory: Callable[[], T]) -> None:
        self.__doc__ = factory.__doc__
        self._factory, self._lock = factory, threading.Lock()
        self._made: list[T] = []  # one item, or none: None is a value too

    def __call__(self) -> T:
        """Return the object."""
        with self._lock:
            if not self._made:
                self._made.append(self._factory())
            return self._made[0]

    def clear(self) -> None:
        """Have the next caller make it anew."""
        with self._lock:
            self._made = []
