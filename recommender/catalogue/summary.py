"""What is in an index: whose ratings, how many, of what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple, Self

import numpy as np

from recommender.arrays import Ints
from recommender.catalogue.movies import Catalogue
from recommender.storage.index import Index
from recommender.storage.manifest import IdKind, Manifest, Source

__all__ = ["IndexStats", "Overview", "Periods", "Tally"]

# Parts of all likes: the oldest movies that have so many are classics, the newest recent, and those
# with the fewest ratings hidden.
_CLASSIC, _RECENT, _HIDDEN = 0.25, 0.1, 0.1
_TAGS = 100
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class IndexStats:
    """What is in the index."""

    place: str
    """The folder or server it is on."""
    version: str
    """Name of the version that answers."""
    created: str
    """When that version was made, in UTC (ISO 8601)."""
    source: Source
    """Where its ratings come from."""
    ratings: int
    users: int
    """People who gave the ratings."""
    raters: int
    """Of those, the ones stored as possible neighbours."""
    movies: int
    least_ratings: int
    """Ratings below which a movie is shown only where ``MovieFilter(min_ratings=...)`` asks."""
    scale: str
    """The scale of the source, such as ``0.5-5``, or ``likes only``."""
    mean: float
    """Mean rating, in stars."""
    timed: bool
    """Whether the source says when ratings were given."""
    movie_ids: IdKind
    user_ids: IdKind
    attributes: dict[str, tuple[str, ...]]
    """What the source tells of its raters, by name: the values there are."""
    genres: tuple[str, ...]
    """Genres of the movies, in alphabetical order."""
    years: tuple[int, int] | None
    """Earliest and latest year of the movies, or None where no year is known."""
    tags: tuple[str, ...]
    """The commonest tags that at least two movies have, commonest first, at most 100."""
    newest: int | None
    """Year of the newest ratings, None where the source has no times."""

    @classmethod
    def of(cls, index: Index, catalogue: Catalogue, *, place: str) -> Self:
        """Sum a version up."""
        manifest, counts = index.manifest, index.manifest.counts
        known = catalogue.years[catalogue.years > 0]
        return cls(
            place=place,
            version=index.version,
            created=manifest.created,
            source=manifest.source,
            ratings=counts.ratings,
            users=counts.users,
            raters=counts.raters,
            movies=counts.movies,
            least_ratings=catalogue.least_ratings,
            scale=str(manifest.scale),
            mean=manifest.mean,
            timed=manifest.timed,
            movie_ids=manifest.movie_ids,
            user_ids=manifest.user_ids,
            attributes=manifest.attributes,
            genres=tuple(catalogue.genres),
            years=(int(known.min()), int(known.max())) if len(known) else None,
            tags=tuple(tag for tag, ids in islice(catalogue.tags.items(), _TAGS) if len(ids) > 1),
            newest=_newest(manifest),
        )


def _newest(manifest: Manifest) -> int | None:
    first = manifest.maintenance.recent_from
    if first is None:
        return None
    return (_EPOCH + timedelta(days=first + manifest.weighting.recent_days - 1)).year


class Tally(NamedTuple):
    """How much there is of something."""

    ratings: int
    """Ratings of its movies, by everybody."""
    movies: int
    likes: int
    """Those of the ratings that are likes."""


@dataclass(frozen=True)
class Overview:
    """What everybody rated, and how."""

    stars: tuple[tuple[float, int], ...]
    """Stars that were given, ascending, and how often. Empty where the index holds likes only."""
    genres: dict[str, Tally]
    """By name, in alphabetical order. A movie counts in each of its genres."""
    decades: dict[int, Tally]
    """By first year, ascending: 1990 is 1990 to 1999. Movies of an unknown year are left out."""

    @classmethod
    def of(cls, manifest: Manifest, catalogue: Catalogue) -> Self:
        """Count a version."""
        genres = {genre: _tally(catalogue, ids) for genre, ids in catalogue.genres.items()}
        decades = catalogue.years // 10 * 10
        return cls(
            _stars(manifest),
            genres,
            {
                int(decade): _tally(catalogue, np.flatnonzero(decades == decade))
                for decade in np.unique(decades[decades > 0])
            },
        )


def _tally(catalogue: Catalogue, movies: Ints) -> Tally:
    ratings, likes = (int(of[movies].sum()) for of in (catalogue.ratings, catalogue.likes))
    return Tally(ratings, len(movies), likes)


def _stars(manifest: Manifest) -> tuple[tuple[float, int], ...]:
    counts, scale = manifest.counts.by_unit, manifest.scale
    if scale.implicit:
        return ()
    stars = scale.unpack(np.arange(len(counts), dtype=np.uint8)).tolist()
    return tuple((star, count) for star, count in zip(stars, counts, strict=True) if count)


@dataclass(frozen=True)
class Periods:
    """Where classics end and what is recent begins."""

    classic: int
    """Last year of the classics; 0 where no year is known."""
    recent: int
    """First recent year; 0 where no year is known."""
    hidden: int
    """Most ratings of a movie that is little known."""
    least: int
    """Least ratings of a movie in a row of little known or similar ones: a hundredth of the square
    root of all ratings, where that is more than a movie needs anyway. In an index of millions of
    ratings many more movies have a few by chance."""

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Tell those of a catalogue."""
        dated = catalogue.years > 0
        years, likes = catalogue.years[dated], catalogue.likes[dated]
        return cls(
            _reached(years, likes, _CLASSIC),
            _reached(years, likes, 1 - _RECENT),
            _reached(catalogue.ratings, catalogue.likes, _HIDDEN),
            max(catalogue.least_ratings, math.isqrt(int(catalogue.ratings.sum())) // 100),
        )


def _reached(values: Ints, likes: Ints, part: float) -> int:
    """Least value up to which movies have this part of all likes."""
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(likes[order])
    if not len(sums) or not sums[-1]:
        return 0
    return int(values[order[np.searchsorted(sums, part * sums[-1])]])
