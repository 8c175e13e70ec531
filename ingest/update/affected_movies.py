"""Movies that a change affects: their counts and vectors, with the change applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ingest.points import movie_lengths, sample_raters
from ingest.update.changes import NO_RATING, Units, Update
from recommender.arrays import Floats, Ints
from recommender.ranking.films.item_similarity import kept_parts
from recommender.ranking.weights import movie_weights
from recommender.storage.encoding import MovieRecord, movie_payload, read_movie
from recommender.storage.index import Index, pages
from recommender.storage.manifest import Manifest
from recommender.storage.vectors import PointBatch, SparseVector

__all__ = ["AffectedMovies"]

# Movies whose vectors are in memory at once; each may have thousands of entries.
_PAGE = 64


class AffectedMovies:
    """The movies that a change writes, and all other movies that its users rate."""

    def __init__(self, index: Index, manifest: Manifest, update: Update) -> None:
        """Look movies up and apply the changes to their counts.

        ``manifest`` is that after the change. Movies that were already written by this change, in a
        run that was interrupted, are left as they are.
        """
        self._index, self._manifest, self._update = index, manifest, update
        self._units, changes = Units(manifest), update.changes
        affected = np.union1d(changes.movie, np.array(list(update.metadata), dtype=np.int64))
        payloads: dict[int, dict[str, Any]] = {}
        for page in pages(np.union1d(affected, update.changed.movie).tolist()):
            payloads |= index.movie_points.payloads(page)
        self._records = {n: read_movie(n, payload) for n, payload in payloads.items()}
        # Their counts contain the change: applying it once more would count it twice.
        done = [n for n, record in self._records.items() if record.update_key == update.key]
        self._changes = changes.at(~np.isin(changes.movie, done))
        self.numbers = np.setdiff1d(affected, done)
        """Dense numbers of the movies to write, ascending."""
        self._count()

    def _count(self) -> None:
        """Start from the stored counts, then subtract old ratings and add new ones."""
        movies, scale = self._manifest.counts.movies, self._manifest.scale
        counts = np.zeros((4, movies), np.int64)
        self._ratings, self._likes, self._recent, self._counted_ratings = counts
        sums = np.zeros(movies)
        for number, record in self._records.items():
            counted = record.ratings, record.likes, record.recent, record.counted_ratings
            counts[:, number] = counted
            # Sums of stored units are integers: any number of changes adds no rounding error.
            mean = scale.base if record.mean is None else record.mean
            sums[number] = np.rint((mean - scale.base) / scale.step * record.ratings)
        changes = self._changes
        for sign, units, day in (
            (-1, changes.before, changes.day_before),
            (1, changes.after, changes.day_after),
        ):
            exists, liked = units != NO_RATING, self._units.likes(units)
            first = self._manifest.maintenance.recent_from
            recent = liked & (day >= first) if first is not None else np.zeros_like(liked)
            self._ratings += sign * np.bincount(changes.movie[exists], minlength=movies)
            self._likes += sign * np.bincount(changes.movie[liked], minlength=movies)
            self._recent += sign * np.bincount(changes.movie[recent], minlength=movies)
            sums += sign * np.bincount(changes.movie[exists], units[exists], minlength=movies)
        # The weight of a movie is fixed when it enters the index, so that stored vectors of raters
        # who are not in the change keep agreeing with it.
        new = [number for number in self._update.metadata if number not in self._records]
        self._counted_ratings[new] = self._ratings[new]
        self._means: Floats = scale.base + scale.step * sums / np.maximum(self._ratings, 1)

    def weights(self) -> Floats:
        """Weight of each movie that was looked up, shape (movies,)."""
        manifest = self._manifest
        return movie_weights(
            self._counted_ratings, manifest.maintenance.counted_users, manifest.weighting
        )

    def _deviations(self) -> Floats:
        """Deviation of each changed rating from what user and movie let expect.

        As in :meth:`ingest.statistics.Statistics.deviations`, but from the means after the change;
        0 where the rating is removed.
        """
        changes, manifest = self._changes, self._manifest
        exists = changes.after != NO_RATING
        if manifest.scale.implicit or not exists.any():
            return np.asarray(exists, dtype=np.float64)
        damping = manifest.weighting.damping
        movie_bias = self._ratings * (self._means - manifest.mean) / (self._ratings + damping)
        users = self._update.changed
        owner = np.repeat(np.arange(len(users.ids)), users.sizes)
        rest = self._units.stars[users.units] - manifest.mean - movie_bias[users.movie]
        user_bias = np.bincount(owner, weights=rest) / (users.sizes + damping)
        place = np.searchsorted(users.numbers, changes.user)
        stars = self._units.stars[changes.after]
        deviations = stars - manifest.mean - movie_bias[changes.movie] - user_bias[place]
        return np.asarray(np.where(exists, deviations, 0.0))

    def batches(self) -> Iterator[PointBatch]:
        """Yield the movies to write, with their raters' deviations as vectors."""
        deviations = self._deviations()
        order = np.argsort(self._changes.movie, kind="stable")
        movies = self._changes.movie[order]
        for page in pages(self.numbers.tolist(), _PAGE):
            rows = order[
                np.searchsorted(movies, page[0]) : np.searchsorted(movies, page[-1], "right")
            ]
            vectors = self._index.movie_points.vectors(page)
            yield self._batch(np.array(page), vectors, rows, deviations[rows])

    def _batch(
        self, numbers: Ints, vectors: Mapping[int, SparseVector], rows: Ints, deviations: Floats
    ) -> PointBatch:
        weighting = self._manifest.weighting
        changed = np.searchsorted(numbers, self._changes.movie[rows]), self._changes.user[rows]
        exists = self._changes.after[rows] != NO_RATING
        owner, user, value = _stored_deviations(numbers, vectors, self._records)
        unchanged = ~np.isin(_keys(owner, user), _keys(*changed))
        owner = np.concatenate([owner[unchanged], changed[0][exists]])
        user = np.concatenate([user[unchanged], changed[1][exists]])
        value = np.concatenate([value[unchanged], deviations[exists]])
        order = np.lexsort((user, owner))
        order = order[sample_raters(owner[order], user[order], weighting.movie_raters)]
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
        record, changed = self._records.get(number), self._update.metadata.get(number)
        ratings = int(self._ratings[number])
        # A new movie has no tags until the next ingest: an append does not read them.
        fields: dict[str, Any] = {"tags": ()} | ({} if record is None else record._asdict())
        if changed is not None:
            fields |= {"number": number, "movie_id": changed[0], **changed[1]._asdict()}
        fields |= {
            "ratings": ratings,
            "likes": int(self._likes[number]),
            "recent": int(self._recent[number]),
            "mean": float(self._means[number]) if ratings else None,
            "counted_ratings": int(self._counted_ratings[number]),
            "length": length,
            "update_key": self._update.key,
        }
        return movie_payload(MovieRecord(**fields))


def _stored_deviations(
    numbers: Ints, vectors: Mapping[int, SparseVector], records: Mapping[int, MovieRecord]
) -> tuple[Ints, Ints, Floats]:
    """Position of the movie, user and deviation of every entry of stored vectors."""
    found = [
        (place, vectors[n], records[n].length)
        for place, n in enumerate(numbers.tolist())
        if n in vectors
    ]
    sizes = [len(vector) for _, vector, _ in found]
    owner = np.repeat(np.array([place for place, _, _ in found], dtype=np.int64), sizes)
    user = np.concatenate([np.empty(0, np.int64), *(vector.indices for _, vector, _ in found)])
    # Stored values are deviations divided by the movie's length.
    value = np.concatenate(
        [np.empty(0), *(vector.values.astype(np.float64) * length for _, vector, length in found)]
    )
    return owner, user.astype(np.int64), value


def _keys(owner: Ints, user: Ints) -> Ints:
    """One number for each pair; users are below 2**32."""
    return (owner << 32) | user
