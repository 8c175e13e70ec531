"""Predicting the ratings that were kept out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.progress import Progress
from ingest.reading import Loaded
from kindred.evaluation.stars import (
    PREDICTORS,
    Fold,
    Predicted,
    Predictor,
    by_kindred,
    evaluate_stars,
)
from recommender import InvalidInputError
from tests.kindred.evaluation.tables import loaded
from tests.support import Ratings, random_ratings


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

    evaluate_stars(source, [Predictor("spy", spy)], seed=0, progress=Progress())
    assert len(seen) == 5
    assert sum(seen) == count


def test_errors_by_hand(tmp_path: Path) -> None:
    """Of 4, 4, 4, 4, 4 and five times 2, always saying 4 is off by two half of the time."""
    table: Ratings = {user: {1: 4, 2: 2} for user in range(1, 6)}
    quality = evaluate_stars(
        loaded(tmp_path, table), [always(4), always(3)], seed=0, progress=Progress()
    )
    four, three = quality.stars
    assert (four.rmse.value, four.mae.value) == pytest.approx((2**0.5, 1))
    assert (three.rmse.value, three.mae.value) == pytest.approx((1, 1))
    assert four.lead is None
    assert three.lead is not None
    # Everybody rated alike, so that no resample differs.
    lead = 1 - 2**0.5
    assert (three.lead.value, three.lead.low, three.lead.high) == pytest.approx((lead,) * 3)


def test_predictions_come_back_to_their_ratings(tmp_path: Path) -> None:
    """Predicting each movie's own stars is right everywhere."""
    table: Ratings = {user: {1: 4, 2: 2, 3: 5} for user in range(1, 8)}
    stars = np.array([4.0, 2.0, 5.0])
    right = Predictor("right", lambda fold: Predicted(stars[fold.movie], None))
    quality = evaluate_stars(loaded(tmp_path, table), [right], seed=3, progress=Progress())
    assert quality.stars[0].rmse.value == 0


@pytest.mark.parametrize("predictor", PREDICTORS[1:], ids=lambda predictor: predictor.name)
def test_each_peer_beats_saying_the_middle(predictor: Predictor, tmp_path: Path) -> None:
    """On people who differ in nothing but how high they rate."""
    table: Ratings = {
        user: {movie: 2 + user % 3 + (movie % 2) for movie in range(1, 13) if (user + movie) % 5}
        for user in range(1, 25)
    }
    # Somebody with a single rating is unknown whenever that is asked.
    table |= {99: {1: 3}}
    quality = evaluate_stars(
        loaded(tmp_path, table), [always(3), predictor], seed=0, progress=Progress()
    )
    assert quality.stars[1].rmse.value < quality.stars[0].rmse.value
    unsupported = quality.stars[1].unsupported
    assert (unsupported is not None) == predictor.name.endswith("knn")


def test_kindred_predicts_through_a_real_index(tmp_path: Path) -> None:
    """People unknown to it get what can be said without them."""
    source = loaded(tmp_path, random_ratings(2))
    user = np.array([-1, 0, 0])
    predicted = by_kindred(Fold(source, user, np.array([0, 1, 2])))
    assert np.isfinite(predicted.stars).all()
    assert predicted.unsupported is not None
    assert predicted.unsupported[0]


@pytest.mark.parametrize(("stars", "count"), [(5, 12), (4, 3)])
def test_likes_alone_have_no_stars_to_predict(stars: int, count: int, tmp_path: Path) -> None:
    """One clear line."""
    source: Loaded = loaded(tmp_path, {1: dict.fromkeys(range(count), stars)})
    with pytest.raises(InvalidInputError, match=rf"has {count} ratings \(likes only\)"):
        evaluate_stars(source, PREDICTORS, seed=0, progress=Progress())
