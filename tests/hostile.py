"""What strangers write, for property tests: odd cells, changed documents, damaged bytes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

__all__ = ["CELLS", "JSON", "altered", "damaged"]

CELLS = st.sampled_from(
    ["1", "2", "12.0", "007", "-3", "", " ", "x", "é", "ñandú", '"', '""', '"a,b"', "4", "4.5",
     "0.5", "1e3", "1e999", "nan", "NA", "null", "2020-02-30", "2020-01-01T00:00:00Z",
     "0000-00-00", "99999-01-01", "1577836800", "1577836800000", "9" * 19, "9" * 40, "+5",
     "--5", "::", "\t", "\0", "\u2028", "\x1c", "𝟙", "٣", "true", "'", "\\", "\ufeff",
     "1 000", "1,5"]
)  # fmt: skip
"""Cells of tables, good and bad."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([10**30, "x" * 400, "\ud800", "\x1b[2J", "tt0133093", "MA=="]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)  # fmt: skip
"""Values of documents."""


@st.composite
def altered(draw: st.DrawFn, document: Any) -> Any:
    """A document in which a value somewhere is another, or missing; or the document as it is."""
    document = copy.deepcopy(document)
    holder, key = draw(st.sampled_from([*_places(document)]))
    what = draw(st.sampled_from(["nothing", "missing", "another", "another"]))
    if what == "missing":
        del holder[key]
    elif what == "another":
        holder[key] = draw(JSON)
    return document


def _places(holder: Any) -> Iterator[tuple[Any, Any]]:
    """Every list and mapping with each of its keys."""
    keys = [*holder] if isinstance(holder, dict) else range(len(holder))
    for key in keys:
        yield holder, key
        if isinstance(holder[key], dict | list):
            yield from _places(holder[key])


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Bytes of which some are others, missing or there twice."""
    start = draw(st.integers(0, len(data)))
    end = min(len(data), start + draw(st.sampled_from([0, 1, 4, 64])))
    middle = draw(st.binary(max_size=6) | st.just(data[start:end] * 2))
    return data[:start] + middle + data[end:]
