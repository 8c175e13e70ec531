"""The versions of an index on a Qdrant server.

::

    NAME                    alias of the users collection of the current version
    NAME-000007-users       what the version says of itself is in this collection's metadata
    NAME-000007-movies

A version in the making has no manifest yet, but a beat that tells whether its writer lives
(:mod:`recommender.storage.server.writer`).
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Hashable
from contextlib import closing
from functools import cache
from importlib.metadata import version as installed

from pydantic import ValidationError
from qdrant_client import QdrantClient
from qdrant_client.common.version_check import is_compatible

from recommender.errors import (
    EngineError,
    EngineUnavailableError,
    IndexDamagedError,
    IndexProblem,
    VersionGoneError,
)
from recommender.settings import Layout, ServerSettings
from recommender.storage.index import Index, Pending, half_done, nothing_before, nothing_there
from recommender.storage.manifest import read_manifest
from recommender.storage.server.engine import (
    Collection,
    collection_names,
    may_write,
    patiently,
    server_version,
    switch_alias,
)
from recommender.storage.server.metadata import NUMBER, Version, recorded
from recommender.storage.server.nodes import connect
from recommender.storage.server.state import count_nodes
from recommender.storage.server.updater import ServerUpdater
from recommender.storage.server.writer import UPLOADS, ServerWriter

__all__ = ["ServerStore"]

REFRESH = 0.5
"""Seconds for which the current version is taken for granted."""
_OLDEST = (1, 16)
"""Minor version of the first server that keeps metadata of a collection."""
_log = logging.getLogger(__name__)


class ServerStore:
    """The versions of an index on a server: one alias for the current one, one writer at a time.

    Reading uses no call that writes, so that a key which may only read is enough; :meth:`may_write`
    alone tries.
    """

    def __init__(
        self,
        settings: ServerSettings,
        *,
        layout: Layout | None = None,
        client: QdrantClient | None = None,
    ) -> None:
        """Prepare; nothing is asked of the server yet.

        ``layout`` is that of collections written from here; ``client`` is one to use instead of
        connecting, such as one in memory.
        """
        self.name = settings.name
        self.layout = layout or Layout()
        self._settings = settings
        self._given = client
        self._client = client or connect(settings, settings.timeout)
        self._current: Version | None = None
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
        return self._named(f"{self.name}-{version}-{kind}")

    def _named(self, name: str) -> Collection:
        return Collection(self._client, name, self.url)

    def token(self) -> Hashable:
        """Give what tells the current version from others; the server is asked now and then."""
        if self._current is None or time.monotonic() - self._asked > REFRESH:
            try:
                # With its manifest: a number is given twice where an index was deleted by hand.
                # Neither a beat nor an announcement says anything of what is served.
                self._current = self.resolve()._replace(beat=0, pending="")
            except EngineUnavailableError:
                # The question itself will tell whether the server is gone for good.
                if self._current is None:
                    raise
            self._asked = time.monotonic()
        return self._current

    def renew(self) -> None:
        """Ask the server at the next occasion."""
        self._current = None

    def resolve(self) -> Version:
        """Find the version that the alias stands for."""
        self._greet()
        try:
            info = self._named(self.name).info()
        except VersionGoneError:
            raise nothing_there(self.place) from None
        found = recorded(info)
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
        # One that was built by hand may say anything, and is tried.
        told = re.match(r"(\d{1,9})\.(\d{1,9})", server)
        if told and tuple(map(int, told.groups())) < _OLDEST:
            raise EngineError(
                f"Qdrant at {self.url} is {server}, which keeps no metadata of collections: "
                f"upgrade it to {'.'.join(map(str, _OLDEST))} or newer"
            )
        if not is_compatible(ours, server):
            _report(self.url, server, ours)

    def engine(self) -> tuple[str, int | None]:
        """Version of the server, and how many nodes its cluster has if it may be asked."""
        return f"Qdrant {server_version(self._client, self.url)}", count_nodes(self._client)

    def may_write(self) -> bool | None:
        """Tell whether our key, or having none, lets us write; None where that cannot be told."""
        return may_write(self._client)

    def open(self) -> Index:
        """Open the current version."""
        found = self.resolve()
        manifest = read_manifest(found.manifest or "", self.place)
        users, movies = (self.collection(found.number, kind) for kind in ("users", "movies"))
        return Index(found.number, manifest, users, movies)

    def _patient(self) -> ServerStore:
        """Give this store with the deadlines of writing."""
        settings = self._settings.model_copy(update={"timeout": 6 * self._settings.timeout})
        return ServerStore(settings, layout=self.layout, client=self._given)

    def writer(self) -> ServerWriter:
        """Begin a new version."""
        writing = self._patient()
        try:
            return ServerWriter(self, writing, parallel=1 if self._given else UPLOADS)
        except BaseException:
            writing.close()
            raise

    def updater(self) -> ServerUpdater:
        """Prepare to change the current version, in place."""
        self.resolve()
        writing = self._patient()
        try:
            return ServerUpdater(self, writing, parallel=1 if self._given else UPLOADS)
        except BaseException:
            writing.close()
            raise

    def rollback(self) -> str:
        """Switch the alias to the newest version before the current one, if that is whole."""
        self.resolve()
        with closing(self.writer()):  # nobody else writes meanwhile
            return self._roll_back()

    def _roll_back(self) -> str:
        found = self.resolve()
        _refuse_forgetting(found)
        current = found.number
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
        with closing(self._patient()) as patient:
            patient.switch(target.number)
        self.renew()
        return target.number

    def verify(self) -> tuple[str, ...]:
        """Compare how many points there are with the manifest; the server must call them green."""
        with closing(self.open()) as index:
            counts, version = index.manifest.counts, index.version
        for kind, written in (("users", counts.users), ("movies", counts.movies)):
            collection = self.collection(version, kind)
            there, status = collection.count(), collection.part().status
            if there != written or status != "green":
                raise IndexDamagedError(
                    f"{kind} of version {version} of the index {self.place} are {there:,} points "
                    f"of {written:,}, and {status}: wait where the server is at work; otherwise "
                    "ingest again, or go back with `kindred ingest --rollback`"
                )
        return (version,)

    def names(self) -> list[str]:
        """Names of all collections that are named like ours."""
        pattern = re.compile(rf"{re.escape(self.name)}-{NUMBER.pattern}-(users|movies)")
        return sorted(filter(pattern.fullmatch, collection_names(self._client, self.url)))

    def versions(self) -> list[Version]:
        """All versions that Kindred made, whole or not; what others made is left out."""
        found: dict[str, Version] = {}
        for name in self.names():
            with contextlib.suppress(VersionGoneError):  # deleted since they were listed
                version = recorded(self._named(name).info())
                # "users" comes after "movies" and has the last word.
                if version is not None:
                    found[version.number] = version
        return list(found.values())

    def drop(self, version: str) -> None:
        """Delete a version, and the alias if it stands for that one."""
        # What holds the beat or manifest goes last, so that a half-deleted version is found again.
        for kind in ("movies", "users"):
            patiently(self.collection(version, kind).delete)

    def switch(self, version: str) -> None:
        """Let the alias stand for a version, in one call."""
        users = self.collection(version, "users").name
        patiently(lambda: switch_alias(self._client, self.name, users, self.url))

    def close(self) -> None:
        """Close the connection, unless it was given."""
        if self._given is None:
            self._client.close()


def _refuse_forgetting(found: Version) -> None:
    """Refuse to go back where that would bring back people who are half forgotten."""
    with contextlib.suppress(ValidationError):  # another Kindred's: going back is the way out
        pending = Pending.model_validate_json(found.pending)
        if pending.manifest.upkeep.alone:
            raise half_done(pending)


@cache
def _report(url: str, server: str, ours: str) -> None:
    """Report two versions too far apart, once a process."""
    _log.warning(
        "note: Qdrant at %s is %s, and qdrant-client %s is made for servers at most one minor "
        "version away: upgrade the older of the two",
        *(url, server, ours),
    )
