"""Sparse vectors, checked before any engine sees them.

An engine that logs a malformed vector before it refuses it can leave a shard that never loads
again, and one that accepts duplicates or NaN gives wrong answers from then on. So every vector is
checked here before an engine gets it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from recommender.arrays import Ints
from recommender.errors import EngineError

__all__ = ["PointBatch", "SparseVector"]

MAX_INDEX = 2**32 - 1


def _checked(
    indices: npt.NDArray[Any], values: npt.NDArray[Any], starts: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float32]]:
    """Indices as u32 and values as 32-bit floats; ``starts`` are where each vector begins.

    Raises EngineError where indices are not ascending or values not finite.
    """
    if indices.shape != values.shape or indices.ndim != 1:
        raise EngineError(f"a vector has {indices.shape} indices but {values.shape} values")
    with np.errstate(over="ignore"):
        small = values.astype(np.float32)
    if not np.isfinite(small).all():
        raise EngineError("a vector holds a value that is not a finite 32-bit number")
    if len(indices) and (int(indices.min()) < 0 or int(indices.max()) > MAX_INDEX):
        raise EngineError(
            f"a vector index lies outside 0..{MAX_INDEX}: the source has too many movies"
        )
    ascending = np.diff(indices.astype(np.int64)) > 0
    # From one vector to the next the index may fall.
    inner = starts[(starts > 0) & (starts < len(indices))]
    ascending[inner - 1] = True
    if not ascending.all():
        raise EngineError("a vector's indices are not unique and ascending")
    return indices.astype(np.uint32), small


@dataclass(frozen=True, eq=False)
class SparseVector:
    """One sparse vector: ascending unique ``uint32`` indices and finite ``float32`` values."""

    indices: npt.NDArray[np.uint32]
    values: npt.NDArray[np.float32]

    @classmethod
    def checked(cls, indices: npt.NDArray[Any], values: npt.NDArray[Any]) -> Self:
        """Build a vector.

        Raises EngineError where lengths differ, indices are not unique and ascending, or a value is
        not finite.
        """
        return cls(*_checked(indices, values, np.zeros(1, dtype=np.int64)))

    @classmethod
    def sorted(cls, indices: Sequence[int], values: Sequence[float]) -> Self:
        """Build a vector from entries in any order, as engines return them.

        Raises EngineError as :meth:`checked` does.
        """
        order = np.argsort(indices)
        return cls.checked(np.asarray(indices)[order], np.asarray(values)[order])

    def below(self, bound: int) -> SparseVector:
        """The part of the vector whose indices are below a bound."""
        end = int(np.searchsorted(self.indices, bound))
        return self if end == len(self) else SparseVector(self.indices[:end], self.values[:end])

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True, eq=False)
class PointBatch:
    """A batch of points to store: ids, vectors one after the other, and payloads.

    ``offsets`` has one entry more than there are points; the vector of point ``i`` is
    ``indices[offsets[i]:offsets[i + 1]]`` with the values at the same places. It may be empty.
    """

    ids: Ints
    offsets: Ints
    indices: npt.NDArray[np.uint32]
    values: npt.NDArray[np.float32]
    payloads: list[dict[str, Any]]

    @classmethod
    def checked(
        cls,
        ids: npt.NDArray[Any],
        offsets: npt.NDArray[Any],
        indices: npt.NDArray[Any],
        values: npt.NDArray[Any],
        payloads: list[dict[str, Any]],
    ) -> Self:
        """Build a batch.

        Raises EngineError where the parts do not fit together or a vector is malformed.
        """
        fitting = len(offsets) == len(ids) + 1 == len(payloads) + 1
        if not fitting or offsets[0] != 0 or offsets[-1] != len(indices):
            raise EngineError("the points of a batch do not fit their ids, vectors and payloads")
        if (np.diff(offsets) < 0).any():
            raise EngineError("the vectors of a batch do not follow one another")
        vectors = _checked(indices, values, offsets)
        return cls(ids.astype(np.int64), offsets.astype(np.int64), *vectors, payloads)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[tuple[int, list[int], list[float], dict[str, Any]]]:
        """Points as plain Python values: id, indices, values, payload."""
        # Engines convert lists faster than slices of arrays.
        indices, values = self.indices.tolist(), self.values.tolist()
        spans = itertools.starmap(slice, itertools.pairwise(self.offsets.tolist()))
        for point, span, payload in zip(self.ids.tolist(), spans, self.payloads, strict=True):
            yield point, indices[span], values[span], payload
