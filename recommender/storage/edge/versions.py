"""Checking and opening the versions of an embedded index, and the lock of its one writer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from pathlib import Path

from recommender.arrays import Floats, Ints
from recommender.errors import IndexBusyError, IndexDamagedError, IndexProblem
from recommender.storage.edge import files, ratings_file
from recommender.storage.edge.checksums import find_change, find_damage, find_missing
from recommender.storage.edge.engine import Shard
from recommender.storage.edge.ratings_file import RatingsFile
from recommender.storage.encoding import RatedMovies
from recommender.storage.index import Index
from recommender.storage.manifest import Manifest, read_manifest

__all__ = [
    "acquire_lock",
    "check_version",
    "forgot_raters",
    "needed_versions",
    "open_version",
    "prune_before",
    "read_errors",
    "versions_before",
    "write_errors",
]

_LOCK = "build.lock"
_LOOK = 1.0
"""Seconds for which the files of an open version are not looked at again."""


class _OpenVersion(Index):
    """A version in a folder, open for reading."""

    def __init__(self, folder: Path, manifest: Manifest, users: Shard, movies: Shard) -> None:
        super().__init__(folder.name, manifest, users, movies)
        self._folder, self._whole, self._looked = folder, True, time.monotonic()
        # Versions written before there was such a file have none.
        there = ratings_file.NAME in manifest.files
        self._ratings = RatingsFile(folder / ratings_file.NAME) if there else None

    def ratings(self, numbers: Ints) -> tuple[Floats, RatedMovies]:
        """Lengths of stored raters, and their ratings: from the file, where there is one."""
        if self._ratings is None:
            return super().ratings(numbers)
        return self._ratings.ratings(numbers)

    def close(self) -> None:
        """Release the shards, and the file of ratings: what it holds may be deleted by now."""
        super().close()
        self._ratings = None

    def is_whole(self) -> bool:
        """Tell whether all files are still there and of their sizes, looking once a second."""
        if self._whole and time.monotonic() - self._looked > _LOOK:
            self._looked, self._whole = time.monotonic(), False
            with suppress(OSError):
                self._whole = find_missing(self._folder, self.manifest) is None
        return self._whole


def check_version(folder: Path, *, thorough: bool) -> Manifest:
    """Check the files of a version against its manifest: see :func:`find_damage`.

    Raises IndexFormatError where it was written in another format; or IndexDamagedError where files
    are missing, too many or not as they were written. The file of ratings is made again then; where
    there is no room for it, the manifest returned does not name it.
    """
    try:
        manifest = _manifest(folder)
        # Without the file of ratings, which is made from these.
        wrong = find_damage(folder, _only(manifest, ratings=False), thorough=thorough)
        if not wrong and ratings_file.NAME in manifest.files:
            manifest, wrong = _with_ratings(folder, manifest, thorough=thorough)
    except PermissionError:
        raise
    except OSError as error:
        raise IndexDamagedError(
            f"{folder} cannot be read ({error.strerror}): ingest again"
        ) from None
    if wrong:
        raise IndexDamagedError(
            f"{folder / wrong} is missing or not as it was written: ingest again"
        )
    return manifest


def _only(manifest: Manifest, *, ratings: bool) -> Manifest:
    """The manifest of the file of ratings alone, or of all others."""
    kept = {n: of for n, of in manifest.files.items() if (n == ratings_file.NAME) == ratings}
    return manifest.model_copy(update={"files": kept})


def _with_ratings(
    folder: Path, manifest: Manifest, *, thorough: bool
) -> tuple[Manifest, str | None]:
    """Make the file of ratings again if it is missing or wrong.

    Returns the manifest, without the file where it cannot be written, and the file's name if it is
    not as it was although it was made again.
    """
    alone = _only(manifest, ratings=True)
    wrong = find_missing(folder, alone) or find_change(folder, alone, thorough=thorough)
    if not wrong:
        return manifest, None
    try:
        ratings_file.make_again(folder, manifest)
    except OSError:
        return _only(manifest, ratings=False), None
    return manifest, find_missing(folder, alone) or find_change(folder, alone, thorough=True)


def _manifest(folder: Path) -> Manifest:
    path = folder / files.MANIFEST
    return read_manifest(path.read_text(encoding="utf-8", errors="replace"), str(path))


def open_version(folder: Path, *, thorough: bool = False) -> Index:
    """Open a version folder; errors are those of :func:`check_version`."""
    manifest = check_version(folder, thorough=thorough)
    # Closed whatever fails, Ctrl-C too: nobody else has the shards.
    with ExitStack() as opened:
        shards = [
            opened.enter_context(closing(Shard.load(folder / part))) for part in ("users", "movies")
        ]
        version = _OpenVersion(folder, manifest, *shards)
        opened.pop_all()
        return version


def forgot_raters(folder: Path) -> bool:
    """Tell whether raters were forgotten to make a version; False where it cannot be read.

    A damaged version says nothing, and the one before it may be all that is left.
    """
    with suppress(OSError, IndexProblem):
        return _manifest(folder).maintenance.forgot_raters
    return False


def versions_before(root: Path, version: str | None) -> list[str]:
    """Names of the versions that may be gone back to from one, newest first.

    Without one, of all. None from before raters were forgotten is among them.
    """
    found = list[str]()
    for name in files.complete_versions(root)[::-1]:
        last = found[-1] if found else version
        if last is not None and forgot_raters(root / files.VERSIONS / last):
            break
        if version is None or int(name) < int(version):
            found.append(name)
    return found


def needed_versions(root: Path) -> set[str]:
    """Names of the versions that readers and a rollback need: the current one, if there is one.

    Where that is not whole, or there is no pointer to one, the newest that is whole is kept too.
    """
    current = set[str]()
    with suppress(IndexProblem):
        current = {files.read_pointer(root)}
    for name in [*current, *files.complete_versions(root)[::-1]]:
        with suppress(IndexProblem, OSError):
            # Not thorough: who goes back compares all bytes.
            check_version(root / files.VERSIONS / name, thorough=False)
            return current | {name}
    return current


def prune_before(root: Path, version: str) -> None:
    """Delete all versions before one with which raters were forgotten.

    The process that forgot them may have been killed before it did so itself.

    Raises IndexProblem where one is left.
    """
    later = {name for name in files.complete_versions(root) if int(name) >= int(version)}
    if left := files.prune(root, later):
        raise IndexProblem(
            f"people were forgotten, but {left[0]} still holds them and cannot be deleted: end "
            "what has it open, and delete it"
        )


def acquire_lock(root: Path) -> AbstractContextManager[object]:
    """Take the build lock of a folder that is, or may become, an index, until the context ends."""
    # Imported here, because readers need no lock.
    from filelock import FileLock, Timeout  # noqa: PLC0415

    with write_errors(root):
        files.create_folder(root)
        known = {files.POINTER, files.VERSIONS, _LOCK}
        others = sorted(entry.name for entry in root.iterdir() if entry.name not in known)
        if others and not (root / files.VERSIONS).is_dir():
            raise IndexProblem(
                f"{root} holds something else ({others[0]}): give an empty or new folder "
                "for the index"
            )
        try:
            return FileLock(root / _LOCK, timeout=0).acquire()
        except Timeout:
            raise IndexBusyError(
                f"another ingest is writing the index in {root}: wait for it to end, or give "
                "another folder"
            ) from None


@contextmanager
def read_errors(root: Path, action: str = "read", way_out: str = "") -> Iterator[None]:
    """Turn what the system raises where an index is read into Kindred's errors."""
    try:
        yield
    except OSError as error:
        raise IndexProblem(
            f"cannot {action} the index in {root}: {error.strerror}{way_out}"
        ) from None


def write_errors(root: Path) -> AbstractContextManager[None]:
    """Turn what the system raises where an index is written into Kindred's errors."""
    return read_errors(root, "write", "; make room there, or give another folder")
