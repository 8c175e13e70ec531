"""Opening untrusted files, folders and zip archives; files packed one by one are unpacked.

Nothing is ever extracted to disk: members are read as streams, so no path in an archive can escape.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from recommender.errors import SourceError

__all__ = ["Member", "guess_encoding", "open_source", "open_upload", "printable", "reading"]

# Ratings compress about 5:1 and never 200:1; what claims more is made to fill memory.
_MAX_RATIO = 200
_FREE_BYTES = 1 << 20
_MAX_MEMBERS = 10_000
# Files that a visitor of the app may send in one zip: services pack some twenty.
_UPLOAD_MEMBERS = 200
# What each file of a zip has in the list at its end.
_ENTRY = b"PK\1\2"
_UTF8_LETTER = re.compile(
    rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|\xc2[\xa0-\xbf]"
)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_PACKED: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
_DAMAGED = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError)


@dataclass(frozen=True)
class Member:
    """A file of a source, wherever it lies."""

    name: str
    """Its name, with the folder inside the source."""
    size: int
    """Bytes; of a packed file, as it is stored."""
    open: Callable[[], IO[bytes]]
    """Opens it for reading; the caller closes it."""

    def read(self, most: int) -> bytes:
        """Read all of it, where that is no more than ``most`` bytes.

        Raises SourceError where it is more, or cannot be read.
        """
        with reading(self.name), self.open() as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            raise SourceError(
                f"{self.name} unpacks to more than {most:,} bytes: give only the files of ratings"
            )
        return data


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn whatever goes wrong while reading a file into a :class:`SourceError` naming it."""
    try:
        yield
    except _DAMAGED as error:
        raise SourceError(f"{name} is damaged ({error}): fetch it again") from None
    except (NotImplementedError, RuntimeError) as error:
        # zipfile's words for encryption and for compression it does not know
        raise SourceError(
            f"{name} cannot be unpacked ({error}): unpack it yourself first"
        ) from None
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror or error}") from None


@contextmanager
def open_source(path: Path) -> Iterator[list[Member]]:
    """List the files of a source: a file, a folder (one level of subfolders deep) or a zip.

    Raises SourceError where there is nothing, it cannot be read, or an archive is not to be
    trusted.
    """
    with ExitStack() as held:
        with reading(str(path)), _sound():
            if path.is_dir():
                members = _folder(path)
            elif not path.is_file():
                # Pipes and devices can be read once at most, and may never end.
                raise SourceError(
                    f"{printable(str(path))} is neither a file nor a folder: save the ratings to "
                    "a file first"
                )
            elif zipfile.is_zipfile(path):
                members = _archive(str(path), path, held)
            else:
                members = [_file(path, path.name)]
        if len(members) > _MAX_MEMBERS:
            raise SourceError(f"{path} holds {len(members):,} files: give only those of ratings")
        yield members


@contextmanager
def open_upload(name: str, data: bytes) -> Iterator[list[Member]]:
    """List what a visitor sent: one file, or those of a zip, of bounded number.

    Raises SourceError where an archive cannot be read, or is not to be trusted.
    """
    name = printable(name)
    with ExitStack() as held:
        if data.startswith((b"PK\3\4", b"PK\5\6")):
            # Counted before they are listed: half a million take a minute and a gigabyte.
            if (listed := data.count(_ENTRY)) > _UPLOAD_MEMBERS:
                raise SourceError(f"{name} holds {listed:,} files: give only those of ratings")
            with reading(name), _sound():
                members = _archive(name, io.BytesIO(data), held)
        else:
            members = [_member(name, len(data), lambda: io.BytesIO(data))]
        yield members


@contextmanager
def _sound() -> Iterator[None]:
    """Turn zipfile's stumbling over a name that is no text, or a place that is none, into that."""
    try:
        yield
    except (ValueError, OverflowError, struct.error) as error:
        raise zipfile.BadZipFile(str(error)) from None


def _folder(path: Path) -> list[Member]:
    found = [p for pattern in ("*", "*/*") for p in sorted(path.glob(pattern)) if p.is_file()]
    return [_file(p, p.relative_to(path).as_posix()) for p in found if not p.name.startswith(".")]


def _file(path: Path, name: str) -> Member:
    return _member(name, path.stat().st_size, lambda: path.open("rb"))


def _member(name: str, size: int, open_packed: Callable[[], IO[bytes]]) -> Member:
    return Member(printable(name), size, partial(_plain, open_packed))


def _plain(open_packed: Callable[[], IO[bytes]]) -> IO[bytes]:
    """Open a file, unpacking what is packed by gzip, bzip2 or xz, whatever it is called."""
    with _sound(), open_packed() as stream:
        start = stream.read(6)
    stream = open_packed()
    unpack = next((unpack for mark, unpack in _PACKED.items() if start.startswith(mark)), None)
    return _Unpacked(stream, unpack(stream)) if unpack else stream


class _Unpacked(io.BufferedReader):
    """An unpacked stream, which closes the packed one too."""

    def __init__(self, packed: IO[bytes], unpacked: IO[bytes]) -> None:
        super().__init__(cast(io.RawIOBase, unpacked), 1 << 20)
        self._packed = packed

    def close(self) -> None:
        """Close both."""
        super().close()
        self._packed.close()


def _archive(name: str, source: Path | IO[bytes], held: ExitStack) -> list[Member]:
    archive = held.enter_context(zipfile.ZipFile(source))
    infos = [info for info in archive.infolist() if info.filename and not info.is_dir()]
    for info in infos:
        if info.file_size > _MAX_RATIO * info.compress_size + _FREE_BYTES:
            raise SourceError(
                f"{printable(info.filename)} in {name} would unpack to {info.file_size:,} bytes "
                f"from {info.compress_size:,}: if you trust it, unpack it yourself and give "
                "what is in it"
            )
    return [
        _member(info.filename, info.file_size, partial(archive.open, info))
        for info in infos
        if not _hidden(info.filename)
    ]


def _hidden(name: str) -> bool:
    *folders, last = name.split("/")
    return "__MACOSX" in folders or last.startswith(".")


def printable(name: str) -> str:
    """Return an untrusted file name on one line, without signs that control a terminal."""
    return "".join(char if char.isprintable() else "?" for char in name)


def guess_encoding(head: bytes, *, whole: bool = True) -> str:
    """Guess a text encoding from a file, or from its beginning where it is not the ``whole``.

    A few bytes that are not UTF-8 in a file that is, such as a letter cut in two, do not change it.

    Examples
    --------
    >>> guess_encoding("Amélie".encode()), guess_encoding("Amélie".encode("latin-1"))
    ('utf-8', 'cp1252')
    >>> guess_encoding("Amélie, Am".encode() + "é".encode("latin-1") + b"lie")
    'utf-8'
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        # Only of a beginning may the last character be cut in two.
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        # Two accents in a row, which in cp1252 look like a letter of UTF-8, are rare.
        letters = len(_UTF8_LETTER.findall(head))
        others = len(_NOT_ASCII.findall(_UTF8_LETTER.sub(b"", head)))
        return "utf-8" if letters and letters >= others else "cp1252"
    return "utf-8"
