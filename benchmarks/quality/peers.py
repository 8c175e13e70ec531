"""How long others take, from the file of ratings to the first answer, and for every later one.

::

    pip install --editable '.[benchmarks,lenskit]'
    python -m benchmarks.quality.peers FOLDER-WITH-RATINGS.CSV

Every side is a process of its own, started anew for each round, one after the other in turn; its
clock runs from the start of the process, imports included, until it has recommended ten movies.
Later answers are to the same questions for all: ten ratings of a rater. ``svd`` cannot answer
anybody it was not fitted on; what it is asked instead is a product of two matrices.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.sides import SIDES
from benchmarks.report import Row, arguments, machine, milliseconds, show, times_as_fast
from benchmarks.speed.ingest import Memory, index_of, open_version
from benchmarks.speed.latency import LIMIT, RATED, RATERS, profiles

__all__ = ["run"]

_NEEDS = {"lenskit": "lenskit", "als": "implicit", "item-knn": "implicit", "svd": "surprise"}


def run(
    source: Path, names: list[str], *, rounds: int, questions: int, seed: int
) -> dict[str, Any]:
    """Start every side in every round."""
    with (
        index_of(str(source)) as index,
        open_version(index) as version,
    ):
        drawn = profiles(version, RATERS, questions + 1, rated=RATED, seed=seed)
        counts = version.index.manifest.counts
    asked = [
        {int(str(key).removeprefix("id:")): value for key, value in one.items()} for one in drawn
    ]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(_once(name, source, asked))
    # First answers are compared round by round, later ones by each question's median over rounds.
    firsts = {n: np.array([one["first_s"] for one in rounds]) for n, rounds in found.items()}
    laters = {n: np.median([one["later"] for one in rounds], axis=0) for n, rounds in found.items()}
    ours = names[0]
    sides = {
        name: {
            "first_s": round(float(np.median(firsts[name])), 2),
            **milliseconds(laters[name]),
            "peak_mb": max(one["peak_mb"] for one in found[name]),
            "first_times": times_as_fast(firsts[ours], firsts[name]),
            "later_times": times_as_fast(laters[ours], laters[name]),
        }
        for name in names
    }
    return {
        "source": source.name,
        "ratings": counts.ratings,
        "rounds": rounds,
        "questions": questions,
        "seed": seed,
        "sides": sides,
        **machine(),
    }


def _once(name: str, source: Path, asked: list[dict[int, float]]) -> dict[str, Any]:
    """Run one side: seconds to the first answer and of each later one, and the peak of memory."""
    command = [sys.executable, "-m", "benchmarks.quality.sides", name, str(source)]
    started = time.perf_counter()
    with (
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process,
        Memory(process.pid) as memory,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([LIMIT, [list(one.items()) for one in asked]]))
        process.stdin.close()
        first = process.stdout.readline()
        seconds = time.perf_counter() - started
        later = process.stdout.readline()
    if process.returncode or not first:
        raise SystemExit(f"{name} failed: see above")
    return {"first_s": seconds, "later": json.loads(later), "peak_mb": memory.peak >> 20}


def main() -> None:
    """Print what was measured."""
    parser = arguments(__doc__)
    parser.add_argument("source", type=Path, help="folder with a ratings.csv of MovieLens")
    parser.add_argument("--sides", help=f"of {', '.join(SIDES)}; all installed unless given")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--questions", type=int, default=40)
    chosen = parser.parse_args()
    names = chosen.sides.split(",") if chosen.sides else _installed()
    found = run(
        chosen.source, names, rounds=chosen.rounds, questions=chosen.questions, seed=chosen.seed
    )
    rows: list[Row] = [
        {
            "from file to list": name,
            "first, s": side["first_s"],
            "times ours": side["first_times"],
            "later, ms": side["p50_ms"],
            "times": side["later_times"],
            "peak, MiB": side["peak_mb"],
        }
        for name, side in found["sides"].items()
    ]
    show(found, {f"{found['ratings']:,} ratings": rows}, as_json=chosen.json)


def _installed() -> list[str]:
    return [name for name in SIDES if find_spec(_NEEDS.get(name, "numpy"))]


if __name__ == "__main__":
    main()
