"""Types of arrays, by what is in them, and arrays of the columns of tables.

What is made here of pyarrow's columns does not import pandas, as nearly all of pyarrow's own ways
between Python, numpy and Arrow do first: that takes longer than reading a million ratings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Bytes", "Floats", "Ints", "Mask", "as_array", "as_column"]

Ints = npt.NDArray[np.integer[Any]]
"""Whole numbers; where there is one per rating, no wider than they need be."""
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def as_array(column: pa.Array, missing: float | None = None) -> npt.NDArray[Any]:
    """Numbers of a column as an array that must not be written to.

    ``missing`` stands for those that are not there, or else NaN.
    """
    if column.null_count and missing is not None:
        column = column.fill_null(missing)
    if column.null_count:
        return np.asarray(column.to_numpy(zero_copy_only=False))
    return np.from_dlpack(column)


def as_column(array: npt.NDArray[Any]) -> pa.Array:
    """Column of an array of numbers, in the same memory."""
    import pyarrow as pa  # noqa: PLC0415 - what answers questions does without

    whole = np.ascontiguousarray(array)
    kind = pa.from_numpy_dtype(whole.dtype)
    return pa.Array.from_buffers(kind, len(whole), [None, pa.py_buffer(whole)])
