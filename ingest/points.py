"""The points of an index version: raters and movies, as batches of checked vectors and payloads."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from ingest.blocks import ROWS, blocks, point_batches, slices
from ingest.cleaning import CleanRatings
from ingest.sources.movies import MovieMetadata
from ingest.sources.tags import Tags
from ingest.sources.users import UserAttributes
from ingest.statistics import Statistics
from recommender.arrays import Bytes, Floats, Ints, Mask
from recommender.opinion import STATES
from recommender.ranking.films.item_similarity import kept_parts
from recommender.ranking.weights import rater_lengths, rater_values
from recommender.settings import Weighting
from recommender.storage.encoding import (
    ExternalId,
    MovieRecord,
    movie_payload,
    pack_ratings,
    rater_payload,
)
from recommender.storage.hash_order import user_hashes
from recommender.storage.vectors import PointBatch

__all__ = [
    "Metadata",
    "RatedUsers",
    "movie_batches",
    "movie_lengths",
    "rater_batches",
    "sample_raters",
    "user_batches",
]

# Lengths are stored rounded to so many decimals: every engine then returns the very same number.
_LENGTH_DECIMALS = 12
# One for all users without any, as most sources have none.
_NO_ATTRIBUTES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Metadata:
    """What a source contains beside the ratings."""

    movies: Mapping[str, MovieMetadata]
    """By id as text."""
    tags: Tags
    attributes: UserAttributes


@dataclass(frozen=True, eq=False)
class RatedUsers:
    """Users with all their ratings, one user after the other, each by ascending movie."""

    numbers: Ints
    """Dense numbers, shape (users,)."""
    ids: Sequence[ExternalId]
    attributes: Sequence[Mapping[str, str]]
    """Attributes of each user."""
    sizes: Ints
    """Ratings of each user, at least one, shape (users,)."""
    movie: Ints
    """Dense movie number of each rating, shape (ratings,)."""
    units: Bytes
    """Stored units of stars, shape (ratings,)."""
    day: Ints | None
    """Day since 1970, shape (ratings,), or None without times."""

    @classmethod
    def none(cls) -> Self:
        """No users, for a change that only removes some."""
        ints = np.empty(0, np.int64)
        return cls(ints, [], [], ints, ints, np.empty(0, np.uint8), None)

    @cached_property
    def offsets(self) -> Ints:
        """Where the ratings of each user begin, and where the last end, shape (users + 1,)."""
        return np.append(0, np.cumsum(self.sizes))

    def part(self, first: int, last: int) -> RatedUsers:
        """The users from position ``first`` to before ``last``."""
        users, rows = slice(first, last), slice(self.offsets[first], self.offsets[last])
        day = None if self.day is None else self.day[rows]
        of_users = (self.numbers[users], self.ids[users], self.attributes[users], self.sizes[users])
        return RatedUsers(*of_users, self.movie[rows], self.units[rows], day)


def rater_batches(
    clean: CleanRatings, statistics: Statistics, metadata: Metadata, weighting: Weighting
) -> Iterator[PointBatch]:
    """Yield all users as points; those with too few ratings to be neighbours have no vector."""
    attributes = [metadata.attributes.get(user, _NO_ATTRIBUTES) for user in clean.user_ids]
    users = RatedUsers(
        np.arange(len(attributes)),
        clean.user_ids,
        attributes,
        statistics.ratings_per_user,
        clean.movie,
        clean.units,
        clean.day,
    )
    return user_batches(users, statistics.states, statistics.weights, weighting)


def user_batches(
    users: RatedUsers, states: Bytes, weights: Floats, weighting: Weighting
) -> Iterator[PointBatch]:
    """Yield users as points, some at a time.

    ``states`` are those of all stored units of stars, shape (256,), and ``weights`` those of all
    movies. Users with too few ratings to be neighbours get no vector: no search finds them, but an
    append finds them by id and adds to their ratings.
    """
    for first, last in point_batches(users.sizes):
        yield _rater_points(users.part(first, last), states, weights, weighting)


def _rater_points(
    users: RatedUsers, states: Bytes, weights: Floats, weighting: Weighting
) -> PointBatch:
    state, weight, starts = states[users.units], weights[users.movie], users.offsets[:-1]
    lengths = rater_lengths(weight, state, starts, weighting)
    lengths = np.round(lengths, _LENGTH_DECIMALS)
    last: list[int] | list[None] = [None] * len(users.ids)
    if users.day is not None:
        last = np.maximum.reduceat(users.day, starts).tolist()
    packed = pack_ratings(users.movie, users.units, users.day, users.offsets)
    sizes = users.sizes.tolist()
    fields = zip(users.ids, lengths.tolist(), packed, sizes, last, users.attributes, strict=True)
    searchable = users.sizes >= weighting.min_ratings
    entries = np.repeat(searchable, users.sizes)
    values = rater_values(weight, np.repeat(lengths, users.sizes), weighting)
    return PointBatch.checked(
        users.numbers,
        np.append(0, np.cumsum(users.sizes * searchable)),
        (users.movie * STATES + state)[entries],
        values[entries],
        list(itertools.starmap(rater_payload, fields)),
    )


def movie_batches(
    clean: CleanRatings, statistics: Statistics, metadata: Metadata, weighting: Weighting
) -> Iterator[PointBatch]:
    """Yield the catalogue as points; a movie's vector holds its raters' deviations.

    Raters with few ratings are included. A value is ``d / sqrt(sum(d**2) + damping)``, so that the
    dot product of two movies is their cosine, shrunk where few users rated them. A movie with more
    than ``movie_raters`` ratings gets a sample of its raters, and the damping is multiplied by the
    part sampled: see :mod:`recommender.ranking.films.item_similarity` for what the dot product then
    estimates.
    """
    parts = kept_parts(statistics.ratings, weighting)
    for first, last in blocks(statistics.ratings, ROWS):
        rows, ends = _rows_by_movie(clean, statistics, first, last)
        for low, high in point_batches(np.diff(ends)):
            chosen = rows[ends[low] : ends[high]]
            sampled = sample_raters(clean.movie[chosen], clean.user[chosen], weighting.movie_raters)
            chosen = chosen[sampled]
            numbers = np.arange(first + low, first + high)
            owner = clean.movie[chosen] - numbers[0]
            deviations = statistics.deviations(clean, chosen)
            lengths = movie_lengths(owner, deviations, parts[numbers], weighting)
            payloads = [
                _movie_payload(number, length, clean, statistics, metadata)
                for number, length in zip(numbers.tolist(), lengths.tolist(), strict=True)
            ]
            offsets = np.append(0, np.cumsum(np.bincount(owner, minlength=len(numbers))))
            values = deviations / lengths[owner]
            yield PointBatch.checked(numbers, offsets, clean.user[chosen], values, payloads)


def _rows_by_movie(
    clean: CleanRatings, statistics: Statistics, first: int, last: int
) -> tuple[Ints, Ints]:
    """Ratings of a range of movies, by movie and user, and where each movie's end.

    Searching all ratings a few times takes less memory than sorting all of them by movie.
    """
    found = [
        rows.start + np.flatnonzero((clean.movie[rows] >= first) & (clean.movie[rows] < last))
        for rows in slices(len(clean))
    ]
    chosen = np.concatenate([np.empty(0, np.int64), *found])
    # numpy sorts 16-bit numbers by radix, in linear time.
    offset = clean.movie[chosen] - first
    offset = offset.astype(np.uint16) if last - first <= 1 << 16 else offset
    ends = np.append(0, np.cumsum(statistics.ratings[first:last]))
    return chosen[np.argsort(offset, kind="stable")], ends


def sample_raters(movies: Ints, users: Ints, limit: int) -> Mask:
    """Choose the ratings that enter the vectors of movies, at most ``limit`` for each.

    Coordinated bottom-k sampling (Cohen and Kaplan 2007): every user has one fixed pseudo-random
    number, and a movie keeps the users with the smallest. Two popular movies thus keep the same
    users, whose ratings of both still estimate how similar the movies are.

    ``movies`` and ``users`` are the dense numbers of the ratings, ordered by movie; they and the
    result have shape (ratings,). The choice depends on users' numbers alone, on every machine.
    """
    sampled = np.ones(len(movies), dtype=bool)
    starts = np.flatnonzero(np.diff(movies, prepend=-1))
    for start, stop in itertools.pairwise([*starts.tolist(), len(movies)]):
        if stop - start > limit:
            left_out = np.argpartition(user_hashes(users[start:stop]), limit)[limit:]
            sampled[start + left_out] = False
    return sampled


def movie_lengths(owner: Ints, deviations: Floats, parts: Floats, weighting: Weighting) -> Floats:
    """Damped length of each movie's vector, ``sqrt(sum(d**2) + damping * part)``.

    ``owner``, shape (entries,), is the position of each deviation's movie among the sampled
    ``parts`` of raters, shape (movies,).
    """
    squares = np.bincount(owner, weights=deviations**2, minlength=len(parts))
    lengths = np.sqrt(squares + weighting.damping * parts)
    return np.asarray(np.round(lengths, _LENGTH_DECIMALS))


def _movie_payload(
    number: int, length: float, clean: CleanRatings, statistics: Statistics, metadata: Metadata
) -> dict[str, object]:
    movie_id = clean.movie_ids[number]
    # Without a catalogue a movie is titled by its id.
    fields = metadata.movies.get(str(movie_id)) or MovieMetadata(str(movie_id))
    ratings = int(statistics.ratings[number])
    return movie_payload(
        MovieRecord(
            number=number,
            movie_id=movie_id,
            ratings=ratings,
            likes=int(statistics.likes[number]),
            mean=float(statistics.means[number]) if ratings else None,
            recent=int(statistics.recent[number]),
            tags=metadata.tags.get(movie_id, ()),
            counted_ratings=ratings,
            length=length,
            **fields._asdict(),
        )
    )
