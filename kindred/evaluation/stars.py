"""Comparing predicted stars: of each fifth of the ratings, from the other four."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from ingest import Progress
from ingest.cleaning import CleanRatings
from ingest.pipeline import build
from ingest.reading import Loaded
from kindred.evaluation.comparison import interval, lead, resampled, result
from recommender import InvalidInputError, Profile, Recommender
from recommender.arrays import Floats, Ints, Mask
from recommender.quality import Interval, Quality, StarsScore
from recommender.storage.edge import EdgeStore

__all__ = ["PREDICTORS", "Fold", "Predicted", "Predictor", "evaluate_stars"]

FOLDS = 5
_SEED = 0
# The similarity that the documentation of scikit-surprise recommends, with its usual shrinkage.
_SIMILARITY = {"name": "pearson_baseline", "shrinkage": 100}


@dataclass(frozen=True, eq=False)
class Fold:
    """A part of the ratings to predict, and all others."""

    known: Loaded
    user: Ints
    """Number among the people known of each rating to predict, or -1, shape (ratings,)."""
    movie: Ints


class Predicted(NamedTuple):
    """Predictions for the ratings of a fold."""

    stars: Floats
    """Shape (ratings,)."""
    unsupported: Mask | None
    """Whether no neighbour supports each; None for a method without neighbours."""


@dataclass(frozen=True)
class Predictor:
    """A way to predict stars, with its usual settings."""

    name: str
    predict: Callable[[Fold], Predicted]
    needs: tuple[str, ...] = ("surprise",)


def evaluate_stars(
    loaded: Loaded, predictors: Sequence[Predictor], *, seed: int, progress: Progress
) -> Quality:
    """Predict each fifth of the ratings from the other four.

    Intervals and leads come from resampling people with all their ratings. The first of the
    ``predictors`` is Kindred.

    Raises InvalidInputError where there are no stars to predict, or too few ratings.
    """
    ratings = loaded.ratings
    count = len(ratings.stars)
    if ratings.scale.implicit or count < FOLDS:
        raise InvalidInputError(
            f"'{loaded.source.name}' has {count} ratings ({ratings.scale}): predicting stars takes "
            f"at least {FOLDS} ratings on a scale"
        )
    part = np.random.default_rng(seed).permutation(count) % FOLDS
    folds = [_fold(loaded, part == number) for number in range(FOLDS)]
    found: dict[str, Predicted] = {}
    seconds: dict[str, float] = {}
    for predictor in predictors:
        started = time.monotonic()
        stars, unsupported = np.empty(count), np.zeros(count, dtype=bool)
        with progress.stage(predictor.name, FOLDS) as advance:
            for number, fold in enumerate(folds):
                answer = predictor.predict(fold)
                stars[part == number] = answer.stars
                if answer.unsupported is not None:
                    unsupported[part == number] = answer.unsupported
                advance(1)
        by_neighbours = answer.unsupported is not None
        found[predictor.name] = Predicted(stars, unsupported if by_neighbours else None)
        seconds[predictor.name] = time.monotonic() - started
    scores = {"stars": tuple(_scores(loaded, found, seed))}
    return result(loaded, scores, kind="stars", seed=seed, splits=FOLDS, seconds=seconds)


def _fold(loaded: Loaded, asked: Mask) -> Fold:
    ratings = loaded.ratings
    known = ratings.only(~asked)
    # Users are numbered anew there, without those who have no other ratings.
    number = {user: place for place, user in enumerate(known.user_ids)}
    people = np.array([number.get(user, -1) for user in ratings.user_ids])
    return Fold(replace(loaded, ratings=known), people[ratings.user[asked]], ratings.movie[asked])


def by_kindred(fold: Fold) -> Predicted:
    """Build a real index of what is known, and ask it for each person's other ratings at once."""
    ratings = fold.known.ratings
    names = [f"id:{movie}" for movie in ratings.movie_ids]
    stars = np.empty(len(fold.user))
    unsupported = np.empty(len(fold.user), dtype=bool)
    order = np.argsort(fold.user, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(fold.user[order])) + 1)
    with tempfile.TemporaryDirectory(prefix="kindred-") as folder:
        with closing(EdgeStore(Path(folder))) as store:
            build(store, fold.known)
        with Recommender.open(folder) as rec:
            for rows in groups:
                person = int(fold.user[rows[0]])
                # Nothing for -1, whom nobody knows.
                mine = slice(*np.searchsorted(ratings.user, [person, person + 1]))
                rated = zip(ratings.movie[mine].tolist(), ratings.stars[mine].tolist(), strict=True)
                profile = Profile.from_stars({names[movie]: given for movie, given in rated})
                asked = [names[movie] for movie in fold.movie[rows].tolist()]
                predictions = rec.predict_many(profile, asked)
                for row, predicted in zip(rows, predictions, strict=True):
                    unsupported[row] = not predicted.support
                    # Of a movie that nobody else rated, and to somebody who rated nothing else, the
                    # means say something all the same.
                    stars[row] = predicted.expected if predicted.stars is None else predicted.stars
    return Predicted(stars, unsupported)


def _by_surprise(name: str, options: dict[str, Any], fold: Fold) -> Predicted:
    """Ask an algorithm of scikit-surprise."""
    import surprise  # noqa: PLC0415 - an extra

    table = _surprise_table(fold.known.ratings)
    # Not verbose: some of the library's algorithms print what they compute unless told not to.
    model = getattr(surprise, name)(verbose=False, **options).fit(table)
    # For the library, too, -1 is nobody it knows: it then predicts without the user.
    pairs = zip(fold.user.tolist(), fold.movie.tolist(), strict=True)
    found = [model.predict(user, movie) for user, movie in pairs]
    by_neighbours = "sim_options" in options
    return Predicted(
        np.array([prediction.est for prediction in found]),
        np.array([not prediction.details.get("actual_k") for prediction in found])
        if by_neighbours
        else None,
    )


def _surprise_table(ratings: CleanRatings) -> Any:
    """Make the ``Trainset`` of scikit-surprise, with our numbers for its inner ids."""
    import surprise  # noqa: PLC0415 - an extra

    by_user: dict[int, list[tuple[int, float]]] = defaultdict(list)
    by_movie: dict[int, list[tuple[int, float]]] = defaultdict(list)
    rows = zip(ratings.user.tolist(), ratings.movie.tolist(), ratings.stars.tolist(), strict=True)
    for user, movie, stars in rows:
        by_user[user].append((movie, stars))
        by_movie[movie].append((user, stars))
    users, movies = len(ratings.user_ids), len(ratings.movie_ids)
    scale = (float(ratings.stars.min()), float(ratings.stars.max()))
    numbers = [{number: number for number in range(size)} for size in (users, movies)]
    return surprise.Trainset(by_user, by_movie, users, movies, len(ratings.stars), scale, *numbers)


def _peer(name: str, algorithm: str, **options: Any) -> Predictor:
    return Predictor(name, partial(_by_surprise, algorithm, options))


PREDICTORS: Final = (
    Predictor("kindred", by_kindred, needs=()),
    _peer("biases", "BaselineOnly"),
    _peer("user-knn", "KNNBaseline", sim_options={**_SIMILARITY, "user_based": True}),
    _peer("item-knn", "KNNBaseline", sim_options={**_SIMILARITY, "user_based": False}),
    _peer("svd", "SVD", random_state=_SEED),
    _peer("svd-large", "SVD", n_factors=200, n_epochs=100, reg_all=0.1, random_state=_SEED),
)
"""Kindred; biases of people and movies; neighbours around these, 40 at most, with correlations
shrunk as if by 100 ratings; and matrix factorisation, as it comes and trained for long."""


def _scores(loaded: Loaded, found: dict[str, Predicted], seed: int) -> Iterator[StarsScore]:
    ratings = loaded.ratings
    users = len(ratings.user_ids)
    errors = [np.abs(predicted.stars - ratings.stars) for predicted in found.values()]
    sums = [
        np.bincount(ratings.user, weights=figure, minlength=users)
        for error in errors
        for figure in (error**2, error)
    ]
    # Sums of each person and not their means: somebody with many ratings counts as many times.
    given = np.bincount(ratings.user, minlength=users).astype(np.float64)
    means = resampled(np.column_stack([given, *sums]), seed=seed)
    mae = means[:, 2::2] / means[:, :1]
    rmse = np.sqrt(means[:, 1::2] / means[:, :1])
    whole = [float(np.sqrt((error**2).mean())) for error in errors]
    for place, (name, predicted) in enumerate(found.items()):
        alone = predicted.unsupported
        nearer = lead(whole[0], whole[place], rmse[:, 0], rmse[:, place]) if place else None
        yield StarsScore(
            method=name,
            ratings=len(ratings.stars),
            rmse=interval(whole[place], rmse[:, place]),
            mae=interval(float(errors[place].mean()), mae[:, place]),
            unsupported=None if alone is None else float(alone.mean()),
            lead=nearer and Interval(value=-nearer.value, low=-nearer.high, high=-nearer.low),
        )
