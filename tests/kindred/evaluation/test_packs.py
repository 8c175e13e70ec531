"""Sets of films that belong together, and whether the best setting is chosen for each figure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ingest import Progress
from ingest.reading import Loaded
from kindred.evaluation.held_out import Split
from kindred.evaluation.methods.kindred import Kindred
from kindred.evaluation.methods.method import Fit, Fitted, Method, Setting, settings
from kindred.evaluation.metrics import Figures
from kindred.evaluation.packs import evaluate_packs, read_packs
from kindred.evaluation.questions import Questions
from kindred.evaluation.resuming import Finished
from kindred.evaluation.tuning import best, tuned
from recommender import InvalidInputError
from recommender.arrays import Ints
from recommender.quality.result import Quality
from tests.kindred.conftest import Run
from tests.kindred.evaluation.tables import Table, ask, loaded, train
from tests.support import random_ratings, write_source

PACKS = {"first": {"source": [1, 2, 3, 4, 5]}, "second": {"source": [6, 7, 8, 9, 10, 11]}}


@pytest.fixture
def source(tmp_path: Path) -> Loaded:
    """Films 1 to 12, each rated by somebody, in a folder named source."""
    ratings = {user: {1 + (user + n) % 12: 4.0 for n in range(6)} for user in range(12)}
    return loaded(tmp_path / "source", ratings)


def written(folder: Path, packs: object) -> Path:
    """A file of sets."""
    path = folder / "packs.json"
    path.write_text(json.dumps(packs), encoding="utf-8")
    return path


class First(Method):
    """Lists the first films there are, so many as its setting says."""

    name = "first"
    needs = ()
    grid = settings(films=[1, 2])

    def __init__(self) -> None:
        self.asked: list[Questions] = []

    def finer(self, best: Sequence[Setting]) -> list[Setting]:
        """Three films and whatever is best already."""
        return [*best, *settings(films=[3])]

    def fit(self, split: Split, grid: Sequence[Setting]) -> Fitted:
        """Learn nothing."""
        for setting in grid:
            listed = partial(self._lists, int(dict(setting)["films"]))
            yield setting, Fit(listed, listed)

    def _lists(self, films: int, asked: Questions) -> Ints:
        self.asked.append(asked)
        return np.tile(np.arange(films), (len(asked), 1))


def test_sets_are_read_by_the_label_of_the_source(tmp_path: Path, source: Loaded) -> None:
    """Ids become numbers; sets of other sources are left alone."""
    packs = read_packs(written(tmp_path, PACKS | {"third": {"other": [1]}}), source)
    assert [pack.name for pack in packs] == ["first", "second"]
    assert [pack.movies.tolist() for pack in packs] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9, 10]]


@pytest.mark.parametrize(
    ("packs", "line"),
    [
        ([1, 2], r"holds no sets of films: give JSON such as {"),
        ({"first": {"source": "1"}}, "holds no sets of films"),
        ({"first": {"other": [1]}}, "has no set for .*source.*, but for other"),
        ({"first": {"source": [1, 2, 3, 4, 99]}}, "'first' has a film 99, which nobody"),
        ({"first": {"source": [1, 2, 3, 4, 4]}}, "'first' has 4 films: 4 are given"),
    ],
)
def test_a_wrong_file_is_one_error(
    tmp_path: Path, source: Loaded, packs: object, line: str
) -> None:
    """It says what is wrong with it."""
    with pytest.raises(InvalidInputError, match=line):
        read_packs(written(tmp_path, packs), source)


def test_a_missing_file_is_one_error(tmp_path: Path, source: Loaded) -> None:
    """As is one that cannot be read."""
    with pytest.raises(InvalidInputError, match=r"none\.json' cannot be read: No such file"):
        read_packs(tmp_path / "none.json", source)


def test_four_are_given_and_the_others_are_right(tmp_path: Path, source: Loaded) -> None:
    """Six times over; each set's draws depend on its name and the seed alone."""
    both, one = (
        read_packs(written(tmp_path, {name: PACKS[name] for name in names}), source)
        for names in (("first", "second"), ("second",))
    )
    drawn = []
    for packs in (both, one):
        method = First()
        [*evaluate_packs(source, packs, [method], seed=0, progress=Progress())]
        drawn.append(method.asked[0])
    asked = drawn[0]
    assert len(asked) == 12
    for row in range(12):
        given = set(asked.movie[asked.user == row].tolist())
        right = set(np.flatnonzero(asked.truth[row]).tolist())
        assert len(given) == 4
        assert given | right == set(both[row // 6].movies.tolist())
        assert not given & right
    assert asked.truth[6:].tolist() == drawn[1].truth.tolist()
    assert len({tuple(row) for row in asked.truth[6:].tolist()}) > 1


def test_hits_are_means_over_draws_and_sets(tmp_path: Path, source: Loaded) -> None:
    """A film of a set is right wherever it is not given; the best setting is shown."""
    packs = read_packs(written(tmp_path, PACKS), source)
    method, finished = First(), Finished()
    hits, similar = evaluate_packs(
        source, packs, [method], seed=0, finished=finished, progress=Progress()
    )
    # The first films are of the first set; four of its five are given, and one is right.
    right = method.asked[0].truth[:6]
    found = [right[:, :films].any(axis=1).mean() / 2 for films in (1, 2, 3)]
    assert (hits.method, hits.metric, hits.count) == ("first", "packs_10", 2)
    assert hits.value == pytest.approx(max(found))
    assert hits.setting == {"films": 1 + np.argmax(found)}
    assert hits.lead is None
    # Three are listed: of the other four two where one of them is given, three where none is.
    assert similar.metric == "similar_10"
    assert similar.value == pytest.approx((3 * 2 / 4 + 2 * 3 / 4) / 5 / 2)
    assert finished.seconds.keys() == {"first"}


def test_kindred_finds_what_the_same_people_like(tmp_path: Path) -> None:
    """Half of the people like the one set, half the other, and they do not like one another's."""
    sets = list(range(1, 7)), list(range(7, 13))
    ratings = {
        user: dict.fromkeys(sets[user % 2], 5.0) | dict.fromkeys(sets[1 - user % 2], 1.0)
        for user in range(20)
    }
    # Not all rate all, so that films differ.
    for user, rated in ratings.items():
        del rated[1 + user % 12]
    source = loaded(tmp_path / "source", ratings)
    packs = read_packs(
        written(tmp_path, {str(n): {"source": ids} for n, ids in enumerate(sets)}), source
    )
    found = evaluate_packs(source, packs, [Kindred()], seed=0, progress=Progress())
    assert [figure.value for figure in found] == [1, 1]


def test_each_figure_has_the_setting_that_is_best_for_it(tmp_path: Path) -> None:
    """And settings tried later are around the best of all of them."""

    def films(fit: Fit, split: Split) -> list[Figures]:
        count = fit.recommend(split.questions[0]).shape[1]
        return [{"most": np.array([1.0 * count]), "fewest": np.array([-1.0 * count])}]

    table: Table = [[5, 5, 5]]
    split = Split(tmp_path, train(table), [1, 2, 3], (ask(table),))
    found = tuned(
        First(),
        [split, split],
        films,
        by=("most", "fewest"),
        title="first",
        finished=Finished(),
        progress=Progress(),
    )
    assert [dict(setting)["films"] for setting in found] == [1, 2, 3]
    setting, figures = best(found, 0, "most")
    assert dict(setting) == {"films": 3}
    assert figures["most"].tolist() == [3, 3]  # of both splits
    assert dict(best(found, 0, "fewest")[0]) == {"films": 1}


def test_the_command_takes_sets(kindred: Run, tmp_path: Path) -> None:
    """A table of their own, for each method, with a place on the dial as one."""
    source = write_source(tmp_path / "source", random_ratings(5, raters=80))
    path = written(tmp_path, {"some": {"source": [1, 2, 3, 4, 5, 6]}})
    options = ["--packs", path, "--lengths", "3", "--methods", "item-knn,kindred@1"]
    done = kindred("evaluate", source, *options, "--json")
    assert done.returncode == 0, done.stderr
    quality = Quality.model_validate_json(done.stdout)
    assert [one.method for one in quality.of("packs_10")] == ["kindred", "item-knn", "kindred@1"]
    # The dial is one of lists for people.
    ours, cosine = quality.of("similar_10")
    assert (ours.method, cosine.method) == ("kindred", "item-knn")
    assert 0 <= cosine.value <= 1
    assert ours.lead is None
    done = kindred("evaluate", source, "--packs", tmp_path / "none.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip().splitlines()[-1].startswith("error: the sets of films in ")
