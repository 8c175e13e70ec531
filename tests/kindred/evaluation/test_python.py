"""Evaluating in a program or notebook, and comparing what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kindred.evaluation import Quality, compare, evaluate
from recommender import InvalidInputError
from tests.support import Ratings, random_ratings


def frame(ratings: Ratings) -> pd.DataFrame:
    """A row for each rating."""
    rows = [
        {"userId": user, "movieId": movie, "rating": stars}
        for user, rated in ratings.items()
        for movie, stars in rated.items()
    ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def lists() -> Quality:
    """Lists compared on a DataFrame."""
    ratings = frame(random_ratings(5, raters=80))
    films = pd.DataFrame({"movieId": ratings.movieId.unique()})
    films["title"], films["genres"] = films.movieId.astype(str), "Drama"
    return evaluate(ratings, movies=films, methods=["popular", "ease"], lengths=[3, "50%"])


def test_whatever_an_ingest_takes_is_evaluated(lists: Quality) -> None:
    """Here tables of ratings and movies, whose genres are all one and so always met."""
    assert lists.methods == ("kindred", "popular", "ease")
    assert [figure.asked for figure in lists.of("ndcg_10")] == ["3"] * 3 + ["50%"] * 3
    assert {figure.value for figure in lists.of("calibration_10")} == {0}


def test_a_method_is_compared_with_another(lists: Quality) -> None:
    """The difference is that of the figures, and no surer than the people who differ."""
    found = compare(lists, against="ease").to_frame()
    assert found.columns.tolist() == [
        *("metric", "asked", "count", "kindred", "ease", "difference", "low", "high")
    ]
    assert len(found) == 7 * 2
    expected = (found["kindred"] - found["ease"]).tolist()
    assert found["difference"].tolist() == pytest.approx(expected, abs=1e-5)
    row = found[(found.metric == "ndcg_10") & (found.asked == "3")].iloc[0]
    ours, theirs = (
        np.array(
            [one.each for one in lists.of("ndcg_10") if (one.method, one.asked) == (name, "3")]
        )
        for name in ("kindred", "ease")
    )
    error = (ours - theirs).std() / np.sqrt(ours.size)
    assert (row.high - row.low) / 2 == pytest.approx(1.96 * error, rel=0.1)
    back = compare(lists, method="ease", against="kindred").to_frame()
    assert back["difference"].tolist() == (-found["difference"]).tolist()


def test_a_result_is_compared_with_one_of_before(lists: Quality, tmp_path: Path) -> None:
    """Read from a file, over the same people; the same method differs by nothing from itself."""
    lists.save(tmp_path / "before.json")
    before = Quality.load(tmp_path / "before.json")
    assert before == lists
    found = compare(lists, against=before)
    assert {(row.value, row.low, row.high) for row in found.rows} == {(0, 0, 0)}
    assert found.to_frame().columns[3:5].tolist() == ["kindred", "kindred, before"]


def test_results_about_other_people_are_not_compared(lists: Quality) -> None:
    """Nor one that no longer knows who got what, nor a method that is not there."""
    for change in ({"digest": "x"}, {"seed": 1}, {"splits": 2}, {"people": 1}):
        (name,) = change
        with pytest.raises(InvalidInputError, match=f"not about the same people: {name} is"):
            compare(lists, against=lists.model_copy(update=change))
    with pytest.raises(InvalidInputError, match="without people"):
        compare(lists.without_people(), against="ease")
    with pytest.raises(InvalidInputError, match="no method 'als' in this result: choose kindred,"):
        compare(lists, against="als")
    nothing: Any = None
    with pytest.raises(InvalidInputError, match="None is no result of an evaluation"):
        compare(lists, against=nothing)


def test_errors_of_stars_are_compared_as_roots_and_means() -> None:
    """The difference of two RMSE is that of the figures shown."""
    ratings = frame(random_ratings(2))
    quality = evaluate(ratings, stars=True, methods=["biases"], folds=3)
    found = compare(quality, against="biases").to_frame().set_index("metric")
    ours, theirs = quality.of("rmse")[:2]
    assert found.loc["rmse", "difference"] == pytest.approx(ours.value - theirs.value, abs=1e-5)
    assert found.loc["rmse", "asked"] == "all folds"


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"splits": 7}, "splits is 7: give a whole number, 1 to 6"),
        ({"people": 0}, "people is 0: give a whole number, 1 or more"),
        ({"stars": True, "folds": 1}, "folds is 1"),
        ({"stars": True, "folds": 2.5}, "folds is 2.5"),
        ({"stars": True, "lengths": [3]}, "without lengths, packs, splits and together"),
        ({"stars": True, "together": True}, "stars are predicted without"),
        ({"together": True, "lengths": [3]}, "groups are asked without lengths and packs"),
        ({"together": True, "packs": "x.json"}, "without lengths and packs"),
        ({"together": True, "folds": 3}, "folds and processes are for predicting stars"),
        ({"together": True, "methods": ["ease"]}, "no method 'ease': choose kindred, average"),
        ({"folds": 3}, "folds and processes are for predicting stars"),
        ({"lengths": []}, "no length of a question"),
        ({"lengths": 3}, "lengths is 3: give a list"),
        ({"methods": ["magic"]}, "no method 'magic'"),
        ({"methods": [3]}, "no method '3'"),
        ({"methods": 3}, "methods is 3: give a list"),
        ({"scale": (1, 10)}, r"scale is \(1, 10\): give a Scale"),
        ({"columns": "viewer"}, "columns is 'viewer': give headings by role"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], line: str) -> None:
    """Before anything is read."""
    with pytest.raises(InvalidInputError, match=line):
        evaluate("nowhere", **given)


def test_a_handful_of_ratings_is_enough_to_predict_stars() -> None:
    """Of five, with one left out, the first of the source are no longer where they were."""
    ratings = frame({1: {1: 5.0, 2: 4.0, 3: 1.0, 4: 4.5, 5: 3.0}})
    quality = evaluate(ratings, stars=True, methods=["biases"], folds=5)
    assert [figure.count for figure in quality.of("mae")[:2]] == [5, 5]
