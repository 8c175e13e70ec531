"""What is in an index, told to callers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from recommender.storage.live_index import Snapshot
from recommender.storage.manifest import IdKind, Source

__all__ = ["IndexStats"]


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

    @classmethod
    def of(cls, snapshot: Snapshot, place: str) -> Self:
        """Tell what is in a version."""
        manifest, years = snapshot.index.manifest, snapshot.catalogue.years
        known = years[years > 0]
        return cls(
            place=place,
            version=snapshot.index.version,
            created=manifest.created,
            source=manifest.source,
            ratings=manifest.counts.ratings,
            users=manifest.counts.users,
            raters=manifest.counts.raters,
            movies=manifest.counts.movies,
            scale=str(manifest.scale),
            mean=manifest.mean,
            timed=manifest.timed,
            movie_ids=manifest.movie_ids,
            user_ids=manifest.user_ids,
            attributes=manifest.attributes,
            genres=tuple(snapshot.catalogue.genres),
            years=(int(known.min()), int(known.max())) if len(known) else None,
        )
