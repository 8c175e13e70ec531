"""Read and clean a source as an ingest does, without building an index."""

from __future__ import annotations

from pathlib import Path

from ingest.cleaning import CleanRatings, clean
from ingest.reading import _read_ratings
from ingest.sources.files import open_source_files
from ingest.sources.movies import MovieMetadata, read_movies
from ingest.sources.ratings import RawRatings
from recommender import Scale
from recommender.storage.encoding import ExternalId

__all__ = ["Row", "cleaned", "raw", "rows"]

Row = tuple[ExternalId, ExternalId, float, int | None]
"""User, movie, stars, day."""


def raw(path: Path) -> tuple[RawRatings, list[ExternalId] | None, dict[str, MovieMetadata]]:
    """Read a source without cleaning it."""
    with open_source_files(str(path)) as files:
        movies = read_movies(files.movies, files.links, files.genres)
        ratings, known = _read_ratings(files, movies, None)
        return ratings, known, movies


def cleaned(path: Path, scale: Scale | None = None) -> CleanRatings:
    """Read and clean a source."""
    ratings, known, _ = raw(path)
    return clean(ratings, known, scale)


def rows(result: CleanRatings) -> list[Row]:
    """Ratings that count, under the ids of the source, by user and movie."""
    days = [None] * len(result.stars) if result.day is None else result.day.tolist()
    return [
        (result.user_ids[user], result.movie_ids[movie], stars, day)
        for user, movie, stars, day in zip(
            result.user.tolist(), result.movie.tolist(), result.stars.tolist(), days, strict=True
        )
    ]
