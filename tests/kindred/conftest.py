"""The command as people run it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import FILMS, THREE_RATERS, build_index

Run = Callable[..., subprocess.CompletedProcess[str]]

LINKS = "movieId,imdbId,tmdbId\n1,0133093,603\n2,0078748,348\n3,0088846,\n"
_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = {"COLUMNS": "100", "PYTHONWARNINGS": "error"}


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Index of the small world that tests work out by hand."""
    return build_index(tmp_path_factory.mktemp("world"), THREE_RATERS, FILMS, links=LINKS)


@pytest.fixture(scope="session")
def forking() -> Iterator[subprocess.Popen[str]]:
    """What runs ``kindred`` without importing everything each time."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.kindred.forking"],
        cwd=_ROOT,
        env=os.environ | _ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


@pytest.fixture
def kindred(forking: subprocess.Popen[str], tmp_path: Path) -> Run:
    """Run ``kindred`` with arguments; ``index`` names its folder through the environment."""
    requests, answers = forking.stdin, forking.stdout
    assert requests
    assert answers

    def run(
        *arguments: object, index: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **_ENVIRONMENT, **variables}
        if index is not None:
            environment["KINDRED_INDEX"] = str(index)
        output = [tmp_path / "stdout", tmp_path / "stderr"]
        argv = [str(argument) for argument in arguments]
        asked = {
            "arguments": argv,
            "environment": environment,
            "folder": str(tmp_path),
            "output": [str(path) for path in output],
        }
        print(json.dumps(asked), file=requests, flush=True)
        try:
            code = int(answers.readline())
        except BaseException:  # no later run may take the answer to this one
            forking.kill()
            raise
        stdout, stderr = (path.read_text(encoding="utf-8") for path in output)
        for path in output:
            path.unlink()
        return subprocess.CompletedProcess(argv, code, stdout, stderr)

    return run
