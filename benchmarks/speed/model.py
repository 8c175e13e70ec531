"""What a question costs, as a sum over its work; and what follows for sizes nobody measured.

A question is taken to cost ::

    a neighbours + b postings + c ratings + d ratings, if ridge-weighted + e movies + f rare films

with the neighbours it asks for, the entries of stored vectors that its search adds up, the ratings
of the neighbours it finds, all movies of the catalogue, which filters go over, and those of the
profile whose co-ratings are not counted once for all questions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import nnls

from benchmarks.report import Row
from recommender.arrays import Floats
from recommender.settings import Ranking

__all__ = ["TERMS", "clusters", "fit", "predicted", "reader_memory", "slope"]

TERMS = (
    "µs a neighbour",
    "ns a posting",
    "ns a rating",
    "more if ridge-weighted",
    "ns a movie",
    "µs a rare film",
)
UNITS = np.array([1e-3, 1e-6, 1e-6, 1e-6, 1e-6, 1e-3])
"""Milliseconds that one of each term's unit is."""

# Milliseconds that the part of a search on one shard may take, and copies of each shard.
_SEARCH_MS = 20.0
_COPIES = 2
# Memory of a machine that may hold inverted lists; the rest is for the system and what is read.
_NODE = 48e9


def _work(point: Mapping[str, Any]) -> Floats:
    """Count what a question needs, in the order of ``TERMS``, shape (terms,)."""
    ranking = Ranking()
    many = ranking.many(point["rated"])
    asked = (ranking.many_neighbours if many else ranking.neighbours) + ranking.spare
    ratings = point["ratings"]
    return np.array(
        [asked, point["postings"], ratings, ratings * many, point["movies"], point["rare"]]
    )


def fit(points: Sequence[Mapping[str, Any]]) -> Floats:
    """Costs in the units of ``TERMS``, none below zero, by least squares of relative errors."""
    table = np.array([_work(point) * UNITS / point["p50_ms"] for point in points])
    # Relative errors, because a question of 1 ms must fit as well as one of 100 ms.
    costs, _ = nnls(table, np.ones(len(points)))
    return np.asarray(costs)


def predicted(model: Floats, point: Mapping[str, Any]) -> float:
    """Milliseconds that a question should take."""
    return float(_work(point) @ (model * UNITS))


def reader_memory(sizes: Sequence[Mapping[str, Any]]) -> list[float]:
    """MiB that a fresh reader should hold for itself: a part for Python, and one for each movie.

    Fitted to those of ``sizes``, by relative least squares. Caches come on top, while it answers.
    """
    movies = np.array([[1.0, size["ingest"]["movies"]] for size in sizes])
    held = np.array([size["reader"]["own_mb"] for size in sizes])
    costs, _ = nnls(movies / held[:, None], np.ones(len(sizes)))
    return [round(float(one), 1) for one in movies @ costs]


def slope(points: Sequence[Mapping[str, Any]], kind: str, rated: int) -> float:
    """Power of the number of ratings that the median of a kind of question grows with."""
    some = [point for point in points if (point["kind"], point["rated"]) == (kind, rated)]
    sizes, times = (np.log([point[name] for point in some]) for name in ("total", "p50_ms"))
    return round(float(np.polyfit(sizes, times, 1)[0]), 3)


def clusters(model: Floats, like: Mapping[str, Any], disk: Mapping[str, int]) -> list[Row]:
    """Clusters for more people who are as active and rate as many movies as those measured.

    ``like`` is the question to answer, as measured at the largest size; ``disk`` are the bytes of
    that index by what is in them. Postings grow with the people; a shard has so many that its part
    of the search takes 20 ms. What a search reads must stay in memory; the way there and back
    between machines comes on top.
    """
    rows: list[Row] = []
    for people in (1e6, 1e7, 1e9):
        times = people / like["people"]
        postings = like["postings"] * times
        shards = max(1, math.ceil(postings * model[1] * UNITS[1] / _SEARCH_MS))
        part = dict(like) | {
            "postings": postings / shards,
            "total": like["total"] * times,
            "people": people,
        }
        # Vectors of movies are over at most so many raters each, however many there are. A server
        # has no file of all ratings.
        whole = sum(
            size * (times if what.startswith("users") else 1)
            for what, size in disk.items()
            if what != "ratings"
        )
        hot = disk.get("users, inverted lists", 0) * times
        rows.append(
            {
                "people": f"{people:.0e}".replace("e+0", "e"),
                "ratings": f"{part['total']:.1e}".replace("e+0", "e").replace("e+", "e"),
                "postings a question": f"{postings:.1e}".replace("e+0", "e"),
                "shards": shards,
                "question, ms": predicted(model, part),
                "disk of one copy, GB": whole / 1e9,
                "read by searches, GB": hot / 1e9,
                f"memory for {_COPIES} copies, GB": _COPIES * hot / 1e9,
                "machines of 64 GB": max(_COPIES, math.ceil(_COPIES * hot / _NODE)),
            }
        )
    return rows
