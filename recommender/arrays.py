"""Types of arrays, by what is in them, and arrays of the columns of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Bytes", "Floats", "Ints", "Mask", "as_array"]

Ints = npt.NDArray[np.integer[Any]]
"""Whole numbers; where there is one per rating, no wider than they need be."""
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def as_array(column: pa.Array) -> npt.NDArray[Any]:
    """Numbers of a column, NaN where missing, as an array that must not be written to.

    pyarrow's own method imports pandas first, which takes longer than reading a million ratings.
    """
    if column.null_count:
        return np.asarray(column.to_numpy(zero_copy_only=False))
    return np.from_dlpack(column)
