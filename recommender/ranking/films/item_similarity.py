"""How alike movies are, from their vectors over raters.

A vector holds deviations from damped user and movie biases, divided by a damped length, so that the
dot product of two movies is their cosine. A movie with more raters than ``movie_raters`` keeps only
a part ``p`` of them, the same people for all such movies: of the products in the sum of a pair
about ``min(p_i, p_j)`` are left, and of the squares in the two lengths ``p_i`` and ``p_j``. The dot
product is then too small by ``min(p_i, p_j) / sqrt(p_i p_j)``, and corrected by the inverse,
``sqrt(max(p_i, p_j) / min(p_i, p_j))``.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.arrays import Floats, Ints
from recommender.settings import Weighting
from recommender.storage.index import Index, spans
from recommender.storage.manifest import Manifest
from recommender.storage.vectors import SparseVector

__all__ = ["ItemSimilarity", "VectorComparison", "beyond_chance", "correction", "kept_parts"]

# Pairs remembered: some 60 MB.
_LIMIT = 250_000
# Part of a movie's pairs from which on it is faster to compare it with all than to pick.
_MANY = 0.2
# Entries of vectors that are put in order in the time that one more vector takes to compare.
_ENTRIES = 1000
_UNKNOWN = (np.nan, np.nan)


def kept_parts(counts: Ints, weighting: Weighting) -> Floats:
    """Part of its raters that each movie's vector keeps, ``min(1, limit / n)``.

    ``counts``, shape (movies,), are the numbers of ratings ``n``.
    """
    return np.asarray(np.minimum(1.0, weighting.movie_raters / np.maximum(counts, 1)))


def correction(part: float | Floats, others: Floats) -> Floats:
    """Factor from the dot product of a movie with others to their cosine.

    ``part`` and ``others``, shape (n,), are the parts of raters their vectors keep.
    """
    return np.asarray(np.sqrt(np.maximum(part, others) / np.minimum(part, others)))


def beyond_chance(cosines: Floats, own: int | Ints, others: Ints, manifest: Manifest) -> Floats:
    """Take off the cosine of movies with so many ratings what they share by chance.

    In an index of likes nothing deviates, and every two popular movies share many raters: what they
    would share by chance is ``n_i n_j / users``. In all others nothing is taken off. ``own`` and
    ``others`` are the numbers of ratings, of one shape with ``cosines``, or made so.
    """
    if not manifest.scale.implicit:
        return cosines
    damping, users = manifest.weighting.damping, max(manifest.counts.users, 1)
    return np.asarray(
        cosines - own * others / users / np.sqrt((own + damping) * (others + damping))
    )


class VectorComparison:
    """Compares one movie at a time with always the same others.

    ``vectors`` are those of the others, ``parts``, shape (others,), the parts of raters they keep,
    and ``users`` is above all dense numbers of users.
    """

    def __init__(self, vectors: Sequence[SparseVector], parts: Floats, *, users: int) -> None:
        self._parts = parts
        owner = np.repeat(np.arange(len(vectors)), [len(vector) for vector in vectors])
        raters = np.concatenate([np.empty(0, np.uint32), *(v.indices for v in vectors)])
        values = np.concatenate([np.empty(0, np.float32), *(v.values for v in vectors)])
        # By rater: only what both have in common is then looked at.
        order = np.argsort(raters, kind="stable")
        self._owner, self._values = owner[order], values[order].astype(np.float64)
        self._starts = np.append(0, np.cumsum(np.bincount(raters, minlength=users)))

    def to(self, vector: SparseVector, part: float) -> tuple[Floats, Ints]:
        """Cosine with each of the others, and how many raters each rests on.

        ``vector`` is that of a movie whose raters are kept to a ``part``. Both results have shape
        (others,). The cosine is damped, as stored vectors are, and estimated where raters were
        left out.
        """
        raters, others = vector.indices.astype(np.int64), len(self._parts)
        places, many = spans(self._starts, raters)
        owner = self._owner.take(places)
        products = np.repeat(vector.values, many) * self._values.take(places)
        dots = np.bincount(owner, weights=products, minlength=others)
        return dots * correction(part, self._parts), np.bincount(owner, minlength=others)


class ItemSimilarity:
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
        # So many would push out most of what others ask for, and each other.
        if len(movies) * len(others) > self._limit // 4:
            table = self._compared(movies, others)
            return table[:, :, 0], table[:, :, 1]
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

    def without(self, rater: int, movies: Ints, others: Ints) -> tuple[Floats, Floats]:
        """What :meth:`between` gives, as if a rater, by dense number, had rated none of these.

        With ``v`` the rater's value in the vector of a movie, what is left of its squared damped
        length is ``1 - v ** 2``. The biases that other raters' deviations are from stay.
        """
        cosines, shared = self.between(movies, others)
        one, two = self._values(rater, movies)[:, None], self._values(rater, others)
        there = ~np.isnan(one) & ~np.isnan(two)
        one, two = np.nan_to_num(one), np.nan_to_num(two)
        own = correction(self._parts[movies][:, None], self._parts[others]) * one * two
        return (cosines - own) / np.sqrt((1 - one**2) * (1 - two**2)), shared - there

    def _values(self, rater: int, movies: Ints) -> Floats:
        """Value of a rater in the vectors of movies, NaN where there is none, shape (movies,)."""
        values = np.full(len(movies), np.nan)
        for place, vector in enumerate(self._index.movie_vectors(movies)):
            at = int(np.searchsorted(vector.indices, rater))
            if at < len(vector) and vector.indices[at] == rater:
                values[place] = vector.values[at]
        return values

    def _compared(self, movies: Ints, others: Ints) -> Floats:
        """The two results of :meth:`between`, from vectors of the index, shape (m, n, 2)."""
        sides = [(some, self._index.movie_vectors(some)) for some in (movies, others)]
        # One side is put in order, and the other compared with it, vector after vector.
        turned = _cost(sides[0][1]) > _cost(sides[1][1])
        (ordered, vectors), (rest, looked_up) = reversed(sides) if turned else sides
        users = self._index.manifest.maintenance.next_user
        comparison = VectorComparison(vectors, self._parts[ordered], users=users)
        pairs = zip(looked_up, self._parts[rest].tolist(), strict=True)
        compared = [np.stack(comparison.to(vector, part), axis=-1) for vector, part in pairs]
        return np.stack(compared, axis=0 if turned else 1)

    def _hold(self, keys: npt.NDArray[np.int64], found: Floats) -> None:
        pairs = zip(*(part.tolist() for part in found.reshape(-1, 2).T), strict=True)
        with self._lock:
            self._held.update(zip(keys.ravel().tolist(), pairs, strict=True))
            for key in list(itertools.islice(self._held, max(len(self._held) - self._limit, 0))):
                del self._held[key]


def _cost(vectors: Sequence[SparseVector]) -> float:
    """What it costs to put these in order, instead of comparing one by one."""
    return sum(map(len, vectors)) / _ENTRIES - len(vectors)
