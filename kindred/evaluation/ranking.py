"""Comparing lists: every method gets the same questions, and its best settings."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ingest import Progress
from ingest.reading import Loaded
from kindred.evaluation.held_out import Split, choose_people, index_without
from kindred.evaluation.methods.method import Fit, Method
from kindred.evaluation.metrics import Figures, calibration, measure
from kindred.evaluation.questions import Length, draw_questions
from kindred.evaluation.resuming import Finished
from kindred.evaluation.training_data import TrainingData
from kindred.evaluation.tuning import compared, tuned
from recommender import InvalidInputError
from recommender.arrays import Ints, Mask
from recommender.quality.result import Figure

__all__ = ["evaluate_ranking"]

# Settings are chosen by each of these; what has no setting of its own goes with the first.
_BY = ("ndcg_10", "debiased_10")
# So many genres are told apart, the most common ones; sources that have more give tags for them.
_MOST_GENRES = 100


def evaluate_ranking(
    loaded: Loaded,
    methods: Sequence[Method],
    lengths: tuple[Length, ...],
    *,
    splits: int,
    people: int,
    seed: int,
    finished: Finished,
    progress: Progress,
) -> Iterator[Figure]:
    """Compare methods on people none of them has seen.

    At most so many ``people`` of each split are asked. For each length and figure every method but
    Kindred is shown with the setting, of all it tried, that did best on just these questions,
    which is in its favour. The first of the ``methods`` is Kindred.

    Raises InvalidInputError where there are too few people or ratings.
    """
    with tempfile.TemporaryDirectory(prefix="kindred-") as folder:
        with progress.stage("splits", splits) as advance:
            groups: list[Split] = []
            chosen = choose_people(loaded.ratings, splits=splits, seed=seed)
            for number, group in enumerate(chosen):
                place = Path(folder, str(number))
                groups.append(_split(loaded, group, place, lengths, people, seed))
                advance(1)
        _drop_unanswerable(groups, progress)
        tried = {
            method.name: tuned(
                method,
                groups,
                _ask,
                by=_BY,
                title=method.name,
                finished=finished,
                progress=progress,
            )
            for method in methods
        }
    for batch, questions in enumerate(groups[0].questions):
        yield from compared(tried, batch, questions.length, by=_BY, seed=seed)


def _split(
    loaded: Loaded, group: Ints, folder: Path, lengths: tuple[Length, ...], people: int, seed: int
) -> Split:
    """Hold a group out, index everyone else in a folder, and draw the questions."""
    kept = index_without(loaded, group, folder)
    questions = draw_questions(loaded.ratings, group[:people], lengths, seed=seed)
    return Split(folder, TrainingData.of(kept), kept.movie_ids, questions, _genres(loaded))


def _genres(loaded: Loaded) -> Mask | None:
    known = loaded.metadata.movies
    of_movies = [
        known[str(one)].genres if str(one) in known else () for one in loaded.ratings.movie_ids
    ]
    named = Counter(genre for genres in of_movies for genre in genres).most_common(_MOST_GENRES)
    places = {genre: place for place, (genre, _) in enumerate(named)}
    table = np.zeros((len(of_movies), len(places)), dtype=bool)
    for movie, genres in enumerate(of_movies):
        table[movie, [places[genre] for genre in genres if genre in places]] = True
    return table if places else None


def _drop_unanswerable(groups: list[Split], progress: Progress) -> None:
    """Leave out the lengths at which a split has nobody to ask.

    Raises InvalidInputError where none is left.
    """
    batches = list(zip(*(split.questions for split in groups), strict=True))
    asked = [all(len(questions) for questions in batch) for batch in batches]
    if not any(asked):
        raise InvalidInputError(
            "none of the people held out rated enough for a question, or likes any of the rest: "
            "give shorter lengths, or a source with more ratings a person"
        )
    for batch, some in zip(batches, asked, strict=True):
        if not some:
            progress.note(f"nobody rated enough to be asked with {batch[0].length} ratings")
    for place, split in enumerate(groups):
        kept = (batch[place] for batch, some in zip(batches, asked, strict=True) if some)
        groups[place] = replace(split, questions=tuple(kept))


def _ask(fit: Fit, split: Split) -> list[Figures]:
    found = []
    for asked in split.questions:
        lists = fit.recommend(asked)
        figures = measure(lists, asked.truth, split.train)
        if split.genres is not None:
            figures["calibration_10"] = calibration(lists, asked.liked, split.genres)
        found.append(figures)
    return found
