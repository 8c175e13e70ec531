"""The command as people run it: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.forking import Forking
from tests.support import FILMS, THREE_RATERS, build_index

Run = Callable[..., subprocess.CompletedProcess[str]]

LINKS = "movieId,imdbId,tmdbId\n1,0133093,603\n2,0078748,348\n3,0088846,\n"
_ENVIRONMENT = {"COLUMNS": "100", "PYTHONWARNINGS": "error"}


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Index of the small world that tests work out by hand."""
    return build_index(tmp_path_factory.mktemp("world"), THREE_RATERS, FILMS, links=LINKS)


@pytest.fixture(scope="session")
def forking() -> Iterator[Forking]:
    """What runs ``kindred`` without importing everything each time."""
    with Forking.command(**_ENVIRONMENT) as started:
        yield started


@pytest.fixture
def kindred(forking: Forking, tmp_path: Path) -> Run:
    """Run ``kindred`` with arguments; ``index`` names its folder through the environment."""

    def run(
        *arguments: object, index: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **_ENVIRONMENT, **variables}
        if index is not None:
            environment["KINDRED_INDEX"] = str(index)
        argv = [sys.executable, "-m", "kindred", *map(str, arguments)]
        output = [tmp_path / "stdout", tmp_path / "stderr"]
        code = forking.start(argv, environment, output, tmp_path).wait()
        stdout, stderr = (path.read_text(encoding="utf-8") for path in output)
        for path in output:
            path.unlink()
        return subprocess.CompletedProcess(argv, code, stdout, stderr)

    return run
