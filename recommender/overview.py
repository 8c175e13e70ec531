"""What everybody together said, to compare one person with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from recommender.catalogue import Catalogue
from recommender.manifest import Manifest

__all__ = ["Overview", "Tally"]


class Tally(NamedTuple):
    """How much there is of something."""

    ratings: int
    """Ratings of its movies, by everybody."""
    movies: int


@dataclass(frozen=True)
class Overview:
    """What everybody rated, and how."""

    stars: tuple[tuple[float, int], ...] | None
    """Stars that were given, ascending, and how often. Empty where the index holds likes only; None
    where it was made before this was counted, until the next full ingest."""
    genres: dict[str, Tally]
    """By name, in alphabetical order. A movie counts in each of its genres."""
    decades: dict[int, Tally]
    """By first year, ascending: 1990 is 1990 to 1999. Movies of an unknown year are left out."""

    @classmethod
    def of(cls, manifest: Manifest, catalogue: Catalogue) -> Self:
        """Count a version."""
        rated = catalogue.ratings
        genres = {
            genre: Tally(int(rated[movies].sum()), len(movies))
            for genre, movies in catalogue.genres.items()
        }
        dated = catalogue.years > 0
        decades, place = np.unique(catalogue.years[dated] // 10 * 10, return_inverse=True)
        tallies = zip(
            np.bincount(place, weights=rated[dated], minlength=len(decades)).astype(int).tolist(),
            np.bincount(place, minlength=len(decades)).tolist(),
            strict=True,
        )
        return cls(
            _stars(manifest),
            genres,
            dict(zip(decades.tolist(), map(Tally._make, tallies), strict=True)),
        )


def _stars(manifest: Manifest) -> tuple[tuple[float, int], ...] | None:
    given, scale = manifest.counts.given, manifest.scale
    if scale.implicit or given is None:
        return () if scale.implicit else None
    stars = scale.unpack(np.arange(len(given), dtype=np.uint8)).tolist()
    return tuple((star, count) for star, count in zip(stars, given, strict=True) if count)
