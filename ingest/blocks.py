"""Split rows and points into blocks, so that memory does not grow with the source."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recommender.arrays import Ints

__all__ = ["ROWS", "blocks", "point_batches", "slices"]

# Limits of a batch of points. The first holds for the many raters with few ratings, the second for
# vectors with thousands of entries; either alone would let a batch grow large.
_BATCH_POINTS = 4096
_BATCH_ENTRIES = 1_000_000
ROWS = 1 << 22
"""Ratings per block: large enough for vectorised steps, small enough for some tens of megabytes."""


def slices(rows: int, most: int = ROWS) -> Iterator[slice]:
    """Split ``rows`` rows into consecutive slices of at most ``most``."""
    return (slice(first, min(first + most, rows)) for first in range(0, rows, most))


def point_batches(sizes: Ints) -> Iterator[tuple[int, int]]:
    """Split points into ranges to write at once; ``sizes``, shape (points,), are vector sizes."""
    return blocks(sizes, _BATCH_ENTRIES, points=_BATCH_POINTS)


def blocks(sizes: Ints, most: int, *, points: int | None = None) -> Iterator[tuple[int, int]]:
    """Split numbers into half-open ranges whose ``sizes`` add up to at most ``most``.

    A number with a larger size gets a range of its own. ``sizes`` has shape (numbers,); ``points``
    also limits how many numbers a range has.
    """
    ends = np.append(0, np.cumsum(sizes))
    first = 0
    while first < len(sizes):
        last = int(np.searchsorted(ends, ends[first] + most, side="right")) - 1
        # At least one number, or the loop would never end.
        last = max(min(last, first + (points or len(sizes))), first + 1)
        yield first, last
        first = last
