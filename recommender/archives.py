"""Opening untrusted files, folders and zip archives; what is gzipped is unpacked.

Nothing is ever extracted to disk: members are read as streams, so no path in an archive can escape.
"""

from __future__ import annotations

import codecs
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, cast

from recommender.errors import SourceError

__all__ = ["Member", "guess_encoding", "open_source", "open_upload", "printable", "reading"]

# Ratings compress about 5:1 and never 200:1; what claims more is made to fill memory.
_MAX_RATIO = 200
_FREE_BYTES = 1 << 20
_MAX_MEMBERS = 10_000
# Bytes of a file's entry in the list of an archive, name included, in the mean of all.
_ENTRY_BYTES = 512
# What a visitor of the app may send: one person's own ratings are a thousandth of that.
_UPLOAD_MEMBERS, _UPLOAD_BYTES = 200, 100 << 20
_DAMAGED = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError)


@dataclass(frozen=True)
class Member:
    """A file of a source, wherever it lies."""

    name: str
    """Its name, with the folder inside the source."""
    size: int
    """Bytes; of a gzipped file, as it is stored."""
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
                members = _archive(str(path), held.enter_context(path.open("rb")), held)
            else:
                members = [_file(path, path.name)]
        yield members


@contextmanager
def open_upload(name: str, data: bytes) -> Iterator[list[Member]]:
    """List what a visitor sent: one file, or those of a zip, of bounded number and size.

    Raises SourceError where an archive cannot be read, or is not to be trusted.
    """
    name = printable(name)
    with ExitStack() as held:
        if data.startswith((b"PK\3\4", b"PK\5\6")):
            with reading(name), _sound():
                members = _archive(name, io.BytesIO(data), held, _UPLOAD_MEMBERS)
            total = sum(member.size for member in members)
            if total > _UPLOAD_BYTES:
                raise SourceError(
                    f"{name} would unpack to {total:,} bytes, of which {_UPLOAD_BYTES:,} are "
                    "allowed: give only the files of ratings"
                )
        else:
            members = [_member(lambda: io.BytesIO(data), name, len(data))]
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
    if len(found) > _MAX_MEMBERS:
        raise SourceError(f"{path} holds {len(found):,} files: give the folder of the ratings")
    return [_file(p, p.relative_to(path).as_posix()) for p in found if not p.name.startswith(".")]


def _file(path: Path, name: str) -> Member:
    return _member(lambda: path.open("rb"), name, path.stat().st_size)


def _member(
    open_packed: Callable[[], IO[bytes]], name: str, packed: int, size: int | None = None
) -> Member:
    """Describe a file of so many bytes, and of another ``size`` once it is out of its archive."""
    opened = partial(_plain, open_packed, name, packed)
    return Member(printable(name), packed if size is None else size, opened)


def _plain(open_packed: Callable[[], IO[bytes]], name: str, packed: int) -> IO[bytes]:
    """Open a file, unpacking what is gzipped, whatever it is called."""
    with _sound(), open_packed() as stream:
        gzipped = stream.read(2) == b"\x1f\x8b"
    stream = open_packed()
    return cast(IO[bytes], _Gunzip(stream, name, packed)) if gzipped else stream


class _Gunzip(gzip.GzipFile):
    """Unpacks, and refuses what was made to fill memory once it turns out to be that."""

    def __init__(self, stream: IO[bytes], name: str, packed: int) -> None:
        super().__init__(fileobj=stream, mode="rb")
        self._stream, self._member, self._packed, self._unpacked = stream, name, packed, 0

    def read(self, size: int | None = -1) -> bytes:
        """Read a block, or everything block by block."""
        if size is None or size < 0:
            return b"".join(iter(partial(self.read, 1 << 20), b""))
        block = super().read(size)
        self._unpacked += len(block)
        if self._unpacked > _MAX_RATIO * self._packed + _FREE_BYTES:
            raise SourceError(
                f"{printable(self._member)} unpacks to more than {_MAX_RATIO} times its "
                f"{self._packed:,} bytes: if you trust it, unpack it yourself and give that"
            )
        return block

    def close(self) -> None:
        """Close the packed file too."""
        super().close()
        self._stream.close()


def _archive(
    path: str, stream: IO[bytes], held: ExitStack, most: int = _MAX_MEMBERS
) -> list[Member]:
    # Before a million members are listed, which takes long, and a gigabyte. There is no public way.
    end = zipfile._EndRecData(stream)  # type: ignore[attr-defined]
    listed = end[zipfile._ECD_SIZE] if end else 0  # type: ignore[attr-defined]
    if listed > most * _ENTRY_BYTES:
        raise SourceError(
            f"{printable(path)} begins with a list of files of {listed:,} bytes: that is no "
            "ratings archive"
        )
    archive = held.enter_context(zipfile.ZipFile(stream))
    infos = [info for info in archive.infolist() if info.filename and not info.is_dir()]
    if len(infos) > most:
        raise SourceError(f"{path} holds {len(infos):,} files: that is no ratings archive")
    for info in infos:
        if info.file_size > _MAX_RATIO * info.compress_size + _FREE_BYTES:
            raise SourceError(
                f"{printable(info.filename)} in {path} would unpack to {info.file_size:,} bytes "
                f"from {info.compress_size:,}: if you trust it, unpack it yourself and give "
                "what is in it"
            )
    return [
        _member(partial(archive.open, info), info.filename, info.compress_size, info.file_size)
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

    Examples
    --------
    >>> guess_encoding("Amélie".encode()), guess_encoding("Amélie".encode("latin-1"))
    ('utf-8', 'cp1252')
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        # Only of a beginning may the last character be cut in two.
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
