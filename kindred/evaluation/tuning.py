"""Trying a method's settings, and comparing methods by the best one for each figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ingest import Progress
from kindred.evaluation.comparison import interval, lead, resampled
from kindred.evaluation.held_out import Split
from kindred.evaluation.methods.method import Fit, Method, Setting
from kindred.evaluation.metrics import Figures
from recommender.quality import Compared

__all__ = ["Asked", "Tried", "best", "compared", "tuned"]

Asked = Callable[[Fit, Split], list[Figures]]
"""Asks the questions of a split, and measures the answers to each batch of them."""
Tried = dict[Setting, list[Figures]]
"""What was measured, by setting, then for each batch of questions; people of all splits in a row.
"""


def tuned(
    method: Method,
    splits: Sequence[Split],
    ask: Asked,
    *,
    by: Sequence[str],
    title: str,
    progress: Progress,
) -> Tried:
    """Try a method's grid, then what is finer around the best for each of the figures ``by``."""
    tried = _tried(method, splits, ask, method.grid, title, progress)
    batches = next(iter(tried.values()))
    # Refining around the best of a coarse grid takes fewer runs than one grid that is fine.
    chosen = dict.fromkeys(
        best(tried, place, figure)[0]
        for place, figures in enumerate(batches)
        for figure in by
        if figure in figures
    )
    finer = [setting for setting in dict.fromkeys(method.finer([*chosen])) if setting not in tried]
    return tried | _tried(method, splits, ask, finer, title, progress)


def best(tried: Tried, place: int, figure: str) -> tuple[Setting, Figures]:
    """Find the setting with the highest mean of a figure for one batch; the first of equals."""
    return max(
        ((setting, found[place]) for setting, found in tried.items()),
        key=lambda pair: float(pair[1][figure].mean()),
    )


def compared(
    tried: Mapping[str, Tried], place: int, figure: str, *, seed: int
) -> dict[str, Compared]:
    """Compare the methods that have a figure, each with its best setting, with the first of them.

    Intervals are over the people, or sets, of one batch.
    """
    found = {
        name: best(of_method, place, figure)
        for name, of_method in tried.items()
        if all(figure in batches[place] for batches in of_method.values())
    }
    if not found:
        return {}
    figures = np.column_stack([of_all[figure] for _, of_all in found.values()])
    means, resamples = figures.mean(axis=0), resampled(figures, seed=seed)
    return {
        name: Compared(
            **interval(means[at], resamples[:, at]).model_dump(),
            setting=dict(setting),
            lead=lead(means[0], means[at], resamples[:, 0], resamples[:, at]) if at else None,
        )
        for at, (name, (setting, _)) in enumerate(found.items())
    }


def _tried(
    method: Method,
    splits: Sequence[Split],
    ask: Asked,
    grid: Sequence[Setting],
    title: str,
    progress: Progress,
) -> Tried:
    parts: dict[Setting, list[list[Figures]]] = defaultdict(list)
    # Most methods refine nothing, and a stage of no steps would be shown for nothing.
    if not grid:
        return {}
    with progress.stage(title, len(grid) * len(splits)) as advance:
        for split in splits:
            for setting, fit in method.fit(split, grid):
                parts[setting].append(ask(fit, split))
                advance(1)
    return {
        setting: [_pooled(several) for several in zip(*by_split, strict=True)]
        for setting, by_split in parts.items()
    }


def _pooled(several: Sequence[Figures]) -> Figures:
    return {name: np.concatenate([figures[name] for figures in several]) for name in several[0]}
