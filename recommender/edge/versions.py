"""Opening a version of an embedded index, and the lock of whoever writes one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from recommender.edge import files
from recommender.edge.engine import Shard
from recommender.errors import IndexBusyError, IndexDamagedError, IndexProblem
from recommender.index import Index, nothing_there
from recommender.manifest import read_manifest

__all__ = ["locked", "open_version", "prune_before", "reading", "stands_alone", "writing"]

_LOCK = "build.lock"


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


def stands_alone(folder: Path) -> bool:
    """Tell whether people were forgotten with a version; one that cannot be read does not say so.

    The version before is the way out where the current one is damaged.
    """
    with suppress(OSError, IndexProblem):
        text = (folder / files.MANIFEST).read_text(encoding="utf-8", errors="replace")
        return read_manifest(text, folder.name).upkeep.alone
    return False


def prune_before(root: Path, version: str) -> None:
    """Delete all versions before one with which people were forgotten.

    Whoever forgot them may have been killed before that. Raises IndexProblem where one is left.
    """
    later = {name for name in files.complete_versions(root) if int(name) >= int(version)}
    if left := files.prune(root, later):
        raise IndexProblem(
            f"people were forgotten, but {left[0]} still holds them and cannot be deleted: end "
            "what has it open, and delete it"
        )


def locked(root: Path) -> FileLock:
    """Take the build lock of a folder that is, or may become, an index."""
    try:
        with writing(root):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)  # people's ratings are in it
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
def reading(root: Path) -> Iterator[None]:
    """Say what cannot be read there, in one error of ours."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise nothing_there(f"in {root}") from None
    except OSError as error:
        raise IndexProblem(f"cannot read the index in {root}: {error.strerror}") from None


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Say what cannot be written there, in one error of ours."""
    try:
        yield
    except Timeout:  # an OSError too, but about the lock and not the disk
        raise
    except OSError as error:
        raise IndexProblem(
            f"cannot write the index in {root}: {error.strerror}; make room there, or give "
            "another folder"
        ) from None
