"""A recommender that was opened before a fork: refused in the child, and nobody waits."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ingest import ingest
from recommender.settings import ServerSettings
from recommender.storage.server import ServerStore
from tests.qdrant_double import WRITE, qdrant_double
from tests.support import THREE_RATERS, build_index, write_source

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is of POSIX"),
]

# Three threads of the parent are inside questions at every fork, and hold what they hold.
FORKING = """
import gc, os, sys, threading, time, warnings
warnings.simplefilter("ignore")
from recommender import IndexProblem, Recommender
rec = Recommender.open()
listed = rec.recommend({1: 1})
done = threading.Event()

def ask():
    while not done.is_set():
        rec.recommend({1: 1, 2: 1})[0].predicted_rating

def refused(question):
    try:
        question()
    except IndexProblem as error:
        assert "opened before fork()" in str(error) and "`spawn`" in str(error), error
    else:
        raise AssertionError("answered")

def child(way):
    global rec, listed
    refused(lambda: rec.recommend({1: 1}))
    for question in (rec.stats, rec.storage, lambda: listed[0].predicted_rating):
        refused(question)
    assert listed[0].movie
    if way == "close":
        rec.close()
    elif way == "with":
        with rec:
            pass
    elif way == "own":
        with Recommender.open() as own:
            assert own.recommend({1: 1, 2: 1})[0].predicted_rating
    del rec, listed
    gc.collect()

threads = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
for thread in threads:
    thread.start()
for way in sys.argv[1:]:
    time.sleep(0.02)
    pid = os.fork()
    if pid == 0:
        child(way)
        sys.exit(7)  # in order, by which all is freed that is left
    until = time.monotonic() + 10
    while not (ended := os.waitpid(pid, os.WNOHANG))[0] and time.monotonic() < until:
        time.sleep(0.005)
    if not ended[0]:
        os.kill(pid, 9)
    print(way, os.waitstatus_to_exitcode(ended[1]) if ended[0] else "hangs", flush=True)
done.set()
for thread in threads:
    thread.join()
print(len(rec.recommend({1: 1})), flush=True)
os._exit(0)
"""


def _fork(*ways: str, **variables: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", FORKING, *ways],
        cwd=ROOT, env=os.environ | variables,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    *ended, answered = done.stdout.splitlines()
    assert answered == "8", "the parent goes on"
    return ended


def test_a_child_is_refused_and_can_open_its_own(tmp_path: Path) -> None:
    """Whatever threads of the parent were doing; ending in order, it waits for nobody."""
    index = build_index(tmp_path, THREE_RATERS)
    ways = [*("ask", "close", "with") * 3, *["own"] * 4]
    assert _fork(*ways, KINDRED_INDEX=str(index)) == [f"{way} 7" for way in ways]


@pytest.mark.parametrize("grpc", [False, True])
def test_a_child_of_a_process_with_a_connection_is_refused(tmp_path: Path, grpc: bool) -> None:
    """Nor does it close, or wait for, the connection that its parent uses."""
    source = write_source(tmp_path / "source", THREE_RATERS)
    with qdrant_double() as double:
        double.keys = True
        with closing(ServerStore(ServerSettings.read(url=double.url, api_key=WRITE))) as store:
            ingest(str(source), index=store)
        ways = ["ask", "close", "with"] * 4
        found = _fork(
            *ways,
            QDRANT_URL=double.url,
            QDRANT_API_KEY=WRITE,
            QDRANT_GRPC=str(grpc).lower(),
            QDRANT_GRPC_PORT=str(double.grpc_port),
        )
    assert found == [f"{way} 7" for way in ways]
