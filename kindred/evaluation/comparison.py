"""How sure the figures of a comparison are, and the document that holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import numpy as np

from ingest.reading import Loaded
from recommender import __version__
from recommender.arrays import Floats
from recommender.quality import Interval, PackScore, Quality, RankingScore, StarsScore

__all__ = ["interval", "lead", "resampled", "result"]

_RESAMPLES = 2000
# Resamples drawn at a time: a table of 100 by people stays small for any number of people.
_BLOCK = 100
_LIBRARIES = ("numpy", "scipy", "implicit", "scikit-surprise")


def resampled(figures: Floats, *, seed: int) -> Floats:
    """Take the means of people's figures in 2,000 resamples of the people (Efron 1979).

    ``figures`` has shape (people, n), the result (2000, n). The same people are drawn for all.
    """
    people = len(figures)
    dice = np.random.default_rng(seed)
    # How often each person is drawn, instead of who: the means are then one matrix product.
    even = np.full(people, 1 / people)
    blocks = (dice.multinomial(people, even, size=_BLOCK) for _ in range(_RESAMPLES // _BLOCK))
    return np.concatenate([drawn @ figures / people for drawn in blocks])


def interval(value: float, resamples: Floats) -> Interval:
    """Put a figure between the ends of the middle 95 % of its resamples."""
    low, high = np.quantile(resamples, [0.025, 0.975]).tolist()
    return Interval(value=float(value), low=low, high=high)


def lead(first: float, second: float, firsts: Floats, seconds: Floats) -> Interval | None:
    """By which part of the second figure the first is above it.

    ``firsts`` and ``seconds`` are their resamples, over the same people in each place. None where
    the second figure may be zero.
    """
    # One resample divided by zero would make an end of the interval infinite.
    if second <= 0 or (seconds <= 0).any():
        return None
    return interval(first / second - 1, firsts / seconds - 1)


def result(
    loaded: Loaded,
    scores: Mapping[str, Sequence[RankingScore | PackScore | StarsScore]],
    *,
    kind: Literal["ranking", "stars"],
    seed: int,
    splits: int,
    seconds: Mapping[str, float],
) -> Quality:
    """Put scores, by the field they belong in, into the document that says what they are of."""
    ratings = loaded.ratings
    return Quality.model_validate(
        {
            "kind": kind,
            "source": loaded.source,
            "ratings": len(ratings.stars),
            "users": len(ratings.user_ids),
            "movies": len(ratings.movie_ids),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "seed": seed,
            "splits": splits,
            "versions": {"kindred": __version__, **_versions()},
            "seconds": {name: round(taken, 1) for name, taken in seconds.items()},
            **scores,
        }
    )


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
