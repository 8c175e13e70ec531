"""What counts as old, new or little known, read off the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.arrays import Ints
from recommender.catalogue.movies import Catalogue

__all__ = ["Periods"]

# Parts of all likes: the oldest movies that have so many are classics, the newest recent, and those
# with the fewest ratings hidden.
_CLASSIC, _RECENT, _HIDDEN = 0.25, 0.1, 0.1


@dataclass(frozen=True)
class Periods:
    """Where classics end and what is recent begins."""

    classic: int
    """Last year of the classics; 0 where no year is known."""
    recent: int
    """First recent year; 0 where no year is known."""
    hidden: int
    """Most ratings of a movie that is little known."""

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Tell those of a catalogue."""
        dated = catalogue.years > 0
        years, likes = catalogue.years[dated], catalogue.likes[dated]
        return cls(
            _reached(years, likes, _CLASSIC),
            _reached(years, likes, 1 - _RECENT),
            _reached(catalogue.ratings, catalogue.likes, _HIDDEN),
        )


def _reached(values: Ints, likes: Ints, part: float) -> int:
    """Least value up to which movies have this part of all likes."""
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(likes[order])
    if not len(sums) or not sums[-1]:
        return 0
    return int(values[order[np.searchsorted(sums, part * sums[-1])]])
