"""What an index holds, in terms of the source, to compare one with another."""

from __future__ import annotations

from contextlib import closing
from typing import Any, NamedTuple

import numpy as np

from recommender.ranking.weights import movie_weights, rater_values
from recommender.storage.encoding import ExternalId, read_movie, read_rater, unpack_ratings
from recommender.storage.index import Index, IndexStore, pages
from recommender.storage.manifest import Manifest

__all__ = ["Contents", "StoredMovie", "StoredRater", "contents", "everything"]


class StoredRater(NamedTuple):
    """A stored rater."""

    rated: dict[ExternalId, tuple[float, int | None]]
    """Stars and day by movie."""
    number: int
    last: int | None
    findable: bool
    """Whether they have a vector."""


class StoredMovie(NamedTuple):
    """A stored movie, without what drifts between two full ingests."""

    title: str
    ratings: int
    likes: int
    mean: float | None
    raters: frozenset[ExternalId]
    """Raters in its vector."""


class Contents(NamedTuple):
    """All that an index holds."""

    raters: dict[ExternalId, StoredRater]
    movies: dict[ExternalId, StoredMovie]
    counts: dict[str, Any]
    """Counts and mean of the manifest."""


def _points(index: Index) -> tuple[dict[int, Any], dict[int, Any], dict[int, Any], dict[int, Any]]:
    users, films = dict(index.user_points.scan()), dict(index.movie_points.scan())
    vectors: list[dict[int, Any]] = [{}, {}]
    for found, points, held in ((users, index.user_points, 0), (films, index.movie_points, 1)):
        for some in pages(list(found)):
            vectors[held] |= points.vectors(some)
    return users, vectors[0], films, vectors[1]


def contents(store: IndexStore) -> Contents:
    """Read everything, and check that every rater's vector follows from their ratings."""
    with closing(store.open()) as index:
        users, vectors, films, film_vectors = _points(index)
        manifest = index.manifest
    records = {number: read_movie(number, payload) for number, payload in films.items()}
    assert sorted(records) == list(range(manifest.counts.movies))
    fixed = np.array([records[number].counted_ratings for number in sorted(records)])
    weights = movie_weights(fixed, manifest.maintenance.counted_users, manifest.weighting)
    raters = {}
    for number, payload in users.items():
        rater = read_rater(number, payload)
        rated = unpack_ratings([rater.packed], timed=manifest.timed)
        days = [None] * len(rated.movie) if rated.day is None else rated.day.tolist()
        stars = manifest.scale.unpack(rated.units).tolist()
        raters[rater.user_id] = StoredRater(
            {
                records[movie].movie_id: (star, day)
                for movie, star, day in zip(rated.movie.tolist(), stars, days, strict=True)
            },
            payload["rating_count"],
            payload.get("last_day"),
            number in vectors,
        )
        if number in vectors:
            values = rater_values(weights[rated.movie], np.array(rater.length), manifest.weighting)
            np.testing.assert_allclose(vectors[number].values, values, rtol=1e-6)
    ids = {number: payload["user_id"] for number, payload in users.items()}
    return Contents(
        raters,
        {
            record.movie_id: StoredMovie(
                record.title,
                record.ratings,
                record.likes,
                record.mean if record.mean is None else round(record.mean, 9),
                frozenset(
                    ids[user]
                    for user in (
                        film_vectors[number].indices.tolist() if number in film_vectors else ()
                    )
                ),
            )
            for number, record in records.items()
        },
        {**manifest.counts.model_dump(), "mean": round(manifest.mean, 9)},
    )


def everything(store: IndexStore) -> tuple[Manifest, dict[str, Any]]:
    """All points as they are, but for what names the change and the moment it was made."""
    with closing(store.open()) as index:
        users, vectors, films, film_vectors = _points(index)
        manifest = index.manifest.model_copy(update={"created": "", "files": {}, "checksum": None})
    for payload in films.values():
        payload.pop("update_key", None)
    shown = {
        name: {number: (v.indices.tolist(), v.values.tolist()) for number, v in held.items()}
        for name, held in (("tastes", vectors), ("films", film_vectors))
    }
    return manifest, {"users": users, "movies": films, **shown}
