"""Writing a new version on a Qdrant server, and telling living writers from dead ones.

A version in the making has a beat in its metadata and no manifest yet. The beat counts up as long
as its writer lives; where it stands still the version is debris. No clocks need be compared.
"""

from __future__ import annotations

import contextlib
import logging
import time
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

from qdrant_client import models

from recommender.errors import EngineError, IndexBusyError, IndexNotFoundError, IndexProblem
from recommender.storage.encoding import MOVIE
from recommender.storage.manifest import Manifest
from recommender.storage.rater_conditions import indexed_fields
from recommender.storage.server import metadata
from recommender.storage.server.engine import Collection, patiently
from recommender.storage.vectors import PointBatch

if TYPE_CHECKING:
    from recommender.storage.server.store import ServerStore

__all__ = ["BEAT", "UPLOADS", "ServerWriter"]

BEAT = 5.0
"""Seconds from beat to beat of a living writer."""
_PATIENCE = 12
"""Beats that a living writer never misses all of: a cluster may lose a few."""
UPLOADS = 4
"""Batches on their way at once; the client in memory is not made for more than one."""
_SETTLING = 600.0
"""Most seconds to wait for the server's own structures; it answers rightly without them."""

T = TypeVar("T")
_log = logging.getLogger(__name__)


class ServerWriter:
    """A new version, written beside the current one in batches on their way at once."""

    def __init__(self, reading: ServerStore, writing: ServerStore, *, parallel: int) -> None:
        """Clear what dead writers left and begin.

        ``reading`` is the store of whoever asks, ``writing`` the same with longer deadlines.

        Raises IndexBusyError where another writer lives.
        """
        self._reading, self._store = reading, writing
        self._added = {"users": 0, "movies": 0}
        self._indexed: set[tuple[str, str]] = set()
        self._published = self._closed = False
        with contextlib.suppress(IndexNotFoundError):
            writing.token()  # or this name is not ours to write to
        numbers = [int(name.split("-")[-2]) for name in writing.names()]
        _clear_debris(writing)
        self._version = f"{max(numbers, default=0) + 1:06d}"
        self._users = writing.collection(self._version, "users")
        self._movies = writing.collection(self._version, "movies")
        self._told = {
            metadata.VERSION: self._version,
            metadata.WRITER: uuid.uuid4().hex,
            metadata.BEAT: 0,
        }
        self._stopped = Event()
        self._heart = Thread(target=self._beat, daemon=True)
        self._senders = ThreadPoolExecutor(parallel)
        self._parallel = parallel
        self._sent: deque[Future[None]] = deque()
        self._patiently(lambda: self._create(self._users))
        self._heart.start()
        try:
            self._patiently(lambda: self._create(self._movies))
        except BaseException:
            self.close()
            raise

    def _patiently(self, call: Callable[[], T]) -> T:
        return patiently(call, self._stopped, of_ours=True)

    def _create(self, collection: Collection) -> None:
        try:
            collection.create(self._told, self._store.layout)
        except IndexBusyError:
            # An earlier try may have come through although its answer did not.
            told = collection.info().config.metadata or {}
            if told.get(metadata.WRITER) != self._told[metadata.WRITER]:
                raise

    def _beat(self) -> None:
        users, beat, pause = self._reading.collection(self._version, "users"), 0, BEAT
        while not self._stopped.wait(pause):
            try:
                users.describe({metadata.BEAT: beat + 1})
                beat, pause = beat + 1, BEAT
            except Exception:  # nothing may end it but the end
                pause = BEAT / 10

    def expect(self, manifest: Manifest) -> None:
        """Make points findable as they arrive: later it takes another reading of all payloads."""
        fields = [(self._users, *field) for field in indexed_fields(manifest)]
        fields.append((self._movies, MOVIE, manifest.movie_ids == "int"))
        for collection, name, integer in fields:
            if (collection.name, name) not in self._indexed:
                self._patiently(partial(collection.index_field, name, integer=integer))
                self._indexed.add((collection.name, name))

    def add_users(self, batch: PointBatch) -> None:
        """Add stored raters."""
        self._added["users"] += len(batch)
        self.send(self._users, batch)

    def add_movies(self, batch: PointBatch) -> None:
        """Add movies."""
        self._added["movies"] += len(batch)
        self.send(self._movies, batch)

    def send(self, collection: Collection, batch: PointBatch) -> None:
        """Send a batch on its way, once not too many are."""
        if not len(batch):
            return
        while len(self._sent) > self._parallel:
            self._sent.popleft().result()
        send = partial(self._patiently, lambda: collection.add(batch))
        self._sent.append(self._senders.submit(send))

    def wait(self) -> None:
        """Wait until everything is stored."""
        while self._sent:
            self._sent.popleft().result()

    def finish(self, manifest: Manifest) -> None:
        """Wait until everything is stored, count it, and record the manifest."""
        self.wait()
        self.expect(manifest)
        for kind, collection in (("users", self._users), ("movies", self._movies)):
            self._settle(collection)
            if (stored := self._patiently(collection.count)) != self._added[kind]:
                raise EngineError(
                    f"{collection.name} holds {stored:,} points of {self._added[kind]:,} sent: "
                    "ingest again"
                )
        text = manifest.model_dump_json()
        self._patiently(lambda: self._users.describe({metadata.MANIFEST: text}))

    def _settle(self, collection: Collection) -> None:
        """Wait for the server to have built its search structures."""
        deadline = time.monotonic() + _SETTLING
        while time.monotonic() < deadline:
            status = self._patiently(collection.info).status
            if status == models.CollectionStatus.RED:
                raise EngineError(f"Qdrant reports {collection.name} as broken: look at its log")
            if status != models.CollectionStatus.YELLOW:  # a grey one waits for the next write
                return
            time.sleep(0.5)

    def publish(self) -> str:
        """Switch the alias, then delete all but the new and the previous version."""
        store = self._store
        keep = {self._version} | self._current()
        store.switch(self._version)
        self._published = True
        self._reading.renew()
        # What cannot be deleted now goes the next time.
        with contextlib.suppress(IndexProblem):
            for found in store.versions():
                # Nor what somebody rolled back to meanwhile.
                if found.manifest and found.number not in keep | self._current():
                    store.drop(found.number)
        return self._version

    def _current(self) -> set[str]:
        with contextlib.suppress(IndexNotFoundError):
            return {self._patiently(self._store.resolve).number}
        return set()

    @property
    def peak_mb(self) -> float:
        """There are no other processes on this side."""
        return 0.0

    def close(self) -> None:
        """Discard what was not published and let the next writer in."""
        if self._closed:
            return
        self._closed = True
        self._stopped.set()
        self._senders.shutdown(cancel_futures=True)
        if self._heart.is_alive():
            self._heart.join()
        if not self._published:
            with contextlib.suppress(IndexProblem):  # the next writer will find it
                self._movies.delete()
                self._users.delete()
        self._store.close()


def _clear_debris(store: ServerStore) -> None:
    """Delete what dead writers left; refuse where one lives."""
    building = {found.number: found.beat for found in store.versions() if found.manifest is None}
    if building:
        _log.warning("note: an unfinished ingest is there; seeing whether it goes on ...")
    deadline = time.monotonic() + _PATIENCE * BEAT
    while building and time.monotonic() < deadline:
        time.sleep(BEAT / 4)
        now = {found.number: found for found in store.versions()}
        for number, beat in list(building.items()):
            if number not in now or now[number].manifest is not None:
                del building[number]  # it lived, and is done
            elif now[number].beat != beat:
                raise IndexBusyError(
                    f"another ingest is writing the index {store.place}: wait for it to end, "
                    "or give another name"
                )
    for number in building:
        store.drop(number)
