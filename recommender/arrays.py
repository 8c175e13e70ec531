"""Types of arrays, by what is in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Bytes", "Floats", "Ints", "Mask"]

Ints = npt.NDArray[np.integer[Any]]
"""Whole numbers; where there is one per rating, no wider than they need be."""
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
