"""Writing an index version: raters and movies as batches of checked points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ingest.catalogue import MovieFacts
from ingest.cleaning import CleanRatings
from ingest.people import About
from ingest.progress import Progress
from ingest.sampling import kept
from ingest.tags import Tags
from ingest.weighing import Counted
from recommender.arrays import Bytes, Floats, Ints
from recommender.index import IndexWriter
from recommender.likeness import kept_parts
from recommender.records import (
    ExternalId,
    MovieRecord,
    movie_payload,
    pack_ratings,
    rater_payload,
)
from recommender.scale import STATES
from recommender.settings import Weighting
from recommender.vectors import PointBatch
from recommender.weighting import rater_lengths, rater_values

__all__ = ["Rated", "Told", "movie_lengths", "rater_points", "write_movies", "write_raters"]

_POINTS = 256
_ENTRIES = 200_000


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


def write_raters(
    writer: IndexWriter,
    clean: CleanRatings,
    counted: Counted,
    told: Told,
    weighting: Weighting,
    progress: Progress,
) -> None:
    """Store everyone; who has too few ratings to be a neighbour is found by id only."""
    everyone = np.arange(len(clean.user_ids))
    starts = np.append(0, np.cumsum(counted.rated))
    with progress.stage("raters", len(everyone)) as advance:
        for users in _groups(everyone, counted.rated):
            rows = slice(starts[users[0]], starts[users[-1] + 1])
            rated = Rated(
                counted.rated[users],
                clean.movie[rows],
                clean.scale.pack(clean.stars[rows]),
                counted.states[rows],
                None if clean.day is None else clean.day[rows],
            )
            ids = clean.user_ids[users[0] : users[-1] + 1]
            about = [told.raters.get(user, {}) for user in ids]
            writer.add_users(rater_points(users, ids, rated, counted.weights, weighting, about))
            advance(len(users))


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


def write_movies(
    writer: IndexWriter,
    clean: CleanRatings,
    counted: Counted,
    told: Told,
    weighting: Weighting,
    progress: Progress,
) -> None:
    """Store the catalogue, each movie with its raters' deviations, thin raters' too, as a vector.

    A value is ``d / sqrt(sum(d**2) + damping)``, so that the dot product of two movies is their
    cosine, shrunk where few people rated them. Of a movie with more than ``movie_raters`` ratings a
    sample of the raters is kept, and the damping is that part of it: see
    :mod:`recommender.likeness` for what the dot product then estimates.
    """
    parts = kept_parts(counted.ratings, weighting)
    order = np.argsort(clean.movie, kind="stable")
    starts = np.append(0, np.cumsum(counted.ratings))
    everything = np.arange(len(clean.movie_ids))
    with progress.stage("movies", len(everything)) as advance:
        for group in _groups(everything, counted.ratings):
            rows = order[starts[group[0]] : starts[group[-1] + 1]]
            rows = rows[kept(clean.movie[rows], clean.user[rows], weighting.movie_raters)]
            owner, deviations = clean.movie[rows] - group[0], counted.deviations[rows]
            lengths = movie_lengths(owner, deviations, parts[group], weighting)
            values = deviations / lengths[owner]
            payloads = [
                _movie(number, length, clean, counted, told)
                for number, length in zip(group.tolist(), lengths.tolist(), strict=True)
            ]
            offsets = np.append(0, np.cumsum(np.bincount(owner, minlength=len(group))))
            writer.add_movies(
                PointBatch.checked(group, offsets, clean.user[rows], values, payloads)
            )
            advance(len(group))


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
            weighed=rated,
            length=length,
            **known._asdict(),
        )
    )


def _groups(points: Ints, sizes: Ints) -> Iterator[Ints]:
    """Split points into batches that are small both in points and in vector entries."""
    filled = np.cumsum(sizes) // _ENTRIES * (len(points) + 1) + np.arange(len(points)) // _POINTS
    cuts = np.flatnonzero(np.diff(filled)) + 1
    return (group for group in np.split(points, cuts) if len(group))
