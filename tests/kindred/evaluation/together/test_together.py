"""Comparing ways to make one list for several people, from a source to the result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ingest import Progress
from ingest.reading import load
from kindred.evaluation import Quality, compare, evaluate
from kindred.evaluation.held_out import choose_people, index_without
from kindred.evaluation.metrics import DEPTH
from kindred.evaluation.questions import draw_questions, parse_lengths
from kindred.evaluation.together.groups import Together
from kindred.evaluation.together.methods import GROUP_METHODS
from recommender import InvalidInputError
from recommender.ranking.lists.together import fair_order
from recommender.settings import Ranking
from tests.kindred.conftest import Run
from tests.support import Ratings, random_ratings, write_source

METHODS = [
    *("kindred", "average", "least-misery", "without-misery", "product", "turns", "rlprop"),
    "own",
]
KINDS = ["2 random", "3 random", "5 random", "2 alike", "3 alike", "5 alike"]


def rated() -> Ratings:
    """People with enough ratings to give 20, and have others left that nobody else gave."""
    table = random_ratings(7, raters=150, movies=150, most=150)
    return {user: stars for user, stars in table.items() if len(stars) >= 60}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Them as a source."""
    return write_source(tmp_path_factory.mktemp("source"), rated())


@pytest.fixture(scope="module")
def quality(source: Path) -> Quality:
    """All ways to join, on two groups of people held out."""
    return evaluate(str(source), together=True, splits=2, seed=3)


def test_every_way_gets_every_kind_of_group(quality: Quality) -> None:
    """With intervals and leads; the mean lies between the least and the largest."""
    assert (quality.kind, quality.methods) == ("together", tuple(METHODS))
    assert quality.drawable == ("group_mean_10", "group_least_10", "group_spread_10")
    for metric in quality.drawable:
        found = quality.of(metric)
        assert [(one.asked, one.method) for one in found] == [
            (kind, name) for kind in KINDS for name in METHODS
        ]
        assert all(one.low <= one.value <= one.high and one.count == len(one.each) for one in found)
    rows = {(one.metric, one.asked, one.method): one for one in quality.figures}
    for kind in KINDS:
        for name in METHODS:
            mean, least, spread = (rows[metric, kind, name].value for metric in quality.drawable)
            assert 0 <= least <= mean <= least + spread <= 1
        lead = rows["group_mean_10", kind, "own"].lead
        assert lead is not None
        ours, own = (rows["group_mean_10", kind, name].value for name in ("kindred", "own"))
        assert lead.value == pytest.approx(ours / own - 1)
    assert rows["group_mean_10", "2 random", "without-misery"].setting.keys() == {"threshold"}
    assert "in groups, up to" in quality.explained()
    assert quality.table().columns.tolist() == KINDS


def test_the_same_seed_draws_the_same_groups(quality: Quality, source: Path) -> None:
    """Whichever ways are compared; so that two results can be."""
    again = evaluate(str(source), together=True, splits=2, seed=3, methods=["average"])
    assert again.methods == ("kindred", "average")
    found = compare(quality, against=again).to_frame()
    assert len(found) == 3 * len(KINDS)
    assert not found["difference"].any()


def test_all_ways_join_what_kindred_joins(source: Path, tmp_path: Path) -> None:
    """By its rule, the worths that the others get make the lists that Kindred gives."""
    everybody = load(str(source))
    (out,) = choose_people(everybody.ratings, splits=1, seed=0)
    kept = index_without(everybody, out, tmp_path)
    (asked,) = draw_questions(everybody.ratings, out, parse_lengths([20]), seed=0)
    split = Together(tmp_path, kept.movie_ids, asked, 0)
    fitted = GROUP_METHODS[0].fit(split, [()])
    _, lists = next(fitted)
    for groups in split.groups:
        for members, (listed,) in zip(groups.members, lists(groups), strict=True):
            movies, worth = split.worths(members)
            order, _, _ = fair_order(worth, DEPTH, Ranking().fairness)
            assert listed.tolist() == movies[order].tolist()


class Stops(Progress):
    """Interrupts as a stage begins, and keeps notes."""

    def __init__(self, at: str = "") -> None:
        self.at, self.notes = at, list[str]()

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """End there."""
        if name == self.at:
            raise KeyboardInterrupt
        with super().stage(name, total) as advance:
            yield advance

    def note(self, line: str) -> None:
        """Keep it."""
        self.notes.append(line)


def test_an_interrupted_one_goes_on(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was measured is not asked for again, and the figures are the same."""
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path))
    given: dict[str, Any] = {"together": True, "methods": ["average", "own"]}
    whole, progress = evaluate(str(source), **given), Stops()
    with pytest.raises(KeyboardInterrupt):
        evaluate(str(source), **given, progress=Stops(at="own"))
    again = evaluate(str(source), **given, progress=progress)
    assert again.figures == whole.figures
    assert progress.notes == ["2 steps were taken from a run that was interrupted"]


def test_too_few_ratings_make_no_groups(tmp_path: Path) -> None:
    """Nobody held out can give 20 and have others left."""
    few = write_source(tmp_path, random_ratings(3, raters=60, movies=24, most=24))
    with pytest.raises(InvalidInputError, match="no two of the people held out rated 25 movies"):
        evaluate(str(few), together=True)


def test_the_command_prints_tables_and_draws(kindred: Run, source: Path, tmp_path: Path) -> None:
    """A line for each way that fits on a line of a terminal, and a picture."""
    picture = tmp_path / "together.png"
    done = kindred("evaluate", source, "--together", "--seed", 3, "--picture", picture)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    head = next(line for line in lines if line.startswith("people"))
    assert head.split("  ")[0] == "people"
    assert [kind for kind in KINDS if kind in head] == KINDS
    for title in ("Groups asked", "Mean of", "Least of", "Spread", "Kindred's lead", "Part of"):
        assert any(line.startswith(title) for line in lines), title
    assert max(map(len, lines[1:-1])) <= 100
    assert "…" not in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
