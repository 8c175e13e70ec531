"""Trying a method's settings, and comparing methods by the best one for each figure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

import numpy as np

from ingest import Progress
from kindred.evaluation.comparison import figures
from kindred.evaluation.methods.method import Setting
from kindred.evaluation.metrics import Figures
from kindred.evaluation.resuming import Finished, Unit
from recommender.quality.result import Figure

__all__ = ["Tried", "best", "compared", "tuned"]

Split = TypeVar("Split")
"""One group of people held out, and what they are asked."""
Fit = TypeVar("Fit")
"""What answers."""
_Split_contra = TypeVar("_Split_contra", contravariant=True)
_Fit_co = TypeVar("_Fit_co", covariant=True)


class Tunable(Protocol[_Split_contra, _Fit_co]):
    """A method with settings to try."""

    name: str

    @property
    def grid(self) -> Sequence[Setting]:
        """Settings to try first, at least one."""

    def finer(self, best: Sequence[Setting]) -> list[Setting]:
        """Settings to try after those of the grid, given the best for each batch and figure."""

    def fit(
        self, split: _Split_contra, grid: Sequence[Setting]
    ) -> Iterator[tuple[Setting, _Fit_co]]:
        """Learn from a split by each setting in turn."""


Tried = dict[Setting, list[Figures]]
"""What was measured, by setting, then for each batch of questions; people of all splits in a row.
"""


def tuned(
    method: Tunable[Split, Fit],
    splits: Sequence[Split],
    ask: Callable[[Fit, Split], list[Figures]],
    *,
    by: Sequence[str],
    title: str,
    finished: Finished,
    progress: Progress,
) -> Tried:
    """Try a method's grid, then what is finer around the best for each of the figures ``by``.

    ``ask`` asks the questions of a split, and measures the answers to each batch of them.
    """
    try_all = partial(
        _tried, method, splits, ask, title=title, finished=finished, progress=progress
    )
    tried = try_all(method.grid)
    batches = next(iter(tried.values()))
    # Refining around the best of a coarse grid takes fewer runs than one grid that is fine.
    chosen = dict.fromkeys(
        best(tried, place, figure)[0]
        for place, found in enumerate(batches)
        for figure in by
        if figure in found
    )
    finer = [setting for setting in dict.fromkeys(method.finer([*chosen])) if setting not in tried]
    return tried | try_all(finer)


def best(tried: Tried, place: int, figure: str) -> tuple[Setting, Figures]:
    """Find the setting with the highest mean of a figure for one batch; the first of equals."""
    return max(
        ((setting, found[place]) for setting, found in tried.items()),
        key=lambda pair: float(pair[1][figure].mean()),
    )


def compared(
    tried: Mapping[str, Tried], place: int, asked: str, *, by: Sequence[str], seed: int
) -> Iterator[Figure]:
    """Compare methods on one batch, ``asked``, with the first of them.

    Each is shown with its best setting for each of the figures ``by``, and for all other figures
    with that for the first of these. Intervals are over the people, or sets, of the batch.
    """
    if not tried:
        return
    first = next(iter(tried.values()))
    for metric in next(iter(first.values()))[place]:
        chosen = {
            name: best(of_method, place, metric if metric in by else by[0])
            for name, of_method in tried.items()
        }
        yield from figures(
            metric,
            asked,
            {name: found[metric] for name, (_, found) in chosen.items()},
            seed=seed,
            settings={name: dict(setting) for name, (setting, _) in chosen.items()},
        )


def _tried(
    method: Tunable[Split, Fit],
    splits: Sequence[Split],
    ask: Callable[[Fit, Split], list[Figures]],
    grid: Sequence[Setting],
    *,
    title: str,
    finished: Finished,
    progress: Progress,
) -> Tried:
    # Most methods refine nothing, and a stage of no steps would be shown for nothing.
    if not grid:
        return {}
    parts: dict[tuple[Setting, int], list[Figures]] = {}
    with progress.stage(title, len(grid) * len(splits)) as advance:
        for number, split in enumerate(splits):
            units = {setting: Unit(title, setting, number) for setting in grid}
            for setting in grid:
                if (kept := finished.get(units[setting])) is not None:
                    parts[setting, number] = kept
                    advance(1)
            left = [setting for setting in grid if (setting, number) not in parts]
            started = time.monotonic()
            for setting, fit in method.fit(split, left) if left else ():
                found = parts[setting, number] = ask(fit, split)
                finished.put(units[setting], found, seconds=time.monotonic() - started)
                started = time.monotonic()
                advance(1)
    pooled = {
        setting: [parts[setting, number] for number in range(len(splits))] for setting in grid
    }
    return {
        setting: [_pooled(several) for several in zip(*by_split, strict=True)]
        for setting, by_split in pooled.items()
    }


def _pooled(several: Sequence[Figures]) -> Figures:
    return {name: np.concatenate([one[name] for one in several]) for name in several[0]}
