"""Changing the current version on a Qdrant server, in place.

What is going to change is announced in the metadata of the version's users collection, and the
announcement replaced by the new manifest at the end. In between, readers go on with the manifest
they have; a run that died in between is made whole by the same change, made again. As long as a
version in the making is there, nobody else writes: an updater begins one that never becomes more.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError

from recommender.arrays import Ints
from recommender.errors import IndexFormatError, IndexProblem, VersionGoneError
from recommender.storage.index import Index, Pending, pages
from recommender.storage.manifest import Manifest, read_manifest
from recommender.storage.server import metadata
from recommender.storage.server.engine import patiently
from recommender.storage.server.writer import ServerWriter
from recommender.storage.vectors import PointBatch

if TYPE_CHECKING:
    from recommender.storage.server.store import ServerStore

__all__ = ["ServerUpdater"]


class ServerUpdater:
    """Changes to the current version, made in place, in batches on their way at once."""

    def __init__(self, reading: ServerStore, writing: ServerStore, *, parallel: int) -> None:
        """Keep others from writing, and see what is there; arguments as of ``ServerWriter``.

        Raises IndexBusyError where another writer lives.
        """
        self._store = writing
        self._reading = reading
        self._movies_done = False
        self._claim = ServerWriter(reading, writing, parallel=parallel)
        try:
            found = patiently(writing.resolve)
            manifest = read_manifest(found.manifest or "", writing.place)
            self._users = writing.collection(found.number, "users")
            self._movies = writing.collection(found.number, "movies")
            self.pending = Pending.model_validate_json(found.pending) if found.pending else None
        except ValidationError:
            self._claim.close()
            raise IndexFormatError(
                f"another Kindred began a change of the index {writing.place}: run it again with "
                "that one, roll back, or ingest everything anew"
            ) from None
        except BaseException:
            self._claim.close()
            raise
        self.current = Index(found.number, manifest, self._users, self._movies)

    def begin(self, change: Pending) -> Manifest:
        """Record what is going to change."""
        if self.pending is None:
            self._describe({metadata.PENDING: change.model_dump_json()})
            self.pending = change
        return self.pending.manifest

    def _describe(self, told: dict[str, str]) -> None:
        patiently(partial(self._users.describe, dict(told)))

    def add_movies(self, batch: PointBatch) -> None:
        """Add or replace movies."""
        self._claim.send(self._movies, batch)

    def add_users(self, batch: PointBatch) -> None:
        """Add or replace people, once all movies are there."""
        self._movies_first()
        self._claim.send(self._users, batch)

    def remove_users(self, numbers: Ints) -> None:
        """Remove people, once all movies are there."""
        self._movies_first()
        for some in pages(numbers.tolist()):
            patiently(partial(self._users.remove, some))

    def _movies_first(self) -> None:
        if not self._movies_done:
            self._claim.wait()
            self._movies_done = True

    def publish(self) -> str:
        """Record the new manifest; keep no other version where people left.

        Raises IndexProblem where another version became current meanwhile.
        """
        assert self.pending is not None
        self._claim.wait()
        manifest, number = self.pending.manifest, self.current.version
        if manifest.upkeep.alone:
            for other in self._store.versions():
                if other.manifest is not None and other.number != number:
                    self._check_current()
                    with contextlib.suppress(VersionGoneError):
                        self._store.drop(other.number)
        self._check_current()
        self._describe({metadata.MANIFEST: manifest.model_dump_json(), metadata.PENDING: ""})
        self._reading.renew()
        return number

    def _check_current(self) -> None:
        """Make sure that the version is still the one that is served."""
        assert self.pending is not None
        served, ours = patiently(self._store.resolve).number, self.current.version
        if served != ours:
            raise IndexProblem(
                f"version {served} of the index {self._store.place} took the place of {ours} while "
                f"that was changed, without the change: run `{self.pending.command}` again"
            )

    def close(self) -> None:
        """Let the next writer in."""
        self._claim.close()
