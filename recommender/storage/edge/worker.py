"""Building one shard in a process of its own.

The engine works in one thread and lets no other Python thread run meanwhile, so that the two shards
of a large index are built at once only by two processes. What such a process holds is given back
when it ends.

The process that ingests sends commands, one after the other, and gets an answer to each.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, Any

from recommender.errors import EngineError
from recommender.storage.edge import framing
from recommender.storage.edge.engine import Shard
from recommender.storage.memory import peak_mb
from recommender.storage.vectors import PointBatch

__all__ = ["ShardProcess"]

_COMMAND = "from recommender.storage.edge.worker import main; main()"
_SETTINGS = ("KINDRED_", "QDRANT_", "OMDB_")
_AHEAD = 2
"""Commands that wait for the process, beside the one it does."""


class ShardProcess:
    """A shard that another process builds; an error shows at one of the next calls."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # It needs no settings, and least of all keys.
        environment = {k: v for k, v in os.environ.items() if not k.startswith(_SETTINGS)}
        # It finds modules where this process does, and not also where that happens to stand.
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-c", _COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                # Whoever interrupts the command interrupts this process, which ends that one.
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(
                f"no process can be started to build {path}: {error.strerror or error}; free "
                "memory or processes, and ingest again"
            ) from None
        self._commands: Queue[tuple[dict[str, Any], PointBatch | None] | None] = Queue(_AHEAD)
        self._failure: EngineError | None = None
        self.peak_mb = 0.0
        """Most memory the process took so far, in MiB; 0 where the system does not tell."""
        self._sender = Thread(target=self._send_all, daemon=True)
        self._sender.start()
        self._send("create", path=str(path))

    def add(self, batch: PointBatch) -> None:
        """Store a batch of checked points."""
        self._send("add", batch)

    def index_field(self, name: str, *, integer: bool) -> None:
        """Make points findable by a payload field."""
        self._send("index_field", name=name, integer=integer)

    def seal(self) -> None:
        """Build the search structures, write everything out and end the process."""
        self._send("seal")
        self._commands.put(None)
        self._sender.join()
        self._raise()
        self.close()

    def close(self) -> None:
        """End the process, whatever it does. Closing twice is allowed."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if self._sender.is_alive():
            self._commands.put(None)
            self._sender.join()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was not sent need not be
                assert stream is not None
                stream.close()

    def _send(self, command: str, points: PointBatch | None = None, **given: Any) -> None:
        self._raise()
        self._commands.put(({"command": command, **given}, points))

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _send_all(self) -> None:
        while (command := self._commands.get()) is not None:
            if self._failure is None:
                self._failure = self._answer(*command)

    def _answer(self, message: dict[str, Any], points: PointBatch | None) -> EngineError | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        failure: str | None
        try:
            framing.write(self._process.stdin, message, points)
            answer = framing.read(self._process.stdout)
            failure, self.peak_mb = answer["failure"], float(answer["peak_mb"])
        except Exception as error:  # whatever it is, who ingests must know
            failure = (
                f"the process that builds {self._path} ended unexpectedly ({type(error).__name__}),"
                " as one does that is killed for want of memory: free some, or ingest on a larger "
                "machine"
            )
        return None if failure is None else EngineError(failure)


def _serve(commands: IO[bytes], answers: IO[bytes]) -> None:
    """Do what comes until there is no more, the parent is gone, or it is no command."""
    shard: Shard | None = None
    while True:
        failure = None
        try:
            message = framing.read(commands)
            points = framing.read_points(commands, message) if "lengths" in message else None
            match message:
                case {"command": "create", "path": str(path)}:
                    shard = Shard.create(Path(path))
                case {"command": "add"} if shard and points is not None:
                    shard.add(points)
                case {"command": "index_field", "name": str(name), "integer": bool(integer)} if (
                    shard
                ):
                    shard.index_field(name, integer=integer)
                case {"command": "seal"} if shard:
                    shard.seal()
                case _:
                    return
        except (EOFError, ValueError):
            return
        except EngineError as error:
            failure = str(error)
        framing.write(answers, {"failure": failure, "peak_mb": peak_mb() or 0.0})


def main() -> None:
    """Build a shard as standard input says."""
    # Where the parent was killed there is nobody to answer, nor to tell of it.
    with contextlib.suppress(BrokenPipeError), os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # whatever is printed is no answer
        _serve(sys.stdin.buffer, answers)
