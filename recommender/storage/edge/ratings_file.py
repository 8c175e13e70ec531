"""All raters' ratings in one mapped file, so that a question need not fetch and decode points.

The points are the truth; the file follows from them and is made again where it is missing or not as
it was written. ::

    header     raters, ratings, whether they carry days: three u64
    ratings    8 bytes each, one rater after the other: u32 movie, u16 day, u8 units, u8 zero
    bounds     i64 for each rater and one more: where the ratings of each begin
    lengths    f64 for each rater: length of the ratings, 0 for who has none
"""

from __future__ import annotations

import itertools
import mmap
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.errors import IndexDamagedError
from recommender.storage.edge.engine import Shard
from recommender.storage.encoding import RatedMovies, read_rater, unpack_ratings
from recommender.storage.index import spans
from recommender.storage.manifest import Manifest

__all__ = ["NAME", "RatingsFile", "RatingsWriter", "make_again"]

NAME = "ratings.bin"

_RATING = np.dtype([("movie", "<u4"), ("day", "<u2"), ("units", "u1"), ("zero", "u1")])
# Also a whole rating: one number is copied faster than four fields.
_WHOLE, _BOUND, _LENGTH = np.dtype("<u8"), np.dtype("<i8"), np.dtype("<f8")
_HEADER = 3 * _WHOLE.itemsize
_BATCH = 2048  # raters written at once
_NOBODY = np.empty(0, dtype=np.int64)


class RatingsFile:
    """The file of a version, mapped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            self._mapped = mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        # Of a large index the sizes of files alone are compared when it is opened.
        with self._damage():
            raters, ratings, self._timed = np.frombuffer(mapped, _WHOLE, 3).tolist()
            at = _HEADER + ratings * _RATING.itemsize
            self._ratings = np.frombuffer(mapped, _WHOLE, ratings, _HEADER)
            self._bounds = np.frombuffer(mapped, _BOUND, raters + 1, at)
            if self._bounds[0] or self._bounds[-1] != ratings:
                raise ValueError
            at += (raters + 1) * _BOUND.itemsize
            self._lengths = np.frombuffer(mapped, _LENGTH, raters, at)

    def ratings(self, numbers: Ints) -> tuple[Floats, RatedMovies]:
        """Lengths of raters by dense number, shape (raters,), and their ratings.

        Raises IndexDamagedError where the file is not as it was written.
        """
        with self._damage():
            # The system would end the process that reads beyond the end of a file.
            if self._mapped.size() != len(self._mapped):
                raise ValueError
            places, sizes = spans(self._bounds, numbers)
            found = self._ratings.take(places).view(_RATING)
        rated = RatedMovies(
            np.repeat(np.arange(len(numbers)), sizes),
            found["movie"].astype(np.int64),
            np.ascontiguousarray(found["units"]),
            found["day"] if self._timed else None,
        )
        return self._lengths[numbers], rated

    @contextmanager
    def _damage(self) -> Iterator[None]:
        try:
            yield
        except (IndexError, OverflowError, ValueError):
            raise IndexDamagedError(
                f"{self._path} is not as it was written: delete it, and it is made again"
            ) from None


class RatingsWriter:
    """Writes the file of a version, some raters at a time."""

    def __init__(self, path: Path, *, timed: bool) -> None:
        self._path, self._timed = path, timed
        self._draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
        self._file: IO[bytes] = self._draft.open("wb")
        self._file.write(bytes(_HEADER))
        self._sizes: list[Ints] = []
        self._lengths: list[Floats] = []
        self._raters = 0

    def add(self, raters: Iterable[tuple[int, dict[str, Any]]]) -> None:
        """Add raters, by ascending dense number, with their payloads."""
        read = [read_rater(*rater) for rater in raters]
        rated = unpack_ratings([rater.packed for rater in read], timed=self._timed)
        numbers = np.array([rater.number for rater in read], dtype=np.int64) - self._raters
        # Those in between were forgotten.
        new = int(numbers[-1]) + 1 if len(numbers) else 0
        sizes, lengths = np.zeros(new, dtype=np.int64), np.zeros(new)
        sizes[numbers] = np.bincount(rated.owner, minlength=len(read))
        lengths[numbers] = [rater.length for rater in read]
        records = np.zeros(len(rated.movie), dtype=_RATING)
        records["movie"], records["units"] = rated.movie, rated.units
        if rated.day is not None:
            records["day"] = rated.day
        self._file.write(records.data)
        self._sizes.append(sizes)
        self._lengths.append(lengths)
        self._raters += new

    def finish(self) -> None:
        """Complete the file, durably, and put it in its place."""
        bounds = np.append(0, np.cumsum(np.concatenate([_NOBODY, *self._sizes]))).astype(_BOUND)
        self._file.write(bounds.data)
        self._file.write(np.concatenate([_NOBODY, *self._lengths]).astype(_LENGTH).data)
        self._file.seek(0)
        header = np.array([self._raters, bounds[-1], self._timed], dtype=_WHOLE)
        self._file.write(header.data)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._draft.replace(self._path)

    def close(self) -> None:
        """Discard what was not finished. Closing twice is allowed."""
        try:
            self._file.close()
        finally:  # closing writes, and fails again where the disk is full
            self._draft.unlink(missing_ok=True)


def make_again(folder: Path, manifest: Manifest) -> None:
    """Write the file of a version from its points.

    Any number of processes may at once, as they write the same. Raises IndexProblem where the
    points cannot be read, and OSError where the file cannot be written.
    """
    with (
        closing(Shard.load(folder / "users")) as users,
        closing(RatingsWriter(folder / NAME, timed=manifest.timed)) as writer,
    ):
        stored = users.scan()
        while some := list(itertools.islice(stored, _BATCH)):
            writer.add(some)
        writer.finish()
