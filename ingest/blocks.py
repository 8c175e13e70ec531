"""Doing a piece at a time, so that memory does not grow with what there is to do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recommender.arrays import Ints

__all__ = ["ROWS", "batches", "blocks", "slices"]

# Of a batch of points: each step is then worth it, and all of them together take little room.
_POINTS = 4096
_ENTRIES = 1_000_000
ROWS = 1 << 22
"""Ratings at a time: enough that each step is worth it, few enough for some tens of megabytes."""


def slices(rows: int, most: int = ROWS) -> Iterator[slice]:
    """Rows in order, so many at a time."""
    return (slice(first, min(first + most, rows)) for first in range(0, rows, most))


def batches(sizes: Ints) -> Iterator[tuple[int, int]]:
    """Ranges of points that make a batch; ``sizes``, shape (points,), are of their vectors."""
    return blocks(sizes, _ENTRIES, points=_POINTS)


def blocks(sizes: Ints, most: int, *, points: int | None = None) -> Iterator[tuple[int, int]]:
    """Ranges of numbers, from the first to before the last, whose sizes add up to at most so much.

    One that is larger has a range of its own. ``sizes`` has shape (numbers,); with ``points`` a
    range is of no more numbers than that.
    """
    ends = np.append(0, np.cumsum(sizes))
    first = 0
    while first < len(sizes):
        last = int(np.searchsorted(ends, ends[first] + most, side="right")) - 1
        last = max(min(last, first + (points or len(sizes))), first + 1)
        yield first, last
        first = last
