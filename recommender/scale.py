"""What stars mean: the rating scale of a source, and the three states made of it."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from recommender.arrays import Bytes, Floats
from recommender.errors import InvalidInputError
from recommender.settings import Frozen

__all__ = ["DISLIKE", "LIKE", "NEUTRAL", "STATES", "Scale", "parse_scale"]

LIKE, NEUTRAL, DISLIKE = 0, 1, 2
STATES = 3
"""Number of states a rating can be in; a movie has one vector index for each."""


class Scale(Frozen):
    """A rating scale, and how stars on it are stored and read as states.

    A rating of ``r`` stars is a *like* if ``r >= 0.8 S`` and a *dislike* if ``r <= 0.5 S``, with
    ``S`` the top of the scale (4+ and 2.5- on 0.5-5; 8+ and 5- on 0-10). A scale that starts below
    zero is measured from its low end.
    """

    low: Annotated[float, Field(allow_inf_nan=False)]
    """Fewest stars."""
    high: Annotated[float, Field(allow_inf_nan=False)]
    """Most stars."""
    step: Annotated[float, Field(gt=0)] = 0.5
    """Stars per stored unit: half a star, finer where the source is finer."""
    implicit: bool = False
    """Whether the source had no ratings to tell apart, so that every one is a like."""

    @model_validator(mode="after")
    def _ordered(self) -> Scale:
        if self.low >= self.high:
            raise ValueError(f"a scale runs from low to high, not {self.low:g}:{self.high:g}")
        return self

    @property
    def base(self) -> float:
        """Where the scale's zero lies, in stars."""
        return min(self.low, 0.0)

    def states(self, stars: Floats, *, like_at: float, dislike_at: float) -> Bytes:
        """Tell likes, neutrals and dislikes apart: 0, 1 and 2, shape (n,).

        ``like_at`` and ``dislike_at`` are the fractions of the scale's top from which a rating is a
        like, and up to which it is a dislike. ``stars`` has shape (n,).
        """
        if self.implicit:
            return np.zeros(len(stars), dtype=np.uint8)
        span = self.high - self.base
        slack = 1e-6 * span  # room for rounding
        states = np.full(len(stars), NEUTRAL, dtype=np.uint8)
        states[stars <= self.base + dislike_at * span + slack] = DISLIKE
        states[stars >= self.base + like_at * span - slack] = LIKE
        return states

    def pack(self, stars: Floats) -> Bytes:
        """Stars as stored units (``uint8``), counted from :attr:`base`."""
        # In 64 bits, whatever they came in: the same stars must always be the same units.
        beyond = stars.astype(np.float64) - self.base
        return np.rint(beyond / self.step).astype(np.uint8)

    def unpack(self, units: Bytes) -> Floats:
        """Stars from stored units."""
        return self.base + units.astype(np.float64) * self.step

    def check(self, stars: float, what: str) -> None:
        """Refuse stars that do not lie on the scale.

        Raises InvalidInputError, naming what was rated, the value and the scale.
        """
        if not self.low <= stars <= self.high:
            raise InvalidInputError(
                f"{what} is rated {float(stars):g}, which is not on the scale {self}: "
                f"give stars from {self.low:g} to {self.high:g}, or say which scale they are on"
            )

    def __str__(self) -> str:
        return "likes only" if self.implicit else f"{self.low:g}-{self.high:g}"


def parse_scale(text: str) -> Scale:
    """Read ``LOW:HIGH`` as a scale.

    Raises InvalidInputError where the text is not two ascending numbers.

    Examples
    --------
    >>> print(parse_scale("0:100"))
    0-100
    """
    try:
        low, high = (float(end) for end in text.split(":"))
        return Scale(low=low, high=high)
    except ValueError:
        raise InvalidInputError(
            f"'{text}' is not a scale: write LOW:HIGH with two ascending numbers, such as 0.5:5"
        ) from None
