"""How cost grows with size, and a model of it that is checked against every measurement.

::

    python -m benchmarks.growth --sizes 1M,10M,32M --folder FOLDER

makes up ratings of each size (those in the folder are used again), ingests them, and measures
questions of 3 to 50 ratings of both kinds. A question is taken to cost ::

    fixed + a postings + b ratings + c ratings, if neighbours are decorrelated + d people

with the postings its search adds up, the ratings of the neighbours it finds, and the people whose
scores are looked through. The five numbers are fitted to the smallest and the largest size alone,
with relative errors, and must hold for those between too.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

from benchmarks.floor import Floor
from benchmarks.ingest import run as ingest
from benchmarks.latency import FAMOUS, RATERS, WARM_UP, ask, profiles, reader, timed
from benchmarks.ratings import write_ratings
from benchmarks.report import machine, milliseconds
from recommender import Ranking, Recommender
from recommender.arrays import Floats
from recommender.serving import Serving
from recommender.stores import choose_store

__all__ = ["fit", "predicted", "run", "slope"]

LENGTHS = (3, 10, 20, 50)
_TERMS = ("fixed, ms", "ns a posting", "ns a rating", "more if decorrelated", "ns a person")
_SCALES = np.array([1.0, 1e6, 1e6, 1e6, 1e6])


def run(sizes: list[str], folder: Path, *, questions: int, seed: int) -> dict[str, Any]:
    """Measure every size and fit the model."""
    found, points = [], []
    for size in sizes:
        source, index = folder / size, folder / f"{size}-index"
        if not (source / "ratings.csv").is_file():
            write_ratings(source, size, seed=seed)
        taken = ingest(str(source), index)
        some = _points(size, index, questions, seed)
        found.append({"size": size, "ingest": taken, "reader": reader(index, {})})
        points += some
    ends = [point for point in points if point["size"] in (sizes[0], sizes[-1])]
    model = fit(ends)
    for point in points:
        point["predicted_ms"] = float(f"{predicted(model, point):.3g}")
        point["off"] = round(point["predicted_ms"] / point["p50_ms"] - 1, 3)
    return {
        "sizes": found,
        "points": points,
        "model": dict(zip(_TERMS, (model * _SCALES).tolist(), strict=True)),
        "worst": max(abs(point["off"]) for point in points),
        "slopes": {kind: slope(points, kind) for kind in (FAMOUS, RATERS)},
        "questions": questions,
        "seed": seed,
        **machine(),
    }


def _points(size: str, index: Path, questions: int, seed: int) -> list[dict[str, Any]]:
    """Medians of one size, with what the model goes by."""
    points = []
    with Serving(choose_store(index)).snapshot() as snapshot, Recommender.open(index) as rec:
        floor, counts = Floor(snapshot), snapshot.index.manifest.counts
        for kind in (FAMOUS, RATERS):
            for rated in LENGTHS:
                asked = profiles(snapshot, kind, questions + WARM_UP, rated=rated, seed=seed)
                touched = np.array([floor.touched(question) for question in asked[WARM_UP:]])
                (times,) = timed(asked, partial(ask, rec))
                postings, ratings = np.median(touched, axis=0)
                points.append(
                    {
                        "size": size,
                        "kind": kind,
                        "rated": rated,
                        **milliseconds(times),
                        "postings": int(postings),
                        "ratings": int(ratings),
                        "people": counts.raters,
                        "total": counts.ratings,
                    }
                )
    return points


def _terms(point: dict[str, Any]) -> Floats:
    many = Ranking().many(point["rated"])
    ratings = point["ratings"]
    return np.array([1.0, point["postings"], ratings, ratings * many, point["people"]])


def fit(points: list[dict[str, Any]]) -> Floats:
    """Costs of the model's terms in milliseconds, none below zero, by relative least squares."""
    table = np.array([_terms(point) / point["p50_ms"] for point in points])
    costs, _ = nnls(table, np.ones(len(points)))
    return np.asarray(costs)


def predicted(model: Floats, point: dict[str, Any]) -> float:
    """Milliseconds that a question should take."""
    return float(_terms(point) @ model)


def slope(points: list[dict[str, Any]], kind: str) -> float:
    """Power of the number of ratings that the time of ten opinions grows with."""
    some = [point for point in points if point["kind"] == kind and point["rated"] == 10]
    sizes, times = (np.log([point[name] for point in some]) for name in ("total", "p50_ms"))
    return round(float(np.polyfit(sizes, times, 1)[0]), 3)
