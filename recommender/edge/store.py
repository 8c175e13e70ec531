"""A folder that holds the versions of an embedded index."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from importlib.metadata import version as installed
from pathlib import Path

from filelock import FileLock, Timeout

from recommender.edge import files
from recommender.edge.engine import Shard
from recommender.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexProblem,
)
from recommender.index import Index, nothing_before, nothing_there
from recommender.manifest import Manifest, read_manifest
from recommender.people import indexed_fields
from recommender.records import MOVIE
from recommender.vectors import PointBatch

__all__ = ["EdgeStore", "EdgeWriter"]

_LOCK = "build.lock"
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
        with _reading(self._path):
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
            with _reading(self._path):
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

    def rollback(self) -> str:
        """Point to the newest version before the current one, once it proved to be whole."""
        with _reading(self._path):
            files.read_pointer(self._path)
        lock = _locked(self._path)
        try:
            with _reading(self._path):
                current = files.read_pointer(self._path)
            earlier = [n for n in files.complete_versions(self._path) if int(n) < int(current)]
            if not earlier:
                raise nothing_before(current, f"in {self.place}")
            open_version(self._path / files.VERSIONS / earlier[-1]).close()
            with _writing(self._path):
                files.replace_text(self._path / files.POINTER, earlier[-1] + "\n")
            return earlier[-1]
        finally:
            lock.release()

    def close(self) -> None:
        """Nothing is held open between calls."""


class EdgeWriter:
    """A new version, built beside the current one by the one holder of the build lock."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = _locked(root)
        try:
            with _writing(root):
                files.clear_debris(root)
                self._name = files.next_version(root)
                self._folder = root / files.VERSIONS / (self._name + files.BUILDING)
                self._users = Shard.create(self._folder / "users")
                self._movies = Shard.create(self._folder / "movies")
        except BaseException:
            files.clear_debris(root)
            self._lock.release()
            raise

    def expect(self, manifest: Manifest) -> None:
        """Nothing is gained: fields are indexed when all raters are there."""

    def add_users(self, batch: PointBatch) -> None:
        """Add stored raters."""
        self._users.add(batch)

    def add_movies(self, batch: PointBatch) -> None:
        """Add movies."""
        self._movies.add(batch)

    def finish(self, manifest: Manifest) -> None:
        """Build the search structures, fingerprint the files and force them onto the disk."""
        for name, integer in indexed_fields(manifest):
            self._users.index_field(name, integer=integer)
        self._movies.index_field(MOVIE, integer=manifest.movie_ids == "int")
        self._users.seal()
        self._movies.seal()
        with _writing(self._root):
            manifest = manifest.model_copy(update={"files": files.fingerprints(self._folder)})
            (self._folder / files.MANIFEST).write_text(
                manifest.model_dump_json(indent=1), encoding="utf-8"
            )
            files.sync_tree(self._folder)

    def publish(self) -> str:
        """Switch the pointer, then delete all but the new and the previous version."""
        with _writing(self._root):
            try:
                previous = {files.read_pointer(self._root)}
            except (FileNotFoundError, IndexDamagedError):
                previous = set()
            self._folder.rename(self._folder.with_name(self._name))
            files.replace_text(self._root / files.POINTER, self._name + "\n")
            files.prune(self._root, previous | {self._name})
        return self._name

    def close(self) -> None:
        """Discard what was not published and let the next writer in."""
        if not self._lock.is_locked:
            return
        try:
            self._users.close()
            self._movies.close()
        finally:
            files.clear_debris(self._root)
            self._lock.release()


def open_version(folder: Path) -> Index:
    """Open a version folder.

    Raises IndexFormatError where it was written in another format; or IndexDamagedError where files
    are missing or have another size than when they were written.
    """
    text = (folder / files.MANIFEST).read_text(encoding="utf-8", errors="replace")
    manifest = read_manifest(text, str(folder / files.MANIFEST))
    if wrong := files.missing_or_resized(folder, manifest.files):
        raise IndexDamagedError(
            f"{folder / wrong} is missing or not as it was written: ingest again"
        )
    users = Shard.load(folder / "users")
    try:
        return Index(folder.name, manifest, users, Shard.load(folder / "movies"))
    except BaseException:
        users.close()
        raise


def _locked(root: Path) -> FileLock:
    """Take the build lock of a folder that is, or may become, an index."""
    try:
        with _writing(root):
            root.mkdir(parents=True, exist_ok=True)
            ours = {files.POINTER, files.VERSIONS, _LOCK}
            strangers = sorted(entry.name for entry in root.iterdir() if entry.name not in ours)
            if strangers and not (root / files.VERSIONS).is_dir():
                raise IndexProblem(
                    f"{root} holds something else ({strangers[0]}): give an empty or new folder "
                    "for the index"
                )
            lock = FileLock(root / _LOCK, timeout=0)
            lock.acquire()
    except Timeout:
        raise IndexBusyError(
            f"another ingest is writing the index in {root}: wait for it to end, or give another "
            "folder"
        ) from None
    return lock


@contextmanager
def _reading(root: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise nothing_there(f"in {root}") from None
    except OSError as error:
        raise IndexProblem(f"cannot read the index in {root}: {error.strerror}") from None


@contextmanager
def _writing(root: Path) -> Iterator[None]:
    try:
        yield
    except Timeout:  # an OSError too, but about the lock and not the disk
        raise
    except OSError as error:
        raise IndexProblem(
            f"cannot write the index in {root}: {error.strerror}; make room there, or give "
            "another folder"
        ) from None
