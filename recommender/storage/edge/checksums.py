"""Checksums of the files of a version, and finding files that are not as they were written.

CRC-32 finds decay, not malice; it takes a tenth of the time of SHA-256. The engine makes its files
larger than what is in them: their holes are not read, and what so many zeros do to a CRC is
calculated.
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

__all__ = ["blocks", "bytes_on_disk", "config_checksums", "file_checksums", "find_damage"]

# Loading a shard rewrites its configuration file, and not always byte by byte as it was.
_CONFIG = "edge_config.json"
_BLOCK = 1 << 20  # bytes read at once
# Of CRC-32, with the bits in reverse: the highest bit of a number is the coefficient of x^0.
_POLYNOMIAL = 0xEDB88320
_ONE, _BYTE = 1 << 31, 1 << 23  # x^0, and x^8 for the eight bits of a byte


def blocks(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Read a file without its holes: the offset and the bytes of each block."""
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
    """Where the next data begin and end; the whole rest where the system reports no holes."""
    if not hasattr(os, "SEEK_DATA"):  # Windows
        return at, end
    try:
        first = os.lseek(file, at, os.SEEK_DATA)
        return first, os.lseek(file, first, os.SEEK_HOLE)
    except OSError as error:
        if error.errno == errno.ENXIO:  # the rest is a hole
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
def _power(count: int) -> int:
    """Raise x^8 to a power, modulo the polynomial, by repeated squaring."""
    if count == 0:
        return _ONE
    root = _power(count // 2)
    square = _times(root, root)
    return _times(square, _BYTE) if count % 2 else square


def _append_zeros(checksum: int, count: int) -> int:
    """CRC-32 of data with this checksum and so many zero bytes after it.

    A zero byte multiplies the inner value, which CRC-32 inverts at both ends, by x^8.
    """
    return _times(checksum ^ 0xFFFFFFFF, _power(count)) ^ 0xFFFFFFFF if count else checksum


def _checksum(path: Path) -> int:
    checksum = done = 0
    with path.open("rb", buffering=0) as file:
        for at, block in blocks(file):
            checksum = zlib.crc32(block, _append_zeros(checksum, at - done))
            done = at + len(block)
        return _append_zeros(checksum, os.fstat(file.fileno()).st_size - done)


def file_checksums(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and CRC-32 of every file below a new version folder, by relative path."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, _checksum(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != _CONFIG
    }


def config_checksums(folder: Path) -> dict[str, int]:
    """Checksums of the content of the files that loading rewrites, by relative path."""
    found = {
        path.relative_to(folder).as_posix(): _content_checksum(path)
        for path in sorted(folder.glob(f"*/{_CONFIG}"))
    }
    return {name: value for name, value in found.items() if value is not None}


def _content_checksum(path: Path) -> int | None:
    """Checksum of the content of a JSON file; None where it is none."""
    try:
        return json_checksum(json.loads(path.read_bytes())) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None


def bytes_on_disk(found: os.stat_result) -> float:
    """Bytes of a file on the disk, without its holes."""
    return getattr(found, "st_blocks", found.st_size / 512) * 512


def find_damage(folder: Path, manifest: Manifest, *, thorough: bool) -> str | None:
    """First file that is missing, changed or not in the manifest, by relative path; else None.

    All bytes are compared if ``thorough``, and where they fit into the system's cache, which then
    holds them for the engine; otherwise sizes alone.
    """
    taken: float = 0
    for name, (size, _) in manifest.files.items():
        try:
            found = (folder / name).stat()
        except PermissionError:
            raise
        except OSError:
            return name
        # Opening a pipe would block for ever.
        if found.st_size != size or not stat.S_ISREG(found.st_mode):
            return name
        taken += bytes_on_disk(found)
    for name, value in manifest.config_checksums.items():
        if _content_checksum(folder / name) != value:
            return name
    if unexpected := next(_unexpected(folder, manifest), None):
        return unexpected
    return _changed(folder, manifest) if thorough or _fits_cache(taken) else None


def _changed(folder: Path, manifest: Manifest) -> str | None:
    names = list(manifest.files)
    # Two threads: zlib lets others run while it works, and one of them may wait for the disk.
    with ThreadPoolExecutor(2) as threads:
        found = threads.map(lambda name: _checksum(folder / name), names)
        pairs = zip(names, found, strict=True)
        return next((name for name, found in pairs if found != manifest.files[name][1]), None)


def _unexpected(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Files that the engine would read as its own; hidden ones it makes itself and ignores."""
    for part in ("users", "movies"):
        for place, folders, names in os.walk(folder / part / "segments", followlinks=True):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = (Path(place) / name).relative_to(folder).as_posix()
                if path not in manifest.files and not name.startswith("."):
                    yield path


def _fits_cache(size: float) -> bool:
    """Tell whether files of this size are likely to stay in the system's cache."""
    try:
        # A quarter of the memory: the rest is for other programs and files.
        return size <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 4
    except (AttributeError, ValueError):  # not known on Windows
        return True
