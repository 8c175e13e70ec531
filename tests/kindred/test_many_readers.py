"""Processes that ask while versions are switched get whole answers, each of one version."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingest import append, ingest
from tests.support import Ratings, write_source

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
MOVIES = range(1, 12)

# In the world of n people all like all movies. So many neighbours vote for each movie of an
# answer, so many ratings has each, and so many people are in the index that gave it.
READER = """
import sys
from pathlib import Path
from recommender import Recommender

stop, seen, asked = Path(sys.argv[2]), set(), 0
with Recommender.open(sys.argv[1]) as rec:
    print("ready", flush=True)
    while not stop.exists():
        top = rec.recommend({1: 1, 2: 1}, limit=20)
        people = {top.neighbours} | {n for row in top for n in (row.supporters, row.movie.ratings)}
        assert len(top) == 9, len(top)
        assert len(people) == 1, people
        assert [len(row.because) for row in top] == [2] * 9
        popular = {row.movie.ratings for row in rec.popular(limit=20)}
        assert len(popular) == 1, popular
        assert len({row.movie.ratings for row in rec.similar(3, limit=20)}) <= 1
        seen |= people
        asked += 1
print(len(seen), asked)
"""


def _world(folder: Path, people: range) -> str:
    ratings: Ratings = {
        user: {movie: 4 + (user + movie) % 2 for movie in MOVIES} for user in people
    }
    return str(write_source(folder, ratings))


def test_four_processes_ask_while_ten_versions_replace_one_another(tmp_path: Path) -> None:
    """Half of them made anew, half by an append: no answer fails, and none is of two versions."""
    index, stop = tmp_path / "index", tmp_path / "stop"
    ingest(_world(tmp_path / "0", range(10)), index=index)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(index), str(stop)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        for version in range(1, 11, 2):
            ingest(_world(tmp_path / f"{version}", range(10 + 10 * version)), index=index)
            more = range(10 + 10 * version, 15 + 10 * version)
            append(_world(tmp_path / f"{version}+", more), index=index)
    finally:
        stop.touch()
        told = [reader.communicate(timeout=60) for reader in readers]
    for reader, (out, err) in zip(readers, told, strict=True):
        assert not err, err
        assert reader.returncode == 0
        versions, asked = map(int, out.split())
        assert versions > 2
        assert asked >= versions
