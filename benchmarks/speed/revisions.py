"""How long a question takes beside another checkout of Kindred, in the same run.

::

    git worktree add /tmp/before REVISION
    python -m benchmarks.speed.revisions PATH-TO-RATINGS /tmp/before

Each side is a process of its own that ingests the source and answers the same profiles in turn, ten
movies with every reason, so that a busy machine slows both. Both run on the packages of this
environment.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.speed.ingest import open_version
from benchmarks.speed.latency import RATERS, WARM_UP, Opinions, profiles

LENGTHS = (3, 5, 10, 20, 50, 130)
_SIDE = """
import json, sys, time
from ingest import ingest
from recommender import Recommender
source, folder = sys.argv[1:]
ingest(source, index=folder)
with Recommender.open(folder) as rec:
    print("ready", flush=True)
    for line in sys.stdin:
        opinions = json.loads(line)
        started = time.perf_counter()
        answer = [row.because for row in rec.recommend(opinions, limit=10)]
        print(1000 * (time.perf_counter() - started), flush=True)
"""


class Side:
    """One checkout, answering in a process of its own."""

    def __init__(self, checkout: Path, source: Path, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SIDE, str(source), str(folder)],
            cwd=checkout,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._line()

    def ask(self, opinions: Opinions) -> float:
        """Ask a question; how many milliseconds that took."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(opinions) + "\n")
        self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("one side ended: see above")
        return line

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def compare(sides: Sequence[Side], questions: Sequence[Opinions]) -> list[str]:
    """Sum up each side's median and 99th percentile, and the median of the ratios."""
    times = np.array([[side.ask(question) for side in sides] for question in questions])
    cells = [f"{np.median(t):.2f} / {np.quantile(t, 0.99):.2f} ms" for t in times.T]
    return [*cells, f"{np.median(times[:, 0] / times[:, 1]):.2f} x"]


def main() -> None:
    """Print a table by length of profile."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="folder, zip or file with integer ids")
    parser.add_argument("before", type=Path, help="the other checkout")
    parser.add_argument("--questions", type=int, default=100, help="of each length")
    chosen = parser.parse_args()
    source = chosen.source.absolute()
    with tempfile.TemporaryDirectory() as folder:
        here = Path(__file__).parents[2]
        sides = [
            Side(checkout, source, Path(folder) / name)
            for name, checkout in (("now", here), ("before", chosen.before))
        ]
        # The questions are drawn from the newer side's index: both have ingested the same source.
        print("| ratings | now, median / 99 % | before | ratio |\n|---|---|---|---|")
        asked = chosen.questions + WARM_UP
        with open_version(Path(folder) / "now") as version:
            for length in LENGTHS:
                drawn = profiles(version, RATERS, asked, rated=length, seed=length)
                compare(sides, drawn[:WARM_UP])
                cells = " | ".join(compare(sides, drawn[WARM_UP:]))
                print(f"| {length} | {cells} |", flush=True)
        for side in sides:
            side.close()


if __name__ == "__main__":
    main()
