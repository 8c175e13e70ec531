"""Read which scale ratings are on from the values they have, where these leave one reading."""

from __future__ import annotations

from typing import NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from recommender.arrays import Floats, Ints
from recommender.errors import SourceError
from recommender.opinion import Scale

__all__ = ["LIKES_ONLY", "KnownScale", "ReadScale", "detect_scale", "take_scale"]

LIKES_ONLY = Scale(low=0, high=1, implicit=True)
"""The scale of ratings that do not differ."""

# What sources write for "not rated" beside their scale.
_NOT_RATED = (-1.0, 0.0, 99.0)
# Part of the ratings that may lie off a scale, as typing errors do.
_OFF = 0.01
# With fewer ratings than this a value that nobody gave says nothing.
_FEW = 100
# Of a scale with this top more is usually seen than this.
_SHORT = {5.0: 4.0, 10.0: 7.5, 100.0: 50.0}
# Steps of a scale that half stars are too coarse for. Units are bytes, and 255 is reserved.
_FINE_STEPS = 250


class KnownScale(NamedTuple):
    """The scale of a layout that is known by name."""

    low: float
    high: float
    unrated: tuple[float, ...] = ()
    """Values that stand for "not rated"."""


class ReadScale(NamedTuple):
    """The scale of ratings, with its steps."""

    scale: Scale
    unrated: tuple[float, ...] = ()
    """Values among them that stand for "not rated"."""


class _Seen(NamedTuple):
    """Distinct values, ascending, and how often each occurs."""

    values: Floats
    counts: Ints

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    @property
    def low(self) -> float:
        return float(self.values[0])

    @property
    def high(self) -> float:
        return float(self.values[-1])

    def where(self, chosen: npt.NDArray[np.bool_]) -> _Seen:
        return _Seen(self.values[chosen], self.counts[chosen])

    def count(self, value: float) -> int:
        return int(self.counts[self.values == value].sum())

    def few(self, chosen: npt.NDArray[np.bool_]) -> bool:
        """Whether these are as rare as typing errors."""
        return bool(self.counts[chosen].sum() <= _OFF * self.total)


def take_scale(values: Floats, scale: Scale, known: KnownScale | None = None) -> ReadScale:
    """Take a scale that a person or an index gives; what usually says "not rated" is off it.

    ``values`` are the distinct ratings, for the steps of the scale.
    """
    unrated = {*_NOT_RATED, *(known.unrated if known else ())}
    off = {value for value in unrated if not scale.low <= value <= scale.high}
    return ReadScale(_with_steps(scale, values), tuple(sorted(off.intersection(values.tolist()))))


def detect_scale(values: Floats, counts: Ints, known: KnownScale | None = None) -> ReadScale:
    """Read the scale of ratings from their finite ``values`` and how often each occurs.

    Both have shape (values,), which is at least 1. A ``known`` scale is taken if nearly all lie on
    it. Ratings that do not differ are likes only.

    Raises SourceError, with what was seen and the choices, where the values leave no reading or
    more than one.

    Examples
    --------
    >>> print(detect_scale(np.array([-1.0, 2, 7, 10]), np.array([500, 20, 80, 40])))
    ReadScale(scale=Scale(low=1.0, high=10.0, step=0.5, implicit=False), unrated=(-1.0,))
    """
    # Adding 0 makes -0 the same as 0.
    distinct, place = np.unique(values.astype(np.float64) + 0.0, return_inverse=True)
    seen = _Seen(distinct, np.bincount(place, counts).astype(np.int64))
    if known:
        return _known(seen, known)
    rest = seen.where(~_not_rated(seen))
    unrated = tuple(np.setdiff1d(seen.values, rest.values).tolist())
    scale = _scale(rest)
    return ReadScale(scale if scale.implicit else _with_steps(scale, rest.values), unrated)


def _known(seen: _Seen, known: KnownScale) -> ReadScale:
    rated = seen.where(~np.isin(seen.values, known.unrated))
    off = (rated.values < known.low) | (rated.values > known.high)
    if not rated.few(off):
        _ask(
            rated,
            f"and {rated.counts[off].sum():,} of {rated.total:,} are off the scale "
            f"{known.low:g}:{known.high:g} that files of this kind have: say which it is with "
            "--scale LOW:HIGH",
        )
    return take_scale(seen.values, Scale(low=known.low, high=known.high), known)


def _with_steps(scale: Scale, values: Floats) -> Scale:
    """Half stars where all values on the scale are, else as fine as bytes allow."""
    span = scale.high - scale.base
    halves = 2 * np.append(values[(values >= scale.low) & (values <= scale.high)], scale.base)
    # Units are bytes: up to 127 stars have 254 halves, and 255 is reserved.
    fits = span <= 127 and np.array_equal(halves, np.rint(halves))
    return scale.model_copy(update={"step": 0.5 if fits else span / _FINE_STEPS})


def _ask(seen: _Seen, question: str) -> NoReturn:
    raise SourceError(f"the ratings run from {seen.low:g} to {seen.high:g}, {question}")


def _not_rated(seen: _Seen) -> npt.NDArray[np.bool_]:
    """Which values stand for "not rated" without any doubt."""
    values = seen.values
    # 99 is no rating where all others lie far from it: too far for a scale that ends at 99, if
    # others show enough of theirs.
    near = values[values != 99]
    shown = len(near) > 3 or seen.total >= _FEW or near.min(initial=0) < 0
    none = (values == 99) & (shown and 0 < np.abs(near).max(initial=0) <= 20)
    # -1 is none where it is alone below a scale from 1; beside 1 alone it is a thumb.
    ratings = values[~none & (values != -1) & (values != 0)]
    if len(ratings) and ratings[0] >= 0.5 and ratings[-1] > 1:
        none |= values == -1
    return np.asarray(none, dtype=np.bool_)


def _scale(seen: _Seen) -> Scale:
    """The scale of what is rated."""
    if len(seen.values) == 1:
        return _single(seen)
    distinct = set(seen.values.tolist())
    if distinct in ({0, 1}, {-1, 1}):
        return Scale(low=seen.low, high=1)
    below = seen.values < 0
    if distinct <= {-1, 0, 1} or not _typing_errors(seen, below):
        return _two_sided(seen)
    rest = seen.where(~below)
    return _single(rest) if rest.high <= 0 else _from_zero_on(rest)


def _single(seen: _Seen) -> Scale:
    """Ratings that do not differ are likes, unless the value says otherwise."""
    what = f"all {seen.total:,} ratings are {seen.high:g}"
    if seen.high <= 0:
        raise SourceError(f"{what}: nobody likes anything, so nothing can be recommended")
    if seen.total >= _FEW and seen.high not in {1, 5, 10, 100}:
        raise SourceError(
            f"{what}, which may be a like or not: say which scale they are on with --scale LOW:HIGH"
        )
    return LIKES_ONLY


def _typing_errors(seen: _Seen, off: npt.NDArray[np.bool_]) -> bool:
    """Whether values are few, and no piece of a larger scale."""
    values = seen.values[off]
    return seen.few(off) and int(np.count_nonzero(values == np.rint(values))) < 3


def _two_sided(seen: _Seen) -> Scale:
    """The scale from -10 to 10, if both ends are nearly reached."""
    off = np.abs(seen.values) > 10
    inside = seen.values[~off]
    if _typing_errors(seen, off) and inside[0] <= -9 and inside[-1] >= 9:
        return Scale(low=-10, high=10)
    below = int(seen.counts[seen.values < 0].sum())
    end = np.ceil(np.abs(seen.values).max())
    _ask(
        seen,
        f"and {below:,} of {seen.total:,} are below 0: say which scale it is with --scale "
        f"LOW:HIGH, such as --scale {-end:g}:{end:g}, or --scale 0:{end:g} if what is below 0 says "
        "not rated",
    )


def _from_zero_on(seen: _Seen) -> Scale:
    """A scale that starts at 0 or above."""
    tops, rated, why = _tops(seen.where(seen.values > 0))
    low = _low(rated, tops)
    zeros = seen.count(0)
    if zeros:
        _ask(
            seen,
            f"and {zeros:,} of {seen.total:,} are 0: give {_either(0, tops)} if 0 is the lowest "
            f"rating, or {_either(low or 1, tops)} if it says not rated",
        )
    if len(tops) != 1:
        _ask(rated, f"{why}: say which scale it is with {_either(low, tops)}")
    return Scale(low=low, high=tops[0])


def _either(low: float, tops: list[float]) -> str:
    """What to give on the command line."""
    choices = [f"--scale {low:g}:{top:g}" for top in tops if top > low]
    return " or ".join(choices) or "--scale LOW:HIGH"


def _low(rated: _Seen, tops: list[float]) -> float:
    """Lowest rating; where a scale starts from 0 to 1 has no influence on what a like is."""
    top = tops[0] if tops else np.inf
    if top > 10:
        return 0.0
    if rated.few(rated.values < 1):
        return 0.5 if top <= 5 and not rated.few(rated.values % 1 != 0) else 1.0
    return 0.5 if rated.few(rated.values < 0.5) else 0.0


def _tops(rated: _Seen) -> tuple[list[float], _Seen, str]:
    """Tops that the scale may have, the ratings up to these, and why it is more than one."""
    for top, larger in ((5.0, 10.0), (10.0, 100.0), (100.0, 1_000.0)):
        off = rated.values > top
        if not rated.few(off):
            continue
        if not _typing_errors(rated, off):
            above = int(rated.counts[off].sum())
            return [top, larger], rated, f"but only {above:,} of {rated.total:,} are above {top:g}"
        seen = rated.where(~off)
        count = f"{seen.count(seen.high):,} of {seen.total:,}"
        return _tops_up_to(top, seen), seen, f"with {count} at {seen.high:g} and none above"
    return [], rated, "which is none of the usual scales"


def _tops_up_to(top: float, seen: _Seen) -> list[float]:
    """Tops for ratings that go up to this usual one at most."""
    high, many = seen.high, seen.total >= _FEW
    # Above several that would fill a smaller scale, one value alone may be no rating.
    if len(seen.values) > 2 and (top > 10 or (many and len(seen.values) > 3)):
        for smaller in (5.0, 10.0):
            if seen.values[-2] <= smaller < high:
                return [smaller, top]
    return [float(np.ceil(high)), top] if (many or top > 10) and high <= _SHORT[top] else [top]
