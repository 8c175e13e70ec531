"""Keeping the current version open, and switching when another is published."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from functools import cached_property

from recommender.arrays import Floats
from recommender.catalogue.movies import Catalogue
from recommender.catalogue.periods import Eras
from recommender.catalogue.summary import Overview
from recommender.errors import IndexDamagedError, IndexProblem, VersionGoneError
from recommender.logs import logged
from recommender.ranking.pairs import Pairs
from recommender.ranking.starters import StarterPool
from recommender.ranking.weights import movie_weights
from recommender.storage.index import Index, IndexStore

__all__ = ["Serving", "Snapshot"]

_log = logging.getLogger(__name__)


class Snapshot:
    """One version in use: the open index, its catalogue and the weights that follow from it."""

    def __init__(self, index: Index, token: Hashable) -> None:
        self.index = index
        self.token = token
        self.catalogue = _catalogue(index)
        self.users = 0
        """Questions being answered from this version."""

    @cached_property
    def weights(self) -> Floats:
        """Weight of each movie, shape (movies,)."""
        manifest = self.index.manifest
        return movie_weights(
            self.catalogue.weighed, manifest.maintenance.counted_users, manifest.weighting
        )

    @cached_property
    def pairs(self) -> Pairs:
        """How alike movies are."""
        return Pairs(self.index, self.catalogue.ratings)

    @cached_property
    def eras(self) -> Eras:
        """What counts as old, new or little known."""
        return Eras.of(self.catalogue)

    @cached_property
    def starter_pool(self) -> StarterPool:
        """What starters are chosen from."""
        return StarterPool.of(self.index, self.catalogue)

    @cached_property
    def overview(self) -> Overview:
        """What everybody rated, and how."""
        return Overview.of(self.index.manifest, self.catalogue)


def _catalogue(index: Index) -> Catalogue:
    """Read all movies, which are as many as the manifest says.

    Raises IndexDamagedError where they are not, or are something else.
    """
    asked = index.manifest.counts.movies
    way_out = "the index is damaged, ingest again"
    try:
        found = Catalogue(index.movies(), movie_ids=index.manifest.movie_ids)
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        raise IndexDamagedError(f"a movie cannot be read ({error}): {way_out}") from None
    if len(found) != asked:
        raise IndexDamagedError(
            f"version {index.version} holds {len(found):,} of {asked:,} movies: {way_out}"
        )
    return found


class Serving:
    """Hands out the current version for the length of a question.

    A version that is no longer current is closed when its last question ends. Safe for threads; not
    for use in a child process made by fork, where the engine would hang.
    """

    def __init__(self, store: IndexStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._closed = False
        self._current = self._load()

    @property
    def version(self) -> str:
        """Name of the version that answers."""
        return self._current.index.version

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give the current version, kept open until the block ends.

        Raises IndexProblem where the index was closed, or cannot be read any more.
        """
        with self._lock:
            self._refresh()
            lent = self._current
            lent.users += 1
        try:
            yield lent
        finally:
            with self._lock:
                lent.users -= 1
                self._close_if_done(lent)

    def _refresh(self) -> None:
        if self._closed:
            raise IndexProblem("this recommender is closed: open it again")
        if os.getpid() != self._process:
            raise IndexProblem(
                "this recommender was opened before fork(): open one in the new process instead"
            )
        if self._store.token() != self._current.token:
            old, self._current = self._current, self._load()
            self._close_if_done(old)

    def _load(self) -> Snapshot:
        try:
            return self._load_once()
        except VersionGoneError:  # replaced twice while it was read
            self._store.renew()
            return self._load_once()

    def _load_once(self) -> Snapshot:
        # The token is taken first: a publication in between is then noticed at the next question.
        token = self._store.token()
        with logged(_log, "opened") as fields:
            index = self._store.open()
            counts = index.manifest.counts
            fields.update(version=index.version, raters=counts.raters, movies=counts.movies)
            try:
                return Snapshot(index, token)
            except BaseException:
                index.close()
                raise

    def _close_if_done(self, snapshot: Snapshot) -> None:
        if snapshot.users == 0 and (self._closed or snapshot is not self._current):
            snapshot.index.close()
            if self._closed and snapshot is self._current:
                self._store.close()

    def close(self) -> None:
        """Close the index once the questions under way are answered. Closing twice is allowed."""
        with self._lock:
            self._closed = True
            self._close_if_done(self._current)
