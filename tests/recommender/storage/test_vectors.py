"""No malformed vector ever reaches an engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import EngineError
from recommender.storage.vectors import MAX_INDEX, PointBatch, SparseVector

MALFORMED: dict[str, tuple[list[int], list[float], str]] = {
    "duplicate": ([3, 3], [1.0, 2.0], "unique and ascending"),
    "descending": ([4, 3], [1.0, 2.0], "unique and ascending"),
    "nan": ([1, 2], [1.0, float("nan")], "finite"),
    "infinite": ([1, 2], [float("inf"), 1.0], "finite"),
    "minus infinite": ([1, 2], [float("-inf"), 1.0], "finite"),
    "fewer values": ([1, 2], [1.0], "2.* indices but .*1"),
    "fewer indices": ([1], [1.0, 2.0], "1.* indices but .*2"),
    "negative index": ([-1, 2], [1.0, 2.0], "outside"),
    "index beyond u32": ([1, MAX_INDEX + 1], [1.0, 2.0], "too many movies"),
}


@pytest.mark.parametrize(("indices", "values", "words"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_vector_is_refused(indices: list[int], values: list[float], words: str) -> None:
    """Alone and inside a batch, with what is wrong in words."""
    with pytest.raises(EngineError, match=words):
        SparseVector.checked(np.array(indices), np.array(values))
    with pytest.raises(EngineError, match=words):
        PointBatch.checked(
            np.array([0]), np.array([0, len(indices)]), np.array(indices), np.array(values), [{}]
        )


def test_a_value_that_32_bits_cannot_hold_is_refused() -> None:
    """1e39 is finite in 64 bits and infinite in the engine's 32."""
    with pytest.raises(EngineError, match="finite"):
        SparseVector.checked(np.array([1]), np.array([1e39]))


def test_a_table_is_no_vector() -> None:
    """Two dimensions are one too many."""
    with pytest.raises(EngineError):
        SparseVector.checked(np.array([[1, 2]]), np.array([[1.0, 2.0]]))


@pytest.mark.parametrize("indices", [[], [0], [0, MAX_INDEX], [5, 6, 7]])
def test_a_well_formed_vector_is_kept_in_the_engines_types(indices: list[int]) -> None:
    """The empty vector and both ends of u32 included."""
    made = SparseVector.checked(np.array(indices, dtype=np.int64), np.ones(len(indices)))
    assert made.indices.tolist() == indices
    assert (str(made.indices.dtype), str(made.values.dtype)) == ("uint32", "float32")
    assert len(made) == len(indices)


BROKEN_BATCHES: dict[str, tuple[list[int], list[int], int]] = {
    "an offset too few": ([0, 1], [0, 2], 2),
    "a payload too few": ([0, 1], [0, 1, 2], 1),
    "not from the beginning": ([0, 1], [1, 1, 2], 2),
    "not to the end": ([0, 1], [0, 1, 1], 2),
    "backwards": ([0, 1, 2], [0, 2, 1, 2], 3),
    "offsets of nothing": ([], [], 0),
}


@pytest.mark.parametrize(
    ("ids", "offsets", "payloads"), BROKEN_BATCHES.values(), ids=BROKEN_BATCHES.keys()
)
def test_a_batch_whose_parts_do_not_fit_is_refused(
    ids: list[int], offsets: list[int], payloads: int
) -> None:
    """Ids, offsets and payloads must tell of the same points."""
    with pytest.raises(EngineError):
        PointBatch.checked(
            np.array(ids, dtype=np.int64),
            np.array(offsets, dtype=np.int64),
            np.array([1, 2]),
            np.array([1.0, 2.0]),
            [{} for _ in range(payloads)],
        )


def test_a_duplicate_inside_a_later_vector_is_found_and_a_fall_between_vectors_allowed() -> None:
    """Indices may fall from one vector to the next, across empty ones, but not within."""
    ids, offsets = np.arange(4), np.array([0, 2, 2, 2, 4])
    good = PointBatch.checked(ids, offsets, np.array([7, 9, 1, 2]), np.ones(4), [{}] * 4)
    assert [indices for _, indices, _, _ in good] == [[7, 9], [], [], [1, 2]]
    with pytest.raises(EngineError, match="unique and ascending"):
        PointBatch.checked(ids, offsets, np.array([7, 9, 2, 2]), np.ones(4), [{}] * 4)


vectors = st.dictionaries(
    st.integers(0, MAX_INDEX), st.floats(width=32, allow_nan=False, allow_infinity=False)
)


@given(st.lists(vectors, max_size=6))
def test_any_batch_gives_back_the_points_it_was_made_of(rows: list[dict[int, float]]) -> None:
    """Ids, vectors and payloads stay together, empty vectors and empty batches included."""
    parts: list[list[int]] = [sorted(row) for row in rows]
    payloads: list[dict[str, Any]] = [{"row": place} for place in range(len(rows))]
    batch = PointBatch.checked(
        np.arange(len(rows)) + 10,
        np.cumsum([0, *map(len, parts)]),
        np.array([i for part in parts for i in part], dtype=np.int64),
        np.array([row[i] for row, part in zip(rows, parts, strict=True) for i in part]),
        payloads,
    )
    assert len(batch) == len(rows)
    expected = [
        (place + 10, parts[place], [row[i] for i in parts[place]], {"row": place})
        for place, row in enumerate(rows)
    ]
    assert list(batch) == expected


@given(st.lists(st.integers(-3, 12), max_size=6), st.lists(st.floats(width=32), max_size=6))
def test_whatever_passes_is_well_formed(indices: list[int], values: list[float]) -> None:
    """A check that accepts promises equal lengths, unique ascending u32 and finite values."""
    places, numbers = np.array(indices, dtype=np.int64), np.array(values, dtype=np.float64)
    well = (
        len(indices) == len(values)
        and indices == sorted(set(indices))
        and all(index >= 0 for index in indices)
        and bool(np.isfinite(numbers).all())
    )
    if well:
        assert SparseVector.checked(places, numbers).indices.tolist() == indices
    else:
        with pytest.raises(EngineError):
            SparseVector.checked(places, numbers)
