"""An index on a Qdrant server, as a store of versions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from typing import TypeVar

from pydantic import ValidationError

from recommender.errors import IndexDamagedError, VersionGoneError
from recommender.storage.index import Index, PendingChange, no_earlier_version, unfinished_change
from recommender.storage.manifest import read_manifest
from recommender.storage.server.engine import count_nodes, may_write, server_version
from recommender.storage.server.updater import ServerUpdater
from recommender.storage.server.versions import Version, Versions
from recommender.storage.server.writer import ServerWriter

__all__ = ["ServerStore"]

# Seconds of a call's deadline, as a multiple of the one for reading. Writing makes calls that take
# long by their nature, such as creating a collection on all nodes of a cluster.
_WRITING = 6
# Batches sent at once; the client in memory is not safe for more than one thread.
_UPLOADS = 4

T = TypeVar("T")


class ServerStore(Versions):
    """The versions of an index on a server: one alias for the current one, one writer at a time.

    Reading makes no call that writes, so that a read-only key is enough; :meth:`may_write` alone
    tries one.
    """

    def engine(self) -> tuple[str, int | None]:
        """Version of the server, and how many nodes its cluster has if it may be asked."""
        return f"Qdrant {server_version(self._client, self.url)}", count_nodes(self._client)

    def may_write(self) -> bool | None:
        """Tell whether our key, or having none, lets us write; None where that is unknown."""
        return may_write(self._client)

    def open(self) -> Index:
        """Open the current version."""
        found = self.current()
        manifest = read_manifest(found.manifest or "", self.place)
        users, movies = (self.collection(found.number, kind) for kind in ("users", "movies"))
        return Index(found.number, manifest, users, movies)

    def _for_writing(self) -> Versions:
        """The same versions, by a client with the deadlines of writing."""
        timeout = _WRITING * self._settings.timeout
        settings = self._settings.model_copy(update={"timeout": timeout})
        return Versions(settings, layout=self.layout, client=self._given)

    def writer(self) -> ServerWriter:
        """Begin a new version."""
        return self._begin(ServerWriter)

    def updater(self) -> ServerUpdater:
        """Prepare to change the current version, in place."""
        self.current()  # or there is nothing to change, and no reason to create anything
        return self._begin(ServerUpdater)

    def _begin(self, kind: Callable[..., T]) -> T:
        writing = self._for_writing()
        try:
            return kind(self, writing, parallel=1 if self._given else _UPLOADS)
        except BaseException:
            # Ctrl-C too: the caller has no writer to close the connection with.
            writing.close()
            raise

    def rollback(self) -> str:
        """Switch the alias to the newest version before the current one, if that is complete."""
        self.current()
        with closing(self.writer()):  # holds off other writers
            return self._roll_back()

    def _roll_back(self) -> str:
        found = self.current()
        _refuse_forgetting(found)
        current = found.number
        complete = [found for found in self.versions() if found.manifest is not None]
        earlier = [found for found in complete if int(found.number) < int(current)]
        if not earlier:
            raise no_earlier_version(current, self.place)
        target = max(earlier, key=lambda found: int(found.number))
        read_manifest(target.manifest or "", self.place)
        try:
            self.collection(target.number, "movies").info()
        except VersionGoneError:
            raise IndexDamagedError(
                f"version {target.number} of the index {self.place} lacks its movies: ingest again"
            ) from None
        with closing(self._for_writing()) as writing:
            writing.switch(target.number)
        self.renew()
        return target.number

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


def _refuse_forgetting(found: Version) -> None:
    """Refuse to go back where that would bring back raters who are half forgotten."""
    # A change that cannot be read was begun by another Kindred; a rollback gets rid of it.
    with suppress(ValidationError):
        pending = PendingChange.model_validate_json(found.pending)
        if pending.manifest.maintenance.forgot_raters:
            raise unfinished_change(pending)
