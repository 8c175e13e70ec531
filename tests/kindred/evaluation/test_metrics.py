"""Figures against another implementation, and by hand."""

from __future__ import annotations

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kindred.evaluation.comparison import interval, lead, resampled
from kindred.evaluation.metrics import NOTHING, measure, top_lists
from kindred.evaluation.training_data import Array
from tests.kindred.evaluation.tables import train


def test_figures_are_those_of_ir_measures() -> None:
    """For random lists, some of them short, and random truth."""
    dice = np.random.default_rng(0)
    people, movies = 30, 150
    truth = dice.random((people, movies)) < 0.1
    truth[:, 0] = True
    lists = np.array([dice.permutation(movies)[:100] for _ in range(people)])
    lists[:10, 7:] = NOTHING
    run = [
        ir_measures.ScoredDoc(str(person), str(movie), float(-place))
        for person in range(people)
        for place, movie in enumerate(lists[person].tolist())
        if movie != NOTHING
    ]
    right = [ir_measures.Qrel(str(p), str(m), 1) for p, m in np.argwhere(truth).tolist()]
    names = {"ndcg_10": "nDCG@10", "ndcg_100": "nDCG@100", "recall_20": "R@20"}
    measures = [ir_measures.parse_measure(name) for name in names.values()]
    expected = {
        (str(found.measure), int(found.query_id)): found.value
        for found in ir_measures.iter_calc(measures, right, run)
    }
    everybody = train([[4.0] * movies])
    figures = measure(lists, truth, everybody)._asdict()
    for field, name in names.items():
        values = [expected[name, person] for person in range(people)]
        assert figures[field] == pytest.approx(values, abs=1e-9)


def test_figures_by_hand() -> None:
    """Two relevant movies, found first and third; and what the lists are made of."""
    rated = train([[5, 5, 5, 0], [5, 0, 5, 0]])  # by 2, 1, 2 and 0 of two
    truth = np.array([[True, False, True, False]])
    found = measure(np.array([[0, 1, 2]]), truth, rated)
    ideal = 1 + 1 / np.log2(3)
    assert found.ndcg_10 == pytest.approx([(1 + 0.5) / ideal])
    assert found.recall_20 == pytest.approx([1])
    assert found.coverage_10 == 1  # of the three that anybody rated
    assert found.popularity_10 == pytest.approx((1 + 0.5 + 1) / 3)
    assert found.novelty_10 == pytest.approx((0 + 1 + 0) / 3)


def test_an_empty_list_finds_nothing() -> None:
    """And shows nothing."""
    found = measure(np.full((1, 10), NOTHING), np.array([[True]]), train([[5]]))
    assert (found.ndcg_10.item(), found.recall_20.item(), found.coverage_10) == (0, 0, 0)


@given(hnp.arrays(float, (3, 120), elements=st.sampled_from([0.0, 1.0, 2.0, -np.inf])))
def test_lists_are_the_best_with_ties_in_order(
    scores: Array,
) -> None:
    """Neither what was seen nor what has no score is listed."""
    seen = np.zeros(scores.shape, dtype=bool)
    seen[:, ::7] = True
    for mine, found, out in zip(scores, top_lists(scores, seen), seen, strict=True):
        allowed = [n for n in range(120) if not out[n] and np.isfinite(mine[n])]
        expected = sorted(allowed, key=lambda n: (-mine[n], n))[:100]
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
