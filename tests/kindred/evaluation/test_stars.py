"""Predicting the ratings that were kept out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import surprise

from ingest import Progress
from ingest.reading import Loaded
from kindred.evaluation.held_out import Folds
from kindred.evaluation.methods.predictors import (
    PREDICTORS,
    Fold,
    Predicted,
    Predictor,
    by_kindred,
    surprise_table,
)
from kindred.evaluation.person.predictions import by_item_cosine, by_user_cosine
from kindred.evaluation.resuming import Finished
from kindred.evaluation.stars import evaluate_stars
from kindred.evaluation.training_data import TrainingData
from recommender import InvalidInputError
from recommender.arrays import Floats
from recommender.quality.result import Quality
from tests.kindred.evaluation.tables import loaded
from tests.support import Ratings, random_ratings

BY_NAME = {predictor.name: predictor for predictor in PREDICTORS}


def evaluated(
    source: Loaded, predictors: Sequence[Predictor], *, people: int = 1000, folds: int = 5
) -> Quality:
    """Figures of predictors, as a result."""
    found = evaluate_stars(
        source,
        predictors,
        folds=folds,
        people=people,
        seed=0,
        processes=1,
        finished=Finished(),
        progress=Progress(),
    )
    about = dict.fromkeys(["ratings", "users", "movies", "seed"], 0)
    return Quality(
        kind="stars",
        source=source.source,
        digest="",
        created="",
        splits=folds,
        people=people,
        versions={},
        seconds={},
        figures=tuple(found),
        **about,
    )


def always(stars: float) -> Predictor:
    """Predict so many stars for everything."""
    return Predictor(
        f"always {stars:g}", lambda fold: Predicted(np.full(len(fold.user), stars), None)
    )


def test_every_rating_is_predicted_once_without_knowing_it(tmp_path: Path) -> None:
    """The folds part the ratings; what is asked is not among what is known."""
    source = loaded(tmp_path, random_ratings(1))
    count, seen = len(source.ratings.stars), []

    def spy(fold: Fold) -> Predicted:
        known = fold.known.ratings
        pairs = set(zip(known.user.tolist(), known.movie.tolist(), strict=True))
        asked = list(zip(fold.user.tolist(), fold.movie.tolist(), strict=True))
        assert pairs.isdisjoint(asked)
        assert len(known.stars) + len(asked) == count
        seen.append(len(asked))
        return Predicted(np.zeros(len(asked)), None)

    quality = evaluated(source, [Predictor("spy", spy)], folds=7)
    assert len(seen) == 7
    assert sum(seen) == count
    assert [one.asked for one in quality.of("mae")] == [
        "all folds",
        *(f"fold {number}" for number in range(1, 8)),
    ]
    assert [one.count for one in quality.of("mae")] == [count, *seen]


def test_so_many_people_have_their_ratings_predicted(tmp_path: Path) -> None:
    """All of theirs and nobody else's; the ratings of the others stay known."""
    source = loaded(tmp_path, random_ratings(1))
    divided = Folds.drawn(source, folds=5, people=3, seed=0)
    asked = np.unique(source.ratings.user[divided.asked])
    assert len(asked) == 3
    assert divided.asked.sum() == np.isin(source.ratings.user, asked).sum()
    fold = divided.fold(2)
    assert len(fold.user) == divided.rows(2).sum()
    assert len(fold.known.ratings) == (divided.part != 2).sum()
    # Of one person, some folds hold nothing.
    alone = evaluated(source, [BY_NAME["kindred"], BY_NAME["user-knn"]], people=1, folds=20)
    assert len(alone.of("rmse")) < 2 * (1 + 20)
    quality = evaluated(source, [always(3)], people=3)
    assert quality.of("rmse")[0].count == divided.asked.sum()


def test_errors_by_hand(tmp_path: Path) -> None:
    """Of 4, 4, 4, 4, 4 and five times 2, always saying 4 is off by two half of the time."""
    table: Ratings = {user: {1: 4, 2: 2} for user in range(1, 6)}
    quality = evaluated(loaded(tmp_path, table), [always(4), always(3)])
    four, three = (one for one in quality.of("rmse") if one.asked == "all folds")
    assert (four.value, three.value) == pytest.approx((2**0.5, 1))
    assert [one.value for one in quality.of("mae") if one.asked == "all folds"] == [1, 1]
    assert four.lead is None
    assert three.lead is not None
    # Everybody rated alike, so that no resample differs.
    lead = 1 - 2**0.5
    assert (three.lead.value, three.lead.low, three.lead.high) == pytest.approx((lead,) * 3)
    # Folds are of two ratings each, and their squares have the mean of all.
    folds = [one.value for one in quality.of("rmse") if one.method == "always 4"][1:]
    assert np.mean(np.square(folds)) == pytest.approx(2)


def test_predictions_come_back_to_their_ratings(tmp_path: Path) -> None:
    """Predicting each movie's own stars is right everywhere."""
    table: Ratings = {user: {1: 4, 2: 2, 3: 5} for user in range(1, 8)}
    stars = np.array([4.0, 2.0, 5.0])
    right = Predictor("right", lambda fold: Predicted(stars[fold.movie], None))
    quality = evaluated(loaded(tmp_path, table), [right])
    assert {one.value for one in quality.of("rmse")} == {0}


def test_intervals_are_judged_by_what_predictions_rest_on(tmp_path: Path) -> None:
    """Of ratings 4 and 2, one of 3 to 5 holds half; those without an interval are left out."""
    table: Ratings = {user: {1: 4, 2: 2} for user in range(1, 6)}

    def predict(fold: Fold) -> Predicted:
        wide = np.ones(len(fold.user))
        low = np.where(fold.user < 0, np.nan, 3 * wide)
        return Predicted(4 * wide, np.where(fold.movie == 0, 1.0, 12.0), low, 5 * wide)

    quality = evaluated(loaded(tmp_path, table), [Predictor("some", predict)])
    few, many = quality.of("inside_80")
    assert (few.asked, few.value, many.asked, many.value) == ("support 1-2", 1, "support 10+", 0)
    assert quality.of("unsupported")[0].value == 0


@pytest.mark.parametrize("predictor", PREDICTORS[1:], ids=lambda predictor: predictor.name)
def test_each_peer_beats_saying_the_middle(predictor: Predictor, tmp_path: Path) -> None:
    """On people who differ in nothing but how high they rate."""
    table: Ratings = {
        user: {movie: 2 + user % 3 + (movie % 2) for movie in range(1, 13) if (user + movie) % 5}
        for user in range(1, 25)
    }
    # Somebody with a single rating is unknown whenever that is asked.
    table |= {99: {1: 3}}
    quality = evaluated(loaded(tmp_path, table), [always(3), predictor])
    middle, peer = (one for one in quality.of("rmse") if one.asked == "all folds")
    assert peer.value < middle.value
    by_neighbours = predictor.name.endswith(("knn", "cosine"))
    assert bool(quality.of("unsupported")) == by_neighbours


@pytest.mark.parametrize("side", ["user", "item"])
def test_neighbours_are_those_of_surprise(side: str, tmp_path: Path) -> None:
    """The same predictions, of people unknown to it too, with more neighbours than it keeps."""
    source = loaded(tmp_path, random_ratings(3, raters=120, movies=60, most=40))
    fold = Folds.drawn(source, folds=5, people=1000, seed=0).fold(0)
    options = {"name": "pearson_baseline", "shrinkage": 100, "user_based": side == "user"}
    model = surprise.KNNBaseline(sim_options=options, verbose=False)
    model.fit(surprise_table(fold.known.ratings))
    pairs = zip(fold.user.tolist(), fold.movie.tolist(), strict=True)
    expected = [model.predict(user, movie) for user, movie in pairs]
    found = BY_NAME[f"{side}-knn"].predict(fold)
    assert found.stars == pytest.approx([prediction.est for prediction in expected], abs=1e-9)
    assert found.support is not None
    used = [prediction.details.get("actual_k", 0) for prediction in expected]
    assert found.support.tolist() == used


@pytest.mark.parametrize(
    ("name", "predict"), [("user-cosine", by_user_cosine), ("item-cosine", by_item_cosine)]
)
def test_cosines_are_those_of_one_person(
    name: str, predict: Callable[[TrainingData, Floats], Floats], tmp_path: Path
) -> None:
    """What a person did not rate, and each movie they rated when it alone is left out."""
    source = loaded(tmp_path, random_ratings(3, raters=120, movies=60, most=40))
    ratings = source.ratings
    mine = ratings.user == 0
    given = np.full(len(ratings.movie_ids), np.nan)
    given[ratings.movie[mine]] = ratings.stars[mine]
    expected = predict(TrainingData.of(ratings.only(~mine)), given)
    told = np.flatnonzero(np.isfinite(expected))
    assert 0 < np.isfinite(given[told]).sum() < len(told)
    for movie in told.tolist():
        known = replace(source, ratings=ratings.only(~(mine & (ratings.movie == movie))))
        found = BY_NAME[name].predict(Fold(known, np.array([0]), np.array([movie])))
        assert found.stars == pytest.approx(np.clip(expected[movie], 0.5, 5))


def test_biases_are_those_of_surprise(tmp_path: Path) -> None:
    """Ten rounds of alternating least squares."""
    fold = Folds.drawn(loaded(tmp_path, random_ratings(3)), folds=5, people=99, seed=0).fold(0)
    model = surprise.BaselineOnly(verbose=False).fit(surprise_table(fold.known.ratings))
    pairs = zip(fold.user.tolist(), fold.movie.tolist(), strict=True)
    expected = [model.predict(user, movie).est for user, movie in pairs]
    assert BY_NAME["biases"].predict(fold).stars == pytest.approx(expected, abs=1e-9)


def test_adjusted_cosine_by_hand(tmp_path: Path) -> None:
    """Movie 2 deviates from people's means as 1 does, and 3 against it: its stars are told."""
    table: Ratings = {1: {1: 5, 2: 4, 3: 1}, 2: {1: 1, 2: 2, 3: 5}, 3: {2: 4, 3: 2}}
    source = loaded(tmp_path, table)
    found = BY_NAME["item-cosine"].predict(Fold(source, np.array([2]), np.array([0])))
    assert found.stars.tolist() == [4]
    assert found.support is not None
    assert found.support.tolist() == [1]


def test_kindred_predicts_through_a_real_index(tmp_path: Path) -> None:
    """People unknown to it get what can be said without them."""
    source = loaded(tmp_path, random_ratings(2))
    user = np.array([-1, 0, 0])
    predicted = by_kindred(Fold(source, user, np.array([0, 1, 2])))
    assert np.isfinite(predicted.stars).all()
    assert predicted.support is not None
    assert predicted.support[0] == 0


@pytest.mark.parametrize(("stars", "count"), [(5, 12), (4, 3)])
def test_likes_alone_have_no_stars_to_predict(stars: int, count: int, tmp_path: Path) -> None:
    """One clear line."""
    source: Loaded = loaded(tmp_path, {1: dict.fromkeys(range(count), stars)})
    with pytest.raises(InvalidInputError, match=rf"has {count} ratings \(likes only\)"):
        evaluated(source, PREDICTORS)
