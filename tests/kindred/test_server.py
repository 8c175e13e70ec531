"""Every command on a server, by its URL, and going back to the version before on both engines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.kindred.conftest import LINKS, Run
from tests.qdrant_double import READ, WRITE, QdrantDouble, qdrant_double, times
from tests.support import FILMS, THREE_RATERS, write_source


@pytest.fixture(scope="module")
def double() -> Iterator[QdrantDouble]:
    """Serve with both keys required."""
    with qdrant_double() as served:
        served.keys = True
        yield served


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Give the small world as files."""
    return write_source(tmp_path / "source", THREE_RATERS, FILMS, LINKS)


def test_every_command_answers_from_a_server_as_from_a_folder(
    double: QdrantDouble, kindred: Run, source: Path, world: Path
) -> None:
    """Ingest with the key that writes; everything else with the one that reads."""
    done = kindred("ingest", source, "--url", double.url, "--json", QDRANT_API_KEY=WRITE)
    assert (done.returncode, json.loads(done.stdout)["version"]) == (0, "000001"), done.stderr
    likes = ("--like", 1, "--like", 2, "--like", 3)
    for command in (
        ("recommend", *likes),
        ("recommend", "--user", 1),
        ("similar", "Alien"),
        ("search", "psyco"),
    ):
        there = kindred(*command, "--json", "--url", double.url, QDRANT_API_KEY=READ)
        here = kindred(*command, "--json", "--index", world)
        assert (there.returncode, there.stderr) == (0, "")
        assert json.loads(there.stdout) == json.loads(here.stdout)
    told = kindred("info", "--json", QDRANT_URL=double.url, QDRANT_API_KEY=READ)
    assert json.loads(told.stdout)["place"] == f"'kindred' on {double.url}"
    assert WRITE not in done.stdout + done.stderr
    assert READ not in told.stdout + told.stderr


def test_several_indexes_live_on_one_server(
    double: QdrantDouble, kindred: Run, source: Path
) -> None:
    """Told apart by name."""
    at = {"QDRANT_URL": double.url, "QDRANT_API_KEY": WRITE}
    assert kindred("ingest", source, "--name", "films", **at).returncode == 0
    assert kindred("info", "--name", "films", **at).returncode == 0
    assert kindred("info", QDRANT_NAME="films", **at).returncode == 0
    missing = kindred("info", "--name", "series", **at)
    assert missing.returncode == 1
    assert f"error: there is no index 'series' on {double.url}" in missing.stderr


def test_info_tells_how_the_index_is_stored_as_far_as_it_may_be_known(
    double: QdrantDouble, kindred: Run, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Engine, nodes, and copies out of use; what a key or a cloud keeps back is left out."""
    at = {"QDRANT_URL": double.url, "QDRANT_NAME": "stored", "QDRANT_API_KEY": WRITE}
    assert kindred("ingest", source, **at).returncode == 0
    at["QDRANT_API_KEY"] = READ
    monkeypatch.setattr(double, "nodes", 3)
    told = kindred("info", **at).stdout
    assert "Qdrant 1.20.1, 3 nodes" in told
    assert "7 points, 0 indexed, 1 segment, green, 1 of them out of use" in " ".join(told.split())
    stored = json.loads(kindred("info", "--json", **at).stdout)["storage"]
    assert (stored["nodes"], stored["users"]["points"], stored["movies"]["inactive"]) == (3, 7, 1)
    monkeypatch.setattr(double, "fault", times(-1, 403, "/cluster"))
    forbidden = kindred("info", "--json", **at)
    assert (forbidden.returncode, forbidden.stderr) == (0, "")
    stored = json.loads(forbidden.stdout)["storage"]
    assert (stored["nodes"], stored["users"]["inactive"]) == (None, None)


@pytest.mark.parametrize("engine", ["folder", "server"])
def test_a_rollback_goes_back_once_and_then_says_that_nothing_is_left(
    engine: str, double: QdrantDouble, kindred: Run, source: Path, tmp_path: Path
) -> None:
    """The first names the version that serves now; the second changes nothing, and exits 1."""
    where = (
        ("--index", tmp_path / "index")
        if engine == "folder"
        else ("--url", double.url, "--name", "rolled")
    )
    for _ in range(2):
        assert kindred("ingest", source, *where, QDRANT_API_KEY=WRITE).returncode == 0
    first = kindred("ingest", "--rollback", *where, QDRANT_API_KEY=WRITE)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("Back to version 000001 of ")
    second = kindred("ingest", "--rollback", "--json", *where, QDRANT_API_KEY=WRITE)
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.startswith("error: no version before 000001 is kept")
    assert len(second.stderr.splitlines()) == 1
    told = kindred("info", "--json", *where, QDRANT_API_KEY=WRITE)
    assert json.loads(told.stdout)["version"] == "000001"


def test_what_cannot_be_meant_is_wrong_usage_or_one_line(kindred: Run, tmp_path: Path) -> None:
    """A source and a rollback at once, neither; a folder and a server at once."""
    for arguments in (("ingest",), ("ingest", "sample", "--rollback")):
        done = kindred(*arguments)
        assert done.returncode == 2
        assert "either the SOURCE" in done.stderr
    both = kindred("info", "--index", tmp_path, "--url", "http://localhost:6333")
    assert (both.returncode, both.stdout) == (1, "")
    assert both.stderr.startswith("error: the index is given as the folder")
    shards = kindred("ingest", "sample", "--index", tmp_path / "index", "--shards", 2)
    assert shards.returncode == 1
    assert "shards is 2" in shards.stderr


def test_a_key_that_may_not_write_is_told_before_the_work(
    double: QdrantDouble, kindred: Run, source: Path
) -> None:
    """In one line, without the key; a wrong one even before the ratings are read."""
    at = {"QDRANT_URL": double.url}
    reading = kindred("ingest", source, QDRANT_API_KEY=READ, **at)
    wrong = kindred("ingest", source, QDRANT_API_KEY="wrong-key", **at)
    assert reading.returncode == wrong.returncode == 1
    assert "one that may write" in reading.stderr.splitlines()[-1]
    (line,) = wrong.stderr.splitlines()
    assert line.startswith(f"error: {double.url} wants a key, or another one: set QDRANT_API_KEY")
    assert READ not in reading.stderr


def test_the_app_is_pointed_at_the_server(
    double: QdrantDouble, kindred: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A URL comes before a folder of the environment, also for what the app process is given."""
    started: list[tuple[list[str], dict[str, str]]] = []

    def execve(path: str, argv: list[str], environment: dict[str, str]) -> NoReturn:
        started.append((argv, environment))
        sys.exit(0)

    monkeypatch.setattr("os.execve", execve)
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path / "cache"))
    options = ("--host", "0.0.0.0", "--public", "behind a proxy")
    at = {"KINDRED_HOST": "127.0.0.2", "KINDRED_INDEX": str(tmp_path / "other")}
    done = kindred("ui", "--url", double.url, "--name", "films", *options, **at)
    assert done.returncode == 0, done.stderr
    [(argv, environment)] = started
    names = ("KINDRED_INDEX", "QDRANT_URL", "QDRANT_NAME", "KINDRED_HOST")
    told = [environment.get(name) for name in names]
    assert told == [None, double.url, "films", "0.0.0.0"]
    limits = ("MALLOC_ARENA_MAX", "OPENBLAS_NUM_THREADS")
    assert [environment[name] for name in limits] == ["2", "1"]
    assert [flag for flag in argv if flag.startswith("--server.address")] == [
        "--server.address=0.0.0.0"
    ]
    for port, said in (("8601", False), ("8601", False), ("8602", True)):
        done = kindred("ui", "--url", double.url, "--port", port, **at, KINDRED_CACHE=str(tmp_path))
        assert f"--server.port={port}" in started[-1][0]
        assert ("at port 8602, and was at 8601 the last time" in done.stderr) is said
