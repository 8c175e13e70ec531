"""What the process that ingests and those that build its shards say to each other.

A message is eight bytes of its length and JSON; behind one with points come their arrays, as they
lie in memory. Whatever is read, nothing is run: numbers, texts, lists and dictionaries are all that
can come of it.
"""

from __future__ import annotations

from typing import IO, Any

import numpy as np
import numpy.typing as npt
from pydantic_core import from_json, to_json

from recommender.errors import EngineError
from recommender.storage.vectors import PointBatch

__all__ = ["read", "read_points", "write"]

_LENGTH = 8
_ARRAYS = {"ids": np.int64, "offsets": np.int64, "indices": np.uint32, "values": np.float32}


def write(stream: IO[bytes], message: dict[str, Any], points: PointBatch | None = None) -> None:
    """Send a message, with points behind it."""
    arrays: list[npt.NDArray[Any]] = []
    if points is not None:
        arrays = [np.ascontiguousarray(getattr(points, n), kind) for n, kind in _ARRAYS.items()]
        message = message | {"lengths": [*map(len, arrays)], "payloads": points.payloads}
    text = to_json(message)
    stream.write(len(text).to_bytes(_LENGTH, "little"))
    stream.write(text)
    for array in arrays:
        stream.write(array.view(np.uint8).data)
    stream.flush()


def read(stream: IO[bytes]) -> dict[str, Any]:
    """Read a message.

    Raises EOFError where there are no more, ValueError where something else comes.
    """
    length = stream.read(_LENGTH)
    if not length:
        raise EOFError
    try:
        message = from_json(stream.read(int.from_bytes(length, "little")))
    except (OverflowError, MemoryError):
        message = None
    if not isinstance(message, dict):
        raise ValueError("this is no message")
    return message


def read_points(stream: IO[bytes], message: dict[str, Any]) -> PointBatch:
    """Read the points behind a message.

    Raises ValueError where there are none, or some that no engine must see.
    """
    try:
        ids, offsets, indices, values = (
            np.frombuffer(stream.read(length * np.dtype(kind).itemsize), kind, length)
            for length, kind in zip(message["lengths"], _ARRAYS.values(), strict=True)
        )
        return PointBatch.checked(ids, offsets, indices, values, message["payloads"])
    except (KeyError, TypeError, OverflowError, MemoryError, EngineError) as error:
        raise ValueError("these are no points") from error
