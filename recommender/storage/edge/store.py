"""An index in a folder, as a store of versions."""

from __future__ import annotations

import os
from collections.abc import Hashable
from contextlib import suppress
from importlib.metadata import version as installed
from pathlib import Path

from recommender.errors import (
    IndexDamagedError,
    IndexFormatError,
    IndexNotFoundError,
    IndexProblem,
)
from recommender.storage.edge import files, versions
from recommender.storage.edge.writer import EdgeUpdater, EdgeWriter
from recommender.storage.index import Index, no_earlier_version

__all__ = ["EdgeStore"]


class EdgeStore:
    """The versions of an index in a folder: one pointer to the current one, one writer at a time.

    Readers open complete versions only, without the engine's log, so that any number of processes
    may. They change nothing in what they read, but for the file of ratings, which they make again
    where it is wrong, and need write permission on it: the engine renews its small configuration
    files, byte by byte as they were, whenever it loads a shard.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._pointer = path, path / files.POINTER

    @property
    def place(self) -> str:
        """The folder."""
        return str(self._path)

    def token(self) -> Hashable:
        """What the pointer says and its identity, as it is always replaced."""
        with versions.read_errors(self._path):
            try:
                with self._pointer.open("rb", buffering=0) as file:
                    # All three, because inode numbers are used again, and clocks are coarse or set
                    # back. Every question asks: no more is done than tells a change.
                    found = os.fstat(file.fileno())
                    return (file.read(), found.st_ino, found.st_mtime_ns)
            except OSError:
                files.read_pointer(self._path)  # tells what is wrong
                raise

    def renew(self) -> None:
        """Do nothing: nothing is remembered."""

    def engine(self) -> tuple[str, int | None]:
        """Version of the engine in this process; there are no nodes."""
        return f"Qdrant Edge {installed('qdrant-edge-py')}", None

    def open(self) -> Index:
        """Open the current version; if it is pruned meanwhile, the one that replaced it."""
        with versions.read_errors(self._path):
            name = files.read_pointer(self._path)
            while True:
                try:
                    return versions.open_version(self._path / files.VERSIONS / name)
                except (IndexProblem, OSError) as error:
                    tried, name = name, files.read_pointer(self._path)
                    if name == tried:
                        raise self._with_way_back(error, name) from None

    def _with_way_back(self, error: Exception, version: str) -> Exception:
        others = set(files.complete_versions(self._path)) - {version}
        if others and isinstance(error, IndexDamagedError | IndexFormatError):
            back = "or go back to one that is whole: `kindred ingest --rollback`"
            return type(error)(f"{error}; {back}")
        return error

    def writer(self) -> EdgeWriter:
        """Begin a new version."""
        return EdgeWriter(self._path)

    def updater(self) -> EdgeUpdater:
        """Prepare to change the current version, in a copy that then takes its place."""
        with versions.read_errors(self._path):
            files.read_pointer(self._path)
        return EdgeUpdater(self._path)

    def rollback(self) -> str:
        """Point to the newest version before the current one that proves to be undamaged.

        Where the pointer or the current version is gone or damaged, and none before it is whole,
        that is the newest of all that is.
        """
        with versions.read_errors(self._path):
            if not files.complete_versions(self._path):
                # Before the lock, which would make a folder.
                raise no_earlier_version(files.read_pointer(self._path), f"in {self.place}")
        with versions.acquire_lock(self._path):
            with versions.read_errors(self._path):
                target = self._newest_undamaged()
            with versions.write_errors(self._path):
                files.replace_pointer(self._path, target)
        return target

    def _newest_undamaged(self) -> str:
        names, root = files.complete_versions(self._path)[::-1], self._path / files.VERSIONS
        current, order = None, versions.versions_before(self._path, None)
        with suppress(IndexDamagedError, IndexNotFoundError):
            current = files.read_pointer(self._path)
            if versions.forgot_raters(root / current):
                versions.prune_before(self._path, current)
            later = [name for name in names if int(name) > int(current)]
            order = [*versions.versions_before(self._path, current), current, *later]
        problem: Exception | None = None
        for name in order:
            try:
                versions.open_version(root / name, thorough=True).close()
            except (IndexProblem, OSError) as error:
                problem = problem or error
                continue
            if name != current:
                return name
            break
        raise problem or no_earlier_version(str(current), f"in {self.place}")

    def verify(self) -> tuple[str, ...]:
        """Compare every byte of all versions that are kept with what was written."""
        checked = []
        with versions.read_errors(self._path):
            current = files.read_pointer(self._path)
            kept = {current, *files.complete_versions(self._path)}
            for name in sorted(kept, key=int, reverse=True):
                folder = self._path / files.VERSIONS / name
                try:
                    versions.check_version(folder, thorough=True)
                except IndexProblem as error:
                    if name == current:
                        raise self._with_way_back(error, name) from None
                    if folder.exists():  # else deleted meanwhile
                        raise
                else:
                    checked.append(name)
        return tuple(checked)

    def close(self) -> None:
        """Do nothing: nothing is held open between calls."""
