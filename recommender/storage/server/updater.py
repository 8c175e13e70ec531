"""Changing the current version on a Qdrant server, in place.

The change is announced in the metadata of the version's users collection, and the announcement is
replaced by the new manifest at the end. In between, readers go on with the manifest they have; if
the run dies, the same change made again completes it. An updater also begins a new version, which
it never finishes: as long as that exists, no other writer begins.
"""

from __future__ import annotations

import contextlib
from functools import partial

from pydantic import ValidationError

from recommender.arrays import Ints
from recommender.errors import IndexFormatError, IndexProblem, VersionGoneError
from recommender.storage.index import Index, PendingChange, pages
from recommender.storage.manifest import Manifest, read_manifest, write_manifest
from recommender.storage.server.retries import with_retries
from recommender.storage.server.versions import MANIFEST, PENDING, Version, Versions
from recommender.storage.server.writer import ServerWriter
from recommender.storage.vectors import PointBatch

__all__ = ["ServerUpdater", "pending_change"]


def pending_change(version: Version, place: str) -> PendingChange | None:
    """The change of a version that was begun and is not finished.

    Raises IndexFormatError where another Kindred began it.
    """
    try:
        return PendingChange.model_validate_json(version.pending) if version.pending else None
    except ValidationError:
        raise IndexFormatError(
            f"another Kindred began a change of the index {place}: run it again with that one, "
            "roll back, or ingest everything anew"
        ) from None


class ServerUpdater:
    """Changes to the current version, made in place, several batches at once."""

    def __init__(self, reading: Versions, writing: Versions) -> None:
        """Keep others from writing, and read what is there; arguments as of ``ServerWriter``.

        Raises IndexBusyError where another writer lives.
        """
        self._reading = reading
        self._versions = writing
        self._movies_done = False
        # The version it begins is the lock: see the top of this module.
        self._lock = ServerWriter(reading, writing)
        try:
            found = with_retries(writing.current)
            manifest = read_manifest(found.manifest or "", writing.place)
            self.pending = pending_change(found, writing.place)
        except BaseException:
            # Ctrl-C too: the caller has no updater to close, and the lock's heartbeat would go on.
            self._lock.close()
            raise
        self._users = writing.collection(found.number, "users")
        self._movies = writing.collection(found.number, "movies")
        self.current = Index(found.number, manifest, self._users, self._movies)

    def begin(self, change: PendingChange) -> Manifest:
        """Announce the change."""
        if self.pending is None:
            announcement = {PENDING: change.model_dump_json()}
            with_retries(partial(self._users.describe, announcement))
            self.pending = change
        return self.pending.manifest

    def add_movies(self, batch: PointBatch) -> None:
        """Add or replace movies."""
        self._lock.send(self._movies, batch)

    def add_users(self, batch: PointBatch) -> None:
        """Add or replace raters, once all movies are stored."""
        self._movies_first()
        self._lock.send(self._users, batch)

    def remove_users(self, numbers: Ints) -> None:
        """Remove raters, once all movies are stored."""
        self._movies_first()
        for page in pages(numbers.tolist()):
            with_retries(partial(self._users.remove, page))

    def _movies_first(self) -> None:
        # A rater who has the change is passed over when it is made again, so that movies which
        # follow from it would never be written if the run died in between.
        if not self._movies_done:
            self._lock.wait()
            self._movies_done = True

    def publish(self) -> str:
        """Record the new manifest; delete all other versions where raters were forgotten.

        Raises IndexProblem where another version became current meanwhile.
        """
        assert self.pending is not None
        self._lock.wait()
        manifest, number = self.pending.manifest, self.current.version
        if manifest.maintenance.forgot_raters:
            for other in self._versions.versions():
                if other.manifest is not None and other.number != number:
                    self._check_current()
                    with contextlib.suppress(VersionGoneError):
                        self._versions.drop(other.number)
        self._check_current()
        metadata = {MANIFEST: write_manifest(manifest), PENDING: ""}
        with_retries(partial(self._users.describe, metadata))
        self._reading.renew()
        return number

    def _check_current(self) -> None:
        """Make sure that no other version has become current."""
        assert self.pending is not None
        current, changed = with_retries(self._versions.current).number, self.current.version
        if current != changed:
            raise IndexProblem(
                f"version {current} of the index {self._versions.place} took the place of "
                f"{changed} while that was changed, without the change: run "
                f"`{self.pending.command}` again"
            )

    def close(self) -> None:
        """Let the next writer in."""
        self._lock.close()
