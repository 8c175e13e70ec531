"""Figures against another implementation, and by hand."""

from __future__ import annotations

from itertools import combinations

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kindred.evaluation.comparison import interval, lead, resampled
from kindred.evaluation.metrics import NOTHING, measure, share_found, top_lists
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


def test_intervals_are_seeded_and_as_wide_as_theory_has_them() -> None:
    """The mean of a thousand coin tosses is known to 1.96 standard errors."""
    coins = np.tile([0.0, 1.0], 500)[:, None]
    one, again, other = (resampled(coins, seed=seed) for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()
    found = interval(0.5, one[:, 0])
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * 0.5 / np.sqrt(1000), rel=0.1)


def test_a_lead_is_paired() -> None:
    """Half as much again for everybody is a lead without any doubt."""
    theirs = np.random.default_rng(0).random(50) + 0.1
    figures = np.column_stack([1.5 * theirs, theirs])
    ours, other = resampled(figures, seed=0).T
    found = lead(figures[:, 0].mean(), figures[:, 1].mean(), ours, other)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))
    assert lead(1.0, 0.0, ours, np.zeros(len(ours))) is None
