"""Writing a version of an embedded index: from nothing, or as a changed copy of the current one."""

from __future__ import annotations

from pathlib import Path

from recommender.arrays import Ints
from recommender.edge import files
from recommender.edge.engine import Shard
from recommender.edge.versions import locked, open_version, reading, writing
from recommender.errors import IndexDamagedError
from recommender.index import Pending, Points
from recommender.manifest import Manifest
from recommender.people import indexed_fields
from recommender.records import MOVIE
from recommender.vectors import PointBatch

__all__ = ["EdgeUpdater", "EdgeWriter"]


class EdgeWriter:
    """A new version, built beside the current one by the one holder of the build lock."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._shards: list[Points] = []
        self._lock = locked(root)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        folder = self._new_folder()
        self._users = self._held(Shard.create(folder / "users"))
        self._movies = self._held(Shard.create(folder / "movies"))

    def _new_folder(self) -> Path:
        with writing(self._root):
            files.clear_debris(self._root)
            self._name = files.next_version(self._root)
        self._folder = self._root / files.VERSIONS / (self._name + files.BUILDING)
        return self._folder

    def _held(self, shard: Shard) -> Shard:
        """Remember to close a shard."""
        self._shards.append(shard)
        return shard

    def add_users(self, batch: PointBatch) -> None:
        """Add people."""
        self._users.add(batch)

    def add_movies(self, batch: PointBatch) -> None:
        """Add movies."""
        self._movies.add(batch)

    def finish(self, manifest: Manifest) -> None:
        """Build the search structures, fingerprint the files and force them onto the disk."""
        for name, integer in indexed_fields(manifest):
            self._users.index_field(name, integer=integer)
        self._movies.index_field(MOVIE, integer=manifest.movie_ids == "int")
        self._seal(manifest)

    def _seal(self, manifest: Manifest) -> None:
        self._users.seal()
        self._movies.seal()
        with writing(self._root):
            manifest = manifest.model_copy(update={"files": files.fingerprints(self._folder)})
            (self._folder / files.MANIFEST).write_text(
                manifest.model_dump_json(indent=1), encoding="utf-8"
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
        self._folder.rename(self._folder.with_name(self._name))
        files.replace_text(self._root / files.POINTER, self._name + "\n")
        files.prune(self._root, keep | {self._name})

    def close(self) -> None:
        """Discard what was not published and let the next writer in."""
        if not self._lock.is_locked:
            return
        try:
            for shard in self._shards:
                shard.close()
        finally:
            files.clear_debris(self._root)
            self._lock.release()


class EdgeUpdater(EdgeWriter):
    """Changes to the current version, made in a copy that takes its place."""

    pending: Pending | None = None
    """No change is ever half done: it is the copy that is changed."""

    def _begin(self) -> None:
        with reading(self._root):
            version = files.read_pointer(self._root)
            self.current = open_version(self._root / files.VERSIONS / version)
        self._shards += [self.current.user_points, self.current.movie_points]
        if self.current.manifest.upkeep.alone:
            # Whoever forgot people may have been killed before the last step.
            files.prune(self._root, {version})

    def begin(self, change: Pending) -> Manifest:
        """Copy the current version."""
        self._next = change.manifest
        folder = self._new_folder()
        with writing(self._root):
            files.copy_tree(folder.with_name(self.current.version), folder)
        vacuum = self._next.upkeep.alone
        self._users = self._held(Shard.load(folder / "users", vacuum=vacuum))
        self._movies = self._held(Shard.load(folder / "movies", vacuum=vacuum))
        return self._next

    def remove_users(self, numbers: Ints) -> None:
        """Remove people."""
        self._users.remove(numbers)

    def publish(self) -> str:
        """Make the copy complete and switch to it; keep no version before where people left."""
        self._seal(self._next)
        with writing(self._root):
            self._switch(set() if self._next.upkeep.alone else {self.current.version})
        return self._name
