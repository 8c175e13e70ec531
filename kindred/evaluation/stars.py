"""Comparing predicted stars: of each fold of the ratings, from all the others."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing

import numpy as np

from ingest import Progress
from ingest.reading import Loaded
from kindred.evaluation.comparison import figures
from kindred.evaluation.held_out import Folds
from kindred.evaluation.methods.predictors import Predicted, Predictor
from kindred.evaluation.processes import Work, in_processes
from kindred.evaluation.resuming import Finished, Unit
from recommender import InvalidInputError
from recommender.arrays import Floats, Mask
from recommender.quality.result import ALL_FOLDS, Figure

__all__ = ["evaluate_stars"]

# By how many films predictions rest on, first and last: intervals are looked at for each by itself.
_SUPPORT = {"0": (0, 0), "1-2": (1, 2), "3-9": (3, 9), "10+": (10, np.inf)}


def evaluate_stars(
    loaded: Loaded,
    predictors: Sequence[Predictor],
    *,
    folds: int,
    people: int,
    seed: int,
    processes: int,
    finished: Finished,
    progress: Progress,
) -> Iterator[Figure]:
    """Predict each fold of the ratings from the others.

    Intervals and leads come from resampling people with all their ratings. The first of the
    ``predictors`` is Kindred. More than one of ``processes`` work beside this one, which then waits
    for them.

    Raises InvalidInputError where there are no stars to predict, or too few ratings.
    """
    ratings = loaded.ratings
    if ratings.scale.implicit or len(ratings) < folds:
        raise InvalidInputError(
            f"'{loaded.source.name}' has {len(ratings)} ratings ({ratings.scale}): predicting "
            f"stars takes at least {folds} ratings on a scale"
        )
    divided = Folds.drawn(loaded, folds=folds, people=people, seed=seed)
    found: dict[Unit, Predicted] = {}
    with progress.stage("folds", len(predictors) * folds) as advance:
        # Fold by fold, so that what is finished of an interrupted run is of all methods.
        units = [Unit(one.name, (), n) for n in range(folds) for one in predictors]
        for unit in units:
            if (kept := finished.get(unit)) is not None:
                found[unit] = Predicted(**kept[0])
                advance(1)
        left = [unit for unit in units if unit not in found]
        work = (
            _here(divided, left, predictors)
            if processes < 2
            else in_processes(divided, left, processes)
        )
        # Closed at once where this is interrupted, which ends the processes.
        with closing(work):
            for unit, predicted, seconds in work:
                found[unit] = predicted
                finished.put(unit, [predicted.arrays()], seconds=seconds)
                advance(1)
    names = [predictor.name for predictor in predictors]
    whole = {
        name: divided.joined([found[Unit(name, (), number)] for number in range(folds)])
        for name in names
    }
    yield from _figures(divided, whole, folds=folds, seed=seed)


def _here(divided: Folds, units: Sequence[Unit], predictors: Sequence[Predictor]) -> Work:
    by_name = {predictor.name: predictor for predictor in predictors}
    for unit in units:
        started = time.monotonic()
        predicted = by_name[unit.method].predict(divided.fold(unit.number))
        yield unit, predicted, time.monotonic() - started


def _figures(
    divided: Folds, found: dict[str, Predicted], *, folds: int, seed: int
) -> Iterator[Figure]:
    asked = divided.asked
    user, part = divided.loaded.ratings.user[asked], divided.part[asked]
    given = divided.loaded.ratings.stars[asked]
    errors = {name: np.abs(predicted.stars - given) for name, predicted in found.items()}
    squares = {name: error**2 for name, error in errors.items()}

    def of(metric: str, label: str, each: dict[str, Floats], rows: Mask) -> Iterator[Figure]:
        if not (each and rows.any()):
            return
        _, person = np.unique(user[rows], return_inverse=True)
        counts = np.bincount(person).astype(np.float64)
        # Means of each person, and how many ratings they are of: somebody with many ratings
        # counts as many times.
        means = {
            name: np.bincount(person, weights=one[rows]) / counts for name, one in each.items()
        }
        people = label == ALL_FOLDS
        yield from figures(metric, label, means, weights=counts, seed=seed, each=people)

    everything = np.ones(len(user), dtype=bool)
    for label, rows in (
        (ALL_FOLDS, everything),
        *((f"fold {number + 1}", part == number) for number in range(folds)),
    ):
        yield from of("rmse", label, squares, rows)
        yield from of("mae", label, errors, rows)
    alone = {
        name: (predicted.support == 0).astype(np.float64)
        for name, predicted in found.items()
        if predicted.support is not None
    }
    yield from of("unsupported", ALL_FOLDS, alone, everything)
    for name, (_, support, low, high) in found.items():
        if support is None or low is None or high is None:
            continue
        inside = ((low <= given) & (given <= high)).astype(np.float64)
        for label, (first, last) in _SUPPORT.items():
            rows = (support >= first) & (support <= last) & np.isfinite(low)
            yield from of("inside_80", f"support {label}", {name: inside}, rows)
