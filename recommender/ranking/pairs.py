"""How alike movies are two by two, remembered from one question to the next."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import numpy.typing as npt

from recommender.arrays import Floats, Ints
from recommender.ranking.item_similarity import Likeness, kept_parts
from recommender.storage.index import Index

__all__ = ["Pairs"]

# Pairs remembered: some 60 MB.
_LIMIT = 250_000
# Part of a movie's pairs from which on it is faster to compare it with all than to pick.
_MANY = 0.2
_UNKNOWN = (np.nan, np.nan)


class Pairs:
    """Compares movies of one version.

    A person who says one thing more is asked about the same movies again, but for a few: comparing
    those few is a small part of comparing all. What came first goes first. Safe for threads.

    ``counts``, shape (movies,), are the numbers of ratings.
    """

    def __init__(self, index: Index, counts: Ints, *, limit: int = _LIMIT) -> None:
        self._index = index
        self._parts = kept_parts(counts, index.manifest.weighting)
        self._limit = limit
        self._held: dict[int, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def between(self, movies: Ints, others: Ints) -> tuple[Floats, Floats]:
        """Cosine of each of the movies with each of the others, and how many raters it rests on.

        ``movies``, shape (m,), and ``others``, shape (n,), are dense numbers; both results have
        shape (m, n).
        """
        one, two = movies[:, None].astype(np.int64), others.astype(np.int64)
        keys = (np.minimum(one, two) << 32) | np.maximum(one, two)
        held = map(self._held.get, keys.ravel().tolist(), itertools.repeat(_UNKNOWN))
        found = np.fromiter(itertools.chain.from_iterable(held), np.float64, 2 * keys.size)
        table = found.reshape(*keys.shape, 2)
        missing = np.isnan(table[:, :, 0])
        whole = np.count_nonzero(missing, axis=1) > _MANY * len(others)
        some = missing[~whole].any(axis=0)
        for rows, columns in ((whole, np.ones_like(some)), (~whole, some)):
            if rows.any() and columns.any():
                block = np.ix_(rows, columns)
                table[block] = self._compared(movies[rows], others[columns])
                self._hold(keys[block], table[block])
        return table[:, :, 0], table[:, :, 1]

    def _compared(self, movies: Ints, others: Ints) -> Floats:
        """What :meth:`between` tells, looked up in the index, shape (m, n, 2)."""
        if len(movies) > len(others):
            return self._compared(others, movies).swapaxes(0, 1)
        vectors = self._index.movie_vectors(movies)
        users = self._index.manifest.maintenance.next_user
        likeness = Likeness(vectors, self._parts[movies], users=users)
        looked_up = zip(
            self._index.movie_vectors(others), self._parts[others].tolist(), strict=True
        )
        compared = [np.stack(likeness.to(vector, part), axis=-1) for vector, part in looked_up]
        return np.stack(compared, axis=1)

    def _hold(self, keys: npt.NDArray[np.int64], found: Floats) -> None:
        pairs = zip(*(part.tolist() for part in found.reshape(-1, 2).T), strict=True)
        with self._lock:
            self._held.update(zip(keys.ravel().tolist(), pairs, strict=True))
            for key in list(itertools.islice(self._held, max(len(self._held) - self._limit, 0))):
                del self._held[key]
