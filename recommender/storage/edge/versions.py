"""Checking and opening the versions of an embedded index, and the lock of its one writer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from recommender.errors import IndexBusyError, IndexDamagedError, IndexProblem
from recommender.storage.edge import files
from recommender.storage.edge.checksums import find_damage
from recommender.storage.edge.engine import Shard
from recommender.storage.index import Index, no_index
from recommender.storage.manifest import Manifest, read_manifest

__all__ = [
    "acquire_lock",
    "check_version",
    "forgot_raters",
    "open_version",
    "prune_before",
    "read_errors",
    "rollback_hint",
    "write_errors",
]

_LOCK = "build.lock"


def check_version(folder: Path, *, thorough: bool) -> Manifest:
    """Check the files of a version against its manifest: see :func:`find_damage`.

    Raises IndexFormatError where it was written in another format; or IndexDamagedError where files
    are missing, too many or not as they were written.
    """
    manifest = _manifest(folder)
    if wrong := find_damage(folder, manifest, thorough=thorough):
        raise IndexDamagedError(
            f"{folder / wrong} is missing or not as it was written: ingest again"
        )
    return manifest


def _manifest(folder: Path) -> Manifest:
    return read_manifest(files.read_text(folder / files.MANIFEST), str(folder / files.MANIFEST))


def open_version(folder: Path, *, thorough: bool = False) -> Index:
    """Open a version folder; errors are those of :func:`check_version`."""
    manifest = check_version(folder, thorough=thorough)
    users = Shard.load(folder / "users")
    try:
        return Index(folder.name, manifest, users, Shard.load(folder / "movies"))
    except BaseException:
        # Ctrl-C too: nobody else has the first shard to close it.
        users.close()
        raise


def forgot_raters(folder: Path) -> bool:
    """Tell whether raters were forgotten to make a version; False where it cannot be read.

    A damaged version says nothing, and the one before it may be all that is left.
    """
    with suppress(OSError, IndexProblem):
        return _manifest(folder).maintenance.forgot_raters
    return False


def rollback_hint(root: Path, version: str) -> str:
    """End of a message about a damaged version: how to go back to an earlier one, or nothing."""
    if forgot_raters(root / files.VERSIONS / version):
        return ""
    for name in reversed(files.complete_versions(root)):
        if int(name) < int(version):
            with suppress(OSError, IndexProblem):
                # Not thorough: the rollback compares all bytes, and messages may be made often.
                check_version(root / files.VERSIONS / name, thorough=False)
                return f"; or go back to version {name}: `kindred ingest --rollback`"
    return ""


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
    try:
        with write_errors(root):
            files.create_folder(root)
            known = {files.POINTER, files.VERSIONS, _LOCK}
            others = sorted(entry.name for entry in root.iterdir() if entry.name not in known)
            if others and not (root / files.VERSIONS).is_dir():
                raise IndexProblem(
                    f"{root} holds something else ({others[0]}): give an empty or new folder "
                    "for the index"
                )
            return FileLock(root / _LOCK, timeout=0).acquire()
    except Timeout:
        raise IndexBusyError(
            f"another ingest is writing the index in {root}: wait for it to end, or give another "
            "folder"
        ) from None


@contextmanager
def read_errors(root: Path) -> Iterator[None]:
    """Turn what the system raises where an index is read into Kindred's errors."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise no_index(f"in {root}") from None
    except OSError as error:
        raise IndexProblem(f"cannot read the index in {root}: {error.strerror}") from None


@contextmanager
def write_errors(root: Path) -> Iterator[None]:
    """Turn what the system raises where an index is written into Kindred's errors."""
    try:
        yield
    except Timeout:  # an OSError too, but about the lock and not the disk
        raise
    except OSError as error:
        raise IndexProblem(
            f"cannot write the index in {root}: {error.strerror}; make room there, or give "
            "another folder"
        ) from None
