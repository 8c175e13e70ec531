"""Time and memory of an ingest, in pairs, by this code and by another checkout of it.

::

    python -m benchmarks.speed.reading PATH-TO-RATINGS --before CHECKOUT

Each round ingests a source with both, one after the other, each first in turn, so that what
the machine does beside it meets both alike. A ratio is of this code to the other, below 1 where
this code takes less; its 95 % interval is Student's of the mean logarithm of the rounds' ratios. A
first round, which fills the caches of the file system, does not count. The second source is made
up by :mod:`benchmarks.data.ratings`.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from benchmarks.data.ratings import write_ratings
from benchmarks.report import Row, arguments, machine, show
from benchmarks.speed.ingest import Memory
from recommender.arrays import Floats

__all__ = ["Ratio", "compare", "ratio"]

_HERE = Path(__file__).resolve().parents[2]


class Ratio(NamedTuple):
    """How many times as much, with its 95 % interval."""

    low: float
    mean: float
    high: float


def ratio(after: Sequence[float], before: Sequence[float]) -> Ratio:
    """Geometric mean of the ratios of pairs, and Student's interval of their logarithms.

    Both have shape (rounds,), of two rounds at least.

    Examples
    --------
    >>> [round(bound, 3) for bound in ratio([2, 2, 2], [1, 1, 1])]
    [2.0, 2.0, 2.0]
    >>> [round(bound, 3) for bound in ratio([1, 4], [1, 1])]
    [0.0, 2.0, 13365.301]
    """
    logs: Floats = np.log(np.asarray(after, dtype=np.float64) / np.asarray(before))
    half = stats.t.ppf(0.975, len(logs) - 1) * logs.std(ddof=1) / np.sqrt(len(logs))
    low, mean, high = np.exp(logs.mean() + half * np.array([-1, 0, 1])).tolist()
    return Ratio(low, mean, high)


_MEASURES = {"seconds": "seconds", "cpu_seconds": "seconds of processors", "peak_mb": "peak, MiB"}


def _ingest(checkout: Path, source: Path) -> dict[str, float]:
    """Seconds, seconds of processors and peak MiB of an ingest by the code in a checkout."""
    spent = _cpu_seconds()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "kindred", "ingest", str(source), "--index", "index"]
        started = time.perf_counter()
        with (
            # In a folder without code of its own, as that would come before the checkout's.
            subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(checkout)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            ) as process,
            Memory(process.pid) as memory,
        ):
            said = process.communicate()[1]
        seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{checkout}: {said.strip().splitlines()[-1]}")
    cpu = _cpu_seconds() - spent
    return {"seconds": seconds, "cpu_seconds": cpu, "peak_mb": memory.peak / (1 << 20)}


def _cpu_seconds() -> float:
    """Seconds of processors that all ended children took, and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compare(source: Path, before: Path, rounds: int) -> dict[str, Any]:
    """Ingest a source with this code and another in turn: every round's figures, and the ratios."""
    sides = {"after": _HERE, "before": before}
    found: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    for place in range(rounds + 1):
        for side in sorted(sides, reverse=place % 2 == 1):
            measured = _ingest(sides[side], source)
            if place:
                found[side].append(measured)
    result: dict[str, Any] = {"source": source.name}
    for name in _MEASURES:
        each = {side: [figures[name] for figures in found[side]] for side in sides}
        result[name] = {**each, "ratio": ratio(each["after"], each["before"])._asdict()}
    return result


def _rows(result: dict[str, Any]) -> list[Row]:
    return [
        {
            "source": result["source"],
            "of an ingest": what,
            **{side: float(np.median(result[name][side])) for side in ("before", "after")},
            "ratio": result[name]["ratio"]["mean"],
            "from": result[name]["ratio"]["low"],
            "to": result[name]["ratio"]["high"],
        }
        for name, what in _MEASURES.items()
    ]


def main() -> None:
    """Print the ratios of both sources."""
    parser = arguments(__doc__)
    parser.add_argument("source", type=Path, help="folder, zip or file of ratings")
    parser.add_argument("--before", type=Path, required=True, help="checkout of the other code")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--ratings", default="10M", help="size of the made-up source")
    chosen = parser.parse_args()
    if not (chosen.before / "kindred").is_dir():
        parser.error(f"{chosen.before} is no checkout of Kindred")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / f"made up, {chosen.ratings}"
        write_ratings(made, chosen.ratings, seed=chosen.seed)
        sources = (chosen.source.resolve(), made)
        results = [compare(source, chosen.before.resolve(), chosen.rounds) for source in sources]
    rows = [row for result in results for row in _rows(result)]
    show({"results": results, **machine()}, {"Ingest": rows}, as_json=chosen.json)


if __name__ == "__main__":
    main()
