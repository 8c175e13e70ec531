"""Writing an index version: raters and movies as batches of checked points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ingest.catalogue import MovieFacts
from ingest.cleaning import CleanRatings
from ingest.people import About
from ingest.progress import Progress
from ingest.sampling import kept
from ingest.tags import Tags
from ingest.weighing import Counted
from recommender.arrays import Ints
from recommender.index import IndexWriter
from recommender.likeness import kept_parts
from recommender.records import MovieRecord, movie_payload, pack_ratings, rater_payload
from recommender.scale import STATES
from recommender.settings import Weighting
from recommender.vectors import PointBatch
from recommender.weighting import rater_lengths, rater_values

__all__ = ["Told", "write_movies", "write_raters"]

_POINTS = 256
_ENTRIES = 200_000


@dataclass(frozen=True)
class Told:
    """What a source tells beside the ratings."""

    movies: Mapping[str, MovieFacts]
    """By id as text."""
    tags: Tags
    raters: About


def write_raters(
    writer: IndexWriter,
    clean: CleanRatings,
    counted: Counted,
    told: Told,
    weighting: Weighting,
    progress: Progress,
) -> int:
    """Store everyone with enough ratings as a possible neighbour; return how many there are."""
    stored = np.flatnonzero(counted.rated >= weighting.min_ratings)
    starts = np.append(0, np.cumsum(counted.rated))
    with progress.stage("raters", len(stored)) as advance:
        for group in _groups(stored, counted.rated[stored]):
            rows = np.concatenate([np.arange(starts[u], starts[u + 1]) for u in group])
            writer.add_users(_raters(group, rows, clean, counted, told, weighting))
            advance(len(group))
    return len(stored)


def _raters(
    users: Ints,
    rows: Ints,
    clean: CleanRatings,
    counted: Counted,
    told: Told,
    weighting: Weighting,
) -> PointBatch:
    sizes = counted.rated[users]
    offsets = np.append(0, np.cumsum(sizes))
    movie, state = clean.movie[rows], counted.states[rows]
    weights = counted.weights[movie]
    # Few enough digits that every engine gives back the very same number.
    lengths = np.round(rater_lengths(weights, state, offsets[:-1], weighting), 12)
    days = None if clean.day is None else clean.day[rows]
    last = [None] * len(users) if days is None else np.maximum.reduceat(days, offsets[:-1]).tolist()
    packed = pack_ratings(movie, clean.scale.pack(clean.stars[rows]), days, offsets)
    payloads = [
        rater_payload(user, length, ratings, rated, day, told.raters.get(user))
        for user, length, ratings, rated, day in zip(
            [clean.user_ids[user] for user in users],
            lengths.tolist(),
            packed,
            sizes.tolist(),
            last,
            strict=True,
        )
    ]
    values = rater_values(weights, np.repeat(lengths, sizes), weighting)
    return PointBatch.checked(users, offsets, movie * STATES + state, values, payloads)


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
            squares = np.bincount(owner, weights=deviations**2, minlength=len(group))
            values = deviations / np.sqrt(squares + weighting.damping * parts[group])[owner]
            payloads = [_movie(number, clean, counted, told) for number in group.tolist()]
            offsets = np.append(0, np.cumsum(np.bincount(owner, minlength=len(group))))
            writer.add_movies(
                PointBatch.checked(group, offsets, clean.user[rows], values, payloads)
            )
            advance(len(group))


def _movie(number: int, clean: CleanRatings, counted: Counted, told: Told) -> dict[str, object]:
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
            **known._asdict(),
        )
    )


def _groups(points: Ints, sizes: Ints) -> Iterator[Ints]:
    """Split points into batches that are small both in points and in vector entries."""
    filled = np.cumsum(sizes) // _ENTRIES * (len(points) + 1) + np.arange(len(points)) // _POINTS
    cuts = np.flatnonzero(np.diff(filled)) + 1
    return (group for group in np.split(points, cuts) if len(group))
