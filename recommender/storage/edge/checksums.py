"""Noticing that a file of a version is not as it was written.

CRC-32 notices decay, not malice; it takes a tenth of the time of SHA-256. The holes of files that
an engine preallocated are not read: what so many zeros do to a CRC is calculated.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import IO

from recommender.storage.manifest import Manifest, json_checksum

__all__ = ["blocks", "config_checksums", "damaged", "fingerprints"]

# Loading a shard rewrites its configuration file, maybe in other words.
_REWRITTEN = "edge_config.json"
_BLOCK = 1 << 20
_POLYNOMIAL = 0xEDB88320
_ONE, _BYTE = 1 << 31, 1 << 23  # x to the power of 0 and of 8: the first bit is the lowest


def blocks(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Read a file without its holes: each block with where it begins."""
    end, at = os.fstat(file.fileno()).st_size, 0
    while at < end:
        at, hole = _data(file.fileno(), at, end)
        while at < hole:
            file.seek(at)
            block = file.read(min(_BLOCK, hole - at))
            if not block:
                raise OSError(errno.EIO, "a file became shorter while it was read")
            yield at, block
            at += len(block)


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


def _times(a: int, b: int) -> int:
    """Multiply modulo the polynomial of CRC-32."""
    product = 0
    while a:
        if a & _ONE:
            product ^= b
        a = a << 1 & 0xFFFFFFFF
        b = b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)
    return product


@cache
def _squared(times: int) -> int:
    """Square x^8 so many times."""
    return _BYTE if times == 0 else _times(_squared(times - 1), _squared(times - 1))


@cache
def _power(count: int) -> int:
    """Raise x^8 to a power."""
    product = _ONE
    for place in range(count.bit_length()):
        if count >> place & 1:
            product = _times(product, _squared(place))
    return product


def _zeros(check: int, count: int) -> int:
    """CRC-32 of what has this one when so many zeros follow."""
    return _times(check ^ 0xFFFFFFFF, _power(count)) ^ 0xFFFFFFFF if count else check


def _checksum(path: Path) -> int:
    check = done = 0
    with path.open("rb", buffering=0) as file:
        for at, block in blocks(file):
            check = zlib.crc32(block, _zeros(check, at - done))
            done = at + len(block)
        return _zeros(check, os.fstat(file.fileno()).st_size - done)


def fingerprints(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and CRC-32 of every file below a new version folder, by relative path."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, _checksum(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != _REWRITTEN
    }


def config_checksums(folder: Path) -> dict[str, int]:
    """Checksums of the values of the files that loading rewrites, by relative path."""
    found = {
        path.relative_to(folder).as_posix(): _value(path)
        for path in sorted(folder.glob(f"*/{_REWRITTEN}"))
    }
    return {name: value for name, value in found.items() if value is not None}


def _value(path: Path) -> int | None:
    """Checksum of the value of a JSON file; None where it is none."""
    try:
        return json_checksum(json.loads(path.read_bytes())) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None


def damaged(folder: Path, manifest: Manifest, *, thorough: bool) -> str | None:
    """First file that is not there as it was written, or that is too many; None if there is none.

    All bytes are looked at where they fit into the system's cache, which then has them for the
    engine, or where this is to be ``thorough``; sizes alone otherwise.
    """
    taken: float = 0
    for name, (size, _) in manifest.files.items():
        try:
            found = (folder / name).stat()
        except PermissionError:
            raise
        except OSError:
            return name
        # Opening a pipe would wait for ever.
        if found.st_size != size or not stat.S_ISREG(found.st_mode):
            return name
        taken += getattr(found, "st_blocks", size / 512) * 512
    for name, value in manifest.config_checksums.items():
        if _value(folder / name) != value:
            return name
    if stranger := next(_strangers(folder, manifest), None):
        return stranger
    return _changed(folder, manifest) if thorough or _fits(taken) else None


def _changed(folder: Path, manifest: Manifest) -> str | None:
    names = list(manifest.files)
    with ThreadPoolExecutor(2) as both:
        found = both.map(lambda name: _checksum(folder / name), names)
        pairs = zip(names, found, strict=True)
        return next((name for name, check in pairs if check != manifest.files[name][1]), None)


def _strangers(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Files the engine would take for its own; hidden ones it makes and passes over."""
    for part in ("users", "movies"):
        for place, folders, names in os.walk(folder / part / "segments", followlinks=True):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = (Path(place) / name).relative_to(folder).as_posix()
                if path not in manifest.files and not name.startswith("."):
                    yield path


def _fits(size: float) -> bool:
    """Tell whether files of this size may well stay in the system's cache."""
    try:
        return size <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 4
    except (AttributeError, ValueError):  # Windows does not tell
        return True
