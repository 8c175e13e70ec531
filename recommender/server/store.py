"""The versions of an index on a Qdrant server.

::

    NAME                    alias of the users collection of the current version
    NAME-000007-users       what the version says of itself is in this collection's metadata
    NAME-000007-movies

A version in the making has a beat in its metadata instead of a manifest, which counts up as long as
its writer lives; one whose beat stands still is debris, and no clocks need be compared to tell.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections import deque
from collections.abc import Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.metadata import version as installed
from threading import Event, Thread
from typing import NamedTuple

from qdrant_client import QdrantClient, models
from qdrant_client.common.version_check import is_compatible

from recommender.errors import (
    EngineError,
    IndexBusyError,
    IndexDamagedError,
    IndexNotFoundError,
    IndexProblem,
    VersionGoneError,
    nothing_before,
    nothing_there,
)
from recommender.manifest import Manifest, read_manifest
from recommender.server.engine import (
    Collection,
    PassingError,
    connect,
    patiently,
    server_errors,
)
from recommender.settings import ServerSettings
from recommender.stored_index import StoredIndex
from recommender.vectors import PointBatch

__all__ = ["ServerStore", "ServerWriter"]

BEAT = 5.0
"""Seconds from beat to beat of a living writer."""
_PATIENCE = 3
"""Beats that a living writer never misses all of."""
REFRESH = 3.0
"""Seconds for which the current version is taken for granted."""
_UPLOADS = 4
"""Batches on their way at once; the client in memory is not made for more than one."""
_SETTLING = 600.0
"""Most seconds to wait for the server's own structures; it answers rightly without them."""
_NUMBER = re.compile(r"\d{6,}")
# Keys of the metadata; flat, because a server merges what it is given into what it has.
_VERSION, _MANIFEST, _BEAT = "kindred_version", "kindred_manifest", "kindred_beat"

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
        self._current: str | None = None
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

    def collection(self, version: str, kind: str, client: QdrantClient | None = None) -> Collection:
        """One of the two collections of a version."""
        name = f"{self.name}-{version}-{kind}"
        return Collection(client or self._client, name, self.url)

    def token(self) -> Hashable:
        """Name of the current version; the server is asked every few seconds only."""
        if self._current is None or time.monotonic() - self._asked > REFRESH:
            try:
                self._current = self._resolve().number
            except PassingError:
                # The question itself will tell whether the server is gone for good.
                if self._current is None:
                    raise
            self._asked = time.monotonic()
        return self._current

    def renew(self) -> None:
        """Ask the server at the next occasion."""
        self._current = None

    def _resolve(self) -> _Version:
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
        """Report, once, a server too far from the client's own version."""
        if self._greeted:
            return
        with server_errors("saying hello", self.url):
            server = self._client.info().version
        self._greeted = True
        ours = installed("qdrant-client")
        if not is_compatible(ours, server):
            _log.warning(
                "note: Qdrant at %s is %s, and qdrant-client %s is made for servers at most one "
                "minor version away: upgrade the older of the two",
                self.url,
                server,
                ours,
            )

    def open(self) -> StoredIndex:
        """Open the current version."""
        found = self._resolve()
        manifest = read_manifest(found.manifest or "", self.place)
        users, movies = (self.collection(found.number, kind) for kind in ("users", "movies"))
        return StoredIndex(found.number, manifest, users, movies)

    def writer(self) -> ServerWriter:
        """Begin a new version."""
        writing = self._given or connect(self._settings, 6 * self._settings.timeout)
        try:
            self._greet()
            return ServerWriter(self, writing, parallel=1 if self._given else _UPLOADS)
        except BaseException:
            if self._given is None:
                writing.close()
            raise

    def rollback(self) -> str:
        """Switch the alias to the newest version before the current one, if that is whole."""
        current = self._resolve().number
        earlier = [found for found in self.versions() if int(found.number) < int(current)]
        whole = [found for found in earlier if found.manifest is not None]
        if not whole:
            raise nothing_before(current, self.place)
        target = max(whole, key=lambda found: int(found.number))
        read_manifest(target.manifest or "", self.place)
        try:
            self.collection(target.number, "movies").info()
        except VersionGoneError:
            raise IndexDamagedError(
                f"version {target.number} of the index {self.place} lacks its movies: ingest again"
            ) from None
        self.switch(target.number)
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
            self.collection(version, kind).delete()

    def switch(self, version: str) -> None:
        """Let the alias stand for a version, in one call."""
        users = self.collection(version, "users").name
        create = models.CreateAliasOperation(
            create_alias=models.CreateAlias(collection_name=users, alias_name=self.name)
        )
        delete = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=self.name))
        with server_errors("switching the alias", self.url):
            aliases = {found.alias_name for found in self._client.get_aliases().aliases}
            changes: list[models.AliasOperations] = [delete] if self.name in aliases else []
            self._client.update_collection_aliases([*changes, create])
        self.renew()

    def close(self) -> None:
        """Close the connection, unless it was given."""
        if self._given is None:
            self._client.close()


class ServerWriter:
    """A new version, written beside the current one in batches on their way at once."""

    def __init__(self, store: ServerStore, client: QdrantClient, *, parallel: int) -> None:
        """Clear what dead writers left and begin.

        Raises IndexBusyError where another writer lives.
        """
        self._store = store
        self._client = client
        self._added = {"users": 0, "movies": 0}
        self._published = self._closed = False
        with contextlib.suppress(IndexNotFoundError):
            store.renew()
            store.token()  # or this name is not ours to write to
        numbers = [int(name.split("-")[-2]) for name in store.names()]
        _clear_debris(store)
        self._version = f"{max(numbers, default=0) + 1:06d}"
        self._users = store.collection(self._version, "users", client)
        self._movies = store.collection(self._version, "movies", client)
        self._beating = Event()
        self._heart = Thread(target=self._beat, daemon=True)
        self._senders = ThreadPoolExecutor(parallel)
        self._parallel = parallel
        self._sent: deque[Future[None]] = deque()
        sizes = {"shards": store.shards, "replicas": store.replicas}
        self._users.create({_VERSION: self._version, _BEAT: 0}, **sizes)
        self._heart.start()
        try:
            self._movies.create({_VERSION: self._version}, **sizes)
        except BaseException:
            self.close()
            raise

    def _beat(self) -> None:
        beat = 0
        while not self._beating.wait(BEAT):
            beat += 1
            with contextlib.suppress(IndexProblem):  # the next one may come through
                self._users.describe({_BEAT: beat})

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
        self._sent.append(self._senders.submit(patiently, lambda: collection.add(batch)))

    def finish(self, manifest: Manifest) -> None:
        """Wait until everything is stored, count it, and record the manifest."""
        while self._sent:
            self._sent.popleft().result()
        integer = manifest.user_ids == "int"
        patiently(lambda: self._users.index_field("user", integer=integer))
        for kind, collection in (("users", self._users), ("movies", self._movies)):
            _settle(collection)
            if (stored := patiently(collection.count)) != self._added[kind]:
                raise EngineError(
                    f"{collection.name} holds {stored:,} points of {self._added[kind]:,} sent: "
                    "ingest again"
                )
        self._stop()
        text = manifest.model_dump_json()
        patiently(lambda: self._users.describe({_MANIFEST: text}))

    def publish(self) -> str:
        """Switch the alias, then delete all but the new and the previous version."""
        store = self._store
        keep = {self._version}
        with contextlib.suppress(IndexNotFoundError):
            store.renew()
            keep.add(str(store.token()))
        patiently(lambda: store.switch(self._version))
        self._published = True
        # What cannot be deleted now goes the next time.
        with contextlib.suppress(IndexProblem):
            for found in store.versions():
                if found.manifest is not None and found.number not in keep:
                    store.drop(found.number)
        return self._version

    def close(self) -> None:
        """Discard what was not published and let the next writer in."""
        if self._closed:
            return
        self._closed = True
        self._senders.shutdown(cancel_futures=True)
        self._stop()
        if not self._published:
            with contextlib.suppress(IndexProblem):  # the next writer will find it
                self._store.drop(self._version)
        if self._parallel > 1:
            self._client.close()

    def _stop(self) -> None:
        self._beating.set()
        if self._heart.is_alive():
            self._heart.join()


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
        for found in store.versions():
            if building.get(found.number, found.beat) != found.beat:
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
