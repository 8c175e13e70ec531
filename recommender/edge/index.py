"""One version of an embedded index, open for reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recommender.edge.engine import Shard
from recommender.edge.files import MANIFEST, missing_or_resized
from recommender.errors import IndexDamagedError
from recommender.index import Hits
from recommender.manifest import Manifest, read_manifest
from recommender.rater_cache import RaterCache
from recommender.records import ExternalId, MovieRecord, Rater, read_movie, read_rater
from recommender.vectors import SparseVector

__all__ = ["EdgeIndex"]


class EdgeIndex:
    """Reader of one version's ``users`` and ``movies`` shards."""

    def __init__(self, folder: Path) -> None:
        """Open a version folder.

        Raises IndexFormatError where it was written in another format; or IndexDamagedError where
        files are missing or have another size than when they were written.
        """
        self.version = folder.name
        text = (folder / MANIFEST).read_text(encoding="utf-8", errors="replace")
        self.manifest: Manifest = read_manifest(text, str(folder / MANIFEST))
        if wrong := missing_or_resized(folder, self.manifest.files):
            raise IndexDamagedError(
                f"{folder / wrong} is missing or not as it was written: ingest again"
            )
        self._users = Shard.load(folder / "users")
        try:
            self._movies = Shard.load(folder / "movies")
        except BaseException:
            self._users.close()
            raise
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
        """Release both shards."""
        self._users.close()
        self._movies.close()
