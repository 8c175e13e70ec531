"""The versions of an index on a Qdrant server.

::

    NAME                    alias of the users collection of the current version
    NAME-000007-users       what the version says of itself is in this collection's metadata
    NAME-000007-movies

A version in the making has a beat in its metadata and no manifest yet. The beat counts up as long
as its writer lives; where it stands still the version is debris. No clocks need be compared.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
import uuid
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial
from importlib.metadata import version as installed
from threading import Event, Thread
from typing import NamedTuple, TypeVar

from qdrant_client import QdrantClient, models
from qdrant_client.common.version_check import is_compatible

from recommender.errors import (
    EngineError,
    EngineUnavailableError,
    IndexBusyError,
    IndexDamagedError,
    IndexNotFoundError,
    IndexProblem,
    VersionGoneError,
)
from recommender.index import Index, nothing_before, nothing_there
from recommender.manifest import Manifest, read_manifest
from recommender.server.engine import (
    Collection,
    connect,
    patiently,
    server_errors,
    server_version,
)
from recommender.settings import ServerSettings
from recommender.vectors import PointBatch

__all__ = ["ServerStore", "ServerWriter"]

BEAT = 5.0
"""Seconds from beat to beat of a living writer."""
_PATIENCE = 12
"""Beats that a living writer never misses all of: a cluster may lose a few."""
REFRESH = 3.0
"""Seconds for which the current version is taken for granted."""
_UPLOADS = 4
"""Batches on their way at once; the client in memory is not made for more than one."""
_SETTLING = 600.0
"""Most seconds to wait for the server's own structures; it answers rightly without them."""
_NUMBER = re.compile(r"\d{6,}")
_OLDEST = (1, 16)
"""Minor version of the first server that keeps metadata of a collection."""
# Keys of the metadata; flat, because a server merges what it is given into what it has.
_VERSION, _WRITER = "kindred_version", "kindred_writer"
_MANIFEST, _BEAT = "kindred_manifest", "kindred_beat"

T = TypeVar("T")
_log = logging.getLogger(__name__)


class _Version(NamedTuple):
    """A version as its collections' metadata tell it."""

    number: str
    manifest: str | None
    """None while it is in the making."""
    beat: int


class ServerStore:
    """The versions of an index on a server: one alias for the current one, one writer at a time.

    Reading uses no call that writes, so that a key which may only read is enough.
    """

    def __init__(
        self,
        settings: ServerSettings,
        *,
        shards: int = 1,
        replicas: int = 1,
        client: QdrantClient | None = None,
    ) -> None:
        """Prepare; nothing is asked of the server yet.

        ``shards`` and ``replicas`` are those of collections written from here; ``client`` is one to
        use instead of connecting, such as one in memory.
        """
        self.name = settings.name
        self.shards, self.replicas = shards, replicas
        self._settings = settings
        self._given = client
        self._client = client or connect(settings, settings.timeout)
        self._current: _Version | None = None
        self._asked = 0.0
        self._greeted = client is not None

    @property
    def place(self) -> str:
        """The name of the index and the address of the server."""
        return f"'{self.name}' on {self.url}"

    @property
    def url(self) -> str:
        """The address of the server."""
        return self._settings.url or "memory"

    def collection(self, version: str, kind: str) -> Collection:
        """One of the two collections of a version."""
        return Collection(self._client, f"{self.name}-{version}-{kind}", self.url)

    def token(self) -> Hashable:
        """Give what tells the current version from others; the server is asked now and then."""
        if self._current is None or time.monotonic() - self._asked > REFRESH:
            try:
                # With its manifest: a number is given twice where an index was deleted by hand.
                self._current = self.resolve()
            except EngineUnavailableError:
                # The question itself will tell whether the server is gone for good.
                if self._current is None:
                    raise
            self._asked = time.monotonic()
        return self._current

    def renew(self) -> None:
        """Ask the server at the next occasion."""
        self._current = None

    def resolve(self) -> _Version:
        """Find the version that the alias stands for."""
        self._greet()
        try:
            info = Collection(self._client, self.name, self.url).info()
        except VersionGoneError:
            raise nothing_there(self.place) from None
        found = _recorded(info)
        if found is None or found.manifest is None:
            raise IndexProblem(
                f"'{self.name}' on {self.url} is a collection that Kindred did not make: "
                "choose another name (--name or QDRANT_NAME)"
            )
        return found

    def _greet(self) -> None:
        """Refuse, or report, a server too far from the client's own version."""
        if self._greeted:
            return
        server, ours = server_version(self._client, self.url), installed("qdrant-client")
        self._greeted = True
        if tuple(int(part) for part in server.split(".")[:2]) < _OLDEST:
            raise EngineError(
                f"Qdrant at {self.url} is {server}, which keeps no metadata of collections: "
                f"upgrade it to {'.'.join(map(str, _OLDEST))} or newer"
            )
        if not is_compatible(ours, server):
            _report(self.url, server, ours)

    def open(self) -> Index:
        """Open the current version."""
        found = self.resolve()
        manifest = read_manifest(found.manifest or "", self.place)
        users, movies = (self.collection(found.number, kind) for kind in ("users", "movies"))
        return Index(found.number, manifest, users, movies)

    def _patient(self) -> ServerStore:
        """Give this store with the deadlines of writing."""
        settings = self._settings.model_copy(update={"timeout": 6 * self._settings.timeout})
        return ServerStore(settings, shards=self.shards, replicas=self.replicas, client=self._given)

    def writer(self) -> ServerWriter:
        """Begin a new version."""
        writing = self._patient()
        try:
            return ServerWriter(self, writing, parallel=1 if self._given else _UPLOADS)
        except BaseException:
            writing.close()
            raise

    def rollback(self) -> str:
        """Switch the alias to the newest version before the current one, if that is whole."""
        current = self.resolve().number
        whole = [found for found in self.versions() if found.manifest is not None]
        earlier = [found for found in whole if int(found.number) < int(current)]
        if not earlier:
            raise nothing_before(current, self.place)
        target = max(earlier, key=lambda found: int(found.number))
        read_manifest(target.manifest or "", self.place)
        try:
            self.collection(target.number, "movies").info()
        except VersionGoneError:
            raise IndexDamagedError(
                f"version {target.number} of the index {self.place} lacks its movies: ingest again"
            ) from None
        with contextlib.closing(self._patient()) as patient:
            patient.switch(target.number)
        self.renew()
        return target.number

    def names(self) -> list[str]:
        """Names of all collections that are named like ours."""
        pattern = re.compile(rf"{re.escape(self.name)}-{_NUMBER.pattern}-(users|movies)")
        with server_errors("listing collections", self.url):
            names = [found.name for found in self._client.get_collections().collections]
        return sorted(filter(pattern.fullmatch, names))

    def versions(self) -> list[_Version]:
        """All versions that Kindred made, whole or not; what others made is left out."""
        found: dict[str, _Version] = {}
        for name in self.names():
            with contextlib.suppress(VersionGoneError):  # deleted since they were listed
                recorded = _recorded(Collection(self._client, name, self.url).info())
                # "users" comes after "movies" and has the last word.
                if recorded is not None:
                    found[recorded.number] = recorded
        return list(found.values())

    def drop(self, version: str) -> None:
        """Delete a version, and the alias if it stands for that one."""
        # What holds the beat or manifest goes last, so that a half-deleted version is found again.
        for kind in ("movies", "users"):
            patiently(self.collection(version, kind).delete)

    def switch(self, version: str) -> None:
        """Let the alias stand for a version, in one call."""
        users = self.collection(version, "users").name
        changes: list[models.AliasOperations] = [
            models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=self.name)),
            models.CreateAliasOperation(
                create_alias=models.CreateAlias(collection_name=users, alias_name=self.name)
            ),
        ]

        def change() -> None:
            with server_errors("switching the alias", self.url):
                self._client.update_collection_aliases(changes)

        patiently(change)

    def close(self) -> None:
        """Close the connection, unless it was given."""
        if self._given is None:
            self._client.close()


class ServerWriter:
    """A new version, written beside the current one in batches on their way at once."""

    def __init__(self, reading: ServerStore, writing: ServerStore, *, parallel: int) -> None:
        """Clear what dead writers left and begin.

        ``reading`` is the store of whoever asks, ``writing`` the same with longer deadlines.

        Raises IndexBusyError where another writer lives.
        """
        self._reading, self._store = reading, writing
        self._added = {"users": 0, "movies": 0}
        self._published = self._closed = False
        with contextlib.suppress(IndexNotFoundError):
            writing.token()  # or this name is not ours to write to
        numbers = [int(name.split("-")[-2]) for name in writing.names()]
        _clear_debris(writing)
        self._version = f"{max(numbers, default=0) + 1:06d}"
        self._users = writing.collection(self._version, "users")
        self._movies = writing.collection(self._version, "movies")
        self._told = {_VERSION: self._version, _WRITER: uuid.uuid4().hex, _BEAT: 0}
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
        return patiently(call, self._stopped)

    def _create(self, collection: Collection) -> None:
        try:
            shards, replicas = self._store.shards, self._store.replicas
            collection.create(self._told, shards=shards, replicas=replicas)
        except IndexBusyError:
            # An earlier try may have come through although its answer did not.
            told = collection.info().config.metadata or {}
            if told.get(_WRITER) != self._told[_WRITER]:
                raise

    def _beat(self) -> None:
        users, beat, pause = self._reading.collection(self._version, "users"), 0, BEAT
        while not self._stopped.wait(pause):
            try:
                users.describe({_BEAT: beat + 1})
                beat, pause = beat + 1, BEAT
            except Exception:  # nothing may end it but the end
                pause = BEAT / 10

    def add_users(self, batch: PointBatch) -> None:
        """Add stored raters."""
        self._send(self._users, "users", batch)

    def add_movies(self, batch: PointBatch) -> None:
        """Add movies."""
        self._send(self._movies, "movies", batch)

    def _send(self, collection: Collection, kind: str, batch: PointBatch) -> None:
        if not len(batch):
            return
        self._added[kind] += len(batch)
        while len(self._sent) > self._parallel:
            self._sent.popleft().result()
        send = partial(self._patiently, lambda: collection.add(batch))
        self._sent.append(self._senders.submit(send))

    def finish(self, manifest: Manifest) -> None:
        """Wait until everything is stored, count it, and record the manifest."""
        while self._sent:
            self._sent.popleft().result()
        integer = manifest.user_ids == "int"
        self._patiently(lambda: self._users.index_field("user", integer=integer))
        for kind, collection in (("users", self._users), ("movies", self._movies)):
            _settle(collection)
            if (stored := self._patiently(collection.count)) != self._added[kind]:
                raise EngineError(
                    f"{collection.name} holds {stored:,} points of {self._added[kind]:,} sent: "
                    "ingest again"
                )
        text = manifest.model_dump_json()
        self._patiently(lambda: self._users.describe({_MANIFEST: text}))

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


@cache
def _report(url: str, server: str, ours: str) -> None:
    """Report two versions too far apart, once a process."""
    _log.warning(
        "note: Qdrant at %s is %s, and qdrant-client %s is made for servers at most one minor "
        "version away: upgrade the older of the two",
        *(url, server, ours),
    )


def _recorded(info: models.CollectionInfo) -> _Version | None:
    told = info.config.metadata or {}
    number, manifest = told.get(_VERSION), told.get(_MANIFEST)
    if not isinstance(number, str) or not _NUMBER.fullmatch(number):
        return None
    return _Version(number, manifest if isinstance(manifest, str) else None, told.get(_BEAT, 0))


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


def _settle(collection: Collection) -> None:
    """Wait for the server to have built its search structures."""
    deadline = time.monotonic() + _SETTLING
    while time.monotonic() < deadline:
        status = patiently(collection.info).status
        if status == models.CollectionStatus.RED:
            raise EngineError(f"Qdrant reports {collection.name} as broken: look at its log")
        if status != models.CollectionStatus.YELLOW:  # a grey one waits for the next write
            return
        time.sleep(0.5)
