"""Writing a version of an embedded index: from nothing, or as a changed copy of the current one."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Protocol, TypeVar

from recommender.arrays import Ints
from recommender.errors import IndexDamagedError
from recommender.storage.edge import files
from recommender.storage.edge.checksums import config_checksums, fingerprints
from recommender.storage.edge.engine import Shard
from recommender.storage.edge.versions import locked, open_version, prune_before, reading, writing
from recommender.storage.edge.worker import ShardProcess
from recommender.storage.encoding import MOVIE
from recommender.storage.index import Pending
from recommender.storage.manifest import Manifest, write_manifest
from recommender.storage.memory import check_limits
from recommender.storage.rater_conditions import indexed_fields
from recommender.storage.vectors import PointBatch

__all__ = ["EdgeUpdater", "EdgeWriter"]

APART = 2_000_000
"""Ratings from which on two processes build the shards; with fewer, starting them costs what it
saves."""


class _Closing(Protocol):
    def close(self) -> None: ...


S = TypeVar("S", bound=_Closing)


class EdgeWriter:
    """A new version, built beside the current one by the one holder of the build lock."""

    def __init__(self, root: Path) -> None:
        check_limits()
        self._root = root
        self._shards: list[_Closing] = []
        self._indexed = False
        self._lock = locked(root)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        self._new_folder()

    def _new_folder(self) -> Path:
        with writing(self._root):
            files.clear_debris(self._root)
            self._name = files.next_version(self._root)
        # Named for this process: the workers of one that was killed may write for a moment yet.
        draft = f"{self._name}.{os.getpid()}{files.BUILDING}"
        self._folder = self._root / files.VERSIONS / draft
        return self._folder

    def _held(self, shard: S) -> S:
        """Remember to close a shard."""
        self._shards.append(shard)
        return shard

    def expect(self, manifest: Manifest) -> None:
        """Make points findable as they arrive: later it takes another reading of all payloads."""
        self._create(apart=manifest.counts.ratings >= APART)
        if not self._indexed:
            for name, integer in indexed_fields(manifest):
                self._users.index_field(name, integer=integer)
            self._movies.index_field(MOVIE, integer=manifest.movie_ids == "int")
            self._indexed = True

    def _create(self, *, apart: bool) -> None:
        """Create the shards, once; ``apart`` in processes of their own."""
        if not hasattr(self, "_users"):
            kind: Callable[[Path], Shard | ShardProcess] = ShardProcess if apart else Shard.create
            self._users = self._held(kind(self._folder / "users"))
            self._movies = self._held(kind(self._folder / "movies"))

    def add_users(self, batch: PointBatch) -> None:
        """Add people."""
        self._create(apart=False)
        self._users.add(batch)

    def add_movies(self, batch: PointBatch) -> None:
        """Add movies."""
        self._create(apart=False)
        self._movies.add(batch)

    def finish(self, manifest: Manifest) -> None:
        """Build the search structures, fingerprint the files and force them onto the disk."""
        self.expect(manifest)
        with ThreadPoolExecutor(2) as both:
            list(both.map(lambda shard: shard.seal(), (self._users, self._movies)))
        with writing(self._root):
            found = {
                "files": fingerprints(self._folder),
                "config_checksums": config_checksums(self._folder),
            }
            (self._folder / files.MANIFEST).write_text(
                write_manifest(manifest.model_copy(update=found)), encoding="utf-8"
            )
            files.sync_tree(self._folder)

    def publish(self) -> str:
        """Switch the pointer, then delete all but the new and the previous version."""
        with writing(self._root):
            try:
                previous = {files.read_pointer(self._root)}
            except (FileNotFoundError, IndexDamagedError):
                previous = set()
            self._switch(previous)
        return self._name

    def _switch(self, keep: set[str]) -> None:
        """Switch the pointer, then delete all but the new version and what is to be kept."""
        whole = self._folder.rename(self._folder.with_name(self._name))
        try:
            files.sync(whole.parent)  # before the pointer says that it is there
            files.replace_pointer(self._root, self._name)
        except BaseException:
            # What nobody points to would pass for a version that is kept, and take its room.
            if not self._is_current():
                whole.rename(self._folder)
            raise
        files.prune(self._root, keep | {self._name})

    def _is_current(self) -> bool:
        with suppress(OSError, IndexDamagedError):
            return files.read_pointer(self._root) == self._name
        return False

    @property
    def peak_mb(self) -> float:
        """Most memory of the processes that built the shards, in MiB, together at most."""
        shards = (self._users, self._movies)
        return sum(shard.peak_mb for shard in shards if isinstance(shard, ShardProcess))

    def close(self) -> None:
        """Discard what was not published and let the next writer in."""
        if not self._lock.is_locked:
            return
        with ExitStack() as last:
            last.callback(self._lock.release)
            last.callback(files.clear_debris, self._root)
            for shard in self._shards:
                last.callback(shard.close)


class EdgeUpdater(EdgeWriter):
    """Changes to the current version, made in a copy that takes its place."""

    pending: Pending | None = None
    """No change is ever half done: it is the copy that is changed."""

    def _begin(self) -> None:
        with reading(self._root):
            version = files.read_pointer(self._root)
            # Thorough, because the checksums of a copy would call right what is wrong.
            self.current = open_version(self._root / files.VERSIONS / version, thorough=True)
        self._shards += [self.current.user_points, self.current.movie_points]
        if self.current.manifest.maintenance.forgot_raters:
            prune_before(self._root, version)

    def begin(self, change: Pending) -> Manifest:
        """Copy the current version."""
        self._next = change.manifest
        folder = self._new_folder()
        with writing(self._root):
            source = folder.with_name(self.current.version)
            files.copy_version(source, folder, self.current.manifest.files)
        vacuum, self._indexed = self._next.maintenance.forgot_raters, True
        self._users = self._changed = self._held(Shard.change(folder / "users", vacuum=vacuum))
        self._movies = self._held(Shard.change(folder / "movies", vacuum=vacuum))
        return self._next

    def remove_users(self, numbers: Ints) -> None:
        """Remove people."""
        self._changed.remove(numbers)

    def publish(self) -> str:
        """Make the copy complete and switch to it; keep no version before where people left.

        Raises IndexProblem where such a version cannot be deleted.
        """
        self.finish(self._next)
        alone = self._next.maintenance.forgot_raters
        with writing(self._root):
            self._switch(set() if alone else {self.current.version})
        if alone:
            prune_before(self._root, self._name)
        return self._name
