"""An open version: what every engine's reader does with its two sets of points."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from recommender.errors import IndexDamagedError
from recommender.index import Hits, Points
from recommender.manifest import Manifest
from recommender.rater_cache import RaterCache
from recommender.records import ExternalId, MovieRecord, Rater, read_movie, read_rater
from recommender.vectors import SparseVector

__all__ = ["StoredIndex"]


class StoredIndex:
    """Reader of one version's users and movies."""

    def __init__(self, version: str, manifest: Manifest, users: Points, movies: Points) -> None:
        self.version = version
        self.manifest = manifest
        self._users = users
        self._movies = movies
        self._cache = RaterCache(self._load)

    def neighbours(self, vector: SparseVector, *, limit: int) -> Hits:
        """Stored raters with the largest positive dot product."""
        return self._users.search(vector, limit)

    def raters(self, numbers: npt.NDArray[np.int64]) -> list[Rater]:
        """Stored raters by dense number, in the order asked for."""
        return self._cache.get(numbers)

    def _load(self, numbers: npt.NDArray[np.int64]) -> list[Rater]:
        asked = numbers.tolist()
        payloads = self._users.payloads(asked)
        try:
            return [read_rater(number, payloads[number]) for number in asked]
        except KeyError as error:
            raise IndexDamagedError(
                f"rater {error} of version {self.version} cannot be read: ingest again"
            ) from None

    def rater(self, user_id: ExternalId) -> Rater | None:
        """One stored rater by the id the source gave, or None."""
        found = self._users.find("user", user_id)
        return read_rater(*found) if found else None

    def near(self, movie: int, *, limit: int) -> Hits:
        """Movies with the largest positive dot product with a movie's vector, itself left out."""
        vector = self._movies.vector(movie)
        if vector is None:
            return Hits(np.empty(0, dtype=np.int64), np.empty(0))
        hits = self._movies.search(vector, limit + 1)
        others = hits.ids != movie
        return Hits(hits.ids[others][:limit], hits.scores[others][:limit])

    def movies(self) -> Iterator[MovieRecord]:
        """The whole catalogue, by ascending dense number."""
        return (read_movie(number, payload) for number, payload in self._movies.scan())

    def close(self) -> None:
        """Release both."""
        self._users.close()
        self._movies.close()
