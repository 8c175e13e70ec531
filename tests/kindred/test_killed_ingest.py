"""An ingest that dies, at whatever moment, takes nothing with it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from recommender import Recommender
from tests.kindred.conftest import Start

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL"),
]

SEED = 20


def _answer(index: Path) -> list[tuple[object, float]]:
    with Recommender.open(index) as rec:
        return [(row.movie.movie_id, row.score) for row in rec.recommend({2571: 1, 260: 1})]


def _entries(index: Path) -> set[str]:
    return {
        path.relative_to(index).as_posix()
        for pattern in ("*", "*/*")
        for path in index.glob(pattern)
    }


def test_the_previous_version_answers_whenever_an_ingest_is_killed(
    tmp_path: Path, start: Start
) -> None:
    """After SIGKILL at ten moments the old answer stands; the next ingest leaves no debris."""
    index = tmp_path / "index"
    ingest = ("ingest", "sample", "--index", index, "--json")
    started = time.monotonic()
    assert start(*ingest).wait() == 0
    whole = time.monotonic() - started
    expected = _answer(index)
    dice = random.Random(SEED)
    killed = 0
    for _ in range(10):
        process = start(*ingest)
        try:
            process.wait(timeout=dice.uniform(0.05, 1.0) * whole)
        except subprocess.TimeoutExpired:
            process.kill()
            killed += process.wait() == -signal.SIGKILL
        assert _answer(index) == expected
    assert killed > 0
    assert start(*ingest).wait() == 0
    assert _answer(index) == expected
    current = (index / "current").read_text().split()[0]
    versions = {name for name in _entries(index) if name.startswith("versions/")}
    assert f"versions/{current}" in versions
    assert len(versions) == 2
    assert all(name.removeprefix("versions/").isdecimal() for name in versions)
    assert _entries(index) - versions == {"current", "build.lock", "versions"}


def test_an_ingest_that_is_asked_to_stop_cleans_up(tmp_path: Path, start: Start) -> None:
    """After SIGTERM during the build nothing of it is left, without waiting for the next run."""
    index = tmp_path / "index"
    ingest = ("ingest", "sample", "--index", index, "--json")
    process = start(*ingest)
    deadline = time.monotonic() + 60
    while not list(index.glob("versions/*.building")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.terminate()
    if process.wait() == 0:
        pytest.fail("the ingest ended before it could be stopped")
    assert not list(index.glob("versions/*"))
    assert not (index / "current").exists()
