"""How sure figures are, how they compare, and the document that holds them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from recommender import InvalidInputError, __version__
from recommender.arrays import Floats
from recommender.quality.result import METRICS, Figure, Interval, Metric, Quality
from recommender.settings import Frozen
from recommender.validation import shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "Difference", "compare", "figures", "resampled", "versions"]

_RESAMPLES = 2000
# Resamples drawn at a time: a table of 100 by people stays small for any number of people.
_BLOCK = 100
_LIBRARIES = ("numpy", "scipy", "implicit", "scikit-surprise")


class Difference(Interval):
    """By how much a figure of one method or result is above that of another."""

    metric: str
    asked: str
    count: int
    first: float
    second: float


class Comparison(Frozen):
    """Two methods, or one method before and after a change, over the same people."""

    first: str
    second: str
    rows: tuple[Difference, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row for each metric and each thing asked.

        Columns are metric, asked, count, the two figures by their names, and their difference with
        the ends of its 95 % interval, low and high.
        """
        import pandas as pd  # noqa: PLC0415 - slow to import

        named = {"first": self.first, "second": self.second, "value": "difference"}
        names = ["metric", "asked", "count", "first", "second", "value", "low", "high"]
        rows = [row.model_dump() for row in self.rows]
        return pd.DataFrame(rows, columns=names).rename(columns=named)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, float_format="{:.4f}".format)


def compare(
    quality: Quality, *, against: str | Quality, method: str = "kindred", seed: int = 0
) -> Comparison:
    """Take the figures of another method, or of another result, from those of one method.

    Parameters
    ----------
    quality : Quality
        A result of :func:`evaluate`, as it was returned or loaded.
    against : str or Quality
        Another method in it; or another result about the same people, such as one saved before
        something was changed, whose figures of the same method are then compared with.
    method : str
        The method.
    seed : int
        Draws other resamples of the people.

    Returns
    -------
    Comparison
        The differences of all figures that both have, with 95 % intervals over the same people.

    Raises
    ------
    InvalidInputError
        If there is no such method, or the two results are not about the same people.
    """
    other, rival = (quality, against) if isinstance(against, str) else (against, method)
    for result in (quality, other):
        if not isinstance(result, Quality):
            raise InvalidInputError(f"{shown(result)} is no result of an evaluation")
    _check_same(quality, other)
    names = (method, rival) if other is quality else (method, f"{rival}, before")
    mine, theirs = _each(quality, method), _each(other, rival)
    rows = []
    for (metric, asked), figure in mine.items():
        beside = theirs.get((metric, asked))
        if beside is None or len(beside.each) != len(figure.each):
            continue
        values = np.array([figure.each, beside.each], dtype=np.float64).T
        weights = np.array(figure.weights) if figure.weights else None
        means, drawn = _means(values, weights, METRICS[metric], seed)
        found = _interval(means[0] - means[1], drawn[:, 0] - drawn[:, 1])
        rows.append(
            Difference(
                **found.model_dump(),
                metric=metric,
                asked=asked,
                count=figure.count,
                first=figure.value,
                second=beside.value,
            )
        )
    return Comparison(first=names[0], second=names[1], rows=tuple(rows))


def _check_same(one: Quality, other: Quality) -> None:
    for name in ("kind", "digest", "seed", "splits", "people"):
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine != theirs:
            raise InvalidInputError(
                f"the two results are not about the same people: {name} is {mine} and {theirs}"
            )


def _each(quality: Quality, method: str) -> dict[tuple[str, str], Figure]:
    if method not in quality.methods:
        raise InvalidInputError(
            f"there is no method '{method}' in this result: choose {', '.join(quality.methods)}"
        )
    mine = [figure for figure in quality.figures if figure.method == method and figure.each]
    if not mine:
        raise InvalidInputError(
            "this result is one without people, as the app has it: only their figures say how sure "
            "a difference is"
        )
    return {(figure.metric, figure.asked): figure for figure in mine}


def figures(
    metric: str,
    asked: str,
    found: Mapping[str, Floats],
    *,
    seed: int,
    weights: Floats | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    each: bool = True,
) -> Iterator[Figure]:
    """Make the figures of several methods for one metric, and compare them with the first's.

    ``found`` has, for each method, a number for each person, or set, of whom the mean is taken;
    shape (people,), NaN for those it is not about. ``weights`` of shape (people,) count them. The
    counts of figures are sums of weights, or people. Without ``each``, figures keep no people.

    Nothing is made where a metric is about nobody.
    """
    values = np.column_stack([*found.values()])
    about = METRICS[metric]
    if not np.isfinite(values).any(axis=0).all():
        return
    means, drawn = _means(values, weights, about, seed)
    for place, name in enumerate(found):
        here = np.isfinite(values[:, place])
        count = here.sum() if weights is None else weights[here].sum()
        kept: list[float] = np.round(values[:, place], 6).tolist() if each else []
        yield Figure(
            **_interval(means[place], drawn[:, place]).model_dump(),
            method=name,
            metric=metric,
            asked=asked,
            count=int(count),
            lead=_lead(about, means[[0, place]], drawn[:, [0, place]]) if place else None,
            setting=dict((settings or {}).get(name, {})),
            each=tuple(None if math.isnan(value) else value for value in kept),
            weights=() if weights is None or not each else tuple(weights.tolist()),
        )


def _means(
    values: Floats, weights: Floats | None, metric: Metric, seed: int
) -> tuple[Floats, Floats]:
    """Take weighted means of columns, shape (n,), and those of resamples, shape (2000, n)."""
    counted = np.isfinite(values) * (1.0 if weights is None else weights[:, None])
    sums = np.where(counted > 0, values, 0.0) * counted
    drawn = resampled(np.column_stack([sums, counted]), seed=seed)
    width = values.shape[1]
    with np.errstate(invalid="ignore"):  # a resample may hold nobody whom a figure is about
        means = sums.sum(axis=0) / counted.sum(axis=0)
        again = drawn[:, :width] / drawn[:, width:]
    return (np.sqrt(means), np.sqrt(again)) if metric.root else (means, again)


def resampled(values: Floats, *, seed: int) -> Floats:
    """Take the means of people's figures in 2,000 resamples of the people (Efron 1979).

    ``values`` has shape (people, n), the result (2000, n). The same people are drawn for all.
    """
    people = len(values)
    dice = np.random.default_rng(seed)
    # How often each person is drawn, instead of who: the means are then one matrix product.
    even = np.full(people, 1 / people)
    blocks = (dice.multinomial(people, even, size=_BLOCK) for _ in range(_RESAMPLES // _BLOCK))
    return np.concatenate([drawn @ values / people for drawn in blocks])


def _interval(value: float, resamples: Floats) -> Interval:
    """Put a figure between the ends of the middle 95 % of its resamples."""
    low, high = np.nanquantile(resamples, [0.025, 0.975]).tolist()
    # Where all people have the same, rounding alone would put the ends on one side.
    return Interval(value=float(value), low=min(low, value), high=max(high, value))


def _lead(metric: Metric, values: Floats, resamples: Floats) -> Interval | None:
    """By which part of the second figure the first is better than it.

    The two have shape (2,), their resamples (2000, 2). None where the second figure may be zero, or
    neither is better.
    """
    # One resample divided by zero would make an end of the interval infinite.
    if metric.better is None or values[1] <= 0 or (resamples[:, 1] <= 0).any():
        return None
    sign = 1 if metric.better == "higher" else -1
    return _interval(
        sign * (values[0] / values[1] - 1), sign * (resamples[:, 0] / resamples[:, 1] - 1)
    )


def versions() -> dict[str, str]:
    """Find the versions of Kindred and of the libraries that methods are made of."""
    found = {"kindred": __version__}
    for name in _LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
