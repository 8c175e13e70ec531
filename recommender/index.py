"""The index protocol: what every engine must offer, and nothing more.

A *store* is a place that holds versions of an index. It opens the current one for reading and
begins a new one for writing. Everything above this line is the same for every engine.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from recommender.manifest import Manifest
from recommender.records import ExternalId, MovieRecord, Rater
from recommender.vectors import PointBatch, SparseVector

__all__ = ["Hits", "Index", "IndexStore", "IndexWriter"]


class Hits(NamedTuple):
    """Points found by a search, best first, equal scores by ascending id."""

    ids: npt.NDArray[np.int64]
    """Dense numbers, shape (n,)."""
    scores: npt.NDArray[np.float64]
    """Dot products, all above zero, shape (n,)."""


class Index(Protocol):
    """One complete version of an index, open for reading. It never changes."""

    @property
    def version(self) -> str:
        """Name of the version."""

    @property
    def manifest(self) -> Manifest:
        """What the version says of itself."""

    def neighbours(self, vector: SparseVector, *, limit: int) -> Hits:
        """Stored raters whose vectors have the largest positive dot product with this one."""

    def raters(self, numbers: npt.NDArray[np.int64]) -> list[Rater]:
        """Stored raters by dense number, in the order asked for."""

    def rater(self, user_id: ExternalId) -> Rater | None:
        """One stored rater by the id the source gave, or None."""

    def near(self, movie: int, *, limit: int) -> Hits:
        """Movies whose vectors over raters are nearest to that of a movie, itself left out."""

    def movies(self) -> Iterator[MovieRecord]:
        """The whole catalogue, by ascending dense number."""

    def close(self) -> None:
        """Release what the version holds open. Closing twice is allowed."""


class IndexWriter(Protocol):
    """A new version in the making, invisible to readers until it is published."""

    def add_users(self, batch: PointBatch) -> None:
        """Add stored raters, with the payload of :func:`recommender.records.rater_payload`."""

    def add_movies(self, batch: PointBatch) -> None:
        """Add movies, with the payload of :func:`recommender.records.movie_payload`."""

    def finish(self, manifest: Manifest) -> None:
        """Make the version complete and durable, but not yet visible."""

    def publish(self) -> str:
        """Make the finished version the current one in one atomic step; return its name."""

    def close(self) -> None:
        """Stop writing. What was not published is discarded."""


class IndexStore(Protocol):
    """A place that holds the versions of one index."""

    @property
    def place(self) -> str:
        """The folder or address, for messages."""

    def token(self) -> Hashable:
        """Something cheap to get that differs once another version is current.

        Raises IndexNotFoundError where nothing has been published yet.
        """

    def open(self) -> Index:
        """Open the current version.

        Raises IndexProblem where there is none, or it cannot be read.
        """

    def writer(self) -> IndexWriter:
        """Begin a new version; the caller closes the writer.

        Raises IndexBusyError where another process is writing this index.
        """
