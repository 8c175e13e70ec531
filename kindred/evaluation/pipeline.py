"""All steps of an evaluation, from a source to the result."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ingest import Progress
from ingest.reading import ReadOptions, load
from ingest.sources.detected import Columns
from ingest.sources.files import RatingsSource
from kindred.evaluation.comparison import versions
from kindred.evaluation.held_out import MOST_SPLITS
from kindred.evaluation.methods.choice import choose, choose_methods
from kindred.evaluation.methods.predictors import PREDICTORS
from kindred.evaluation.packs import evaluate_packs, read_packs
from kindred.evaluation.questions import parse_lengths
from kindred.evaluation.ranking import evaluate_ranking
from kindred.evaluation.resuming import Finished, ratings_digest
from kindred.evaluation.stars import evaluate_stars
from kindred.evaluation.together.methods import GROUP_METHODS
from kindred.evaluation.together.ranking import evaluate_together
from recommender import InvalidInputError, Scale
from recommender.files.times import DateOrder
from recommender.quality.result import Figure, Quality
from recommender.validation import invalid

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LENGTHS", "MOST_FOLDS", "evaluate"]

LENGTHS: Final[tuple[int | str, ...]] = (3, 5, 10, 20, 50, "80%")
MOST_FOLDS = 20
_FOLDS = 5
# Ratings times folds from which on starting processes saves more time than it takes.
_MANY = 200_000


def evaluate(
    source: RatingsSource,
    *,
    stars: bool = False,
    together: bool = False,
    methods: str | Sequence[str] | None = None,
    lengths: str | Sequence[int | str] = LENGTHS,
    packs: str | Path | None = None,
    splits: int = 1,
    people: int = 1000,
    folds: int = _FOLDS,
    seed: int = 0,
    scale: Scale | None = None,
    columns: Columns | None = None,
    dates: DateOrder | None = None,
    movies: pd.DataFrame | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Quality:
    """Compare Kindred with other methods, on people or ratings that none of them has seen.

    The result is also kept where the app finds it. Each finished step is kept in the cache folder
    until all are: the same call goes on where one was interrupted, with the same figures.

    Parameters
    ----------
    source, scale, columns, dates, movies
        The ratings, as for :func:`ingest.ingest`.
    stars : bool
        Compare predicted stars, of ratings, instead of lists, for people.
    together : bool
        Compare ways to make one list for several people: groups of 2, 3 and 5 of those held out, at
        random and alike, of each of whom 20 ratings are known.
    methods : str or sequence of str, optional
        Only these and Kindred, such as ``["ease", "kindred@0.75"]``, or with commas between them;
        otherwise all whose packages are installed.
    lengths : str or sequence
        Of lists: how many ratings a person gives, or which part of theirs.
    packs : path, optional
        Of lists: a JSON file of sets of films that belong together, to be asked for as well.
    splits : int
        Of lists: groups of 15 % of the people to hold out in turn, 1 to 6.
    people : int
        At most so many of each group are asked; or have all their ratings predicted.
    folds : int
        Of stars: parts of the ratings, 2 to 20, each predicted from all the others.
    seed : int
        Draws other people and ratings.
    processes : int, optional
        Of stars: how many processes predict; unless given, one for each processor, and only this
        one where there are few ratings.
    progress : Progress, optional
        Shows stages and notes; nothing unless given.

    Returns
    -------
    Quality
        Every metric of every method with its 95 % interval, and Kindred's lead.

    Raises
    ------
    InvalidInputError
        If an argument cannot be used, or the source has too few ratings.
    SourceError
        If the source cannot be read.
    """
    progress = progress or Progress()
    _check(splits=(splits, 1, MOST_SPLITS), folds=(folds, 2, MOST_FOLDS), seed=(seed, 0, None))
    _check(people=(people, 1, None), processes=(processes, 1, None))
    asked = parse_lengths(lengths)
    of_lists = asked != parse_lengths(LENGTHS) or packs is not None
    if stars and (of_lists or splits != 1 or together):
        raise InvalidInputError("stars are predicted without lengths, packs, splits and together")
    if together and of_lists:
        raise InvalidInputError("groups are asked without lengths and packs")
    if not stars and (folds != _FOLDS or processes is not None):
        raise InvalidInputError("folds and processes are for predicting stars")
    # First of all, so that nobody learns after an hour that a name was wrong.
    predictors = choose(PREDICTORS, methods, progress=progress) if stars else []
    joins = choose(GROUP_METHODS, methods, progress=progress) if together else []
    chosen = [] if stars or together else choose_methods(methods, progress=progress)
    loaded = load(source, ReadOptions(scale, columns, dates, movies), progress)
    digest, sets = ratings_digest(loaded), read_packs(Path(packs), loaded) if packs else ()
    finished = Finished.of(
        ratings=digest,
        asked=(stars, together, folds, splits, people, seed, asked),
        sets=[(one.name, one.movies.tolist()) for one in sets],
    )
    found: Iterator[Figure]
    if stars:
        found = evaluate_stars(
            loaded,
            predictors,
            folds=folds,
            people=people,
            seed=seed,
            processes=processes or (_processors() if folds * len(loaded.ratings) > _MANY else 1),
            finished=finished,
            progress=progress,
        )
    elif together:
        found = evaluate_together(
            loaded,
            joins,
            splits=splits,
            people=people,
            seed=seed,
            finished=finished,
            progress=progress,
        )
    else:
        found = evaluate_ranking(
            loaded,
            chosen,
            asked,
            splits=splits,
            people=people,
            seed=seed,
            finished=finished,
            progress=progress,
        )
    figures = [*found]
    if sets:
        figures += evaluate_packs(
            loaded, sets, chosen, seed=seed, finished=finished, progress=progress
        )
    if finished.resumed:
        steps = "step was" if finished.resumed == 1 else "steps were"
        progress.note(f"{finished.resumed} {steps} taken from a run that was interrupted")
    quality = Quality(
        kind="stars" if stars else "together" if together else "ranking",
        source=loaded.source,
        digest=digest,
        ratings=len(loaded.ratings),
        users=len(loaded.ratings.user_ids),
        movies=len(loaded.ratings.movie_ids),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seed=seed,
        splits=folds if stars else splits,
        people=people,
        versions=versions(),
        seconds={name: round(taken, 1) for name, taken in finished.seconds.items()},
        figures=tuple(figures),
    )
    try:
        quality.keep()
    except OSError as error:  # the result itself is not lost
        progress.note(f"cannot write {error.filename}: {error.strerror or error}")
    finished.remove()
    return quality


def _check(**given: tuple[int | None, int, int | None]) -> None:
    for name, (value, least, most) in given.items():
        if value is None:
            continue
        if not isinstance(value, int) or value < least or (most is not None and value > most):
            wanted = f"{least} or more" if most is None else f"{least} to {most}"
            raise invalid(name, value, f"a whole number, {wanted}")


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
