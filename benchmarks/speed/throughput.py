"""How many questions a second are answered by several processes, and by threads of one.

::

    python -m benchmarks.speed.throughput FOLDER [--processes 8 --seconds 300]

of an index, or of ratings, of which one is made first. Every reader asks for ten movies with every
reason, one question after the other for some seconds, all at the same time; the questions are ten
ratings of a stored rater each. What goes wrong is counted. :mod:`benchmarks.app.curves` draws the
last group's answers and memory over time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.app.curves import Held, curve, held_by
from benchmarks.report import Row, arguments, machine, milliseconds, show
from benchmarks.speed.ingest import index_of, open_version
from benchmarks.speed.latency import RATED, RATERS, WARM_UP, Opinions, ask, profiles
from recommender import Recommender

__all__ = ["run"]

GROUPS = ((1, 1), (2, 1), (4, 1), (1, 2), (1, 4), (1, 8))
"""Processes, and threads of each."""
_QUESTIONS = 400  # asked in a circle
_LOOK = 2.0
"""Seconds between two looks at what the readers hold."""

Took = list[tuple[float, float]]
"""When each question was asked, and how long its answer took, in seconds."""


def run(
    index: Path, groups: Sequence[tuple[int, int]] = GROUPS, *, seconds: float, seed: int
) -> dict[str, Any]:
    """Ask an index from groups of readers, one after the other."""
    with open_version(index) as version:
        number = _QUESTIONS + WARM_UP
        questions = profiles(version, RATERS, number, rated=RATED, seed=seed)
        counts = version.index.manifest.counts
    readers = [_group(index, questions, seconds, *group) for group in groups]
    return {
        "ratings": counts.ratings,
        "users": counts.users,
        "seconds": seconds,
        "seed": seed,
        "curve": [reader.pop("curve") for reader in readers][-1],
        "readers": readers,
        **machine(),
    }


def _group(
    index: Path, questions: list[Opinions], seconds: float, processes: int, threads: int
) -> dict[str, Any]:
    """Start some processes of some threads each, and let them all begin at once."""
    command = [sys.executable, "-m", "benchmarks.speed.throughput", "--reader", str(index)]
    given = json.dumps({"questions": questions, "seconds": seconds, "threads": threads})
    took: Took = []
    held: list[Held] = []
    errors = 0
    with ExitStack() as running:
        readers = [
            running.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in range(processes)
        ]
        for reader in readers:
            assert reader.stdin is not None
            assert reader.stdout is not None
            reader.stdin.write(given + "\n")
            reader.stdin.flush()
            reader.stdout.readline()  # once it is ready
        for reader in readers:
            assert reader.stdin is not None
            reader.stdin.close()  # the starting shot
        watched, end = (
            [psutil.Process(reader.pid) for reader in readers],
            time.monotonic() + seconds,
        )
        while time.monotonic() < end:
            held += held_by(watched)
            time.sleep(min(_LOOK, seconds))
        for reader in readers:
            assert reader.stdout is not None
            found = json.loads(reader.stdout.read() or "{}")
            if reader.wait():
                raise SystemExit("a reader failed: see above")
            took += found["took"]
            errors += found["errors"]
    return {
        "processes": processes,
        "threads": threads,
        "errors": errors,
        "per_second": round(len(took) / seconds, 1),
        **milliseconds(np.array(took)[:, 1]),
        "curve": curve(f"Python, {processes} processes", took, held, errors=errors),
    }


def _read(index: str) -> None:
    """Be one of the readers: open, warm up, wait, ask, and print how long every question took."""
    given = json.loads(sys.stdin.readline())
    questions, took, errors = given["questions"], Took(), list[str]()
    with Recommender.open(index) as rec:
        for question in questions[:WARM_UP]:
            ask(rec, question)
        print("ready", flush=True)
        sys.stdin.read()  # until all readers are ready
        end = time.monotonic() + given["seconds"]
        threads = [
            threading.Thread(target=partial(_ask_until, end, rec, questions, place, took, errors))
            for place in range(given["threads"])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(*errors[:5], sep="\n", file=sys.stderr)
    print(json.dumps({"took": took, "errors": len(errors)}))


def _ask_until(
    end: float,
    rec: Recommender,
    questions: list[Opinions],
    place: int,
    took: Took,
    errors: list[str],
) -> None:
    while (started := time.monotonic()) < end:
        place = (place + 1) % len(questions)
        try:
            ask(rec, questions[place])
        except Exception as error:  # whatever it is, it is counted
            errors.append(f"{type(error).__name__}: {error}")
        took.append((started, time.monotonic() - started))


def main() -> None:
    """Print what was measured."""
    parser = arguments(__doc__)
    parser.add_argument("place", help="folder of an index, or of ratings")
    parser.add_argument("--seconds", type=float, default=10, help="that each group asks")
    parser.add_argument("--processes", type=int, help="one group of these, of one thread each")
    parser.add_argument("--reader", action="store_true", help="be one of the readers")
    chosen = parser.parse_args()
    if chosen.reader:
        _read(chosen.place)
        return
    with index_of(chosen.place) as index:
        groups = [(chosen.processes, 1)] if chosen.processes else GROUPS
        found = run(index, groups, seconds=chosen.seconds, seed=chosen.seed)
    rows: list[Row] = [
        {
            "processes": group["processes"],
            "threads in each": group["threads"],
            "questions a second": group["per_second"],
            "errors": group["errors"],
            "median, ms": group["p50_ms"],
            "99 %, ms": group["p99_ms"],
        }
        for group in found["readers"]
    ]
    show(found, {f"{found['ratings']:,} ratings": rows}, as_json=chosen.json)


if __name__ == "__main__":
    main()
