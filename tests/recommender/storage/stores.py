"""Tiny index versions written straight through the protocol, for tests of any engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recommender.opinion import Scale
from recommender.settings import Weighting
from recommender.storage.encoding import MovieRecord, movie_payload, pack_ratings, rater_payload
from recommender.storage.index import IndexStore, IndexWriter
from recommender.storage.manifest import Counts, Maintenance, Manifest, Source
from recommender.storage.vectors import PointBatch, SparseVector

__all__ = ["RATERS", "add", "fill", "manifest", "movie", "packed", "points", "publish", "vector"]

Sparse = Mapping[int, float]

RATERS: dict[int, Sparse] = {
    0: {0: 1.0, 3: 1.0},
    1: {0: 2.0, 6: 1.0},
    2: {3: 1.0},
    3: {0: 1.0, 3: 1.0},
    4: {},
    5: {9: 1.0},
}
"""Vectors by number; 0 and 3 are alike, 4 is empty. External ids are 100 more."""

MOVIES: dict[int, Sparse] = {
    0: {0: 1.0, 1: 1.0},
    1: {0: 1.0},
    2: {1: -1.0, 2: 1.0},
    3: {},
    4: {0: 0.5, 1: 0.5},
}
"""Vectors of movies over raters; 3 is empty. Dot products with 0: 1 has 1, 2 has -1, 4 has 1."""


def vector(entries: Sparse) -> SparseVector:
    """Make a checked vector of a mapping."""
    places = sorted(entries)
    return SparseVector.checked(
        np.array(places, dtype=np.int64), np.array([entries[p] for p in places], dtype=float)
    )


def points(vectors: Mapping[int, Sparse], payloads: Sequence[dict[str, Any]]) -> PointBatch:
    """Make a batch of vectors and payloads, in the order of the mapping."""
    parts = [vector(entries) for entries in vectors.values()]
    return PointBatch.checked(
        np.array(list(vectors), dtype=np.int64),
        np.cumsum([0, *(len(part) for part in parts)]),
        np.concatenate([part.indices for part in parts]) if parts else np.empty(0, np.uint32),
        np.concatenate([part.values for part in parts]) if parts else np.empty(0, np.float32),
        list(payloads),
    )


def movie(number: int, **changes: Any) -> MovieRecord:
    """Make a movie; its id is 10 more than its number."""
    title = f"Film {number}"
    plain = MovieRecord(number, number + 10, title, None, (), None, None, 3, 2, 3.5, 1, (), 3, 2.0)
    return plain._replace(**changes)


def packed(movies: Sequence[int], units: Sequence[int], days: Sequence[int] | None = None) -> str:
    """Pack the ratings of one rater."""
    offsets = np.array([0, len(movies)], dtype=np.int64)
    given = None if days is None else np.array(days)
    (text,) = pack_ratings(np.array(movies), np.array(units), given, offsets)
    return text


def fill(
    writer: IndexWriter,
    raters: Mapping[int, Sparse] | None = None,
    described: Manifest | None = None,
) -> None:
    """Announce and write the raters and movies of this module."""
    writer.expect(described or manifest())
    add(writer, raters)


def add(writer: IndexWriter, raters: Mapping[int, Sparse] | None = None) -> None:
    """Write the raters and movies of this module."""
    chosen = RATERS if raters is None else raters
    payloads = [
        rater_payload(100 + number, 1.0 + number, packed([number % 5], [8]), 1, None)
        for number in chosen
    ]
    writer.add_users(points(chosen, payloads))
    writer.add_movies(points(MOVIES, [movie_payload(movie(number)) for number in MOVIES]))


def manifest(*, movies: int = 5, users: int = 6, **changes: Any) -> Manifest:
    """Make a manifest that fits, of so many movies and users."""
    plain = Manifest(
        kindred="0",
        created="2026-01-01T00:00:00+00:00",
        source=Source(name="test", title="a test"),
        scale=Scale(low=0.5, high=5),
        timed=False,
        movie_ids="int",
        user_ids="int",
        attributes={},
        weighting=Weighting(),
        counts=Counts(
            ratings=6, users=6, raters=6, movies=movies, likes=6, by_unit=(0,) * 8 + (6,)
        ),
        maintenance=Maintenance(counted_users=6, recent_from=None, next_user=users),
        mean=4.0,
        opinion_means=(4.5, 3.25, 1.5),
    )
    return plain.model_copy(update=changes)


def publish(store: IndexStore, raters: Mapping[int, Sparse] | None = None, **changes: Any) -> str:
    """Write and publish a version; return its name."""
    writer = store.writer()
    try:
        described = manifest(**changes)
        fill(writer, raters, described)
        writer.finish(described)
        return writer.publish()
    finally:
        writer.close()
