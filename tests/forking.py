"""Processes that run a module without importing everything anew: forked from one that has.

Each is a process of its own, with its own arguments, environment, folder and output.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import subprocess
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

__all__ = ["Forked", "Forking"]

_ROOT = Path(__file__).parents[1]
# What commands and pages import as they go; the app itself is imported by whoever serves it.
_COMMAND = (
    "ingest.update.append",
    "ingest.update.forget",
    "kindred.evaluation",
    "recommender.storage.server",
)
_APP = (
    "streamlit.web.cli",
    "streamlit.web.bootstrap",
    "ui.pages.discover",
    "ui.pages.first_run",
    "ui.posters.fetcher",
)


class Forking:
    """Runs modules that need what it has imported. Leave it to end it."""

    def __init__(self, *modules: str, **variables: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, *modules],
            cwd=_ROOT,
            env=os.environ | variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @classmethod
    def command(cls, **variables: str) -> Self:
        """Have what ``kindred`` imports."""
        return cls("kindred.cli", *_COMMAND, **variables)

    @classmethod
    def app(cls) -> Self:
        """Have what serves the app."""
        return cls(*_APP)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def start(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        output: Sequence[Path],
        folder: Path = _ROOT,
    ) -> Forked:
        """Run ``argv``, which begins with Python, ``-m`` and a module; output goes to two files."""
        paths = [str(path) for path in output]
        return Forked(self, self.ask([argv[2:], dict(environment), paths, str(folder)]))

    def ask(self, request: list[Any] | int) -> int:
        """Start a process and give its number; or give its exit code, -1000 while it runs."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            print(json.dumps(request), file=self._process.stdin, flush=True)
            return int(self._process.stdout.readline())
        except BaseException:  # no later request may take the answer to this one
            self._process.kill()
            raise


class Forked:
    """A process, with the methods of subprocess.Popen."""

    def __init__(self, forking: Forking, number: int) -> None:
        self._forking, self.pid = forking, number
        self._code: int | None = None

    def poll(self) -> int | None:
        """Give the exit code, or None."""
        if self._code is None and (code := self._forking.ask(self.pid)) != _RUNS:
            self._code = code
        return self._code

    def wait(self, timeout: float = 600.0) -> int:
        """Wait for the end, or raise subprocess.TimeoutExpired."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.005)
        return code

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(15)

    def kill(self) -> None:
        """End it."""
        self._send(9)

    def _send(self, signal: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal)


_RUNS = -1000


def _serve() -> None:
    for module in sys.argv[1:]:
        __import__(module)
    gc.freeze()
    while line := sys.stdin.readline():
        asked = json.loads(line)
        if isinstance(asked, int):
            ended, status = os.waitpid(asked, os.WNOHANG)
            print(os.waitstatus_to_exitcode(status) if ended else _RUNS, flush=True)
            continue
        with warnings.catch_warnings():
            # Libraries have threads by now, none of which holds a lock that a fork would wait for.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            _become(*asked)
        print(child, flush=True)


def _become(argv: list[str], environment: dict[str, str], output: list[str], folder: str) -> None:
    for stream, path in enumerate((os.devnull, *output)):
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        os.dup2(os.open(path, flags, 0o600), stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = argv
    runpy.run_module(argv[0], run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    _serve()
