"""Predicting folds in processes beside this one, each of which works in one thread.

Their work lies in files of a folder, and so does what comes of it; commands and answers are lines
of JSON. Nothing that is read is run. A process ends when the one that started it ends, in whichever
way.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Generator, Sequence
from pathlib import Path
from queue import Queue
from typing import Any

import numpy as np

from ingest.cleaning import CleanRatings
from ingest.points import Metadata
from ingest.reading import Loaded
from ingest.sources.files import SourceFiles
from kindred.evaluation.held_out import Folds
from kindred.evaluation.methods.predictors import PREDICTORS, Predicted
from kindred.evaluation.resuming import Finished, Unit
from recommender import KindredError, Scale
from recommender.storage.manifest import Source

__all__ = ["Work", "in_processes", "main"]

_COMMAND = "from kindred.evaluation.processes import main; main()"
_SETTINGS = ("KINDRED_", "QDRANT_", "OMDB_")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_COLUMNS = ("user", "movie", "units")

Work = Generator[tuple[Unit, Predicted, float]]
"""Units as they are done, with what came of them and the seconds they took."""


def in_processes(divided: Folds, units: Sequence[Unit], processes: int) -> Work:
    """Predict the folds of :data:`PREDICTORS`; yield each unit when it is done, and its seconds.

    Raises KindredError where a process fails or is ended, and MemoryError where it says that there
    is not enough memory.
    """
    answers: Queue[tuple[Unit, dict[str, Any]]] = Queue()
    waiting = deque(units)
    with tempfile.TemporaryDirectory(prefix="kindred-") as folder, contextlib.ExitStack() as stack:
        _write(divided, Path(folder))
        for _ in range(min(processes, len(units))):
            worker = _Worker(Path(folder), waiting, answers)
            stack.callback(worker.close)
        done = Finished(Path(folder))
        for _ in units:
            unit, answer = answers.get()
            if answer["memory"]:
                raise MemoryError
            found = done.get(unit)
            if found is None:
                raise KindredError(f"{unit.method} failed: {answer['failure']}")
            yield unit, Predicted(**found[0]), answer["seconds"]


class _Worker:
    """A process that predicts."""

    def __init__(
        self, folder: Path, waiting: deque[Unit], answers: Queue[tuple[Unit, dict[str, Any]]]
    ) -> None:
        # The process needs no settings, and least of all keys.
        environment = {k: v for k, v in os.environ.items() if not k.startswith(_SETTINGS)}
        environment |= dict.fromkeys(_ONE_THREAD, "1")
        # The same modules as here; -P, because the current folder may hold others of their names.
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        environment["TMPDIR"] = str(folder)
        self._folder = folder
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-c", _COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
                # Ctrl-C then reaches this process alone, which ends that one.
                start_new_session=True,
            )
        except OSError as error:
            raise KindredError(
                f"no process can be started: {error.strerror or error}; work with --processes 1"
            ) from None
        self._thread = threading.Thread(target=self._serve, args=(waiting, answers), daemon=True)
        self._thread.start()

    def _serve(self, waiting: deque[Unit], answers: Queue[tuple[Unit, dict[str, Any]]]) -> None:
        """Have units done until none is waiting."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        while True:
            try:
                unit = waiting.popleft()
            except IndexError:
                return
            try:
                said = [str(self._folder), unit.method, unit.number]
                print(json.dumps(said), file=self._process.stdin, flush=True)
                answer = json.loads(self._process.stdout.readline())
            except (OSError, ValueError):
                answer = {"memory": False, "seconds": 0.0, "failure": _ENDED}
            answers.put((unit, answer))

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # closing flushes; nobody reads any more
                assert stream is not None
                stream.close()


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


def _read(folder: Path) -> Folds:
    said = json.loads((folder / "ratings.json").read_text(encoding="utf-8"))
    with np.load(folder / "ratings.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    source = Source(**said["source"])
    ratings = CleanRatings(
        **{name: arrays[name] for name in _COLUMNS},
        day=None,
        user_ids=said["user_ids"],
        movie_ids=said["movie_ids"],
        scale=Scale(**said["scale"]),
        dropped={},
    )
    loaded = Loaded("", source, ratings, Metadata({}, {}, {}), SourceFiles(source, ()), 0.0)
    return Folds(loaded, arrays["part"], arrays["asked"])


def main() -> None:
    """Predict what lines on standard input ask for, until they end."""
    commands: Queue[list[Any]] = Queue()
    threading.Thread(target=_listen, args=(commands,), daemon=True).start()
    predictors = {predictor.name: predictor for predictor in PREDICTORS}
    divided: Folds | None = None
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # what libraries print goes to standard error, and not among the answers
        while True:
            folder, name, number = commands.get()
            answer = {"memory": False, "failure": "nothing was written, the disk may be full"}
            started = time.monotonic()
            try:
                divided = divided or _read(Path(folder))
                predicted = predictors[name].predict(divided.fold(number))
                found, unit = [predicted.arrays()], Unit(name, (), number)
                Finished(Path(folder)).put(unit, found, seconds=0.0)
            except MemoryError:
                answer["memory"] = True
            except Exception as error:  # whatever it is, it is told by who asked
                answer["failure"] = f"{type(error).__name__}: {error}"
            answer["seconds"] = time.monotonic() - started
            print(json.dumps(answer), file=answers, flush=True)


def _listen(commands: Queue[list[Any]]) -> None:
    for line in sys.stdin:
        commands.put(json.loads(line))
    # Nobody is left who could read an answer.
    os._exit(0)
