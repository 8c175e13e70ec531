"""One ingest where little is free, as JSON; :mod:`benchmarks.attacks.faults` runs it too.

::

    python -m benchmarks.attacks.full_disk INDEX SOURCE FREE

Fills the disk that INDEX is on until FREE bytes are left: give it one of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from recommender import IndexProblem, Recommender
from recommender.storage.edge.versions import open_version

__all__ = ["KINDRED", "WITHIN", "answer", "end", "start"]

KINDRED = "from kindred.cli import main; main()"
WITHIN = 120
"""Seconds that a command may take."""


def start(code: str, *words: object) -> subprocess.Popen[str]:
    """Begin a command."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a command: its code and its errors. One that hangs is ended, with code 124."""
    try:
        _, errors = process.communicate(timeout=WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return 124, "hangs"
    return process.returncode, errors


def answer(index: Path) -> Any:
    """Recommendations, or the one line that says why there are none."""
    try:
        with Recommender.open(index) as rec:
            top = rec.recommend({1: 1, 2: 1, 3: 1, 5: 1, 8: 1}, limit=20)
            return [[row.movie.movie_id, row.score] for row in top]
    except IndexProblem as error:
        return str(error)


def main() -> None:
    """Fill the disk, ingest, and print what became of it."""
    index, source, free = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    # A tmpfs, unlike a disk, fills the holes of files that are only read: it has to do that first.
    for version in (index / "versions").iterdir():
        open_version(version).close()
    before, there = answer(index), shutil.disk_usage(index).free
    with (index.parent / "ballast").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, there - free))
    code, errors = end(start(KINDRED, "ingest", source, "--index", index))
    tidy = all(path.name.isdecimal() for path in (index / "versions").iterdir())
    line = (errors.splitlines() or [""])[-1]
    found = {"before": before, "after": answer(index), "code": code, "line": line, "tidy": tidy}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
