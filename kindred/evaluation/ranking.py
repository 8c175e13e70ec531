"""Comparing lists: every method gets the same questions, and its best settings."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ingest import Progress
from ingest.pipeline import Loaded
from kindred.evaluation.comparison import interval, lead, resampled, result
from kindred.evaluation.held_out import Split, choose_people, index_without
from kindred.evaluation.methods import Method, Setting
from kindred.evaluation.metrics import Measured, measure
from kindred.evaluation.questions import Length, draw_questions
from kindred.evaluation.training_data import TrainingData
from recommender import InvalidInputError
from recommender.arrays import Ints
from recommender.quality import Quality, RankingScore

__all__ = ["evaluate_ranking"]

# What was measured, by setting, then by length.
Tried = dict[Setting, list[Measured]]


def evaluate_ranking(
    loaded: Loaded,
    methods: Sequence[Method],
    lengths: tuple[Length, ...],
    *,
    splits: int,
    people: int,
    seed: int,
    progress: Progress,
) -> Quality:
    """Compare methods on people none of them has seen.

    At most so many ``people`` of each split are asked. For each length every method but Kindred
    is shown with the setting, of all it tried, that did best on just these questions, which is
    in its favour. The first of the ``methods`` is Kindred.

    Raises InvalidInputError where there are too few people or ratings.
    """
    seconds: dict[str, float] = {}
    best: dict[str, list[tuple[Setting, Measured]]] = {}
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
            best[method.name] = _best(_tuned(method, groups, progress))
            seconds[method.name] = time.monotonic() - started
    scores = tuple(
        score
        for place, label in enumerate(labels)
        for score in _scores(label, {name: found[place] for name, found in best.items()}, seed)
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


def _tuned(method: Method, groups: Sequence[Split], progress: Progress) -> Tried:
    tried = _tried(method, groups, method.grid, progress)
    # Refining around the best of a coarse grid takes fewer runs than one grid that is fine.
    finer = method.finer(list(dict.fromkeys(setting for setting, _ in _best(tried))))
    return tried | _tried(method, groups, [s for s in finer if s not in tried], progress)


def _tried(
    method: Method, groups: Sequence[Split], grid: Sequence[Setting], progress: Progress
) -> Tried:
    parts: dict[Setting, list[list[Measured]]] = defaultdict(list)
    # Most methods refine nothing, and a stage of no steps would be shown for nothing.
    if not grid:
        return {}
    with progress.stage(method.name, len(grid) * len(groups)) as advance:
        for split in groups:
            for setting, answer in method.fit(split, grid):
                parts[setting].append(
                    [measure(answer(asked), asked.truth, split.train) for asked in split.questions]
                )
                advance(1)
    return {
        setting: [_pooled(several) for several in zip(*by_split, strict=True)]
        for setting, by_split in parts.items()
    }


def _pooled(several: Sequence[Measured]) -> Measured:
    """Pool the people of all splits; figures that are not of a person become the splits' mean."""
    columns = list(zip(*several, strict=True))
    ndcg_10, ndcg_100, recall_20 = (np.concatenate(column) for column in columns[:3])
    return Measured(ndcg_10, ndcg_100, recall_20, *(float(np.mean(c)) for c in columns[3:]))


def _best(tried: Tried) -> list[tuple[Setting, Measured]]:
    """For each length the setting with the highest NDCG@10; the first of equals."""
    lengths = len(next(iter(tried.values())))
    return [
        max(
            ((setting, found[place]) for setting, found in tried.items()),
            key=lambda pair: float(pair[1].ndcg_10.mean()),
        )
        for place in range(lengths)
    ]


def _scores(
    label: str, found: dict[str, tuple[Setting, Measured]], seed: int
) -> Iterator[RankingScore]:
    figures = np.column_stack([part for _, measured in found.values() for part in measured[:3]])
    means, resamples = figures.mean(axis=0), resampled(figures, seed=seed)
    for place, (name, (setting, measured)) in enumerate(found.items()):
        at = 3 * place
        # Figures of a person get intervals; the others, of the same names, are taken as they are.
        intervals = {
            figure: interval(means[column], resamples[:, column])
            for column, figure in enumerate(Measured._fields[:3], at)
        }
        # The first three columns are Kindred's.
        yield RankingScore(
            method=name,
            length=label,
            people=len(figures),
            setting=dict(setting),
            **(measured._asdict() | intervals),
            lead=lead(means[0], means[at], resamples[:, 0], resamples[:, at]) if at else None,
        )
