"""Movies that changes touch: their counts, and their raters' deviations, with the changes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ingest.points import Rated, movie_lengths
from ingest.sampling import kept
from ingest.sources.movies import MovieFacts
from ingest.update.changes import NOTHING, Changes, Units
from recommender.arrays import Floats, Ints
from recommender.ranking.item_similarity import kept_parts
from recommender.ranking.weights import movie_weights
from recommender.storage.encoding import ExternalId, MovieRecord, movie_payload, read_movie
from recommender.storage.index import Index, pages
from recommender.storage.manifest import Manifest
from recommender.storage.vectors import PointBatch, SparseVector

__all__ = ["Facts", "Touched"]

# Movies whose vectors are in memory at once.
_PAGE = 64

Facts = Mapping[int, tuple[ExternalId, MovieFacts]]
"""Id and facts of movies that are new, or told other facts of, by dense number."""


class Touched:
    """The movies that a change is about, and all others that its people rate."""

    def __init__(
        self,
        index: Index,
        manifest: Manifest,
        key: str,
        changes: Changes,
        rated: Rated,
        facts: Facts,
    ) -> None:
        """Look movies up and count the changes in; ``manifest`` is that with the changes.

        Movies that say that they have the change ``key`` already are left as they are.
        """
        self._index, self._manifest, self._key, self._facts = index, manifest, key, facts
        self._units = Units(manifest)
        told = np.array(list(facts), dtype=np.int64)
        touched = np.union1d(changes.movie, told)
        payloads: dict[int, dict[str, Any]] = {}
        for some in pages(np.union1d(touched, rated.movie).tolist()):
            payloads |= index.movie_points.payloads(some)
        self._records = {n: read_movie(n, payload) for n, payload in payloads.items()}
        done = [n for n, record in self._records.items() if record.update_key == key]
        self._changes = changes.at(~np.isin(changes.movie, done))
        self.numbers = np.setdiff1d(touched, done)
        """Dense numbers of the movies to write, ascending."""
        self._count()

    def _count(self) -> None:
        """Count what is stored, and then the changes."""
        shape, scale = self._manifest.counts.movies, self._manifest.scale
        self._ratings, self._likes, self._recent, self._weighed = np.zeros((4, shape), np.int64)
        sums = np.zeros(shape)
        for number, record in self._records.items():
            self._ratings[number], self._likes[number] = record.ratings, record.likes
            self._recent[number], self._weighed[number] = record.recent, record.counted_ratings
            # Whole units: counting goes on without rounding.
            mean = scale.base if record.mean is None else record.mean
            sums[number] = np.rint((mean - scale.base) / scale.step * record.ratings)
        changes = self._changes
        for sign, units, day in (
            (-1, changes.before, changes.day_before),
            (1, changes.after, changes.day_after),
        ):
            there, liked = units != NOTHING, self._units.likes(units)
            first = self._manifest.maintenance.recent_from
            young = liked & (day >= first) if first is not None else np.zeros_like(liked)
            self._ratings += sign * np.bincount(changes.movie[there], minlength=shape)
            self._likes += sign * np.bincount(changes.movie[liked], minlength=shape)
            self._recent += sign * np.bincount(changes.movie[young], minlength=shape)
            sums += sign * np.bincount(changes.movie[there], units[there], minlength=shape)
        new = [number for number in self._facts if number not in self._records]
        self._weighed[new] = self._ratings[new]
        self._means: Floats = scale.base + scale.step * sums / np.maximum(self._ratings, 1)

    def weights(self) -> Floats:
        """Weight of each movie, those looked up only, shape (movies,)."""
        manifest = self._manifest
        return movie_weights(self._weighed, manifest.maintenance.counted_users, manifest.weighting)

    def _deviations(self, users: Ints, rated: Rated) -> Floats:
        """Deviation of each change's rating from what user and movie let expect, as in
        :func:`ingest.statistics.count`, from today's means; 0 where the rating is gone.

        ``users`` are the dense numbers of the people who rated.
        """
        changes, manifest = self._changes, self._manifest
        there = changes.after != NOTHING
        if manifest.scale.implicit or not there.any():
            return np.asarray(there, dtype=np.float64)
        damping = manifest.weighting.damping
        beyond = self._ratings * (self._means - manifest.mean) / (self._ratings + damping)
        owner = np.repeat(np.arange(len(users)), rated.sizes)
        rest = self._units.stars[rated.units] - manifest.mean - beyond[rated.movie]
        person = np.bincount(owner, weights=rest) / (rated.sizes + damping)
        order = np.argsort(users)
        whose = order[np.searchsorted(users, changes.user, sorter=order)]
        stars = self._units.stars[changes.after]
        deviations = stars - manifest.mean - beyond[changes.movie] - person[whose]
        return np.asarray(np.where(there, deviations, 0.0))

    def points(self, users: Ints, rated: Rated) -> Iterator[PointBatch]:
        """Movies to write, with their raters' deviations as vectors."""
        deviations = self._deviations(users, rated)
        order = np.argsort(self._changes.movie, kind="stable")
        movies = self._changes.movie[order]
        for some in pages(self.numbers.tolist(), _PAGE):
            rows = order[
                np.searchsorted(movies, some[0]) : np.searchsorted(movies, some[-1], "right")
            ]
            vectors = self._index.movie_points.vectors(some)
            yield self._batch(np.array(some), vectors, rows, deviations[rows])

    def _batch(
        self, numbers: Ints, vectors: Mapping[int, SparseVector], rows: Ints, deviations: Floats
    ) -> PointBatch:
        weighting = self._manifest.weighting
        changed = np.searchsorted(numbers, self._changes.movie[rows]), self._changes.user[rows]
        there = self._changes.after[rows] != NOTHING
        owner, user, value = _recovered(numbers, vectors, self._records)
        stays = ~np.isin(_keys(owner, user), _keys(*changed))
        owner = np.concatenate([owner[stays], changed[0][there]])
        user = np.concatenate([user[stays], changed[1][there]])
        value = np.concatenate([value[stays], deviations[there]])
        order = np.lexsort((user, owner))
        order = order[kept(owner[order], user[order], weighting.movie_raters)]
        owner, user, value = owner[order], user[order], value[order]
        parts = kept_parts(self._ratings[numbers], weighting)
        lengths = movie_lengths(owner, value, parts, weighting)
        return PointBatch.checked(
            numbers,
            np.append(0, np.cumsum(np.bincount(owner, minlength=len(numbers)))),
            user,
            value / lengths[owner],
            [self._payload(*pair) for pair in zip(numbers.tolist(), lengths.tolist(), strict=True)],
        )

    def _payload(self, number: int, length: float) -> dict[str, Any]:
        record, told = self._records.get(number), self._facts.get(number)
        rated = int(self._ratings[number])
        fields = {} if record is None else record._asdict()
        if told is not None:
            fields |= {"number": number, "movie_id": told[0], **told[1]._asdict()}
        fields.setdefault("tags", ())
        return movie_payload(
            MovieRecord(
                **fields
                | {
                    "ratings": rated,
                    "likes": int(self._likes[number]),
                    "recent": int(self._recent[number]),
                    "mean": float(self._means[number]) if rated else None,
                    "counted_ratings": int(self._weighed[number]),
                    "length": length,
                    "update_key": self._key,
                }
            )
        )


def _recovered(
    numbers: Ints, vectors: Mapping[int, SparseVector], records: Mapping[int, MovieRecord]
) -> tuple[Ints, Ints, Floats]:
    """Place of the movie, user and deviation of every entry of vectors."""
    found = [
        (place, vectors[n], records[n].length)
        for place, n in enumerate(numbers.tolist())
        if n in vectors
    ]
    sizes = [len(vector) for _, vector, _ in found]
    owner = np.repeat(np.array([place for place, _, _ in found], dtype=np.int64), sizes)
    user = np.concatenate([np.empty(0, np.int64), *(vector.indices for _, vector, _ in found)])
    value = np.concatenate(
        [np.empty(0), *(vector.values.astype(np.float64) * length for _, vector, length in found)]
    )
    return owner, user.astype(np.int64), value


def _keys(owner: Ints, user: Ints) -> Ints:
    """One number for each pair."""
    return (owner << 32) | user
