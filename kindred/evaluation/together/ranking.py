"""Comparing lists for people who watch together: every way to join gets the same groups."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ingest import Progress
from ingest.reading import Loaded
from kindred.evaluation.held_out import choose_people, index_without
from kindred.evaluation.metrics import Figures, measure_groups
from kindred.evaluation.questions import draw_questions, parse_lengths
from kindred.evaluation.resuming import Finished
from kindred.evaluation.together.groups import Together
from kindred.evaluation.together.methods import GroupMethod, Lists
from kindred.evaluation.tuning import compared, tuned
from recommender import InvalidInputError
from recommender.arrays import Ints
from recommender.quality.result import Figure

__all__ = ["evaluate_together"]

_GIVEN = parse_lengths([20])
# Settings are chosen by each of these; the spread goes with the first.
_BY = ("group_mean_10", "group_least_10")


def evaluate_together(
    loaded: Loaded,
    methods: Sequence[GroupMethod],
    *,
    splits: int,
    people: int,
    seed: int,
    finished: Finished,
    progress: Progress,
) -> Iterator[Figure]:
    """Compare ways to join lists, for groups of people held out, of whom 20 ratings are known.

    For each kind of group and figure, every method is shown with the setting, of all it tried, that
    did best on just these groups. The first of the ``methods`` is Kindred. Intervals are over
    groups.

    Raises InvalidInputError where there are too few people or ratings.
    """
    with tempfile.TemporaryDirectory(prefix="kindred-") as folder:
        held_out: list[Together] = []
        with progress.stage("splits", splits) as advance:
            for number, out in enumerate(choose_people(loaded.ratings, splits=splits, seed=seed)):
                held_out.append(_split(loaded, out, Path(folder, str(number)), people, seed))
                advance(1)
        every = [groups for split in held_out for groups in split.groups if len(groups.members)]
        labels = [*dict.fromkeys(groups.label for groups in every)]
        if not labels:
            raise InvalidInputError(
                "no two of the people held out rated 25 movies and have right answers left that "
                "neither gave: give a source with more ratings a person"
            )
        tried = {
            method.name: tuned(
                method,
                held_out,
                partial(_ask, labels),
                by=_BY,
                title=method.name,
                finished=finished,
                progress=progress,
            )
            for method in methods
        }
    for place, label in enumerate(labels):
        yield from compared(tried, place, label, by=_BY, seed=seed)


def _split(loaded: Loaded, out: Ints, folder: Path, people: int, seed: int) -> Together:
    kept = index_without(loaded, out, folder)
    (questions,) = draw_questions(loaded.ratings, out[:people], _GIVEN, seed=seed)
    return Together(folder, kept.movie_ids, questions, seed)


def _ask(labels: Sequence[str], lists: Lists, split: Together) -> list[Figures]:
    return [
        measure_groups(lists(groups), map(split.truth, groups.members))
        for groups in split.groups
        if groups.label in labels
    ]
