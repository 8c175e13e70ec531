"""Changes that die, at whatever moment, take nothing with them and can be made again."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from ingest import ingest
from recommender.storage.edge import EdgeStore
from tests.ingest.contents import everything
from tests.kindred.conftest import Start
from tests.support import random_ratings, write_source

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL"),
]

SEED = 21


def _versions(index: Path) -> list[str]:
    return sorted(entry.name for entry in (index / "versions").iterdir())


@pytest.mark.parametrize("forgetting", [False, True])
def test_a_killed_change_leaves_the_version_that_was_or_the_one_that_is(
    tmp_path: Path, start: Start, forgetting: bool
) -> None:
    """After SIGKILL the old version serves on, or the whole new one; the next run clears up."""
    index = tmp_path / "index"
    table = random_ratings(3, raters=400, movies=200, most=60)
    ingest(str(write_source(tmp_path / "a", table)), index=index)
    later = write_source(tmp_path / "b", random_ratings(4, raters=450, movies=220, most=30))
    change = (
        ["forget", *map(str, range(1, 40))] if forgetting else ["ingest", str(later), "--append"]
    )
    command = [*change, "--index", str(index)]
    store = EdgeStore(index)
    old = everything(store)
    dice, killed = random.Random(SEED), 0
    for number in range(6):
        process = start(*command)
        while process.poll() is None and not list(index.glob(f"versions/*.{process.pid}.building")):
            time.sleep(0.005)
        time.sleep(number and dice.uniform(0, 0.5))
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        if (index / "current").read_text().split()[0] != "000001":
            break
        assert everything(store) == old
    assert killed > 0
    # One that was whole before it was killed has nothing left to do, or nobody left to forget.
    assert start(*command).wait() in (0, 1)
    assert everything(store) != old
    new = (index / "current").read_text().split()[0]
    assert _versions(index) == ([new] if forgetting else ["000001", new])
