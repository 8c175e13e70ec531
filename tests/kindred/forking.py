"""Runs ``kindred``, each time in a process of its own, which need not import everything anew.

A line of JSON on standard input asks for a run; a line of standard output tells how it ended.
"""

from __future__ import annotations

import json
import os
import sys
import warnings

import ingest.appending
import ingest.forgetting  # noqa: F401
import kindred.evaluation  # noqa: F401
import recommender.server  # noqa: F401
from kindred.cli import main


def _serve() -> None:
    while line := sys.stdin.readline():
        asked = json.loads(line)
        with warnings.catch_warnings():
            # Libraries have threads by now, none of which holds a lock that a fork would wait for.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            for stream, path in enumerate((os.devnull, *asked["output"])):
                os.dup2(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), stream)
            os.chdir(asked["folder"])
            os.environ.clear()
            os.environ.update(asked["environment"])
            sys.argv = ["kindred", *asked["arguments"]]
            main()
            sys.exit()
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    _serve()
