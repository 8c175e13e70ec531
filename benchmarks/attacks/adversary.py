"""Hostile questions by the million: no wrong answer, no undocumented error, no memory kept.

::

    python -m benchmarks.attacks.adversary INDEX [--questions 1000000] [--processes 2]
    python -m benchmarks.attacks.adversary --memory 300 --questions 2000
    python -m benchmarks.attacks.adversary --url http://localhost:6333 --questions 100000

INDEX is the folder of an index; ``--memory`` makes one of so many raters up, in qdrant-client's
engine. :mod:`tests.recommender.ranking.adversary` makes the questions and judges the answers: each
is asked twice and checked whole. What goes wrong is printed with the number of its question, which
``--first NUMBER --questions 1`` asks again; the exit code is then 1. A warning is wrong, too.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import psutil

from benchmarks.report import Row, arguments, machine, show
from ingest import ingest
from recommender import Recommender
from tests.recommender.ranking.adversary import World, check, rich_source
from tests.recommender.storage.engines import memory

# Questions that a process asks at a time, and wrong answers of them that are printed.
_BLOCK = 500
_SHOWN = 20


@dataclass
class Block:
    """What came of some questions, one after the other in one process."""

    process: int
    memory: float
    """MiB the process held afterwards."""
    seen: Counter[str] = field(default_factory=Counter)
    """Questions by kind and outcome."""
    wrong: list[str] = field(default_factory=list)


_world: World
_held = ExitStack()


def _open(given: argparse.Namespace) -> None:
    """Open the index, once in every process."""
    global _world  # noqa: PLW0603 - a process has one
    warnings.simplefilter("error")
    if given.memory:
        store = _held.enter_context(memory())
        with tempfile.TemporaryDirectory() as folder:
            source = rich_source(Path(folder), raters=given.memory, seed=given.seed)
            ingest(str(source), index=store)
        rec = Recommender(store)
    else:
        rec = Recommender.connect(given.url) if given.url else Recommender.open(given.index)
    _world = World(_held.enter_context(rec), seed=given.seed)


def _ask(numbers: range) -> Block:
    """Ask the questions with these numbers."""
    found = Block(os.getpid(), 0.0)
    for number in numbers:
        question = _world.question(number)
        try:
            check(_world, question, found.seen)
        except Exception as error:  # whatever it is, it is a finding
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(last.filename).name}:{last.lineno}"
            found.wrong.append(
                f"question {number} of seed {_world.seed}, {question.kind}: "
                f"{type(error).__name__} at {where}: {last.line}: {str(error)[:200]}"
            )
    found.memory = psutil.Process().memory_info().rss / 2**20
    return found


def _collect(blocks: Iterable[Block], questions: int) -> list[Block]:
    """Take what the processes send, and print how far they are."""
    done: list[Block] = []
    started = time.monotonic()
    for block in blocks:
        done.append(block)
        for line in block.wrong[:_SHOWN]:
            print(line, flush=True)
        if len(done) % max(1, questions // _BLOCK // 50) == 0:
            asked, wrong = len(done) * _BLOCK, sum(len(one.wrong) for one in done)
            seconds = time.monotonic() - started
            print(f"{asked:,} asked in {seconds:.0f} s, {wrong} wrong", file=sys.stderr, flush=True)
    return done


def _memory(blocks: list[Block]) -> list[Row]:
    """What each process held in the first tenth of its questions, and in the last."""
    rows: list[Row] = []
    for place, process in enumerate(sorted({block.process for block in blocks}), start=1):
        held = [block.memory for block in blocks if block.process == process]
        tenth = max(1, len(held) // 10)
        first, middle, last = held[:tenth], held[len(held) // 2 :][:tenth], held[-tenth:]
        rows.append(
            {
                "MiB held by process": place,
                "first tenth": float(np.mean(first)),
                "middle": float(np.mean(middle)),
                "last tenth": float(np.mean(last)),
                "drift": float(np.mean(last) - np.mean(first)),
                "most": max(held),
            }
        )
    return rows


def _kinds(seen: Counter[str]) -> list[Row]:
    """Questions by kind of profile, and what became of them."""
    outcomes = sorted({name.split(": ")[1] for name in seen})
    kinds = sorted({name.split(": ")[0] for name in seen})
    return [{"": kind, **{one: seen[f"{kind}: {one}"] for one in outcomes}} for kind in kinds]


def main() -> None:
    """Ask, and print what became of the questions."""
    parser = arguments(__doc__)
    parser.add_argument("index", nargs="?", type=Path, help="folder of an index")
    parser.add_argument("--url", help="server with an index, instead")
    parser.add_argument("--memory", type=int, default=0, metavar="RATERS", help="or one made up")
    parser.add_argument("--questions", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first question")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    if sum(map(bool, (given.index, given.url, given.memory))) != 1:
        parser.error("give the folder of an index, --url or --memory")
    end = given.first + given.questions
    blocks = [range(start, min(start + _BLOCK, end)) for start in range(given.first, end, _BLOCK)]
    started = time.monotonic()
    with ProcessPoolExecutor(
        given.processes, multiprocessing.get_context("spawn"), partial(_open, given)
    ) as pool:
        done = _collect(pool.map(_ask, blocks), given.questions)
    seconds = time.monotonic() - started
    seen = sum((block.seen for block in done), Counter[str]())
    wrong = [line for block in done for line in block.wrong]
    found = {
        "questions": given.questions,
        "seed": given.seed,
        "seconds": round(seconds),
        "wrong": wrong,
        "seen": seen,
        "memory": _memory(done),
        **machine(),
    }
    asked = f"{given.questions:,} questions, seed {given.seed}, in {seconds:.0f} s"
    tables = {f"{asked}: {len(wrong)} wrong": _kinds(seen), "Memory": _memory(done)}
    show(found, tables, as_json=given.json)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
