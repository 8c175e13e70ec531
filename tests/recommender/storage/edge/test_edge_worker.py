"""Shards built by processes of their own: the same index, and nothing left behind."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from recommender.errors import EngineError, IndexProblem
from recommender.storage.edge import EdgeStore, worker, writer
from recommender.storage.edge.engine import Shard
from recommender.storage.edge.worker import ShardProcess
from recommender.storage.vectors import PointBatch
from tests.recommender.storage.stores import RATERS, fill, manifest, points, publish, vector

ROOT = Path(__file__).parents[4]


@pytest.fixture(autouse=True)
def parallel(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little there is to build, processes of their own build it."""
    monkeypatch.setattr(writer, "PARALLEL_FROM", 0)


@pytest.fixture
def shard(tmp_path: Path) -> Iterator[ShardProcess]:
    """One shard that is being built."""
    with closing(ShardProcess(tmp_path / "shard")) as made:
        yield made


def _payloads() -> list[dict[str, object]]:
    return [{"user_id": 100 + number} for number in RATERS]


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # A process that ended is there until somebody asks what became of it.
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


@pytest.mark.process
def test_two_processes_build_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same neighbours, payloads and movies."""
    publish(EdgeStore(tmp_path / "parallel"))
    monkeypatch.setattr(writer, "PARALLEL_FROM", 10**9)
    publish(EdgeStore(tmp_path / "here"))
    found = []
    for name in ("parallel", "here"):
        with closing(EdgeStore(tmp_path / name).open()) as index:
            hits = index.neighbours(vector({0: 1.0, 3: 0.5}), limit=9)
            raters = index.raters(hits.ids)
            found.append((hits.ids.tolist(), hits.scores.tolist(), raters, list(index.movies())))
    assert found[0] == found[1]
    assert len(found[0][0]) == 4


@pytest.mark.process
def test_a_process_says_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither a warning nor anything else on the streams of whoever ingests."""
    publish(EdgeStore(tmp_path / "index"))
    assert tuple(capfd.readouterr()) == ("", "")


@pytest.mark.process
def test_a_process_whose_parent_is_gone_says_nothing(tmp_path: Path) -> None:
    """Whoever killed the command sees no traceback of what it began."""
    command = [sys.executable, "-c", worker._COMMAND]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        worker.write_message(child.stdin, {"command": "create", "path": str(tmp_path / "shard")})
        child.stdin.close()
        assert child.stderr.read() == b""


@pytest.mark.process
def test_a_shard_is_whole_once_it_is_sealed(shard: ShardProcess, tmp_path: Path) -> None:
    """And its process is gone."""
    shard.index_field("user_id", integer=True)
    shard.add(points(RATERS, _payloads()))
    shard.seal()
    assert shard._process.returncode is not None
    with closing(Shard.load(tmp_path / "shard")) as loaded:
        assert loaded.find("user_id", [103]) == {3: {"user_id": 103}}


@pytest.mark.process
def test_what_the_engine_refuses_is_an_error_here(tmp_path: Path) -> None:
    """In the words it has in this process."""
    (tmp_path / "file").write_text("in the way")
    path = tmp_path / "file" / "shard"
    with (
        closing(ShardProcess(path)) as shard,
        pytest.raises(EngineError, match=f"Qdrant Edge failed creating {path}"),
    ):
        shard.seal()


def test_a_process_that_cannot_be_started_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That says what to do."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(EngineError, match="no process can be started"):
        ShardProcess(tmp_path / "shard")


def _short_of_memory(*_: object, **__: object) -> None:
    raise MemoryError


@pytest.mark.process
def test_a_command_that_cannot_be_sent_is_an_error(
    shard: ShardProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not a shard that passes for whole."""
    shard.add(points(RATERS, _payloads()))
    monkeypatch.setattr(worker, "write_message", _short_of_memory)
    with pytest.raises(EngineError, match="MemoryError"):
        shard.seal()


@pytest.mark.process
@pytest.mark.parametrize(
    "garbage",
    [b"{}\n", b"[]\n", b"no answer at all", b""],
)
def test_what_is_no_answer_is_an_error(
    garbage: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing that could run."""
    monkeypatch.setattr(worker, "_COMMAND", f"import os; os.write(1, {garbage!r})")
    with (
        closing(ShardProcess(tmp_path / "shard")) as shard,
        pytest.raises(EngineError, match="ended unexpectedly"),
    ):
        _add_often(shard)


POINTS = points(RATERS, [{"user_id": number} for number in RATERS])


def _sent(message: dict[str, object], batch: PointBatch | None = None) -> bytes:
    stream = io.BytesIO()
    worker.write_message(stream, message, batch)
    return stream.getvalue()


def test_points_arrive_as_they_were_sent() -> None:
    """To the last bit, texts of all scripts included; and so do none."""
    odd = [{"user_id": "é\n√", "tags": ["a", 0.1]}, {}]
    some = PointBatch.checked(
        np.array([1, 2]), np.array([0, 1, 1]), np.array([2**32 - 1]), np.array([1 / 3]), odd
    )
    none = points({}, [])
    for sent in (some, none, POINTS):
        stream = io.BytesIO(_sent({"command": "add"}, sent))
        got = worker.read_points(stream, worker.read_message(stream))
        for name in ("ids", "offsets", "indices", "values"):
            assert getattr(got, name).tobytes() == getattr(sent, name).tobytes()
        assert got.payloads == sent.payloads
        assert stream.read() == b""


def test_a_process_ends_where_its_commands_are_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where whoever ingests was killed: what was stored before is all."""
    monkeypatch.chdir(tmp_path)
    create, add = _sent({"command": "create", "path": "shard"}), _sent({"command": "add"}, POINTS)
    for cut in (add[:20], add[:-40], b""):
        answers = io.BytesIO()
        worker._run(io.BytesIO(create + cut), answers)
        assert answers.getvalue().count(b"peak_mb") == 1
        shutil.rmtree("shard")


@pytest.mark.process
def test_a_process_is_given_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nor any other setting: all it needs is sent to it."""
    settings = ("QDRANT_API_KEY", "OMDB_API_KEY", "KINDRED_INDEX")
    for name in settings:
        monkeypatch.setenv(name, "hush-hush-hush")
    monkeypatch.setattr(worker, "_COMMAND", "import os; os.write(2, repr(os.environ).encode())")
    with closing(ShardProcess(tmp_path / "shard")) as shard, pytest.raises(EngineError):
        _add_often(shard)
    told = capfd.readouterr().err
    assert "PYTHONPATH" in told
    assert not any(name in told for name in ("hush", *settings))


def _add_often(shard: ShardProcess) -> None:
    for _ in range(2 * worker._AHEAD + 3):
        shard.add(points(RATERS, _payloads()))


@pytest.mark.process
def test_a_process_that_is_killed_is_an_error_at_the_next_call(shard: ShardProcess) -> None:
    """And not one that waits for ever."""
    shard.index_field("user_id", integer=True)
    shard._process.kill()
    with pytest.raises(EngineError, match="ended unexpectedly"):
        _add_often(shard)


@pytest.mark.process
def test_a_writer_that_is_closed_leaves_no_process(tmp_path: Path) -> None:
    """Nor anything in the folder."""
    store = EdgeStore(tmp_path / "index")
    with closing(store.writer()) as begun:
        fill(begun)
        pids = [begun._users._process.pid, begun._movies._process.pid]  # type: ignore[union-attr]
    assert all(map(_gone, pids))
    assert list((tmp_path / "index").rglob("*.building")) == []


def _broken() -> None:
    raise EngineError("broken")


@pytest.mark.process
def test_a_shard_that_fails_to_close_keeps_no_other_open(tmp_path: Path) -> None:
    """Nor the next writer out."""
    store = EdgeStore(tmp_path / "index")
    begun = store.writer()
    begun.expect(manifest())
    pids = [begun._users._process.pid, begun._movies._process.pid]  # type: ignore[union-attr]
    begun._closing.callback(_broken)
    with pytest.raises(EngineError, match="broken"):
        begun.close()
    assert all(map(_gone, pids))
    assert publish(store) == "000001"


@pytest.mark.process
def test_a_writer_whose_process_fails_publishes_nothing(tmp_path: Path) -> None:
    """The version before goes on serving."""
    store = EdgeStore(tmp_path / "index")
    publish(store)
    with closing(store.writer()) as begun:
        fill(begun)
        begun._users._process.kill()  # type: ignore[union-attr]
        with pytest.raises(IndexProblem, match="ended unexpectedly"):
            begun.finish(manifest(mean=1.0))
    with closing(store.open()) as index:
        assert (index.version, index.manifest.mean) == ("000001", 4.0)
    assert publish(store) == "000002"


KILLED = """
import sys
from pathlib import Path
from recommender.storage.edge import EdgeStore, writer
from tests.recommender.storage.stores import fill, manifest
writer.PARALLEL_FROM = 0
begun = EdgeStore(Path(sys.argv[1])).writer()
fill(begun)
print(begun._users._process.pid, begun._movies._process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_whoever_ends_the_writer_ends_its_processes(tmp_path: Path, how: signal.Signals) -> None:
    """They have nobody to answer to any more; the next writer finds the place free."""
    command = [sys.executable, "-c", KILLED, str(tmp_path / "index")]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdout is not None
        pids = [int(pid) for pid in child.stdout.readline().split()]
        child.send_signal(how)
    deadline = time.monotonic() + 30
    while not all(map(_gone, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(pids) == 2
    assert all(map(_gone, pids))
    assert publish(EdgeStore(tmp_path / "index")) == "000001"
