"""Keeping each finished step of an evaluation, so that one that was interrupted goes on there.

A step is one method, by one setting, on one group of people or one fold. What came of it is a file
in the cache folder, written whole or not at all, in a folder named by a digest of all that figures
depend on: the ratings, what was asked for, the versions and the very code of Kindred, and the
versions of libraries. It is removed when the evaluation is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections import defaultdict
from contextlib import suppress
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import IO, Any, NamedTuple, Self
from zipfile import BadZipFile

import numpy as np

from ingest.reading import Loaded
from kindred.evaluation.metrics import Figures
from recommender.settings import CacheSettings

__all__ = ["Finished", "Unit", "digest_of", "ratings_digest"]

# Steps of a large evaluation with all methods take a tenth of it.
_MOST_BYTES = 1 << 30
_PACKAGES = ("ingest", "kindred", "recommender")


class Unit(NamedTuple):
    """One step."""

    method: str
    setting: tuple[object, ...]
    number: int
    """Of the group of people, or the fold."""


class Finished:
    """The finished steps of one evaluation; two runs of it may share them.

    What cannot be read or written is as if it were not there.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._bytes = 0
        self.seconds: dict[str, float] = defaultdict(float)
        """What the steps of each method took, by its name."""
        self.resumed = 0
        """How many steps are from an earlier run."""

    @classmethod
    def of(cls, **depends_on: object) -> Self:
        """Find the steps that were finished of the evaluation that depends on just this."""
        every = CacheSettings.read().cache / "evaluations"
        mine = every / digest_of(**depends_on, code=_code_digest(), versions=_versions())[:32]
        with suppress(OSError):
            _prune(every, mine)
        return cls(mine)

    def get(self, unit: Unit) -> list[Figures] | None:
        """What came of a step, by batch of questions; None where it is to be done."""
        try:
            with self._path(unit).open("rb") as file:
                found, seconds = _read(file, repr(unit))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, NotImplementedError):
            return None
        self.seconds[unit.method.partition(",")[0]] += seconds
        self.resumed += 1
        return found

    def put(self, unit: Unit, found: list[Figures], *, seconds: float) -> None:
        """Keep what came of a step, and how long it took."""
        self.seconds[unit.method.partition(",")[0]] += seconds
        self._bytes += sum(array.nbytes for batch in found for array in batch.values())
        if self._folder is None or self._bytes > _MOST_BYTES:
            return
        path = self._path(unit)
        # Another run may write the same step at the same time, or remove the folder at its end.
        part = path.with_suffix(f".{os.getpid()}.part")
        arrays: dict[str, Any] = {
            f"{n}-{name}": a for n, batch in enumerate(found) for name, a in batch.items()
        }
        head = np.frombuffer(json.dumps([repr(unit), seconds]).encode(), np.uint8)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                np.savez(file, head=head, **arrays)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)

    def remove(self) -> None:
        """Forget the steps, as they are not needed any more."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, unit: Unit) -> Path:
        if self._folder is None:
            raise FileNotFoundError
        return self._folder / f"{digest_of(unit=unit)[:32]}.npz"


def _read(file: IO[bytes], name: str) -> tuple[list[Figures], float]:
    with np.load(file, allow_pickle=False) as stored:
        # Read whole, which checks the checksums.
        arrays = {key: stored[key] for key in stored.files}
    said, seconds = json.loads(arrays.pop("head").tobytes())
    if said != name:
        raise ValueError
    batches: dict[int, Figures] = defaultdict(dict)
    for key, array in arrays.items():
        place, _, metric = key.partition("-")
        batches[int(place)][metric] = array
    return [batches[place] for place in range(len(batches))], float(seconds)


def _prune(every: Path, mine: Path) -> None:
    """Remove what was left by other runs, the oldest first, where all of it takes too much."""
    left = [
        (folder.stat().st_mtime, sum(file.stat().st_size for file in folder.iterdir()), folder)
        for folder in every.iterdir()
        if folder != mine
    ]
    size = sum(bytes_ for _, bytes_, _ in left)
    for _, bytes_, folder in sorted(left):
        if size > _MOST_BYTES:
            shutil.rmtree(folder, ignore_errors=True)
            size -= bytes_


def digest_of(**parts: object) -> str:
    """Digest values whose text says all of them."""
    return hashlib.sha256(repr(sorted(parts.items())).encode()).hexdigest()


def ratings_digest(loaded: Loaded) -> str:
    """Digest the ratings of a source, whatever it is called, and what it says of movies."""
    ratings, digest = loaded.ratings, hashlib.sha256()
    for column in (ratings.user, ratings.movie, ratings.units, ratings.day):
        if column is not None:
            digest.update(np.ascontiguousarray(column).data)
    movies = sorted(loaded.metadata.movies.items())
    for part in (ratings.user_ids, ratings.movie_ids, ratings.scale, movies):
        digest.update(repr(part).encode())
    return digest.hexdigest()


@cache
def _code_digest() -> str:
    root, digest = Path(__file__).parents[2], hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _versions() -> tuple[str, ...]:
    """Of Python and of everything that is installed: asking which of it matters could go wrong."""
    found = {f"{one.name} {one.version}" for one in distributions()}
    return (sys.version, *sorted(found))
