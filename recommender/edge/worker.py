"""Building one shard in a process of its own.

The engine works in one thread and lets no other Python thread run meanwhile, so that the two shards
of a large index are built at once only by two processes. What such a process holds is given back
when it ends.

The process that ingests sends pickled commands, one after the other, and gets an answer to each. A
pickle can run anything, so that the worker reads only what its parent writes to its standard input.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, Any

from recommender.edge.engine import Shard
from recommender.errors import EngineError
from recommender.memory import peak_mb
from recommender.vectors import PointBatch

__all__ = ["ShardProcess"]

_COMMAND = "from recommender.edge.worker import main; main()"
_AHEAD = 2
"""Commands that wait for the process, beside the one it does."""


class ShardProcess:
    """A shard that another process builds; an error shows at one of the next calls."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # It finds modules where this process does, and not also where that happens to stand.
        found = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-c", _COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | found,
                # Whoever interrupts the command interrupts this process, which ends that one.
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(
                f"no process can be started to build {path}: {error.strerror or error}; free "
                "memory or processes, and ingest again"
            ) from None
        self._commands: Queue[tuple[str, Any] | None] = Queue(_AHEAD)
        self._failure: EngineError | None = None
        self.peak_mb = 0.0
        """Most memory the process took so far, in MiB; 0 where the system does not tell."""
        self._sender = Thread(target=self._send_all, daemon=True)
        self._sender.start()
        self._send("create", path)

    def add(self, batch: PointBatch) -> None:
        """Store a batch of checked points."""
        self._send("add", batch)

    def index_field(self, name: str, *, integer: bool) -> None:
        """Make points findable by a payload field."""
        self._send("index_field", (name, integer))

    def seal(self) -> None:
        """Build the search structures, write everything out and end the process."""
        self._send("seal", None)
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

    def _send(self, command: str, argument: Any) -> None:
        self._raise()
        self._commands.put((command, argument))

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _send_all(self) -> None:
        while (command := self._commands.get()) is not None:
            if self._failure is None:
                self._failure = self._answer(command)

    def _answer(self, command: tuple[str, Any]) -> EngineError | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        failure: str | None
        try:
            pickle.dump(command, self._process.stdin, protocol=5)
            self._process.stdin.flush()
            failure, self.peak_mb = pickle.load(self._process.stdout)  # noqa: S301 - our own
        except Exception as error:  # whatever it is, who ingests must know
            failure = (
                f"the process that builds {self._path} ended unexpectedly ({type(error).__name__}),"
                " as one does that is killed for want of memory: free some, or ingest on a larger "
                "machine"
            )
        return None if failure is None else EngineError(failure)


def _serve(commands: IO[bytes], answers: IO[bytes]) -> None:
    """Do what comes until there is no more, or the parent is gone."""
    while True:
        try:
            command, argument = pickle.load(commands)  # noqa: S301 - from the parent alone
        except EOFError:
            return
        failure = None
        try:
            if command == "create":
                shard = Shard.create(argument)
            elif command == "add":
                shard.add(argument)
            elif command == "index_field":
                shard.index_field(argument[0], integer=argument[1])
            else:
                shard.seal()
        except EngineError as error:
            failure = str(error)
        pickle.dump((failure, peak_mb() or 0.0), answers)
        answers.flush()


def main() -> None:
    """Build a shard as standard input says."""
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # whatever is printed is no answer
        _serve(sys.stdin.buffer, answers)
