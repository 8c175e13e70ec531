"""What everybody together said, to compare one person with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from recommender.arrays import Ints
from recommender.catalogue.movies import Catalogue
from recommender.storage.manifest import Manifest

__all__ = ["Overview", "Tally"]


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
