"""Comparing lists: every method gets the same questions, and its best settings."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ingest import Progress
from ingest.reading import Loaded
from kindred.evaluation.comparison import result
from kindred.evaluation.held_out import Split, choose_people, index_without
from kindred.evaluation.methods.method import Fit, Method
from kindred.evaluation.metrics import Figures, measure
from kindred.evaluation.packs import Pack, evaluate_packs
from kindred.evaluation.questions import Length, draw_questions
from kindred.evaluation.training_data import TrainingData
from kindred.evaluation.tuning import Tried, best, compared, tuned
from recommender import InvalidInputError
from recommender.arrays import Ints
from recommender.quality import PackScore, Quality, RankingScore

__all__ = ["evaluate_ranking"]

# Settings are chosen by each of these; what has no setting of its own goes with the first.
_BY = ("ndcg_10", "debiased_10")


def evaluate_ranking(
    loaded: Loaded,
    methods: Sequence[Method],
    lengths: tuple[Length, ...],
    *,
    packs: Sequence[Pack] = (),
    splits: int,
    people: int,
    seed: int,
    progress: Progress,
) -> Quality:
    """Compare methods on people none of them has seen, and on sets of films where there are any.

    At most so many ``people`` of each split are asked. For each length and figure every method but
    Kindred is shown with the setting, of all it tried, that did best on just these questions,
    which is in its favour. The first of the ``methods`` is Kindred.

    Raises InvalidInputError where there are too few people or ratings.
    """
    seconds: dict[str, float] = {}
    tried: dict[str, Tried] = {}
    with tempfile.TemporaryDirectory(prefix="kindred-") as folder:
        with progress.stage("splits", splits) as advance:
            groups: list[Split] = []
            chosen = choose_people(loaded.ratings, splits=splits, seed=seed)
            for number, group in enumerate(chosen):
                place = Path(folder, str(number))
                groups.append(_split(loaded, group, place, lengths, people, seed))
                advance(1)
        _drop_unanswerable(groups, progress)
        labels = [questions.length for questions in groups[0].questions]
        for method in methods:
            started = time.monotonic()
            tried[method.name] = tuned(
                method, groups, _ask, by=_BY, title=method.name, progress=progress
            )
            seconds[method.name] = time.monotonic() - started
    scores: dict[str, tuple[RankingScore | PackScore, ...]]
    scores = {"ranking": tuple(_scores(tried, labels, seed))}
    if packs:
        scores["packs"] = evaluate_packs(
            loaded, packs, methods, seed=seed, seconds=seconds, progress=progress
        )
    return result(loaded, scores, kind="ranking", seed=seed, splits=splits, seconds=seconds)


def _split(
    loaded: Loaded, group: Ints, folder: Path, lengths: tuple[Length, ...], people: int, seed: int
) -> Split:
    """Hold a group out, index everyone else in a folder, and draw the questions."""
    kept = index_without(loaded, group, folder)
    questions = draw_questions(loaded.ratings, group[:people], lengths, seed=seed)
    return Split(folder, TrainingData.of(kept), kept.movie_ids, questions)


def _drop_unanswerable(groups: list[Split], progress: Progress) -> None:
    """Leave out the lengths at which a split has nobody to ask.

    Raises InvalidInputError where none is left.
    """
    batches = list(zip(*(split.questions for split in groups), strict=True))
    asked = [all(len(questions) for questions in batch) for batch in batches]
    if not any(asked):
        raise InvalidInputError(
            "none of the people held out rated enough for a question, or likes any of the rest: "
            "give shorter --lengths, or a source with more ratings a person"
        )
    for batch, some in zip(batches, asked, strict=True):
        if not some:
            progress.note(f"nobody rated enough to be asked with {batch[0].length} ratings")
    for place, split in enumerate(groups):
        kept = (batch[place] for batch, some in zip(batches, asked, strict=True) if some)
        groups[place] = replace(split, questions=tuple(kept))


def _ask(fit: Fit, split: Split) -> list[Figures]:
    return [measure(fit.recommend(asked), asked.truth, split.train) for asked in split.questions]


def _scores(tried: Mapping[str, Tried], labels: Sequence[str], seed: int) -> Iterator[RankingScore]:
    for place, label in enumerate(labels):
        figures = {by: compared(tried, place, by, seed=seed) for by in _BY}
        for name, of_method in tried.items():
            _, found = best(of_method, place, _BY[0])
            yield RankingScore(
                method=name,
                length=label,
                people=len(found[_BY[0]]),
                **{by: of_all[name] for by, of_all in figures.items()},
                longtail_10=float(found["longtail_10"].mean()),
                overlap_10=float(found["overlap_10"].mean()),
            )
