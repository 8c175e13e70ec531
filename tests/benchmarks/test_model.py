"""The model of costs finds the costs that made the times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.speed.model import clusters, fit, predicted, reader_memory, slope

COSTS = np.array([2.0, 5.0, 20.0, 30.0, 10.0, 50.0])


def points() -> list[dict[str, Any]]:
    """Questions of three sizes whose times follow the model exactly."""
    made: list[dict[str, Any]] = []
    for people in (6_000, 70_000, 200_000):
        for rated in (3, 10, 20, 50):
            point: dict[str, Any] = {
                "kind": "made up",
                "rated": rated,
                "postings": people * rated // 8,
                "ratings": 20_000 + 1_000 * rated + 7 * (people % 11),
                "people": people,
                "movies": people // 2 + 37 * (people % 7),
                "rare": rated % 7,
                "total": 160 * people,
            }
            made.append(point | {"p50_ms": predicted(COSTS, point)})
    return made


def test_costs_are_found_again() -> None:
    """Times made of known costs give these costs back."""
    assert fit(points()) == pytest.approx(COSTS, rel=1e-6)


POINT = {
    **{"rated": 3, "postings": 750, "ratings": 21_000},
    **{"people": 6_000, "movies": 4_000, "rare": 2},
}


def test_a_question_costs_what_its_work_costs() -> None:
    """432 neighbours of 2 µs, 750 postings of 5 ns, 21,000 ratings of 20, and so on."""
    assert predicted(COSTS, POINT) == pytest.approx(0.864 + 0.00375 + 0.42 + 0.04 + 0.1)


def test_ridge_weights_cost_more() -> None:
    """21 movies known: 400 more neighbours of 2 µs, and 30 ns more a rating."""
    point = POINT | {"rated": 20, "ratings": 100_000}
    assert predicted(COSTS, point | {"rated": 21}) - predicted(COSTS, point) == pytest.approx(3.8)


def test_the_slope_is_the_power() -> None:
    """Ten times the ratings in 10 ** 0.5 times the time."""
    made = [
        {"kind": "a", "rated": 10, "total": 10**n, "p50_ms": 10 ** (0.5 * n)} for n in (6, 7, 8)
    ]
    assert slope(made, "a", 10) == 0.5


def test_shards_keep_a_search_at_twenty_milliseconds() -> None:
    """A thousand million people, 10 postings of 5 ns each: 50 s of search, for 2,500 shards."""
    like = POINT | {"rated": 10, "postings": 2e6, "people": 2e5, "total": 3.2e7}
    # The file of all ratings is beside an embedded index alone.
    disk = {"users, inverted lists": 10**9, "movies, vectors": 10**8, "ratings": 10**9}
    small, _, large = clusters(COSTS, like, disk)
    assert small["shards"] == 3
    assert large["shards"] == 2500
    assert small["disk of one copy, GB"] == pytest.approx(5.1)
    assert small["memory for 2 copies, GB"] == pytest.approx(10)
    assert [row["machines of 64 GB"] for row in (small, large)] == [2, 209]


def test_a_reader_holds_a_part_for_each_movie() -> None:
    """40 MiB and 2 KiB a movie."""
    movies = (1024, 10 * 1024, 100 * 1024)
    sizes = [{"ingest": {"movies": m}, "reader": {"own_mb": 40 + m / 512}} for m in movies]
    assert reader_memory(sizes) == pytest.approx([42, 60, 240])
