"""The folder of an embedded index, and the steps that keep it whole whenever a process dies.

::

    current            text: name of the version that readers open, and its CRC-32; replaced
                       atomically
    build.lock         held by the one process that writes
    versions/000007/   manifest.json, users/, movies/      complete, never changed again
                       ratings.bin                         follows from users/, can be made again
    versions/000008.4711.building/                         being written; left over after a crash
    versions/000005.removing/                              being deleted; left over after a crash
"""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from recommender.errors import IndexDamagedError
from recommender.storage.edge.checksums import blocks
from recommender.storage.index import no_index
from recommender.storage.version_names import VERSION_NAME, next_version_name

__all__ = [
    "BUILDING",
    "MANIFEST",
    "POINTER",
    "VERSIONS",
    "complete_versions",
    "copy_version",
    "create_folder",
    "delete_leftovers",
    "next_version",
    "prune",
    "read_pointer",
    "replace_pointer",
    "sync",
    "sync_tree",
]

MANIFEST = "manifest.json"
POINTER = "current"
VERSIONS = "versions"
BUILDING, REMOVING = ".building", ".removing"

_DRAFTS = f"{POINTER}.*.tmp"


def read_pointer(root: Path) -> str:
    """Name of the current version.

    Raises IndexNotFoundError where nothing was ever published; or IndexDamagedError where the
    pointer names no version, or is gone and versions are there.
    """
    pointer = root / POINTER
    try:
        text = pointer.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        # With a draft, or by now a pointer, the first version is just being published.
        if not complete_versions(root) or any(root.glob(_DRAFTS)) or pointer.exists():
            raise no_index(f"in {root}") from None
        problem = "is gone"
    else:
        name, _, checksum = text.strip().partition(" ")
        if VERSION_NAME.fullmatch(name) and checksum == _checksum(name):
            return name
        problem = "names no version"
    raise IndexDamagedError(
        f"{pointer} {problem}: go back to the newest one that is whole with "
        "`kindred ingest --rollback`, or ingest again"
    )


def replace_pointer(root: Path, name: str, built: Path | None = None) -> None:
    """Make a version the current one, atomically and durably.

    ``built`` is its folder, where it has no name yet.
    """
    draft = root / f"{POINTER}.{os.getpid()}.tmp"
    try:
        draft.write_text(f"{name} {_checksum(name)}\n", encoding="ascii")
        sync(draft)
        if built is not None:
            # After the draft, because a disk that is full has no room for one and would then keep
            # a version that nobody opens; and before the pointer names it.
            built.rename(built.with_name(name))
            sync(built.parent)
        draft.replace(root / POINTER)
    finally:
        draft.unlink(missing_ok=True)
    sync(root)


def _checksum(name: str) -> str:
    return f"{zlib.crc32(name.encode()):08x}"


def complete_versions(root: Path) -> list[str]:
    """Names of complete versions, oldest first."""
    folder = root / VERSIONS
    if not folder.is_dir():
        return []
    names = (entry.name for entry in folder.iterdir() if VERSION_NAME.fullmatch(entry.name))
    return sorted(names, key=int)


def create_folder(root: Path) -> None:
    """Create a folder, and those above it, durably."""
    new = [path for path in (root, *root.parents) if not path.exists()]
    # For its owner alone: it will hold ratings of persons.
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in new:
        sync(path.parent)


def next_version(root: Path) -> str:
    """Return a name above that of every version that is there, without a clock."""
    return next_version_name(complete_versions(root))


def delete_leftovers(root: Path) -> None:
    """Delete what dead writers left behind; only the holder of the build lock may."""
    for suffix in (BUILDING, REMOVING):
        for folder in (root / VERSIONS).glob(f"*{suffix}"):
            # Windows deletes nothing that another process has open; the next run tries again.
            shutil.rmtree(folder, ignore_errors=True)
    for leftover in root.glob(_DRAFTS):
        leftover.unlink(missing_ok=True)


def copy_version(source: Path, target: Path, names: Iterable[str]) -> None:
    """Copy the files of a version that never change, even while other processes load it.

    The holes of files that the engine preallocated stay holes.
    """
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        with (source / name).open("rb") as old, (target / name).open("wb") as new:
            new.truncate(os.fstat(old.fileno()).st_size)
            for at, block in blocks(old):
                new.seek(at)
                new.write(block)


def prune(root: Path, keep: set[str]) -> list[Path]:
    """Delete all complete versions but these; renamed first, so that no half of one looks complete.

    Returns folders that cannot be deleted, because Windows deletes nothing that another process has
    open; the next run tries again.
    """
    folder = root / VERSIONS
    for name in set(complete_versions(root)) - keep:
        with suppress(OSError):
            (folder / name).rename(folder / (name + REMOVING))
    for doomed in folder.glob(f"*{REMOVING}"):
        shutil.rmtree(doomed, ignore_errors=True)
    sync(folder)
    left = [folder / name for name in complete_versions(root) if name not in keep]
    return [*left, *folder.glob(f"*{REMOVING}")]


def sync(path: Path) -> None:
    """Force a file, or the entries of a folder, onto the disk."""
    # Windows cannot open folders; its renames are logged by the file system.
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Force a folder, everything in it and its entry in the parent onto the disk."""
    for path in [*folder.rglob("*"), folder, folder.parent]:
        sync(path)
