"""Writing a new version on a Qdrant server, and telling living writers from dead ones.

A version that is being written has a heartbeat in its metadata and no manifest yet. The heartbeat
is a number that counts up as long as the writer lives; where it stands still, the version was left
behind by a writer that died. So no clocks of different machines are compared.
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
from typing import TypeVar

from qdrant_client import models

from recommender.errors import EngineError, IndexBusyError, IndexNotFoundError, IndexProblem
from recommender.storage.encoding import MOVIE
from recommender.storage.manifest import Manifest, write_manifest
from recommender.storage.rater_conditions import indexed_fields
from recommender.storage.server.engine import Collection
from recommender.storage.server.retries import with_retries
from recommender.storage.server.versions import HEARTBEAT, MANIFEST, VERSION, WRITER, Versions
from recommender.storage.vectors import PointBatch
from recommender.storage.version_names import next_version_name

__all__ = ["INTERVAL", "ServerWriter"]

INTERVAL = 5.0
"""Seconds from one heartbeat of a living writer to the next."""
_MISSED = 12
"""Heartbeats that a living writer never misses all of: a cluster may lose a few."""
_UPLOADS = 4
"""Batches sent at once."""
_SETTLING = 600.0
"""Most seconds to wait for the server's search structures; it answers correctly without them."""

T = TypeVar("T")
_log = logging.getLogger(__name__)


class ServerWriter:
    """A new version, written beside the current one, several batches at once."""

    def __init__(self, reading: Versions, writing: Versions) -> None:
        """Delete what dead writers left behind, and begin.

        ``reading`` is the store of the caller, ``writing`` the same with longer deadlines, which
        is closed with the writer.

        Raises IndexBusyError where another writer lives.
        """
        self._reading, self._versions = reading, writing
        self._added = {"users": 0, "movies": 0}
        self._published = False
        with contextlib.suppress(IndexNotFoundError):
            writing.current()  # raises where the name belongs to something that is not Kindred's
        # Read before anything is deleted, so that no number of a version deleted here comes again.
        self._version = next_version_name(name.split("-")[-2] for name in writing.names())
        _delete_abandoned(writing)
        self._users = writing.collection(self._version, "users")
        self._movies = writing.collection(self._version, "movies")
        self._metadata = {VERSION: self._version, WRITER: uuid.uuid4().hex, HEARTBEAT: 0}
        self._stopped = Event()
        self._heartbeat = Thread(target=self._send_heartbeats, daemon=True)
        self._senders = ThreadPoolExecutor(_UPLOADS)
        self._sent: deque[Future[None]] = deque()
        self._retry(lambda: self._create(self._users))
        self._heartbeat.start()
        try:
            self._retry(lambda: self._create(self._movies))
        except BaseException:
            # Ctrl-C too: the caller has no writer to close, whose heartbeat keeps others out.
            self.close()
            raise

    def _retry(self, call: Callable[[], T]) -> T:
        return with_retries(call, self._stopped, exists=True)

    def _create(self, collection: Collection) -> None:
        try:
            collection.create(self._metadata, self._versions.layout)
        except IndexBusyError:
            # An earlier try may have succeeded although its answer was lost.
            metadata = collection.info().config.metadata or {}
            if metadata.get(WRITER) != self._metadata[WRITER]:
                raise

    def _send_heartbeats(self) -> None:
        # By the reader's client: with the deadlines of writing, one call that hangs could take as
        # long as all the heartbeats that others wait for.
        users, count, pause = self._reading.collection(self._version, "users"), 0, INTERVAL
        while not self._stopped.wait(pause):
            try:
                users.describe({HEARTBEAT: count + 1})
                count, pause = count + 1, INTERVAL
            except Exception:  # without this thread, a living writer would look dead
                pause = INTERVAL / 10

    def expect(self, manifest: Manifest) -> None:
        """Index the payload fields that are searched by.

        Done before the points arrive: later the server would read all payloads once more.
        """
        fields = [(self._users, *field) for field in indexed_fields(manifest)]
        fields.append((self._movies, MOVIE, manifest.movie_ids == "int"))
        for collection, name, integer in fields:
            self._retry(partial(collection.index_field, name, integer=integer))

    def add_users(self, batch: PointBatch) -> None:
        """Add stored raters."""
        self._added["users"] += len(batch)
        self.send(self._users, batch)

    def add_movies(self, batch: PointBatch) -> None:
        """Add movies."""
        self._added["movies"] += len(batch)
        self.send(self._movies, batch)

    def send(self, collection: Collection, batch: PointBatch) -> None:
        """Send a batch in the background; wait first where as many are waiting as are sent."""
        while len(self._sent) > _UPLOADS:
            self._sent.popleft().result()
        send = partial(self._retry, lambda: collection.add(batch))
        self._sent.append(self._senders.submit(send))

    def wait(self) -> None:
        """Wait until everything sent is stored."""
        while self._sent:
            self._sent.popleft().result()

    def finish(self, manifest: Manifest) -> None:
        """Wait until everything is stored, count it, and record the manifest."""
        self.wait()
        for kind, collection in (("users", self._users), ("movies", self._movies)):
            self._settle(collection)
            if (stored := self._retry(collection.count)) != self._added[kind]:
                raise EngineError(
                    f"{collection.name} holds {stored:,} points of {self._added[kind]:,} sent: "
                    "ingest again"
                )
        text = write_manifest(manifest)
        self._retry(lambda: self._users.describe({MANIFEST: text}))

    def _settle(self, collection: Collection) -> None:
        """Wait for the server to have built its search structures."""
        deadline = time.monotonic() + _SETTLING
        while time.monotonic() < deadline:
            status = self._retry(collection.info).status
            if status == models.CollectionStatus.RED:
                raise EngineError(f"Qdrant reports {collection.name} as broken: look at its log")
            if status != models.CollectionStatus.YELLOW:  # a grey one waits for the next write
                return
            time.sleep(0.5)

    def publish(self) -> str:
        """Switch the alias, then delete all but the new and the previous version."""
        keep = {self._version}
        with contextlib.suppress(IndexNotFoundError):
            keep.add(self._retry(self._versions.current).number)
        self._versions.switch(self._version)
        self._published = True
        self._reading.renew()
        # A version that cannot be deleted now is deleted by the next writer.
        with contextlib.suppress(IndexProblem):
            for found in self._versions.versions():
                if found.manifest is not None and found.number not in keep:
                    self._versions.drop(found.number)
        return self._version

    @property
    def peak_mb(self) -> float:
        """Zero: on this side there are no other processes."""
        return 0.0

    def close(self) -> None:
        """Discard what was not published and let the next writer in."""
        self._stopped.set()
        self._senders.shutdown(cancel_futures=True)
        self._heartbeat.join()
        if not self._published:
            with contextlib.suppress(IndexProblem):  # the next writer will find it
                self._movies.delete()
                self._users.delete()
        self._versions.close()


def _delete_abandoned(versions: Versions) -> None:
    """Delete what dead writers left behind.

    Raises IndexBusyError where a writer lives.
    """
    unfinished = _heartbeats(versions)
    if unfinished:
        _log.warning("note: an unfinished ingest is there; seeing whether it goes on ...")
    deadline = time.monotonic() + _MISSED * INTERVAL
    while unfinished and time.monotonic() < deadline:
        time.sleep(INTERVAL / 4)
        now = _heartbeats(versions)
        # One that is missing now was finished or discarded by its writer.
        unfinished = {number: last for number, last in unfinished.items() if number in now}
        if any(now[number] != last for number, last in unfinished.items()):
            raise IndexBusyError(
                f"another ingest is writing the index {versions.place}: wait for it to end, "
                "or give another name"
            )
    for number in unfinished:
        versions.drop(number)


def _heartbeats(versions: Versions) -> dict[str, int]:
    """The last heartbeat of each version that is not finished, by number."""
    return {one.number: one.heartbeat for one in versions.versions() if one.manifest is None}
