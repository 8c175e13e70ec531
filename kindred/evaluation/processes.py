"""Predicting folds in processes beside this one, each of which works in one thread.

Their work lies in files of a folder, and so does what comes of it; commands and answers are lines
of JSON. Nothing that is read is run. A process ends when the one that started it ends, in whichever
way.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np

from ingest.cleaning import CleanRatings
from kindred.evaluation.held_out import Folds, bare
from kindred.evaluation.methods.predictors import PREDICTORS, Predicted
from kindred.evaluation.resuming import Finished, Unit
from recommender import KindredError, Scale
from recommender.storage.edge.worker import start_process
from recommender.storage.manifest import Source

__all__ = ["Work", "in_processes", "main"]

_COMMAND = "from kindred.evaluation.processes import main; main()"
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_COLUMNS = ("user", "movie", "units")

Process = subprocess.Popen[bytes]
Work = Generator[tuple[Unit, Predicted, float]]
"""Units as they are done, with what came of them and the seconds they took."""


def in_processes(divided: Folds, units: Sequence[Unit], processes: int) -> Work:
    """Predict the folds of :data:`PREDICTORS`; yield each unit when it is done, and its seconds.

    Raises KindredError where a process fails or is ended.
    """
    count = min(processes, len(units))
    idle: SimpleQueue[Process] = SimpleQueue()

    def ask(unit: Unit) -> tuple[Unit, dict[str, Any]]:
        process = idle.get()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            command = json.dumps([folder, unit.method, unit.number])
            process.stdin.write(f"{command}\n".encode())
            process.stdin.flush()
            return unit, json.loads(process.stdout.readline())
        except (OSError, ValueError):
            return unit, {"failure": _ENDED, "seconds": 0.0}
        finally:
            idle.put(process)

    with tempfile.TemporaryDirectory(prefix="kindred-") as folder, ExitStack() as stack:
        _write(divided, Path(folder))
        started = [stack.enter_context(_process(folder)) for _ in range(count)]
        pool = stack.enter_context(ThreadPoolExecutor(max(count, 1)))
        for process in started:
            # Before the threads are waited for, whose units then fail at once.
            stack.callback(process.kill)
            idle.put(process)
        done = Finished(Path(folder))
        for future in as_completed([pool.submit(ask, unit) for unit in units]):
            unit, answer = future.result()
            found = done.get(unit)
            if found is None:
                raise KindredError(f"{unit.method} failed: {answer['failure']}")
            yield unit, Predicted(**found[0]), answer["seconds"]


@contextmanager
def _process(folder: str) -> Iterator[Process]:
    """Start a process that predicts, and end it, whatever it does."""
    one_thread = dict.fromkeys(_ONE_THREAD, "1")
    try:
        process = start_process(_COMMAND, **one_thread, TMPDIR=folder)
    except OSError as error:
        raise KindredError(
            f"no process can be started: {error.strerror or error}; work with --processes 1"
        ) from None
    try:
        yield process
    finally:
        process.kill()
        with suppress(OSError):  # closing flushes; nobody reads any more
            process.communicate()


_ENDED = (
    "its process ended unexpectedly, as one does that is killed for want of memory; what was "
    "finished is kept, and the same call goes on from there, in less memory with --processes 1"
)


def _write(divided: Folds, folder: Path) -> None:
    ratings, source = divided.loaded.ratings, divided.loaded.source
    columns = {name: getattr(ratings, name) for name in _COLUMNS}
    np.savez(folder / "ratings.npz", part=divided.part, asked=divided.asked, **columns)
    said = {
        "source": source.model_dump(),
        "user_ids": ratings.user_ids,
        "movie_ids": ratings.movie_ids,
        "scale": ratings.scale.model_dump(),
    }
    (folder / "ratings.json").write_text(json.dumps(said), encoding="utf-8")


@cache
def _read(folder: str) -> Folds:
    said = json.loads(Path(folder, "ratings.json").read_text(encoding="utf-8"))
    with np.load(Path(folder, "ratings.npz"), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    ratings = CleanRatings(
        **{name: arrays[name] for name in _COLUMNS},
        day=None,
        user_ids=said["user_ids"],
        movie_ids=said["movie_ids"],
        scale=Scale(**said["scale"]),
        dropped={},
    )
    return Folds(bare(Source(**said["source"]), ratings), arrays["part"], arrays["asked"])


def main() -> None:
    """Predict what lines on standard input ask for, until they end."""
    commands: SimpleQueue[list[Any]] = SimpleQueue()
    threading.Thread(target=_listen, args=(commands,), daemon=True).start()
    predictors = {predictor.name: predictor for predictor in PREDICTORS}
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # what libraries print goes to standard error, and not among the answers
        while True:
            folder, name, number = commands.get()
            failure, started = "nothing was written, the disk may be full", time.monotonic()
            try:
                predicted = predictors[name].predict(_read(folder).fold(number))
                found, unit = [predicted.arrays()], Unit(name, (), number)
                Finished(Path(folder)).put(unit, found, seconds=0.0)
            except Exception as error:  # whatever it is, it is told by who asked
                failure = f"{type(error).__name__}: {error}"
            answer = {"failure": failure, "seconds": time.monotonic() - started}
            print(json.dumps(answer), file=answers, flush=True)


def _listen(commands: SimpleQueue[list[Any]]) -> None:
    for line in sys.stdin:
        commands.put(json.loads(line))
    # Nobody is left who could read an answer.
    os._exit(0)
