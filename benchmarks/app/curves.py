"""Latency and memory of loads over time, as one picture.

::

    python -m benchmarks.app.sessions INDEX --json > app.json
    python -m benchmarks.speed.throughput INDEX --processes 8 --seconds 300 --json > api.json
    python -m benchmarks.app.curves app.json api.json --picture docs/images/load.png

Every load has a column: above, how long answers took in each ten seconds; below, what each process
held.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import psutil

__all__ = ["Held", "curve", "held_by"]

_WINDOW = 10  # seconds
Held = tuple[float, int, float]
"""When, which process, and how many MiB it held."""


def held_by(processes: Sequence[psutil.Process]) -> list[Held]:
    """Measure what each process holds now."""
    now = time.monotonic()
    return [
        (now, place, process.memory_info().rss / 2**20)
        for place, process in enumerate(processes, start=1)
    ]


def curve(
    name: str, waits: Sequence[tuple[float, float]], held: Sequence[Held], *, errors: int
) -> dict[str, Any]:
    """Sum up a load: ``waits`` are when each question was asked, and for how long, in seconds."""
    began = min(moment[0] for moment in (*waits, *held))
    windows: dict[int, list[float]] = {}
    for when, wait in waits:
        windows.setdefault(int((when - began) // _WINDOW), []).append(1000 * wait)
    latency = [
        {"seconds": _WINDOW * (window + 0.5), "part": part, "ms": float(np.percentile(took, part))}
        for window, took in sorted(windows.items())
        for part in (50, 95, 99)
    ]
    memory = [
        {"seconds": when - began, "process": process, "MiB": size} for when, process, size in held
    ]
    return {
        "name": name,
        "answers": len(waits),
        "errors": errors,
        "latency": latency,
        "memory": memory,
    }


def draw(curves: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw a column for each load."""
    columns = []
    for one in curves:
        seconds = alt.X("seconds:Q", title="seconds")
        parts = {50: "median", 95: "95 %", 99: "99 %"}
        latency = pd.DataFrame(one["latency"]).replace({"part": parts})
        waits = (
            alt.Chart(latency)
            .mark_line()
            .encode(
                seconds,
                alt.Y("ms:Q", title="milliseconds", scale=alt.Scale(domainMin=0)),
                alt.Color("part:N", title=None, sort=list(parts.values())),
            )
        )
        held = (
            alt.Chart(pd.DataFrame(one["memory"]))
            .mark_line(strokeWidth=1, color="#555555")
            .encode(
                seconds,
                alt.Y("MiB:Q", title="MiB held by each process", scale=alt.Scale(domainMin=0)),
                detail="process:N",
            )
        )
        title = f"{one['name']}: {one['answers']:,} answers, {one['errors']} errors"
        size = {"width": 400, "height": 200}
        columns.append(alt.vconcat(waits.properties(**size), held.properties(**size), title=title))
    alt.hconcat(*columns).save(str(path), scale_factor=1.5)


def main() -> None:
    """Draw what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("measured", nargs="+", type=Path, help="what the loads printed")
    parser.add_argument("--picture", type=Path, required=True, metavar="FILE.png")
    given = parser.parse_args()
    found = [json.loads(path.read_text(encoding="utf-8")) for path in given.measured]
    draw([one["curve"] for one in found], given.picture)


if __name__ == "__main__":
    main()
