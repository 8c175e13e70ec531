"""A folder that holds the versions of an embedded index."""

from __future__ import annotations

from collections.abc import Hashable
from importlib.metadata import version as installed
from pathlib import Path

from recommender.edge import files
from recommender.edge.versions import (
    locked,
    open_version,
    prune_before,
    reading,
    stands_alone,
    writing,
)
from recommender.edge.writer import EdgeUpdater, EdgeWriter
from recommender.errors import IndexDamagedError, IndexProblem
from recommender.index import Index, nothing_before

__all__ = ["EdgeStore"]

_TRIES = 3


class EdgeStore:
    """The versions of an index in a folder: one pointer to the current one, one writer at a time.

    Readers open complete versions only, without the engine's log, so that any number of processes
    may. They need write permission on the folder because loading a shard touches its files.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> str:
        """The folder."""
        return str(self._path)

    def token(self) -> Hashable:
        """Identity of the pointer file, which is replaced whole at every publication."""
        with reading(self._path):
            found = (self._path / files.POINTER).stat()
        return (found.st_ino, found.st_mtime_ns, found.st_size)

    def renew(self) -> None:
        """Nothing is remembered."""

    def engine(self) -> tuple[str, int | None]:
        """Version of the engine in this process; there are no nodes."""
        return f"Qdrant Edge {installed('qdrant-edge-py')}", None

    def open(self) -> Index:
        """Open the current version; if it is pruned meanwhile, the one that replaced it."""
        for _ in range(_TRIES):
            with reading(self._path):
                name = files.read_pointer(self._path)
                try:
                    return open_version(self._path / files.VERSIONS / name)
                except (FileNotFoundError, NotADirectoryError):
                    continue
                except IndexProblem:
                    if name == files.read_pointer(self._path):
                        raise
        raise IndexDamagedError(
            f"the current version {name} of the index in {self._path} is gone: ingest again"
        )

    def writer(self) -> EdgeWriter:
        """Begin a new version."""
        return EdgeWriter(self._path)

    def updater(self) -> EdgeUpdater:
        """Prepare to change the current version, in a copy that then takes its place."""
        with reading(self._path):
            files.read_pointer(self._path)
        return EdgeUpdater(self._path)

    def rollback(self) -> str:
        """Point to the newest version before the current one, once it proved to be whole."""
        with reading(self._path):
            files.read_pointer(self._path)
        lock = locked(self._path)
        try:
            with reading(self._path):
                current = files.read_pointer(self._path)
            if stands_alone(self._path / files.VERSIONS / current):
                prune_before(self._path, current)
            earlier = [n for n in files.complete_versions(self._path) if int(n) < int(current)]
            if not earlier:
                raise nothing_before(current, f"in {self.place}")
            open_version(self._path / files.VERSIONS / earlier[-1]).close()
            with writing(self._path):
                files.replace_text(self._path / files.POINTER, earlier[-1] + "\n")
            return earlier[-1]
        finally:
            lock.release()

    def close(self) -> None:
        """Nothing is held open between calls."""
