"""The folder of the embedded index: whole whenever a process dies, and honest when it is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ingest import ingest
from recommender import Recommender
from recommender.errors import (
    EngineError,
    IndexBusyError,
    IndexDamagedError,
    IndexFormatError,
    IndexNotFoundError,
    IndexProblem,
)
from recommender.storage.edge import EdgeStore
from recommender.storage.edge.engine import Shard
from recommender.storage.manifest import FORMAT
from tests.recommender.storage.stores import fill, manifest, points, publish, vector
from tests.support import THREE_RATERS, build_index, likes, write_source

ROOT = Path(__file__).parents[4]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder for an index; it does not exist yet."""
    return tmp_path / "index"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with one version, which tests must leave as it is."""
    folder = tmp_path_factory.mktemp("published") / "index"
    publish(EdgeStore(folder))
    return folder


@contextmanager
def damaged(path: Path, data: bytes) -> Iterator[None]:
    """Put other bytes into a file for a while."""
    whole = path.read_bytes()
    path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(whole)


def versions(folder: Path) -> list[str]:
    """Names of what lies in the versions folder."""
    return sorted(entry.name for entry in (folder / "versions").iterdir())


# Versions and pruning


def test_the_current_and_the_previous_version_are_kept(folder: Path) -> None:
    """A third publication deletes the first; names count up, whatever is deleted."""
    store = EdgeStore(folder)
    assert [publish(store) for _ in range(3)] == ["000001", "000002", "000003"]
    assert versions(folder) == ["000002", "000003"]
    assert (folder / "current").read_text(encoding="ascii").split()[0] == "000003"
    assert sorted(entry.name for entry in folder.iterdir()) == ["build.lock", "current", "versions"]


def test_what_killed_writers_left_is_deleted_by_the_next_and_never_opened(folder: Path) -> None:
    """Half-built and half-deleted versions and drafts of the pointer go; the rest stays."""
    store = EdgeStore(folder)
    publish(store)
    for name in ("000002.building", "000009.building", "000000.removing"):
        (folder / "versions" / name / "users").mkdir(parents=True)
    (folder / "current.4711.tmp").write_text("000002")
    with closing(store.open()) as opened:
        assert opened.version == "000001"
    assert publish(store) == "000002"
    assert versions(folder) == ["000001", "000002"]
    assert not list(folder.glob("current.*"))


def test_closing_an_unpublished_writer_leaves_nothing(folder: Path) -> None:
    """Whether it was finished or not."""
    for finished in (False, True):
        with closing(EdgeStore(folder).writer()) as writer:
            fill(writer)
            if finished:
                writer.finish(manifest())
        assert versions(folder) == []
        assert not (folder / "current").exists()


KILLED = """
import sys
from pathlib import Path
from recommender.storage.edge import EdgeStore
from tests.recommender.storage.stores import fill, manifest
writer = EdgeStore(Path(sys.argv[1])).writer()
fill(writer, {0: {0: 9.0}})
if sys.argv[2] == "finished":
    writer.finish(manifest(mean=1.0))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.process
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
@pytest.mark.parametrize("how_far", ["begun", "finished"])
def test_a_writer_killed_in_the_middle_changes_nothing_and_locks_nobody_out(
    folder: Path, how_far: str
) -> None:
    """While it lives it is the only writer; killed, the old version serves and the next writes."""
    store = EdgeStore(folder)
    publish(store)
    command = [sys.executable, "-c", KILLED, str(folder), how_far]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        try:
            with pytest.raises(IndexBusyError):
                store.writer()
        finally:
            child.send_signal(signal.SIGKILL)
    assert versions(folder) == ["000001", f"000002.{child.pid}.building"]
    with closing(store.open()) as opened:
        assert (opened.version, opened.manifest.mean) == ("000001", 4.0)
        assert opened.neighbours(vector({0: 1.0}), limit=9).ids.tolist() == [1, 0, 3]
    assert publish(store) == "000002"
    assert versions(folder) == ["000001", "000002"]


# Damage


def files_of_version(folder: Path) -> list[Path]:
    """Files of the one version that there is, but for the configuration loading rewrites."""
    found = (folder / "versions" / "000001").rglob("*")
    return sorted(
        path
        for path in found
        if path.is_file() and path.name not in ("edge_config.json", "manifest.json")
    )


def test_a_missing_or_truncated_file_is_damage_that_names_it(published: Path) -> None:
    """Any file, in either shard; put back, the index opens again."""
    store = EdgeStore(published)
    whole = files_of_version(published)
    chosen = [next(p for p in whole if part in p.parts) for part in ("users", "movies")]
    largest = max(whole, key=lambda path: path.stat().st_size)
    for path in {*chosen, largest}:
        data = path.read_bytes()
        for broken in (data + b"x", data[:-1], None):
            if broken is None or not data:
                path.unlink()
            else:
                path.write_bytes(broken)
            with pytest.raises(IndexDamagedError, match="ingest again") as caught:
                store.open()
            assert path.name in str(caught.value)
            path.write_bytes(data)
    store.open().close()


def test_a_version_that_is_gone_is_damage(folder: Path) -> None:
    """The pointer names a version that was deleted by hand."""
    store = EdgeStore(folder)
    publish(store)
    (folder / "versions" / "000001").rename(folder.parent / "elsewhere")
    with pytest.raises(IndexDamagedError, match="000001"):
        store.open()


POINTERS = [b"\xff\xfe\x00", b"a\x00b", b"../../etc", b"000007\n", b"000001 000002", b""]


@pytest.mark.parametrize("pointer", POINTERS)
def test_a_damaged_pointer_is_a_problem_of_ours(published: Path, pointer: bytes) -> None:
    """Never a UnicodeDecodeError or ValueError, and never a file outside the index."""
    with damaged(published / "current", pointer), pytest.raises(IndexProblem, match="ingest"):
        EdgeStore(published).open()


@pytest.mark.parametrize("pointer", [b"\xff\xfe\x00", b"000007 a7229045\n"])
def test_the_next_ingest_mends_a_damaged_pointer(folder: Path, pointer: bytes) -> None:
    """Whether it is garbage, or names a version that is gone."""
    folder.mkdir()
    (folder / "versions").mkdir()
    (folder / "current").write_bytes(pointer)
    name = publish(EdgeStore(folder))
    with closing(EdgeStore(folder).open()) as opened:
        assert opened.version == name


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": 1}', "\xff", f'{{"format": {FORMAT}, "later": "fields"}}'],
)
def test_a_manifest_of_another_format_is_refused_by_name(published: Path, text: str) -> None:
    """What cannot be read as this format's manifest is named, with what to do."""
    path = published / "versions" / "000001" / "manifest.json"
    with damaged(path, text.encode("latin-1")):
        with pytest.raises(IndexFormatError, match="ingest again") as caught:
            EdgeStore(published).open()
        assert "manifest.json" in str(caught.value)


def test_a_shard_the_engine_cannot_load_is_an_engine_error(published: Path) -> None:
    """Rust's failures, panics included, become one error of ours."""
    path = published / "versions" / "000001" / "users"
    with (
        damaged(path / "edge_config.json", b"nonsense"),
        pytest.raises(EngineError, match="loading"),
    ):
        Shard.load(path)
    EdgeStore(published).open().close()


# Places that are no index


def test_a_foreign_folder_is_refused_and_left_alone(folder: Path) -> None:
    """Nobody's files are mixed with an index, or deleted."""
    folder.mkdir()
    (folder / "thesis.doc").write_text("years of work")
    with pytest.raises(IndexProblem, match="holds something else"):
        EdgeStore(folder).writer()
    with pytest.raises(IndexNotFoundError):
        EdgeStore(folder).open()
    assert [entry.name for entry in folder.iterdir()] == ["thesis.doc"]


def test_an_empty_folder_is_taken(folder: Path) -> None:
    """As made by hand, or by a volume of a container."""
    folder.mkdir()
    assert publish(EdgeStore(folder)) == "000001"


def test_a_file_in_place_of_the_folder_is_no_index(folder: Path) -> None:
    """Reading finds none; writing says what is wrong."""
    folder.write_text("a file")
    for ask in (EdgeStore(folder).open, EdgeStore(folder).token):
        with pytest.raises(IndexNotFoundError):
            ask()
    with pytest.raises(IndexProblem, match="cannot write"):
        EdgeStore(folder).writer()
    assert folder.read_text() == "a file"


def test_an_index_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    """The parent is a file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexProblem, match="cannot write"):
        EdgeStore(tmp_path / "file" / "index").writer()
    with pytest.raises(IndexNotFoundError):
        EdgeStore(tmp_path / "file" / "index").open()


# The engine's failures


def test_use_after_close_is_an_error_of_ours(published: Path) -> None:
    """Whatever is asked of a closed version."""
    index = EdgeStore(published).open()
    index.close()
    with pytest.raises(EngineError, match="closed"):
        index.neighbours(vector({0: 1.0}), limit=1)
    with pytest.raises(EngineError, match="closed"):
        index.rater(100)
    with pytest.raises(EngineError, match="closed"):
        index.similar_movies(0, limit=1)
    with pytest.raises(EngineError, match="closed"):
        list(index.movies())


def test_a_shard_that_is_there_already_cannot_be_created(tmp_path: Path) -> None:
    """Even this comes as an EngineError."""
    Shard.create(tmp_path / "shard").close()
    with pytest.raises(EngineError, match="creating"):
        Shard.create(tmp_path / "shard")
    with pytest.raises(EngineError, match="loading"):
        Shard.load(tmp_path / "nowhere")


def test_a_payload_the_engine_cannot_store_is_an_engine_error(tmp_path: Path) -> None:
    """The engine's TypeError does not escape."""
    shard = Shard.create(tmp_path / "shard")
    with pytest.raises(EngineError):
        shard.add(points({0: {0: 1.0}}, [{"bad": object()}]))
    shard.close()


def test_a_limit_the_engine_cannot_take_is_an_engine_error(published: Path) -> None:
    """The engine's OverflowError does not escape."""
    with closing(EdgeStore(published).open()) as index, pytest.raises(EngineError):
        index.neighbours(vector({0: 1.0}), limit=-1)


# Readers and writers together


def test_a_recommender_picks_up_a_newer_version(tmp_path: Path) -> None:
    """At the next question; a list obtained before still explains itself."""
    index = build_index(tmp_path / "a", THREE_RATERS)
    with Recommender.open(index) as rec:
        before = rec.recommend(likes(1, 2, 3))
        assert rec.stats().version == "000001"
        fewer = {user: rated for user, rated in THREE_RATERS.items() if user != 2}
        source = write_source(tmp_path / "b", fewer)
        ingest(str(source), index=index)
        after = rec.recommend(likes(1, 2, 3))
        assert rec.stats().version == "000002"
        assert (before.neighbours, after.neighbours) == (3, 2)
        assert {reason.movie.movie_id for reason in before[0].because} == {1, 2, 3}
        ingest(str(source), index=index)
        ingest(str(source), index=index)
        # The version the list was made from is gone by now.
        assert versions(index) == ["000003", "000004"]
        assert {reason.movie.movie_id for reason in before[1].because} == {1, 2, 3}


def test_a_closed_recommender_says_so(tmp_path: Path) -> None:
    """Closing twice is allowed; asking afterwards is an error of ours, a list stays usable."""
    rec = Recommender.open(build_index(tmp_path, THREE_RATERS))
    top = rec.recommend(likes(1, 2, 3))
    rec.close()
    rec.close()
    for ask in (rec.stats, rec.popular, lambda: rec.recommend({}), lambda: rec.search("x")):
        with pytest.raises(IndexProblem, match="closed: open it again"):
            ask()
    assert top[0].because


@pytest.mark.process
def test_several_readers_and_a_writer_work_side_by_side(folder: Path) -> None:
    """Readers in this process and another read while a third version is written."""
    store = EdgeStore(folder)
    publish(store)
    one, two = store.open(), EdgeStore(folder).open()
    with closing(store.writer()) as writer, closing(one), closing(two):
        fill(writer)
        code = (
            "import sys; from pathlib import Path; from recommender.storage.edge import EdgeStore;"
            "print(EdgeStore(Path(sys.argv[1])).open().version)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(folder)],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        assert done.stdout == "000001\n"
        for reader in (one, two):
            assert reader.neighbours(vector({0: 1.0}), limit=9).ids.tolist() == [1, 0, 3]


def test_an_index_deleted_while_it_is_opened_is_damaged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of its files go first."""
    publish(EdgeStore(folder))

    def vanish(path: Path) -> None:
        (folder / "current").unlink()
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("recommender.storage.edge.versions.open_version", vanish)
    with pytest.raises(IndexDamagedError, match="current is gone"):
        EdgeStore(folder).open()


@pytest.mark.skipif(os.name != "posix", reason="other systems have other rights")
def test_a_new_index_is_for_its_owner_alone(tmp_path: Path) -> None:
    """It holds people's ratings; a folder that is there already keeps the rights it has."""
    (tmp_path / "shared").mkdir(mode=0o755)
    for name in ("new", "shared"):
        publish(EdgeStore(tmp_path / name))
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o755
