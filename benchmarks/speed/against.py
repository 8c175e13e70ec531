"""The same questions to this Kindred and to another checkout of it, in turn.

::

    python -m benchmarks.speed.against CHECKOUT INDEX [--questions 100]

Each answers in a process of its own, from one index, so that a busy machine slows both. The
questions are those of :mod:`benchmarks.speed.latency`; every id, score and share of their answers
is compared, too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Row, arguments, machine, milliseconds, show, times_as_fast
from benchmarks.speed.ingest import open_version
from benchmarks.speed.latency import ASKED, LIMIT, WARM_UP, Opinions, profiles, timed

__all__ = ["run"]

_ANSWERER = f"""
import gc, json, sys, time
from recommender import Recommender
with Recommender.open(sys.argv[1]) as rec:
    rec.recommend({{}})
    gc.freeze()
    for line in sys.stdin:
        question = json.loads(line)
        started = time.perf_counter()
        rows = [(row, row.because) for row in rec.recommend(question, limit={LIMIT})]
        took = time.perf_counter() - started
        answer = [
            [row.movie.movie_id, row.score, [[one.movie.movie_id, one.share] for one in because]]
            for row, because in rows
        ]
        print(json.dumps([took, answer]), flush=True)
"""
_HERE = Path(__file__).parents[2]


class Kindred:
    """A checkout that answers questions."""

    def __init__(self, checkout: Path, index: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ANSWERER, str(index)],
            cwd=checkout,
            env=os.environ | {"PYTHONPATH": str(checkout)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.times: list[float] = []
        self.answers: list[list[Any]] = []

    def ask(self, question: Opinions) -> None:
        """Ask, and keep the answer and its time."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        took, answer = json.loads(self._process.stdout.readline())
        self.times.append(took)
        self.answers.append(answer)

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def run(checkout: Path, index: Path, *, questions: int, seed: int) -> dict[str, Any]:
    """Measure both, and compare their answers."""
    kinds: list[Row] = []
    lists = shares = 0
    worst = np.zeros(2)
    for rated, kind in ASKED:
        with open_version(index) as version:
            asked = profiles(version, kind, questions + WARM_UP, rated=rated, seed=seed)
        with ExitStack() as ended:
            sides = [Kindred(place, index) for place in (checkout, _HERE)]
            for side in sides:
                ended.callback(side.close)
            timed(asked, *(partial(Kindred.ask, side) for side in sides))
        before, after = (np.array(side.times[WARM_UP:]) for side in sides)
        for one, two in zip(*(side.answers for side in sides), strict=True):
            lists += [row[0] for row in one] != [row[0] for row in two]
            # Lists of another length differ already.
            for (_, score, because), (_, other, reasons) in zip(one, two, strict=False):
                worst[0] = max(worst[0], abs(score - other) / abs(score))
                given, found = dict(because), dict(reasons)
                off = [abs(given.get(m, 0.0) - found.get(m, 0.0)) for m in given | found]
                worst[1] = max(worst[1], *off)
                shares += len(off)
        was, now = milliseconds(before), milliseconds(after)
        kinds.append(
            {
                "ten movies and every reason, for": f"{rated} {kind}",
                "before, ms": was["p50_ms"],
                "99 %": was["p99_ms"],
                "after, ms": now["p50_ms"],
                "99 % after": now["p99_ms"],
                "times as fast": round(times_as_fast(after, before), 2),
            }
        )
    compared = {
        "questions": len(ASKED) * (questions + WARM_UP),
        "lists that differ": lists,
        "shares": shares,
        "scores off by at most": float(worst[0]),
        "shares off by at most": float(worst[1]),
    }
    return {"kinds": kinds, "compared": compared, "seed": seed, **machine()}


def main() -> None:
    """Print what was measured."""
    parser = arguments(__doc__)
    parser.add_argument("checkout", type=Path, help="folder of another checkout")
    parser.add_argument("index", type=Path)
    parser.add_argument("--questions", type=int, default=105, help="of each kind")
    chosen = parser.parse_args()
    found = run(chosen.checkout, chosen.index, questions=chosen.questions, seed=chosen.seed)
    tables = {"Before and after": found["kinds"], "Answers": [found["compared"]]}
    show(found, tables, as_json=chosen.json)


if __name__ == "__main__":
    main()
