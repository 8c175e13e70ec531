"""Figures against another implementation, and by hand."""

from __future__ import annotations

from itertools import combinations

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kindred.evaluation.comparison import figures
from kindred.evaluation.metrics import (
    DEPTH,
    NOTHING,
    calibration,
    measure,
    measure_groups,
    share_found,
    top_lists,
)
from kindred.evaluation.training_data import Array
from tests.kindred.evaluation.tables import train


def test_ndcg_is_that_of_ir_measures() -> None:
    """For random lists, some of them short, and random truth."""
    dice = np.random.default_rng(0)
    people, movies = 30, 150
    truth = dice.random((people, movies)) < 0.1
    truth[:, 0] = True
    lists = np.array([dice.permutation(movies)[:10] for _ in range(people)])
    lists[:10, 7:] = NOTHING
    run = [
        ir_measures.ScoredDoc(str(person), str(movie), float(-place))
        for person in range(people)
        for place, movie in enumerate(lists[person].tolist())
        if movie != NOTHING
    ]
    right = [ir_measures.Qrel(str(p), str(m), 1) for p, m in np.argwhere(truth).tolist()]
    expected = {
        int(found.query_id): found.value
        for found in ir_measures.iter_calc([ir_measures.parse_measure("nDCG@10")], right, run)
    }
    found = measure(lists, truth, train([[4.0] * movies]))["ndcg_10"]
    assert found == pytest.approx([expected[person] for person in range(people)], abs=1e-9)


def test_ndcg_by_hand() -> None:
    """Two right movies of three listed, found first and third."""
    rated = train([[5, 5, 5, 0], [5, 1, 5, 5], [5, 0, 5, 0]])  # liked by 3, 1, 3 and 1
    truth = np.array([[True, False, False, True]])
    found = measure(np.array([[0, 1, 3]]), truth, rated)
    assert found["ndcg_10"] == pytest.approx([(1 + 1 / 2) / (1 + 1 / np.log2(3))])
    # The first gains 1/2, the last the root of 1/2: best of all is the last before the first.
    rare, known = 0.5**0.5, 0.5
    best = rare + known / np.log2(3)
    assert found["debiased_10"] == pytest.approx([(known + rare / 2) / best])


def test_a_list_for_several_is_measured_for_each() -> None:
    """One list finds the only film that one likes first, and what the other likes third."""
    truth = np.array([[True, False, False, False], [False, True, True, False]])
    best = 1 + 1 / np.log2(3)
    joined = np.array([[[0, 3, 1] + [NOTHING] * (DEPTH - 3)]])
    found = {name: one.tolist() for name, one in measure_groups(joined, [truth]).items()}
    least = 1 / 2 / best
    assert found["group_mean_10"] == pytest.approx([(1 + least) / 2])
    assert found["group_least_10"] == pytest.approx([least])
    assert found["group_spread_10"] == pytest.approx([1 - least])
    own = np.array([[[0, 3] + [NOTHING] * (DEPTH - 2), [2, 1] + [NOTHING] * (DEPTH - 2)]])
    assert {name: one.tolist() for name, one in measure_groups(own, [truth]).items()} == {
        "group_mean_10": [1.0],
        "group_least_10": [1.0],
        "group_spread_10": [0.0],
    }


def test_the_long_tail_is_what_few_like() -> None:
    """Of forty movies that somebody rated, three percent are one, the most liked."""
    table = [[5.0] * 40 + [0.0] * 60, [1.0, 5.0] + [0.0] * 98]
    lists = np.array([[1, 7, 50, NOTHING], [2, 3, 4, 5]])
    truth = np.ones((2, 100), dtype=bool)
    assert measure(lists, truth, train(table))["longtail_10"].tolist() == [2 / 3, 1]


def test_overlap_is_the_mean_over_all_pairs() -> None:
    """Counted film by film, it is what comparing each two lists finds."""
    dice = np.random.default_rng(3)
    lists = np.array([dice.permutation(25)[:10] for _ in range(12)])
    lists[0, 4:] = NOTHING
    sets = [set(row) - {NOTHING} for row in lists.tolist()]
    pairs = [len(one & other) / 10 for one, other in combinations(sets, 2)]
    found = measure(lists, np.ones((12, 25), dtype=bool), train([[4.0] * 25]))
    assert found["overlap_10"].mean() == pytest.approx(np.mean(pairs))


def test_an_empty_list_finds_nothing() -> None:
    """And shares nothing with nobody."""
    found = measure(np.full((1, 10), NOTHING), np.array([[True]]), train([[5]]))
    assert {name: figure.tolist() for name, figure in found.items()} == {
        name: [0] for name in found
    }


def test_what_is_found_is_a_part_of_what_can_be() -> None:
    """One of two; and one of ten, where twenty would be right."""
    lists = np.array([[0, 5, NOTHING], [9, 30, 31]])
    truth = np.zeros((2, 40), dtype=bool)
    truth[0, :2] = truth[1, :20] = True
    assert share_found(lists, truth).tolist() == [0.5, 0.1]


@given(hnp.arrays(float, (3, 120), elements=st.sampled_from([0.0, 1.0, 2.0, -np.inf])))
def test_lists_are_the_best_with_ties_in_order(
    scores: Array,
) -> None:
    """Neither what was seen nor what has no score is listed."""
    seen = np.zeros(scores.shape, dtype=bool)
    seen[:, ::7] = True
    for mine, found, out in zip(scores, top_lists(scores, seen), seen, strict=True):
        allowed = [n for n in range(120) if not out[n] and np.isfinite(mine[n])]
        expected = sorted(allowed, key=lambda n: (-mine[n], n))[:10]
        assert [n for n in found.tolist() if n != NOTHING] == expected


def test_recall_is_that_of_ir_measures() -> None:
    """The part of all right movies, also where there are more than ten."""
    dice = np.random.default_rng(5)
    truth = dice.random((6, 40)) < 0.5
    truth[:, 0] = True
    lists = np.array([dice.permutation(40)[:10] for _ in range(6)])
    run = [
        ir_measures.ScoredDoc(str(person), str(movie), float(-place))
        for person in range(6)
        for place, movie in enumerate(lists[person].tolist())
    ]
    right = [ir_measures.Qrel(str(p), str(m), 1) for p, m in np.argwhere(truth).tolist()]
    expected = {
        int(found.query_id): found.value
        for found in ir_measures.iter_calc([ir_measures.parse_measure("R@10")], right, run)
    }
    found = measure(lists, truth, train([[4.0] * 40]))["recall_10"]
    assert found == pytest.approx([expected[person] for person in range(6)])


def test_coverage_counts_the_movies_in_anybodys_list() -> None:
    """Of three that five people rated, two are listed; a fourth was rated too rarely."""
    rated = train([[5.0, 5, 5, 0]] * 4 + [[5.0, 5, 5, 5]])
    lists = np.array([[0, 1, NOTHING], [0, NOTHING, NOTHING]])
    found = measure(lists, np.ones((2, 4), dtype=bool), rated)["coverage_10"]
    assert found.mean() == pytest.approx(2 / 3)
    # Without the first person one movie less is covered, without the second none.
    assert found.tolist() == pytest.approx([2 / 3 + 1 / 6, 2 / 3 - 1 / 6])


def test_calibration_by_hand() -> None:
    """Half drama and half comedy is wanted; one list has that, one has dramas only."""
    genres = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], dtype=bool)
    liked = np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1], [0, 0, 0, 1]], dtype=bool)
    lists = np.array([[2, 3], [0, 3], [3, NOTHING], [0, 1]])
    found = calibration(lists, liked, genres)
    # Of what is wanted and not listed, one percent is taken to be there.
    dramas = 0.5 * np.log(0.5 / 0.995) + 0.5 * np.log(0.5 / 0.005)
    assert found[:3] == pytest.approx([0, dramas, np.log(100)])
    assert np.isnan(found[3])  # who likes nothing with a genre


def test_intervals_are_seeded_and_as_wide_as_theory_has_them() -> None:
    """The mean of a thousand coin tosses is known to 1.96 standard errors."""
    coins = {"kindred": np.tile([0.0, 1.0], 500)}
    (one,), (again,), (other,) = (figures("ndcg_10", "10", coins, seed=seed) for seed in (1, 1, 2))
    assert one == again != other
    assert (one.value, one.count, one.lead, len(one.each)) == (0.5, 1000, None, 1000)
    assert (one.high - one.low) / 2 == pytest.approx(1.96 * 0.5 / np.sqrt(1000), rel=0.1)


def test_a_lead_is_paired() -> None:
    """Half as much again for everybody is a sure lead; for an error, a sure fault."""
    theirs = np.random.default_rng(0).random(50) + 0.1
    found = {"kindred": 1.5 * theirs, "other": theirs}
    for metric, sign in (("ndcg_10", 1), ("mae", -1)):
        _, other = figures(metric, "10", found, seed=0)
        assert other.lead is not None
        ends = (other.lead.value, other.lead.low, other.lead.high)
        assert ends == pytest.approx((sign * 0.5,) * 3)
    _, other = figures("ndcg_10", "10", {"kindred": theirs, "none": np.zeros(50)}, seed=0)
    assert other.lead is None
    _, other = figures("overlap_10", "10", found, seed=0)
    assert other.lead is None


def test_people_a_figure_is_not_about_do_not_count() -> None:
    """Neither in the mean nor in its interval; of nobody there is no figure."""
    (found,) = figures("ndcg_10", "10", {"kindred": np.array([0.5, np.nan, 0.5])}, seed=0)
    assert (found.value, found.low, found.high, found.count) == (0.5, 0.5, 0.5, 2)
    assert found.each == (0.5, None, 0.5)
    assert not [*figures("ndcg_10", "10", {"kindred": np.array([np.nan])}, seed=0)]


def test_people_with_many_ratings_count_as_many_times() -> None:
    """Squared errors 1 of one rating and 4 of three are 3.25 in the mean."""
    squares = {"kindred": np.array([1.0, 4.0])}
    (found,) = figures("rmse", "all folds", squares, weights=np.array([1.0, 3.0]), seed=0)
    assert found.value == pytest.approx(3.25**0.5)
    assert found.count == 4
    assert (found.low, found.high) == (1, 2)
