"""Writing a version of an embedded index: from nothing, or as a changed copy of the current one."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

from recommender.arrays import Ints
from recommender.storage.edge import files, ratings_file, versions
from recommender.storage.edge.checksums import file_checksums
from recommender.storage.edge.engine import Shard
from recommender.storage.edge.ratings_file import RatingsWriter
from recommender.storage.edge.worker import ShardProcess
from recommender.storage.encoding import MOVIE
from recommender.storage.index import PendingChange
from recommender.storage.manifest import Manifest, write_manifest
from recommender.storage.memory import check_limits
from recommender.storage.rater_conditions import indexed_fields
from recommender.storage.vectors import PointBatch

__all__ = ["EdgeUpdater", "EdgeWriter"]

PARALLEL_FROM = 1_000_000
"""Ratings from which on two processes build the shards; with fewer, starting them costs what it
saves."""


class EdgeWriter:
    """A new version, built beside the current one by the one holder of the build lock."""

    def __init__(self, root: Path) -> None:
        check_limits()
        self._root = root
        self._ratings: RatingsWriter | None = None
        # Closed in reverse order: the lock is released last, whatever fails before.
        with ExitStack() as begun:
            begun.enter_context(versions.acquire_lock(root))
            begun.callback(files.delete_leftovers, root)
            self._begin(begun)
            # From here on the caller has a writer to close.
            self._closing = begun.pop_all()

    def _begin(self, closing: ExitStack) -> None:
        self._new_folder()

    def _new_folder(self) -> Path:
        with versions.write_errors(self._root):
            files.delete_leftovers(self._root)
            self._name = files.next_version(self._root)
        # With the id of this process: the shard processes of a killed writer may go on writing for
        # a moment, and must not write here.
        draft = f"{self._name}.{os.getpid()}{files.BUILDING}"
        self._folder = self._root / files.VERSIONS / draft
        return self._folder

    def expect(self, manifest: Manifest) -> None:
        """Create the shards, and index the payload fields that are searched by.

        Done before the points arrive: later the engine would read all payloads once more.
        """
        create: Callable[[Path], Shard | ShardProcess]
        create = ShardProcess if manifest.counts.ratings >= PARALLEL_FROM else Shard.create
        self._users = self._closing.enter_context(closing(create(self._folder / "users")))
        self._movies = self._closing.enter_context(closing(create(self._folder / "movies")))
        with versions.write_errors(self._root):
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / ratings_file.NAME
            self._ratings = self._closing.enter_context(
                closing(RatingsWriter(path, timed=manifest.timed))
            )
        for name, integer in indexed_fields(manifest):
            self._users.index_field(name, integer=integer)
        self._movies.index_field(MOVIE, integer=manifest.movie_ids == "int")

    def add_users(self, batch: PointBatch) -> None:
        """Add raters; those of a version that is made from nothing by ascending dense number."""
        self._users.add(batch)
        if self._ratings is not None:
            with versions.write_errors(self._root):
                self._ratings.add(zip(batch.ids.tolist(), batch.payloads, strict=True))

    def add_movies(self, batch: PointBatch) -> None:
        """Add movies."""
        self._movies.add(batch)

    def finish(self, manifest: Manifest) -> None:
        """Build the search structures, record the files' checksums, and force all onto the disk."""
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda shard: shard.seal(), (self._users, self._movies)))
        with versions.write_errors(self._root):
            if self._ratings is not None:
                self._ratings.finish()
            else:
                ratings_file.make_again(self._folder, manifest)
            complete = manifest.model_copy(update={"files": file_checksums(self._folder)})
            path = self._folder / files.MANIFEST
            path.write_text(write_manifest(complete), encoding="utf-8")
            files.sync_tree(self._folder)

    def publish(self) -> str:
        """Switch the pointer, then delete all but the new version and what a rollback needs."""
        with versions.write_errors(self._root):
            self._switch(versions.needed_versions(self._root))
        return self._name

    def _switch(self, keep: set[str]) -> None:
        """Switch the pointer, then delete all but the new version and those to keep."""
        files.replace_pointer(self._root, self._name, self._folder)
        files.prune(self._root, keep | {self._name})

    @property
    def peak_mb(self) -> float:
        """Most memory of the processes that built the shards, in MiB, together at most."""
        shards = (self._users, self._movies)
        return sum(shard.peak_mb for shard in shards if isinstance(shard, ShardProcess))

    def close(self) -> None:
        """Discard what was not published and let the next writer in."""
        self._closing.close()


class EdgeUpdater(EdgeWriter):
    """Changes to the current version, made in a copy that takes its place."""

    pending: PendingChange | None = None
    """Always None: it is a copy that is changed, so that no change is ever half done."""

    def _begin(self, closing: ExitStack) -> None:
        with versions.read_errors(self._root):
            folder = self._root / files.VERSIONS / files.read_pointer(self._root)
            # Thorough, because the copy gets checksums of its own, which would match any damage.
            self.current = versions.open_version(folder, thorough=True)
        closing.callback(self.current.close)
        if self.current.manifest.maintenance.forgot_raters:
            versions.prune_before(self._root, folder.name)

    def begin(self, change: PendingChange) -> Manifest:
        """Copy the current version."""
        self._next = change.manifest
        folder = self._new_folder()
        with versions.write_errors(self._root):
            source = folder.with_name(self.current.version)
            # The file of ratings is made from the points, once these are changed.
            files.copy_version(
                source, folder, self.current.manifest.files.keys() - {ratings_file.NAME}
            )
        vacuum = self._next.maintenance.forgot_raters
        # By two names: what takes raters away is a Shard, and _users may also be a ShardProcess.
        self._users = self._changed = Shard.change(folder / "users", vacuum=vacuum)
        self._closing.callback(self._users.close)
        self._movies = Shard.change(folder / "movies", vacuum=vacuum)
        self._closing.callback(self._movies.close)
        return self._next

    def remove_users(self, numbers: Ints) -> None:
        """Remove raters."""
        self._changed.remove(numbers)

    def publish(self) -> str:
        """Complete the copy and switch to it; keep no version before where raters were forgotten.

        Raises IndexProblem where such a version cannot be deleted.
        """
        self.finish(self._next)
        forgot = self._next.maintenance.forgot_raters
        with versions.write_errors(self._root):
            self._switch(set() if forgot else {self.current.version})
        if forgot:
            versions.prune_before(self._root, self._name)
        return self._name
