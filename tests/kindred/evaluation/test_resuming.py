"""An evaluation that is interrupted goes on where it was, and ends with the same figures."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest import Progress
from kindred.evaluation import evaluate
from kindred.evaluation.held_out import Split
from kindred.evaluation.methods.method import Fitted, Setting
from kindred.evaluation.methods.neighbours import Popular
from kindred.evaluation.resuming import Finished, Unit
from recommender.quality.result import Quality
from recommender.settings import CacheSettings
from tests.kindred.conftest import Run, Start
from tests.support import random_ratings, write_source

UNIT = Unit("popular", (("values", "likes"),), 0)
FIGURES = [{"ndcg_10": np.array([0.5, 0.25])}, {"ndcg_10": np.array([1.0])}]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of its own."""
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path / "cache"))
    return CacheSettings.read().cache


def steps(cache: Path) -> list[Path]:
    """Files of finished steps."""
    return sorted((cache / "evaluations").glob("*/*.npz"))


def test_a_step_is_read_as_it_was_written() -> None:
    """By who depends on the same things, and by nobody else."""
    Finished.of(seed=0).put(UNIT, FIGURES, seconds=2.5)
    again = Finished.of(seed=0)
    found = again.get(UNIT)
    assert found is not None
    assert [{name: a.tolist() for name, a in batch.items()} for batch in found] == [
        {"ndcg_10": [0.5, 0.25]},
        {"ndcg_10": [1.0]},
    ]
    assert (again.resumed, dict(again.seconds)) == (1, {"popular": 2.5})
    assert Finished.of(seed=1).get(UNIT) is None
    assert again.get(UNIT._replace(number=1)) is None


@pytest.mark.parametrize("harm", ["", "half", "flipped", "PK\x03\x04", "another"])
def test_a_step_that_is_not_whole_is_to_be_done(harm: str, cache: Path) -> None:
    """As is one that is another's by its name."""
    finished = Finished.of(seed=0)
    finished.put(UNIT, FIGURES, seconds=0.0)
    (path,) = steps(cache)
    whole = path.read_bytes()
    if harm == "half":
        path.write_bytes(whole[: len(whole) // 2])
    elif harm == "flipped":
        place = whole.index(np.array([0.5, 0.25]).tobytes())
        path.write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
    elif harm == "another":
        finished.put(UNIT._replace(number=1), FIGURES, seconds=0.0)
        (other,) = set(steps(cache)) - {path}
        path.write_bytes(other.read_bytes())
    else:
        path.write_text(harm, encoding="latin-1")
    assert finished.get(UNIT) is None
    finished.put(UNIT, FIGURES, seconds=0.0)
    assert finished.get(UNIT) is not None


def test_two_runs_side_by_side_do_each_other_no_harm(cache: Path) -> None:
    """The one that ends first removes the steps; the other goes on and writes its own."""
    one, other = Finished.of(seed=0), Finished.of(seed=0)
    one.put(UNIT, FIGURES, seconds=0.0)
    assert other.get(UNIT) is not None
    one.remove()
    assert other.get(UNIT) is None
    other.put(UNIT, FIGURES, seconds=0.0)
    assert len(steps(cache)) == 1
    one.remove()
    other.remove()
    assert not steps(cache)


def test_what_was_left_does_not_pile_up(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest goes first; what one run keeps has the same bound."""
    monkeypatch.setattr("kindred.evaluation.resuming._MOST_BYTES", 3000)
    for seed in range(4):
        Finished.of(seed=seed).put(UNIT, FIGURES, seconds=0.0)
        newest = max((cache / "evaluations").iterdir(), key=lambda folder: folder.stat().st_mtime)
        os.utime(newest, (seed, seed))
    Finished.of(seed=9)
    assert sum(path.stat().st_size for path in steps(cache)) <= 3000
    assert Finished.of(seed=3).get(UNIT) is not None
    assert Finished.of(seed=0).get(UNIT) is None
    large = [{"ndcg_10": np.zeros(1000)}]
    full = Finished.of(seed=10)
    full.put(UNIT, large, seconds=0.0)
    assert full.get(UNIT) is None


def test_a_folder_that_cannot_be_written_is_no_error(cache: Path) -> None:
    """The evaluation goes on without."""
    cache.mkdir()
    (cache / "evaluations").write_text("in the way", encoding="utf-8")
    finished = Finished.of(seed=0)
    finished.put(UNIT, FIGURES, seconds=0.0)
    assert finished.get(UNIT) is None
    finished.remove()


class Noted(Progress):
    """Remembers notes."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, line: str) -> None:
        """Remember."""
        self.lines.append(line)


def same(one: Quality, other: Quality) -> bool:
    """Whether all figures are the very same."""
    return one.figures == other.figures


def test_lists_go_on_with_the_settings_that_are_left(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is learned once, whatever interrupted the first run; then nothing is left behind."""
    source = write_source(tmp_path / "source", random_ratings(5, raters=80))
    options: dict[str, Any] = {"methods": "popular", "lengths": [3, 5], "splits": 2}
    whole = evaluate(source, **options)
    assert not steps(cache)
    fit, learned = Popular.fit, list[Setting]()

    def counted(method: Popular, split: Split, grid: list[Setting]) -> Fitted:
        for setting, found in fit(method, split, grid):
            if len(learned) == 4:
                raise KeyboardInterrupt
            learned.append(setting)
            yield setting, found

    monkeypatch.setattr(Popular, "fit", counted)
    with pytest.raises(KeyboardInterrupt):
        evaluate(source, **options)
    assert len(steps(cache)) == 2 + 4  # Kindred in both groups, and what was learned
    learned.clear()
    noted = Noted()
    assert same(evaluate(source, **options, progress=noted), whole)
    assert len(learned) == 2
    assert "6 steps were taken from a run that was interrupted" in noted.lines
    assert not steps(cache)


def test_another_question_takes_nothing_of_it(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do other ratings under the same name."""
    ratings = random_ratings(5, raters=80)
    source = write_source(tmp_path / "source", ratings)
    options: dict[str, Any] = {"methods": "popular", "lengths": [3]}
    with monkeypatch.context() as patch:
        patch.setattr("kindred.evaluation.resuming.Finished.remove", lambda _: None)
        evaluate(source, **options)
    noted = Noted()
    changes: list[dict[str, Any]] = [{"seed": 1}, {"people": 5}, {"lengths": [4]}]
    for change in changes:
        evaluate(source, **options | change, progress=noted)
    next(iter(ratings.values())).popitem()
    write_source(tmp_path / "source", ratings)
    evaluate(source, **options, progress=noted)
    assert not noted.lines


def children(process: int) -> set[int]:
    """Processes that another started."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == process:
            found.add(int(path.parent.name))
    return found


def alive(process: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def waiting() -> Iterator[None]:
    """Wait a minute at most, a little at a time."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        yield
        time.sleep(0.02)
    pytest.fail("it took more than a minute")


@pytest.mark.process
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
def test_stars_go_on_after_the_process_ended(
    tmp_path: Path, cache: Path, start: Start, kindred: Run
) -> None:
    """Asked to end, by Ctrl-C or killed: with the same figures, and no process is left behind."""
    source = write_source(tmp_path / "source", random_ratings(5, raters=60, movies=40, most=30))
    options = ["--stars", "--folds", 8, "--methods", "biases,user-knn", "--json"]
    whole = Quality.model_validate_json(kindred("evaluate", source, *options).stdout)
    for how in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        before = len(steps(cache))
        running = start("evaluate", source, *options, "--processes", 2)
        for _ in waiting():
            started = children(running.pid)
            if len(steps(cache)) > before:
                break
            assert running.poll() is None
        assert len(started) == 2
        os.kill(running.pid, how)
        assert running.wait() != 0
        for _ in waiting():
            if not any(map(alive, started)):
                break
    done = kindred("evaluate", source, *options, "--processes", 2)
    assert done.returncode == 0, done.stderr
    assert "taken from a run that was interrupted" in done.stderr
    assert same(Quality.model_validate_json(done.stdout), whole)
    assert not steps(cache)
