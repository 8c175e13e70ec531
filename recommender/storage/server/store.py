"""An index on a Qdrant server, as a store of versions."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import closing, suppress
from importlib.metadata import version as installed
from typing import TypeVar

from qdrant_client import models
from qdrant_client.common.version_check import is_compatible

from recommender.errors import EngineError, IndexDamagedError, IndexFormatError, IndexNotFoundError
from recommender.storage.index import Index, no_earlier_version, unfinished_change
from recommender.storage.manifest import read_manifest
from recommender.storage.server.engine import if_allowed
from recommender.storage.server.updater import ServerUpdater, pending_change
from recommender.storage.server.versions import Version, Versions
from recommender.storage.server.writer import ServerWriter

__all__ = ["ServerStore"]

# Seconds of a call's deadline, as a multiple of the one for reading. Writing makes calls that take
# long by their nature, such as creating a collection on all nodes of a cluster.
_WRITING = 6
_OLDEST = (1, 16)
"""Minor version of the first server that keeps metadata of a collection."""
_log = logging.getLogger(__name__)

T = TypeVar("T")


class ServerStore(Versions):
    """The versions of an index on a server: one alias for the current one, one writer at a time.

    Reading makes no call that writes, so that a read-only key is enough; :meth:`may_write` alone
    tries one.
    """

    _checked = False

    def engine(self) -> tuple[str, int | None]:
        """Version of the server, and how many nodes its cluster has if it may be asked."""
        status = if_allowed(self._client.cluster_status)
        nodes = len(status.peers) if isinstance(status, models.ClusterStatusOneOf1) else None
        return f"Qdrant {self._client.info().version}", nodes

    def may_write(self) -> bool:
        """Tell whether our key, or having none, lets us write, as far as the server answers."""
        # An empty list changes nothing, but the server checks the right to change aliases first.
        return if_allowed(lambda: self._client.update_collection_aliases([])) is not None

    def current(self) -> Version:
        """The version that the alias stands for, on a server that can be used.

        Raises EngineError where the server is too old, and what the same of any versions raises.
        """
        self._check_server()
        return super().current()

    def _check_server(self) -> None:
        """Refuse a server that is too old; warn of one too far from the client's own version."""
        if self._checked:
            return
        server, client = self._client.info().version, installed("qdrant-client")
        # One that was built by hand may report anything, and is tried.
        numbers = re.match(r"(\d+)\.(\d+)", server)
        if numbers and tuple(map(int, numbers.groups())) < _OLDEST:
            raise EngineError(
                f"Qdrant at {self.url} is {server}, which keeps no metadata of collections: "
                f"upgrade it to {'.'.join(map(str, _OLDEST))} or newer"
            )
        if not is_compatible(client, server):
            text = (
                "note: Qdrant at %s is %s, and qdrant-client %s is made for servers at most one "
                "minor version away: upgrade the older of the two"
            )
            _log.warning(text, self.url, server, client)
        self._checked = True

    def open(self) -> Index:
        """Open the current version."""
        found = self.current()
        manifest = read_manifest(found.manifest or "", self.place)
        users, movies = (self.collection(found.number, kind) for kind in ("users", "movies"))
        return Index(found.number, manifest, users, movies)

    def writer(self) -> ServerWriter:
        """Begin a new version."""
        return self._begin(ServerWriter)

    def updater(self) -> ServerUpdater:
        """Prepare to change the current version, in place."""
        self.current()  # or there is nothing to change, and no reason to create anything
        return self._begin(ServerUpdater)

    def _begin(self, kind: Callable[[Versions, Versions], T]) -> T:
        self._check_server()
        timeout = _WRITING * self._settings.timeout
        settings = self._settings.model_copy(update={"timeout": timeout})
        writing = Versions(settings, layout=self.layout)
        try:
            return kind(self, writing)
        except BaseException:
            # Ctrl-C too: the caller has no writer to close the connection with.
            writing.close()
            raise

    def rollback(self) -> str:
        """Switch the alias to the newest whole version before the current one.

        Where the current one was deleted by hand, it is the newest of all.
        """
        with closing(self.writer()):  # holds off other writers
            return self._roll_back()

    def _roll_back(self) -> str:
        there, found = set(self.names()), {one.number: one for one in self.versions()}
        whole = [
            number
            for number, one in found.items()
            if one.manifest and self.collection(number, "movies").name in there
        ]
        try:
            current = self.current()
        except IndexNotFoundError:
            if not whole:
                raise
        else:
            self._refuse_half_forgotten(current)
            whole = [number for number in whole if int(number) < int(current.number)]
            if not whole:
                raise no_earlier_version(current.number, self.place)
        target = max(whole, key=int)
        read_manifest(found[target].manifest or "", self.place)
        self.switch(target)
        self.renew()
        return target

    def _refuse_half_forgotten(self, current: Version) -> None:
        """Refuse to go back where that would bring back raters who are half forgotten."""
        # A change that another Kindred began cannot be read; a rollback gets rid of it.
        with suppress(IndexFormatError):
            pending = pending_change(current, self.place)
            if pending and pending.manifest.maintenance.forgot_raters:
                raise unfinished_change(pending)

    def verify(self) -> tuple[str, ...]:
        """Compare how many points there are with the manifest; the server must call them green."""
        with closing(self.open()) as index:
            counts, version = index.manifest.counts, index.version
        for kind, written in (("users", counts.users), ("movies", counts.movies)):
            collection = self.collection(version, kind)
            stored, status = collection.count(), collection.info().status.value
            if stored != written or status != "green":
                raise IndexDamagedError(
                    f"{kind} of version {version} of the index {self.place} are {stored:,} points "
                    f"of {written:,}, and {status}: wait where the server is at work; otherwise "
                    "ingest again, or go back with `kindred ingest --rollback`"
                )
        return (version,)
