"""Building one shard in a process of its own.

The engine works in one thread and lets no other Python thread run meanwhile, so that the two shards
of a large index are built at once only by two processes. What such a process holds is given back
when it ends.

The process that ingests sends commands, one after the other, and gets an answer to each. A message
is a line of JSON; behind one with points come their arrays, as they lie in memory. Nothing that is
read is run.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from pydantic_core import from_json, to_json

from recommender.errors import EngineError
from recommender.storage.edge.engine import Shard
from recommender.storage.memory import peak_mb
from recommender.storage.vectors import PointBatch

__all__ = [
    "ShardProcess",
    "main",
    "read_message",
    "read_points",
    "start_process",
    "write_message",
]

_COMMAND = "from recommender.storage.edge.worker import main; main()"
_SETTINGS = ("KINDRED_", "QDRANT_", "OMDB_")
# Commands that wait for the process, beside the one it does: enough that it never waits for the
# next batch, and few, because batches are large.
_AHEAD = 2
_ARRAYS = {"ids": np.int64, "offsets": np.int64, "indices": np.uint32, "values": np.float32}


def write_message(
    stream: IO[bytes], message: dict[str, Any], points: PointBatch | None = None
) -> None:
    """Send a message, with the arrays of points behind it."""
    arrays: list[npt.NDArray[Any]] = []
    if points is not None:
        arrays = [np.ascontiguousarray(getattr(points, n), kind) for n, kind in _ARRAYS.items()]
        message = message | {"lengths": [*map(len, arrays)], "payloads": points.payloads}
    stream.write(to_json(message) + b"\n")
    for array in arrays:
        stream.write(array.view(np.uint8).data)
    stream.flush()


def read_message(stream: IO[bytes]) -> dict[str, Any]:
    """Read a message; ValueError where there are no more."""
    return dict(from_json(stream.readline()))


def read_points(stream: IO[bytes], message: dict[str, Any]) -> PointBatch:
    """Read the points behind a message; ValueError where they end too early."""
    ids, offsets, indices, values = (
        np.frombuffer(stream.read(length * np.dtype(kind).itemsize), kind, length)
        for length, kind in zip(message["lengths"], _ARRAYS.values(), strict=True)
    )
    return PointBatch(ids, offsets, indices, values, message["payloads"])


def start_process(command: str, **environment: str) -> subprocess.Popen[bytes]:
    """Run a command of our own modules in a process with pipes; OSError where none can be started.

    ``environment`` is added to that of this process.
    """
    # The process needs no settings, and least of all keys.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_SETTINGS)}
    # The same modules as here; -P, because the current folder may hold others of their names.
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-P", "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=kept | environment,
        # Ctrl-C then reaches this process alone, which ends that one in order.
        start_new_session=True,
    )


class ShardProcess:
    """A shard that another process builds.

    Calls return before their command is done; an error is raised by one of the next calls.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._process = start_process(_COMMAND)
        except OSError as error:
            raise EngineError(
                f"no process can be started to build {path}: {error.strerror or error}; free "
                "memory or processes, and ingest again"
            ) from None
        self._sent = deque[Future[None]]()
        self.peak_mb = 0.0
        """Most memory the process took so far, in MiB; 0 where the system does not report it."""
        self._sender = ThreadPoolExecutor(1)
        self._send("create", path=str(path))

    def add(self, batch: PointBatch) -> None:
        """Store a batch of checked points."""
        self._send("add", batch)

    def index_field(self, name: str, *, integer: bool) -> None:
        """Index a payload field that points are searched by."""
        self._send("index_field", name=name, integer=integer)

    def seal(self) -> None:
        """Build the search structures, write everything out and end the process."""
        self._send("seal")
        self._wait(0)
        self.close()

    def close(self) -> None:
        """End the process, whatever it does. Closing twice is allowed."""
        self._process.kill()
        self._process.wait()
        self._sender.shutdown(cancel_futures=True)
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # closing flushes; the process may be gone
                assert stream is not None
                stream.close()

    def _send(self, command: str, points: PointBatch | None = None, **given: Any) -> None:
        self._wait(_AHEAD)
        message = {"command": command, **given}
        self._sent.append(self._sender.submit(self._exchange, message, points))

    def _wait(self, left: int) -> None:
        """Wait until no more than so many commands are to be done."""
        while len(self._sent) > left:
            self._sent.popleft().result()

    def _exchange(self, message: dict[str, Any], points: PointBatch | None) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            write_message(self._process.stdin, message, points)
            answer = read_message(self._process.stdout)
            failure, self.peak_mb = answer["failure"], float(answer["peak_mb"])
        except Exception as error:
            raise EngineError(
                f"the process that builds {self._path} ended unexpectedly ({type(error).__name__}),"
                " as one does that is killed for want of memory: free some, or ingest on a larger "
                "machine"
            ) from None
        if failure is not None:
            raise EngineError(failure)


def _run(commands: IO[bytes], answers: IO[bytes]) -> None:
    """Carry out commands until there are no more."""
    shard: Shard | None = None
    while True:
        failure = None
        try:
            message = read_message(commands)
            points = read_points(commands, message) if "lengths" in message else None
            match message:
                case {"command": "create", "path": path}:
                    shard = Shard.create(Path(path))
                case {"command": "add"} if shard and points is not None:
                    shard.add(points)
                case {"command": "index_field", "name": name, "integer": integer} if shard:
                    shard.index_field(name, integer=integer)
                case {"command": "seal"} if shard:
                    shard.seal()
        except ValueError:
            return
        except EngineError as error:
            failure = str(error)
        write_message(answers, {"failure": failure, "peak_mb": peak_mb() or 0.0})


def main() -> None:
    """Build a shard by commands from standard input."""
    # Where the parent was killed there is nobody left who could read an answer or an error.
    with contextlib.suppress(BrokenPipeError), os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what the engine prints goes to standard error, and not among the answers
        _run(sys.stdin.buffer, answers)
