"""The folder of an embedded index, and the steps that keep it whole whenever a process dies.

::

    current            text: name of the version that readers open; replaced atomically
    build.lock         held by the one process that writes
    versions/000007/   manifest.json, users/, movies/      complete, never changed again
    versions/000008.4711.building/                         in the making; debris after a crash
    versions/000005.removing/                              being deleted; debris after a crash
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path

from recommender.errors import IndexDamagedError

__all__ = [
    "MANIFEST",
    "clear_debris",
    "complete_versions",
    "copy_version",
    "fingerprints",
    "missing_or_resized",
    "next_version",
    "prune",
    "read_pointer",
    "replace_text",
    "sync_tree",
]

MANIFEST = "manifest.json"
POINTER = "current"
VERSIONS = "versions"
BUILDING, REMOVING = ".building", ".removing"

_NAME = re.compile(r"\d{6,}")
# Loading a shard rewrites its configuration file, so that one is not fingerprinted.
_REWRITTEN = "edge_config.json"
_BLOCK = 1 << 20


def read_pointer(root: Path) -> str:
    """Name of the current version; FileNotFoundError where nothing was published."""
    name = (root / POINTER).read_text(encoding="ascii", errors="replace").strip()
    if not _NAME.fullmatch(name):
        raise IndexDamagedError(f"{root / POINTER} names no version: ingest again")
    return name


def complete_versions(root: Path) -> list[str]:
    """Names of complete versions, oldest first."""
    folder = root / VERSIONS
    if not folder.is_dir():
        return []
    names = (entry.name for entry in folder.iterdir() if _NAME.fullmatch(entry.name))
    return sorted(names, key=int)


def next_version(root: Path) -> str:
    """Return a name above every version that was ever there; no clock is asked."""
    numbers = [int(name) for name in complete_versions(root)]
    with contextlib.suppress(FileNotFoundError, IndexDamagedError):
        numbers.append(int(read_pointer(root)))
    return f"{max(numbers, default=0) + 1:06d}"


def clear_debris(root: Path) -> None:
    """Delete what dead writers left; only the holder of the build lock may."""
    for suffix in (BUILDING, REMOVING):
        for folder in (root / VERSIONS).glob(f"*{suffix}"):
            # What is still open elsewhere cannot be deleted on every system; the next run does.
            shutil.rmtree(folder, ignore_errors=True)
    for leftover in root.glob(f"{POINTER}.*.tmp"):
        leftover.unlink(missing_ok=True)


def copy_version(source: Path, target: Path, names: Iterable[str]) -> None:
    """Copy the files of a version that never change, whoever loads it meanwhile.

    The holes of files that an engine preallocated stay holes.
    """
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        _copy_file(source / name, target / name)


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as old, target.open("wb") as new:
        end, at = os.fstat(old.fileno()).st_size, 0
        new.truncate(end)
        while at < end:
            at, hole = _data(old.fileno(), at, end)
            while at < hole:
                old.seek(at)
                new.seek(at)
                block = old.read(min(_BLOCK, hole - at))
                if not block:
                    raise OSError(errno.EIO, f"{source} became shorter while it was copied")
                at += new.write(block)


def _data(file: int, at: int, end: int) -> tuple[int, int]:
    """Where the next data begin and end; all that is left, where the system tells of no holes."""
    if not hasattr(os, "SEEK_DATA"):  # Windows
        return at, end
    try:
        first = os.lseek(file, at, os.SEEK_DATA)
        return first, os.lseek(file, first, os.SEEK_HOLE)
    except OSError as error:
        if error.errno == errno.ENXIO:  # nothing but a hole
            return end, end
        if error.errno in (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP):
            return at, end
        raise


def prune(root: Path, keep: set[str]) -> list[Path]:
    """Delete all complete versions but these, so that a half-deleted one never looks complete.

    Returns folders that cannot be deleted, as what is open elsewhere on a system that minds; the
    next run does.
    """
    left = []
    for name in complete_versions(root):
        if name in keep:
            continue
        folder = root / VERSIONS / name
        try:
            folder.rename(folder.with_name(name + REMOVING))
        except OSError:
            left.append(folder)
    for doomed in (root / VERSIONS).glob(f"*{REMOVING}"):
        shutil.rmtree(doomed, ignore_errors=True)
        if doomed.exists():
            left.append(doomed)
    return left


def fingerprints(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and CRC-32 of every file below a version folder, by relative path.

    They are there to notice decay, not malice; CRC-32 takes a tenth of the time of SHA-256, which
    counts because an engine preallocates large files however little there is to store.
    """
    prints = {}
    for path in sorted(folder.rglob("*")):
        if path.name in (_REWRITTEN, MANIFEST) or not path.is_file():
            continue
        check = 0
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                check = zlib.crc32(block, check)
        prints[path.relative_to(folder).as_posix()] = (path.stat().st_size, check)
    return prints


def missing_or_resized(folder: Path, prints: dict[str, tuple[int, int]]) -> str | None:
    """First file that is not there with its recorded size, or None."""
    for name, (size, _) in prints.items():
        try:
            if (folder / name).stat().st_size != size:
                return name
        except OSError:
            return name
    return None


def _sync(path: Path) -> None:
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
        _sync(path)


def replace_text(path: Path, text: str) -> None:
    """Replace a file's text atomically and durably."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.write_text(text, encoding="ascii")
    _sync(draft)
    draft.replace(path)
    _sync(path.parent)
