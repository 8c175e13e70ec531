"""How cost grows with size, and a model of it that is checked against every measurement.

::

    python -m benchmarks.speed.growth --sizes 1M,3M,10M,32M,100M --folder FOLDER

makes up ratings of each size (those in the folder are used again), ingests them, and measures
questions of 3 to 50 ratings, of both kinds of :mod:`benchmarks.speed.latency`. The model of
:mod:`benchmarks.speed.model` is fitted to them all, and how far it is off is printed for each.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from benchmarks.data.ratings import write_ratings
from benchmarks.report import Row, arguments, machine, milliseconds, show
from benchmarks.speed.floor import Floor
from benchmarks.speed.ingest import open_version
from benchmarks.speed.ingest import run as ingest
from benchmarks.speed.latency import FAMOUS, RATERS, WARM_UP, ask, profiles, reader, timed
from benchmarks.speed.model import TERMS, clusters, fit, predicted, reader_memory, slope
from recommender import Recommender

__all__ = ["run", "tables"]

LENGTHS = (3, 10, 20, 50)


def run(sizes: list[str], folder: Path, *, questions: int, seed: int) -> dict[str, Any]:
    """Measure every size and fit the model."""
    found: list[dict[str, Any]] = []
    points: list[dict[str, Any]] = []
    for size in sizes:
        source, index = folder / size, folder / f"{size}-index"
        if not (source / "ratings.csv").is_file():
            write_ratings(source, size, seed=seed)
        shutil.rmtree(index, ignore_errors=True)  # of an earlier run
        taken = ingest(str(source), index)
        points += _points(size, index, questions, seed)
        found.append({"size": size, "ingest": taken, "reader": reader(index, {})})
    model = fit(points)
    for point in points:
        point["predicted_ms"] = float(f"{predicted(model, point):.3g}")
        point["off"] = round(point["predicted_ms"] / point["p50_ms"] - 1, 3)
    # The question that clusters are sized for.
    (like,) = (
        point
        for point in points
        if (point["size"], point["kind"], point["rated"]) == (sizes[-1], RATERS, 10)
    )
    return {
        "sizes": found,
        "points": points,
        "model": dict(zip(TERMS, model.tolist(), strict=True)),
        "worst": max(abs(point["off"]) for point in points),
        "slopes": {kind: slope(points, kind, 10) for kind in (FAMOUS, RATERS)},
        "clusters": clusters(model, like, found[-1]["ingest"]["disk_bytes"]),
        "questions": questions,
        "seed": seed,
        **machine(),
    }


def _points(size: str, index: Path, questions: int, seed: int) -> list[dict[str, Any]]:
    """Measure the medians of one size, with what the model goes by."""
    kinds = [(kind, rated) for kind in (FAMOUS, RATERS) for rated in LENGTHS]
    with (
        open_version(index) as version,
        Recommender.open(index) as rec,
    ):
        floor, counts = Floor(version), version.index.manifest.counts
        asked = [
            profiles(version, kind, questions + WARM_UP, rated=rated, seed=seed)
            for kind, rated in kinds
        ]
        # In turn, as the raters that one kind has read are in memory for the next.
        (times,) = timed(
            [one for several in zip(*asked, strict=True) for one in several], partial(ask, rec)
        )
        times = times[-questions * len(kinds) :].reshape(questions, len(kinds))
        work = np.array([[floor.work(one) for one in some[WARM_UP:]] for some in asked])
    postings, ratings = np.median(work[:, :, :2], axis=1).astype(int).T.tolist()
    rare = work[:, :, 2].mean(axis=1).round(2).tolist()
    return [
        {
            "size": size,
            "kind": kind,
            "rated": rated,
            **milliseconds(times[:, place]),
            "postings": postings[place],
            "ratings": ratings[place],
            "rare": rare[place],
            "people": counts.raters,
            "movies": counts.movies,
            "total": counts.ratings,
        }
        for place, (kind, rated) in enumerate(kinds)
    ]


def tables(found: dict[str, Any]) -> dict[str, list[Row]]:
    """Put what a run found into tables."""
    ingests: list[Row] = []
    bytes_a_rating: dict[str, dict[str, object]] = {}
    held = reader_memory(found["sizes"])
    for one, model in zip(found["sizes"], held, strict=True):
        taken, reading, disk = one["ingest"], one["reader"], one["ingest"]["disk_bytes"]
        ingests.append(
            {
                "size": one["size"],
                "ratings": taken["ratings"],
                "people": taken["users"],
                "movies": taken["movies"],
                "ingest, s": taken["seconds"],
                "ratings/s": taken["ratings_per_second"],
                "peak, MiB": taken["peak_mb"],
                "disk, MiB": sum(disk.values()) >> 20,
                "reader opens, s": reading["open_s"],
                "holds, MiB": reading["memory_mb"],
                "its own": reading["own_mb"],
                "model": model,
            }
        )
        for name, size in disk.items():
            row = bytes_a_rating.setdefault(name, {"bytes a rating": name})
            row[one["size"]] = size / taken["ratings"]
    questions: list[Row] = [
        {
            "size": point["size"],
            "question": f"{point['rated']} {point['kind']}",
            "postings": point["postings"],
            "ratings": point["ratings"],
            "rare": point["rare"],
            "median, ms": point["p50_ms"],
            "99 %, ms": point["p99_ms"],
            "model, ms": point["predicted_ms"],
            "off": f"{100 * point['off']:+.0f} %",
        }
        for point in found["points"]
    ]
    slopes = [
        {"grows with this power of the ratings": k, "": v} for k, v in found["slopes"].items()
    ]
    return {
        "Ingest and readers": ingests,
        "Disk": list(bytes_a_rating.values()),
        f"Questions; the model is off by {100 * found['worst']:.0f} % at most": questions,
        "The model": [found["model"]],
        "Growth": slopes,
        "Clusters": found["clusters"],
    }


def draw(found: dict[str, Any], path: Path) -> None:
    """Draw medians against the number of ratings, as points, and what the model says, as lines."""
    points = pd.DataFrame(found["points"])
    scale = alt.Scale(type="log", nice=False)
    base = alt.Chart(points).encode(
        alt.X("total", title="ratings in the index", scale=scale),
        color=alt.Color("rated:O", title="ratings given"),
    )
    measured = base.mark_point(size=60).encode(
        alt.Y("p50_ms", title="median, ms", scale=scale), shape=alt.Shape("kind", title="measured")
    )
    line = base.mark_line().encode(
        alt.Y("predicted_ms", scale=scale), strokeDash=alt.StrokeDash("kind", title="the model")
    )
    alt.layer(measured, line).properties(width=560, height=360).save(str(path), scale_factor=2)


def main() -> None:
    """Print what was measured, and what the model says of it."""
    parser = arguments(__doc__, picture=True)
    parser.add_argument("--folder", type=Path, required=True, help="for ratings and indices")
    parser.add_argument("--sizes", default="1M,3M,10M,32M,100M")
    parser.add_argument("--questions", type=int, default=100, help="of each kind and length")
    chosen = parser.parse_args()
    sizes = chosen.sizes.split(",")
    found = run(sizes, chosen.folder, questions=chosen.questions, seed=chosen.seed)
    show(found, tables(found), as_json=chosen.json)
    if chosen.picture:
        draw(found, chosen.picture)


if __name__ == "__main__":
    main()
