"""An index in a folder, as a store of versions."""

from __future__ import annotations

from collections.abc import Hashable
from importlib.metadata import version as installed
from pathlib import Path

from recommender.errors import IndexDamagedError, IndexFormatError, IndexProblem
from recommender.storage.edge import files, versions
from recommender.storage.edge.writer import EdgeUpdater, EdgeWriter
from recommender.storage.index import Index, no_earlier_version

__all__ = ["EdgeStore"]

# Versions that may be replaced and pruned while the current one is opened.
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
        """Content and identity of the pointer, which is replaced whole at every publication."""
        with versions.read_errors(self._path):
            found = (self._path / files.POINTER).stat()
            # All three, because inode numbers are used again, and clocks are coarse or set back.
            text = files.read_text(self._path / files.POINTER)
        return (text, found.st_ino, found.st_mtime_ns)

    def renew(self) -> None:
        """Do nothing: nothing is remembered."""

    def engine(self) -> tuple[str, int | None]:
        """Version of the engine in this process; there are no nodes."""
        return f"Qdrant Edge {installed('qdrant-edge-py')}", None

    def open(self) -> Index:
        """Open the current version; if it is pruned meanwhile, the one that replaced it."""
        for _ in range(_TRIES):
            with versions.read_errors(self._path):
                name = files.read_pointer(self._path)
                try:
                    return versions.open_version(self._path / files.VERSIONS / name)
                except (FileNotFoundError, NotADirectoryError):
                    continue
                except IndexProblem as error:
                    if name != files.read_pointer(self._path):
                        continue
                    if isinstance(error, IndexDamagedError | IndexFormatError):
                        hint = versions.rollback_hint(self._path, name)
                        raise type(error)(f"{error}{hint}") from None
                    raise
        raise IndexDamagedError(
            f"the current version {name} of the index in {self._path} is gone: ingest again"
            f"{versions.rollback_hint(self._path, name)}"
        )

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

        Where the pointer itself is damaged, that is the newest of all.
        """
        with versions.read_errors(self._path):
            (self._path / files.POINTER).stat()
        with versions.acquire_lock(self._path):
            with versions.read_errors(self._path):
                target = self._newest_undamaged(self._earlier())
            with versions.write_errors(self._path):
                files.replace_pointer(self._path, target)
        return target

    def _earlier(self) -> list[str]:
        names = files.complete_versions(self._path)
        try:
            current = files.read_pointer(self._path)
        except IndexDamagedError:
            if not names:
                raise
            return names
        if versions.forgot_raters(self._path / files.VERSIONS / current):
            versions.prune_before(self._path, current)
            names = [current]
        if not (earlier := [name for name in names if int(name) < int(current)]):
            raise no_earlier_version(current, f"in {self.place}")
        return earlier

    def _newest_undamaged(self, names: list[str]) -> str:
        problem: Exception | None = None
        for name in reversed(names):
            try:
                versions.open_version(self._path / files.VERSIONS / name, thorough=True).close()
            except (IndexProblem, OSError) as error:
                problem = problem or error
            else:
                return name
        assert problem is not None
        if isinstance(problem, IndexProblem):
            raise problem
        raise IndexDamagedError(f"version {names[-1]} cannot be read ({problem}): ingest again")

    def verify(self) -> tuple[str, ...]:
        """Compare every byte of all versions that are kept with what was written."""
        with versions.read_errors(self._path):
            current = files.read_pointer(self._path)
        checked = []
        for name in sorted({current, *files.complete_versions(self._path)}, key=int, reverse=True):
            folder = self._path / files.VERSIONS / name
            try:
                versions.check_version(folder, thorough=True)
            except (IndexDamagedError, IndexFormatError, OSError) as error:
                if name != current and not folder.exists():  # deleted meanwhile
                    continue
                hint = versions.rollback_hint(self._path, name) if name == current else ""
                if isinstance(error, OSError):
                    raise IndexDamagedError(
                        f"{folder} cannot be read ({error.strerror}): ingest again{hint}"
                    ) from None
                raise type(error)(f"{error}{hint}") from None
            checked.append(name)
        return tuple(checked)

    def close(self) -> None:
        """Do nothing: nothing is held open between calls."""
