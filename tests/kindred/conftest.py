"""The command as people run it: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import FILMS, THREE_RATERS, build_index

Run = Callable[..., subprocess.CompletedProcess[str]]

LINKS = "movieId,imdbId,tmdbId\n1,0133093,603\n2,0078748,348\n3,0088846,\n"


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Index of the small world that tests work out by hand."""
    return build_index(tmp_path_factory.mktemp("world"), THREE_RATERS, FILMS, links=LINKS)


@pytest.fixture
def kindred(tmp_path: Path) -> Run:
    """Run ``kindred`` with arguments; ``index`` names its folder through the environment."""

    def run(
        *arguments: object, index: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "COLUMNS": "100", "PYTHONWARNINGS": "error", **variables}
        if index is not None:
            environment["KINDRED_INDEX"] = str(index)
        return subprocess.run(
            [sys.executable, "-m", "kindred", *(str(argument) for argument in arguments)],
            capture_output=True,
            encoding="utf-8",
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    return run
