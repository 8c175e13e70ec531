"""Appending and forgetting from the command line: what is printed, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kindred.conftest import Run
from tests.support import FILMS, THREE_RATERS, build_index, write_source


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Give an index of the small world, to change."""
    return build_index(tmp_path / "world", THREE_RATERS, FILMS)


def test_an_append_prints_what_an_ingest_does_and_what_changed(
    kindred: Run, index: Path, tmp_path: Path
) -> None:
    """The same keys and one more; the second time nothing changes, and no version is made."""
    source = write_source(tmp_path / "more", {1: {4: 2, 5: 4}, 20: {1: 5, 77: 3}})
    done = kindred("ingest", source, "--append", "--json", index=index)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    full = json.loads(kindred("ingest", source, "--json", index=tmp_path / "other").stdout)
    assert report.keys() == full.keys() | {"changed"}
    assert (report["ratings"], report["users"], report["movies"]) == (4, 2, 4)
    assert (report["changed"], report["thin_raters"], report["version"]) == (3, 1, "000002")
    again = kindred("ingest", source, "--append", index=index)
    assert "0 of the ratings are new or changed." in again.stdout
    assert "version 000002" in again.stdout
    assert json.loads(kindred("info", "--json", index=index).stdout)["ratings"] == 29


def test_forgetting_says_who_is_gone_and_what_is_not(kindred: Run, index: Path) -> None:
    """For people in words, that the files still have them included; for programs as JSON."""
    done = kindred("forget", 1, 11, index=index)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 people and their 9 ratings are gone")
    assert "still have them" in done.stdout
    told = json.loads(kindred("forget", "2", "--json", index=index).stdout)
    assert list(told) == ["users", "ratings", "seconds", "version"]
    assert (told["users"], told["ratings"], told["version"]) == (1, 5, "000003")
    assert "no version before" in kindred("ingest", "--rollback", index=index).stderr


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (["forget", "99", "1"], 1, "nobody in this index has the id '99'"),
        (["forget"], 2, "Missing argument"),
        (["ingest", "--append"], 2, "either the SOURCE"),
        (["ingest", "x.csv", "--append", "--scale", "1:5"], 2, "--append changes neither"),
        (["ingest", "x.csv", "--append", "--shards", "2"], 2, "--append changes neither"),
        (["ingest", "--rollback", "--append"], 2, "--append changes neither"),
        (["ingest", "no-such-file", "--append"], 1, "no file or folder 'no-such-file'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    kindred: Run, index: Path, command: list[str], code: int, message: str
) -> None:
    """And the index is as it was."""
    done = kindred(*command, index=index)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert sorted(entry.name for entry in (index / "versions").iterdir()) == ["000001"]


def test_there_must_be_an_index_to_change(kindred: Run, tmp_path: Path) -> None:
    """The message says how to make one; no folder is."""
    source = write_source(tmp_path / "more", THREE_RATERS)
    for command in (("ingest", source, "--append"), ("forget", 1)):
        done = kindred(*command, index=tmp_path / "none")
        assert done.returncode == 1
        assert "there is no index" in done.stderr
    assert not (tmp_path / "none").exists()
