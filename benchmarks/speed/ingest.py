"""How long an ingest takes, how much memory and how much disk, stage by stage.

::

    python -m benchmarks.speed.ingest PATH-TO-RATINGS

The command of everybody, ``kindred ingest``, in a process of its own. Memory is what this process
and all it starts hold at once, sampled twenty times a second; pages they share count for each.
Disk is what the file system has given to the files; the engine makes them longer, with holes.

The floor is what an ingest cannot do without: Arrow's read of the table, and one stable order of
all ratings by user and one by movie, by numpy.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import psutil
from pyarrow import csv

from benchmarks.report import arguments, machine, show
from recommender.ranking.index_version import IndexVersion
from recommender.settings import Ranking
from recommender.storage.live_index import LiveIndex
from recommender.storage.open_store import choose_store

__all__ = ["Memory", "disk_bytes", "floor", "index_of", "open_version", "run"]

_BETWEEN_SAMPLES = 0.05  # seconds
# What the files of the engine hold, by a part of their path.
_PARTS = {
    "vector_index": "inverted lists",
    "vector_storage": "vectors",
    "payload_storage": "packed",
}


class Memory(threading.Thread):
    """Watches what a process and its children hold, for as long as it is entered."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._root = psutil.Process(process)
        self._ended = threading.Event()
        self.peak = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Sample; the thread's own part."""
        while not self._ended.wait(_BETWEEN_SAMPLES):
            with suppress(psutil.NoSuchProcess):
                family = [self._root, *self._root.children(recursive=True)]
                self.peak = max(self.peak, sum(map(_held, family)))


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:  # ended since it was listed
        return 0


def run(source: str, index: Path) -> dict[str, Any]:
    """Ingest a source into a folder and measure what it took."""
    command = [sys.executable, "-m", "kindred", "ingest", source, "--index", str(index), "--json"]
    started = time.perf_counter()
    with (
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
        Memory(process.pid) as memory,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        stages: dict[str, float] = {}
        lines = []
        # A stage begins with a line `counting 0%` and ends with `counting 100%`.
        for line in process.stderr:
            lines.append(line)
            name, _, done = line.strip().rpartition(" ")
            at = time.perf_counter() - started
            if done == "0%":
                stages[name] = -at
            elif done == "100%":
                stages[name] += at
        answer = process.stdout.read()
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(lines[-1] if lines else f"{' '.join(command)} failed")
    report = json.loads(answer)
    return {
        **{name: report[name] for name in ("source", "ratings", "users", "movies")},
        "seconds": round(seconds, 2),
        "ratings_per_second": int(report["ratings"] / seconds),
        "peak_mb": memory.peak >> 20,
        "disk_bytes": disk_bytes(index),
        "length_of_files": sum(p.stat().st_size for p in index.rglob("*") if p.is_file()),
        "stages": {name: round(took, 2) for name, took in stages.items()},
        **machine(),
    }


def floor(source: Path) -> float:
    """Seconds that reading the ratings of a folder, and putting them in order, takes at least."""
    started = time.perf_counter()
    table = csv.read_csv(source / "ratings.csv")
    for column in table.columns[:2]:
        np.argsort(column.to_numpy(), kind="stable")
    return time.perf_counter() - started


def disk_bytes(index: Path) -> dict[str, int]:
    """Bytes that the file system gave to an index, by what is in them."""
    given: dict[str, int] = {}
    for path in index.rglob("*"):
        if path.is_file():
            half = next((part for part in ("users", "movies") if part in path.parts), "rest")
            what = next((name for key, name in _PARTS.items() if key in str(path)), "rest")
            key = f"{half}, {what}" if half != "rest" else half
            key = "ratings" if path.name == "ratings.bin" else key
            # Blocks are counted in 512 bytes, whatever the file system takes for one.
            given[key] = given.get(key, 0) + path.stat().st_blocks * 512
    return dict(sorted(given.items(), key=lambda part: -part[1]))


@contextmanager
def index_of(place: str) -> Iterator[Path]:
    """Give the index in a folder, or make one of the ratings there for as long as it is used."""
    if (Path(place) / "current").is_file():
        yield Path(place)
        return
    with tempfile.TemporaryDirectory() as folder:
        run(place, Path(folder))
        yield Path(folder)


def open_version(index: Path) -> AbstractContextManager[IndexVersion]:
    """Open the current version of an index in a folder, to look into it beside a recommender."""
    store = choose_store(index)
    build = partial(IndexVersion, ranking=Ranking(), place=store.place)
    return LiveIndex(store, build).version()


def main() -> None:
    """Print what an ingest took."""
    parser = arguments(__doc__)
    parser.add_argument("source", type=Path, help="folder with a ratings.csv of MovieLens")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = run(str(chosen.source), Path(folder))
    least = floor(chosen.source)
    found |= {"floor_s": round(least, 3), "times_floor": round(found["seconds"] / least, 2)}
    disk, ratings = found["disk_bytes"], found["ratings"]
    whole = {
        "ratings": ratings,
        "people": found["users"],
        "movies": found["movies"],
        "seconds": found["seconds"],
        "floor, s": found["floor_s"],
        "times": found["times_floor"],
        "ratings/s": found["ratings_per_second"],
        "peak, MiB": found["peak_mb"],
        "disk, MiB": sum(disk.values()) >> 20,
    }
    stages = [{"stage": name, "seconds": took} for name, took in found["stages"].items()]
    parts = [
        {"of the index": name, "MiB": size / (1 << 20), "bytes a rating": size / ratings}
        for name, size in disk.items()
    ]
    tables = {"Ingest": [whole], "Stages": stages, "Disk": parts}
    show(found, tables, as_json=chosen.json)


if __name__ == "__main__":
    main()
