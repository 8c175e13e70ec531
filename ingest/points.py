"""What an index version is made of: raters and movies, as batches of checked points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ingest.blocks import ROWS, batches, blocks, slices
from ingest.cleaning import CleanRatings
from ingest.sampling import kept
from ingest.sources.movies import MovieFacts
from ingest.sources.raters import About
from ingest.sources.tags import Tags
from ingest.statistics import Counted
from recommender.arrays import Bytes, Floats, Ints
from recommender.opinion import STATES
from recommender.ranking.item_similarity import kept_parts
from recommender.ranking.weights import rater_lengths, rater_values
from recommender.settings import Weighting
from recommender.storage.encoding import (
    ExternalId,
    MovieRecord,
    movie_payload,
    pack_ratings,
    rater_payload,
)
from recommender.storage.vectors import PointBatch

__all__ = ["Rated", "Told", "movie_lengths", "movies", "rater_points", "raters"]


@dataclass(frozen=True)
class Told:
    """What a source tells beside the ratings."""

    movies: Mapping[str, MovieFacts]
    """By id as text."""
    tags: Tags
    raters: About


@dataclass(frozen=True, eq=False)
class Rated:
    """Ratings of a batch of people, one person after the other, each by ascending movie."""

    sizes: Ints
    """Ratings of each person, at least one, shape (people,)."""
    movie: Ints
    """Dense movie number of each rating, shape (ratings,)."""
    units: Bytes
    """Stored units of stars, shape (ratings,)."""
    states: Bytes
    """Likes, neutrals and dislikes, shape (ratings,)."""
    day: Ints | None
    """Day since 1970, shape (ratings,), or None without times."""


def raters(
    clean: CleanRatings, counted: Counted, told: Told, weighting: Weighting
) -> Iterator[PointBatch]:
    """Give everyone as points; who has too few ratings to be a neighbour is found by id only."""
    starts = np.append(0, np.cumsum(counted.rated))
    for first, last in batches(counted.rated):
        rows = slice(starts[first], starts[last])
        units = clean.units[rows]
        rated = Rated(
            counted.rated[first:last],
            clean.movie[rows],
            units,
            counted.states[units],
            None if clean.day is None else clean.day[rows],
        )
        ids = clean.user_ids[first:last]
        about = [told.raters.get(user, {}) for user in ids]
        yield rater_points(np.arange(first, last), ids, rated, counted.weights, weighting, about)


def rater_points(
    users: Ints,
    ids: Sequence[ExternalId],
    rated: Rated,
    weights: Floats,
    weighting: Weighting,
    about: Sequence[Mapping[str, str]],
) -> PointBatch:
    """Make the points of people by dense number, with their ids and what is told ``about`` them.

    ``weights`` are those of all movies. Who has too few ratings to be a neighbour has no vector.
    """
    offsets = np.append(0, np.cumsum(rated.sizes))
    weight = weights[rated.movie]
    # Few enough digits that every engine gives back the very same number.
    lengths = np.round(rater_lengths(weight, rated.states, offsets[:-1], weighting), 12)
    last: list[int] | list[None] = [None] * len(users)
    if rated.day is not None:
        last = np.maximum.reduceat(rated.day, offsets[:-1]).tolist()
    payloads = [
        rater_payload(*fields)
        for fields in zip(
            ids,
            lengths.tolist(),
            pack_ratings(rated.movie, rated.units, rated.day, offsets),
            rated.sizes.tolist(),
            last,
            about,
            strict=True,
        )
    ]
    able = rated.sizes >= weighting.min_ratings
    kept = np.repeat(able, rated.sizes)
    values = rater_values(weight, np.repeat(lengths, rated.sizes), weighting)
    return PointBatch.checked(
        users,
        np.append(0, np.cumsum(rated.sizes * able)),
        (rated.movie * STATES + rated.states)[kept],
        values[kept],
        payloads,
    )


def movies(
    clean: CleanRatings, counted: Counted, told: Told, weighting: Weighting
) -> Iterator[PointBatch]:
    """Give the catalogue as points, each movie with its raters' deviations, thin raters' too.

    A value is ``d / sqrt(sum(d**2) + damping)``, so that the dot product of two movies is their
    cosine, shrunk where few people rated them. Of a movie with more than ``movie_raters`` ratings a
    sample of the raters is kept, and the damping is that part of it: see
    :mod:`recommender.ranking.item_similarity` for what the dot product then estimates.
    """
    parts = kept_parts(counted.ratings, weighting)
    for first, last in blocks(counted.ratings, ROWS):
        rows, ends = _rows_of(clean, counted, first, last)
        for low, high in batches(np.diff(ends)):
            mine = rows[ends[low] : ends[high]]
            mine = mine[kept(clean.movie[mine], clean.user[mine], weighting.movie_raters)]
            group = np.arange(first + low, first + high)
            owner, deviations = clean.movie[mine] - group[0], counted.deviations(clean, mine)
            lengths = movie_lengths(owner, deviations, parts[group], weighting)
            payloads = [
                _movie(number, length, clean, counted, told)
                for number, length in zip(group.tolist(), lengths.tolist(), strict=True)
            ]
            offsets = np.append(0, np.cumsum(np.bincount(owner, minlength=len(group))))
            values = deviations / lengths[owner]
            yield PointBatch.checked(group, offsets, clean.user[mine], values, payloads)


def _rows_of(clean: CleanRatings, counted: Counted, first: int, last: int) -> tuple[Ints, Ints]:
    """Ratings of a range of movies, ordered by movie and user, and where each movie's end.

    Looking through all ratings for some of them, a few times, takes less room than putting all of
    them in another order.
    """
    found = [
        rows.start + np.flatnonzero((clean.movie[rows] >= first) & (clean.movie[rows] < last))
        for rows in slices(len(clean))
    ]
    mine = np.concatenate([np.empty(0, np.int64), *found])
    # Small numbers are put in order by their digits, in no time.
    near = clean.movie[mine] - first
    near = near.astype(np.uint16) if last - first <= 1 << 16 else near
    ends = np.append(0, np.cumsum(counted.ratings[first:last]))
    return mine[np.argsort(near, kind="stable")], ends


def movie_lengths(owner: Ints, deviations: Floats, parts: Floats, weighting: Weighting) -> Floats:
    """Damped length of each movie's vector, ``sqrt(sum(d**2) + damping * part)``.

    ``owner``, shape (entries,), is the position of each deviation's movie among the ``parts`` of
    raters kept, shape (movies,).
    """
    squares = np.bincount(owner, weights=deviations**2, minlength=len(parts))
    return np.asarray(np.round(np.sqrt(squares + weighting.damping * parts), 12))


def _movie(
    number: int, length: float, clean: CleanRatings, counted: Counted, told: Told
) -> dict[str, object]:
    movie_id = clean.movie_ids[number]
    known = told.movies.get(str(movie_id)) or MovieFacts(str(movie_id))
    rated = int(counted.ratings[number])
    return movie_payload(
        MovieRecord(
            number=number,
            movie_id=movie_id,
            ratings=rated,
            likes=int(counted.likes[number]),
            mean=float(counted.means[number]) if rated else None,
            recent=int(counted.recent[number]),
            tags=told.tags.get(movie_id, ()),
            counted_ratings=rated,
            length=length,
            **known._asdict(),
        )
    )
