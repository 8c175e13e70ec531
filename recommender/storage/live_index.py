"""Keeping the current version of an index open, and switching when another is published."""

from __future__ import annotations

import ctypes
import logging
import os
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from recommender.errors import (
    IndexDamagedError,
    IndexNotFoundError,
    IndexProblem,
    VersionGoneError,
)
from recommender.logs import logged
from recommender.storage.index import Index, IndexStore

__all__ = ["LiveIndex"]

_log = logging.getLogger(__name__)

V = TypeVar("V")


class _Open(Generic[V]):
    """A version that is open, and how many questions are being answered from it."""

    def __init__(self, token: Hashable, index: Index, version: V) -> None:
        self.token, self.index, self.version, self.questions = token, index, version, 0


class LiveIndex(Generic[V]):
    """Hands out the current version for the length of a question.

    ``read`` makes of an open index what questions are asked of. A version that is no longer current
    is closed when its last question ends. Safe for threads; in a child process made by fork, where
    the engine would hang, it refuses to answer.
    """

    def __init__(self, store: IndexStore, read: Callable[[Index], V]) -> None:
        self._store, self._read = store, read
        self._lock = threading.Lock()
        # Apart, because a server may be waited for meanwhile: who has an answer must not wait too.
        self._refreshing = threading.Lock()
        self._process = os.getpid()
        self._closed = False
        _all.add(self)
        self._current = self._load()

    @property
    def name(self) -> str:
        """Name of the version that answers."""
        return self._current.index.version

    @contextmanager
    def version(self) -> Iterator[V]:
        """Give the current version, kept open until the block ends.

        Raises IndexProblem where the index was closed, or cannot be read any more.
        """
        self.check_process()
        with self._refreshing:
            self._refresh()
            with self._lock:
                lent = self._current
                lent.questions += 1
        try:
            yield lent.version
        finally:
            with self._lock:
                lent.questions -= 1
                self._close_if_done(lent)

    def _refresh(self) -> None:
        if self._closed:
            raise IndexProblem("this recommender is closed: open it again")
        try:
            if self._store.token() == self._current.token and self._current.index.is_whole():
                return
            new = self._load()
        except IndexNotFoundError:
            raise IndexDamagedError(
                f"the index {self._store.place} was open and is gone: put it back, or ingest again"
            ) from None
        with self._lock:
            old, self._current = self._current, new
            self._close_if_done(old)

    def check_process(self) -> None:
        """Raise IndexProblem in another process than the one that opened the index."""
        # Before any lock is taken: a thread that this process does not have may hold it.
        if os.getpid() != self._process:
            raise IndexProblem(
                "this recommender was opened before fork(): open one after it in the new process, "
                "or start processes by `spawn`"
            )

    def _load(self) -> _Open[V]:
        try:
            return self._load_once()
        except VersionGoneError:  # replaced twice while it was read
            self._store.renew()
            return self._load_once()

    def _load_once(self) -> _Open[V]:
        # The token is taken first: a publication in between is then noticed at the next question.
        token = self._store.token()
        with logged(_log, "opened") as fields:
            index = self._store.open()
            counts = index.manifest.counts
            fields.update(version=index.version, raters=counts.raters, movies=counts.movies)
            try:
                return _Open(token, index, self._read(index))
            except BaseException:
                # Ctrl-C too: nobody else has the index to close it.
                index.close()
                raise

    def _close_if_done(self, opened: _Open[V]) -> None:
        if opened.questions == 0 and (self._closed or opened is not self._current):
            opened.index.close()
            if self._closed and opened is self._current:
                self._store.close()

    def close(self) -> None:
        """Close the index once the questions under way are answered. Closing twice is allowed.

        In a process forked from the one that opened it there is nothing to close.
        """
        if os.getpid() != self._process:
            return
        with self._refreshing, self._lock:
            self._closed = True
            self._close_if_done(self._current)


_all = WeakSet[LiveIndex[Any]]()


def _keep_inherited() -> None:
    """Let nothing in a forked process free what it inherited, not even its own end.

    Connections and engine would be closed, and wait for locks of threads that are not there.
    """
    for live in list(_all):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(live))


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_keep_inherited)
