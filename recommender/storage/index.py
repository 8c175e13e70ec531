"""The index, and the protocols that are all an engine must offer.

A *store* is a place that holds versions of an index. It opens the current one for reading and
begins a new one for writing. Whatever uses a store is the same for every engine.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, Self, TypeVar, runtime_checkable

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.errors import IndexNotFoundError, IndexProblem, VersionGoneError
from recommender.settings import Frozen
from recommender.storage.cache import Cache
from recommender.storage.encoding import (
    USER,
    ExternalId,
    MovieRecord,
    RatedMovies,
    Rater,
    read_movie,
    read_rater,
    unpack_ratings,
)
from recommender.storage.manifest import Manifest
from recommender.storage.rater_conditions import RaterCondition
from recommender.storage.storage_report import Part
from recommender.storage.vectors import PointBatch, SparseVector

__all__ = [
    "Hits",
    "Index",
    "IndexStore",
    "IndexUpdater",
    "IndexWriter",
    "PendingChange",
    "Points",
    "no_earlier_version",
    "no_index",
    "pages",
    "spans",
    "unfinished_change",
]

# Bytes that something held takes beside its data: the object and its entry in the table.
_OVERHEAD = 300
# Movies whose similar movies are remembered, some kilobytes each.
_SIMILAR = 128
# Vectors fetched by one call, some megabytes at the most.
_PAGE = 64
_EMPTY = SparseVector.sorted([], [])

T = TypeVar("T")


def pages(values: Sequence[T], size: int = 256) -> Iterator[list[T]]:
    """Split what is asked for into parts that a server takes in one call."""
    return (list(values[start : start + size]) for start in range(0, len(values), size))


def spans(starts: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """Places of what is in the chosen parts of an array, one part after the other, and their sizes.

    ``starts``, shape (parts + 1,), tells where each part begins, and at last where the array ends.

    Examples
    --------
    >>> places, sizes = spans(np.array([0, 2, 2, 5]), np.array([2, 0, 1]))
    >>> places.tolist(), sizes.tolist()
    ([2, 3, 4, 0, 1], [3, 2, 0])
    """
    # take() is much faster than indexing with an array.
    begin = starts.take(chosen)
    sizes = starts.take(chosen + 1) - begin
    ends = np.cumsum(sizes)
    return np.arange(int(sizes.sum())) + np.repeat(begin - ends + sizes, sizes), sizes


class Hits(NamedTuple):
    """Points found by a search, best first, equal scores by ascending id."""

    ids: Ints
    """Dense numbers, shape (n,)."""
    scores: Floats
    """Dot products, all above zero, shape (n,)."""

    @classmethod
    def of(cls, points: Sequence[int], found: Sequence[float]) -> Self:
        """Put what an engine found in order: engines return negative scores, and ties anyhow."""
        ids, scores = np.array(points, dtype=np.int64), np.array(found, dtype=np.float64)
        order = np.lexsort((ids, -scores))
        order = order[scores[order] > 0]
        return cls(ids[order], scores[order])


class Points(Protocol):
    """Points with one sparse vector and a payload each, as an engine holds them."""

    def search(
        self, vector: SparseVector, limit: int, condition: RaterCondition | None = None
    ) -> Hits:
        """Points with the largest positive dot products, ties by ascending id.

        With a ``condition`` only those that meet it, as many as there would be of all: the
        condition is part of the search.
        """

    def payloads(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Payloads of points by id; unknown ids are left out."""

    def vectors(self, ids: Sequence[int]) -> dict[int, SparseVector]:
        """Vectors of points by id; unknown ids and empty vectors are left out."""

    def find(self, field: str, values: Sequence[ExternalId]) -> dict[int, dict[str, Any]]:
        """Payloads of the points whose payload field has one of these values, by point id.

        No two points have the same value there.
        """

    def scan(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """All points by ascending id."""

    def part(self) -> Part:
        """Tell how they are stored."""

    def close(self) -> None:
        """Release them. Closing twice is allowed."""


class Index:
    """One complete version of an index, open for reading.

    In a folder it never changes. On a server an update may be on its way: what is of movies and
    users later than its manifest is passed over, until the reader takes up the next one.
    """

    def __init__(self, version: str, manifest: Manifest, users: Points, movies: Points) -> None:
        self.version = version
        self.manifest = manifest
        self.user_points = users
        self.movie_points = movies
        self._raters = Cache(self._load_raters, lambda rater: len(rater.packed) + _OVERHEAD)
        self._vectors = Cache(self._load_vectors, lambda vector: 8 * len(vector) + _OVERHEAD)
        self._similar = lru_cache(_SIMILAR)(self._load_similar)

    def neighbours(
        self, vector: SparseVector, *, limit: int, condition: RaterCondition | None = None
    ) -> Hits:
        """Stored raters whose vectors have the largest positive dot product with this one."""
        return self.user_points.search(vector, limit, condition)

    def raters(self, numbers: Ints) -> list[Rater]:
        """Stored raters by dense number, in the order asked for."""
        return self._raters.get(numbers)

    def _load_raters(self, numbers: Ints) -> list[Rater]:
        asked = numbers.tolist()
        payloads = self.user_points.payloads(asked)
        try:
            return [read_rater(number, payloads[number]) for number in asked]
        except KeyError as error:
            raise VersionGoneError(
                f"rater {error} is gone from version {self.version}: ask again, or ingest again"
            ) from None

    def ratings(self, numbers: Ints) -> tuple[Floats, RatedMovies]:
        """Lengths of stored raters by dense number, shape (raters,), and their ratings."""
        raters = self.raters(numbers)
        return np.array([rater.length for rater in raters]), self.rated(raters)

    def rated(self, raters: Sequence[Rater]) -> RatedMovies:
        """Ratings of stored raters, one rater after the other."""
        manifest, packed = self.manifest, [rater.packed for rater in raters]
        return unpack_ratings(packed, timed=manifest.timed, movies=manifest.counts.movies)

    def rater(self, user_id: ExternalId) -> Rater | None:
        """One stored rater by the id the source gave, or None."""
        found = self.user_points.find(USER, [user_id])
        return next((read_rater(*one) for one in found.items()), None)

    def similar_movies(self, movie: int, *, limit: int) -> Hits:
        """Movies whose vectors over raters are nearest to that of a movie, itself left out."""
        # A power of two: who asks again asks for about as many.
        ids, scores = self._similar(movie, 1 << limit.bit_length())
        return Hits(ids[:limit], scores[:limit])

    def _load_similar(self, movie: int, limit: int) -> Hits:
        (vector,) = self.movie_vectors(np.array([movie]))
        hits = self.movie_points.search(vector, limit)
        others = (hits.ids != movie) & (hits.ids < self.manifest.counts.movies)
        return Hits(hits.ids[others], hits.scores[others])

    def movie_vectors(self, numbers: Ints) -> list[SparseVector]:
        """Vectors of movies over raters by dense number, in the order asked for, some empty."""
        return self._vectors.get(numbers)

    def _load_vectors(self, numbers: Ints) -> list[SparseVector]:
        asked, found = numbers.tolist(), dict[int, SparseVector]()
        for some in pages(asked, _PAGE):
            found |= self.movie_points.vectors(some)
        users = self.manifest.maintenance.next_user
        return [found.get(number, _EMPTY).below(users) for number in asked]

    def movies(self) -> Iterator[MovieRecord]:
        """The whole catalogue, by ascending dense number."""
        known = self.manifest.counts.movies
        scanned = itertools.takewhile(lambda point: point[0] < known, self.movie_points.scan())
        return itertools.starmap(read_movie, scanned)

    def parts(self) -> tuple[Part, Part]:
        """Tell how raters and movies are stored."""
        return self.user_points.part(), self.movie_points.part()

    def is_whole(self) -> bool:
        """Tell, cheaply, whether what it reads is still there; a server says so when asked."""
        return True

    def close(self) -> None:
        """Release what the version holds open. Closing twice is allowed."""
        self.user_points.close()
        self.movie_points.close()


class IndexWriter(Protocol):
    """A new version in the making, invisible to readers until it is published."""

    def expect(self, manifest: Manifest) -> None:
        """Begin a version of the manifest's numbers, before anything is added to it."""

    def add_users(self, batch: PointBatch) -> None:
        """Add raters, with payloads of :func:`recommender.storage.encoding.rater_payload`."""

    def add_movies(self, batch: PointBatch) -> None:
        """Add movies, with the payload of :func:`recommender.storage.encoding.movie_payload`."""

    def finish(self, manifest: Manifest) -> None:
        """Make the version complete and durable, but not yet visible."""

    def publish(self) -> str:
        """Make the finished version the current one in one atomic step; return its name."""

    @property
    def peak_mb(self) -> float:
        """Most memory that processes beside this one took for it, in MiB, together at most."""

    def close(self) -> None:
        """Stop writing. What was not published is discarded."""


class PendingChange(Frozen):
    """A change of a version in use that has begun."""

    key: str
    """Tells it from every other."""
    command: str
    """What made it, for messages."""
    manifest: Manifest
    """What it leaves behind."""


class IndexUpdater(Protocol):
    """The current version, about to be changed by whoever may write it."""

    @property
    def current(self) -> Index:
        """What it is, or was, before the change; that of a run that died may be seen in it."""

    @property
    def pending(self) -> PendingChange | None:
        """The change that was begun and must be made again to be whole; None if there is none."""

    def begin(self, change: PendingChange) -> Manifest:
        """Announce a change.

        Returns the manifest that it will leave behind: what is given, or was when the same change
        was begun before.
        """

    def add_movies(self, batch: PointBatch) -> None:
        """Add or replace movies; all of them come before any of the users."""

    def add_users(self, batch: PointBatch) -> None:
        """Add or replace raters."""

    def remove_users(self, numbers: Ints) -> None:
        """Remove raters by dense number."""

    def publish(self) -> str:
        """Make the change whole, durable and visible; return the name of the version."""

    def close(self) -> None:
        """Stop writing."""


@runtime_checkable
class IndexStore(Protocol):
    """A place that holds the versions of one index."""

    @property
    def place(self) -> str:
        """The folder or address, for messages."""

    def token(self) -> Hashable:
        """Something cheap to get that differs once another version is current.

        Raises IndexNotFoundError where nothing has been published yet, IndexDamagedError where
        something was and cannot be told any more.
        """

    def renew(self) -> None:
        """Forget what was remembered of the current version, because it proved to be gone."""

    def engine(self) -> tuple[str, int | None]:
        """Name and version of the engine, and the number of nodes, if the engine reports that."""

    def open(self) -> Index:
        """Open the current version.

        Raises IndexProblem where there is none, or it cannot be read.
        """

    def writer(self) -> IndexWriter:
        """Begin a new version; the caller closes the writer.

        Raises IndexBusyError where another process is writing this index.
        """

    def updater(self) -> IndexUpdater:
        """Prepare to change the current version; the caller closes the updater.

        Raises IndexBusyError where another process is writing this index.
        """

    def verify(self) -> tuple[str, ...]:
        """Check all that can be checked of the versions that are kept; return their names.

        Raises IndexDamagedError naming what is not as it was written, and what to do.
        """

    def rollback(self) -> str:
        """Make the newest version before the current one current again; return its name.

        Raises IndexProblem where none is kept, or raters are half forgotten; or IndexBusyError
        where another process is writing this index.
        """

    def close(self) -> None:
        """Release what the store itself holds open. Closing twice is allowed."""


def no_index(where: str) -> IndexNotFoundError:
    """Say that there is no index."""
    return IndexNotFoundError(
        f"there is no index {where}: make one with `kindred ingest sample`, or from your own "
        "ratings with `kindred ingest PATH`"
    )


def unfinished_change(change: PendingChange) -> IndexProblem:
    """Say that a change has to be made again to be whole."""
    return IndexProblem(
        f"a change of this index was begun and not finished: run `{change.command}` again, or "
        "ingest everything anew"
    )


def no_earlier_version(version: str, place: str) -> IndexProblem:
    """Say that there is no version to go back to."""
    return IndexProblem(
        f"no version before {version} is kept of the index {place}: it goes on serving; ingest "
        "again for another one"
    )
