"""What single cells say: a rating, and the highest there is."""

from __future__ import annotations

import math

import pytest

from recommender.files.cells import rating_and_top


@pytest.mark.parametrize(
    ("cell", "rating", "top"),
    [
        (" 4.5 ", 4.5, None),
        ("4,5", 4.5, None),
        ("8 / 10", 8.0, 10.0),
        ("3/4", 3.0, 4.0),
        ("90 %", 90.0, 100.0),
        ("★★★½", 3.5, 5.0),
        ("★★★★★★★☆☆☆", 7.0, 10.0),
        ("⭐⭐⭐", 3.0, 5.0),
        ("4 Stars", 4.0, None),
        ("3½ stars", 3.5, None),
        ("3 1/2", 3.5, None),
        ("1 star", 1.0, None),
        ("4.5 out of 5", 4.5, 5.0),
        ("Like", 1.0, None),
        ("👍", 1.0, None),
        ("thumbs down", 0.0, None),
        ("n/a", -math.inf, None),
        ("", -math.inf, None),
        ("8/0", 8.0, None),
    ],
)
def test_a_rating_is_read_as_people_write_it(cell: str, rating: float, top: float | None) -> None:
    """With the top of its scale where the cell has it."""
    assert rating_and_top(cell) == (rating, top)


@pytest.mark.parametrize("cell", ["good", "stars", "1_0", "9" * 400, "1/2/24", "٤"])
def test_what_is_no_rating_is_no_number(cell: str) -> None:
    """Neither what Python alone reads, nor what is larger than any number."""
    assert math.isnan(rating_and_top(cell)[0])
