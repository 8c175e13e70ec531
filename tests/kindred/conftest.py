"""The command as people run it, in this process; what only a process can show has its own."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kindred.cli import main
from tests.forking import Forked, Forking
from tests.support import FILMS, THREE_RATERS, build_index

Start = Callable[..., Forked]
Run = Callable[..., subprocess.CompletedProcess[str]]

LINKS = "movieId,imdbId,tmdbId\n1,0133093,603\n2,0078748,348\n3,0088846,\n"


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Index of the small world that tests work out by hand."""
    return build_index(tmp_path_factory.mktemp("world"), THREE_RATERS, FILMS, links=LINKS)


@pytest.fixture
def kindred(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run ``kindred`` with arguments; ``index`` names its folder through the environment."""

    def run(
        *arguments: object, index: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        argv = ["kindred", *map(str, arguments)]
        streams = {name: io.TextIOWrapper(io.BytesIO()) for name in ("stdout", "stderr")}
        if index is not None:
            variables["KINDRED_INDEX"] = str(index)
        stopping = signal.getsignal(signal.SIGTERM)
        with monkeypatch.context() as patch:
            for name, value in {"COLUMNS": "100", **variables}.items():
                patch.setenv(name, value)
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", argv)
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            try:
                main()
                code: object = 0
            except SystemExit as ended:
                code = ended.code or 0
            finally:
                signal.signal(signal.SIGTERM, stopping)
        assert isinstance(code, int)
        told: list[str] = []
        for stream in streams.values():
            stream.seek(0)
            told.append(stream.read())
        return subprocess.CompletedProcess(argv, code, *told)

    return run


@pytest.fixture(scope="session")
def forking() -> Iterator[Forking]:
    """What runs ``kindred`` in processes without importing everything each time."""
    with Forking.command() as started:
        yield started


@pytest.fixture
def start(forking: Forking, tmp_path: Path) -> Start:
    """Start ``kindred`` with arguments in a process of its own; what it says is in two files."""

    def started(*arguments: object) -> Forked:
        argv = [sys.executable, "-m", "kindred", *map(str, arguments)]
        return forking.start(argv, os.environ, [tmp_path / "stdout", tmp_path / "stderr"])

    return started
