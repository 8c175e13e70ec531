"""What a rating says: a like, a neutral opinion or a dislike, and the scale of stars behind it."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from recommender.arrays import Bytes, Floats
from recommender.errors import InvalidInputError
from recommender.settings import Frozen, Weighting
from recommender.validation import shown

__all__ = ["STATES", "Opinion", "Scale", "parse_scale"]


class Opinion(IntEnum):
    """What somebody thinks of a movie they have seen.

    Examples
    --------
    >>> [(opinion.word, opinion.past, opinion.code) for opinion in Opinion]
    [('like', 'liked', 0), ('seen', 'seen', 1), ('dislike', 'disliked', 2)]
    >>> Opinion.named("dislike")
    <Opinion.DISLIKE: -1>
    """

    LIKE = 1
    NEUTRAL = 0
    DISLIKE = -1

    @property
    def word(self) -> str:
        """Its name in files and to people; a neutral opinion says no more than that it was seen."""
        return "seen" if self is Opinion.NEUTRAL else self.name.lower()

    @property
    def past(self) -> str:
        """The same as a participle."""
        return "seen" if self is Opinion.NEUTRAL else f"{self.word}d"

    @property
    def code(self) -> int:
        """Its number where numbers must not be negative: in vector indices and in arrays."""
        return 1 - self

    @classmethod
    def of_code(cls, code: int) -> Opinion:
        """Find the opinion with a :attr:`code`."""
        return cls(1 - code)

    @classmethod
    def named(cls, word: str) -> Opinion:
        """Find the opinion with a :attr:`word`.

        Raises KeyError where there is none.
        """
        return {opinion.word: opinion for opinion in cls}[word]


STATES = len(Opinion)
"""Codes a rating can have; a movie has one vector index for each."""


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

    def states(self, stars: Floats, weighting: Weighting) -> Bytes:
        """Tell likes, neutral opinions and dislikes apart, by their codes, shape (n,).

        A rating is a like from the fraction ``like_at`` of the scale's top on, and a dislike up to
        ``dislike_at``. ``stars`` has shape (n,).
        """
        if self.implicit:
            return np.full(len(stars), Opinion.LIKE.code, dtype=np.uint8)
        span = self.high - self.base
        slack = 1e-6 * span  # room for rounding
        states = np.full(len(stars), Opinion.NEUTRAL.code, dtype=np.uint8)
        states[stars <= self.base + weighting.dislike_at * span + slack] = Opinion.DISLIKE.code
        states[stars >= self.base + weighting.like_at * span - slack] = Opinion.LIKE.code
        return states

    @property
    def like_from(self) -> float:
        """The first stars that are a like, by the usual thresholds.

        Examples
        --------
        >>> [scale.like_from for scale in (Scale(low=1, high=10), Scale(low=-1, high=1))]
        [8.0, 1.0]
        """
        # No step may come so near the top of a tiny scale.
        return float(min(self._steps(Opinion.LIKE), default=self.high))

    @property
    def dislike_to(self) -> float | None:
        """The last stars that are a dislike, by the usual thresholds; None where there are none.

        Examples
        --------
        >>> [scale.dislike_to for scale in (Scale(low=1, high=10), Scale(low=6, high=10))]
        [5.0, None]
        """
        return max(self._steps(Opinion.DISLIKE), default=None)

    def _steps(self, opinion: Opinion) -> list[float]:
        """Stars on the scale that a rating with this opinion can have, ascending."""
        stars = self.unit_stars()
        on = (stars >= self.low) & (stars <= self.high)
        said = self.unit_states(Weighting()) == opinion.code
        return [float(step) for step in stars[on & said]]

    def unit_stars(self) -> Floats:
        """Stars of every stored unit, shape (256,)."""
        return self.unpack(np.arange(256, dtype=np.uint8))

    def unit_states(self, weighting: Weighting) -> Bytes:
        """State of every stored unit, shape (256,)."""
        return self.states(self.unit_stars(), weighting)

    def opinion(self, stars: float) -> Opinion:
        """Tell what stars on this scale say, by the usual thresholds.

        Examples
        --------
        >>> [Scale(low=0.5, high=5).opinion(stars).word for stars in (4, 3.5, 2.5)]
        ['like', 'seen', 'dislike']
        """
        return Opinion.of_code(int(self.states(np.array([stars]), Weighting())[0]))

    def pack(self, stars: Floats) -> Bytes:
        """Stars as stored units (``uint8``), counted from :attr:`base`."""
        # In 64 bits, whatever they came in: the same stars must always be the same units.
        beyond = stars.astype(np.float64) - self.base
        return np.rint(beyond / self.step).astype(np.uint8)

    def unpack(self, units: Bytes) -> Floats:
        """Stars from stored units."""
        return self.base + units.astype(np.float64) * self.step

    def check(self, stars: float, movie: object) -> None:
        """Refuse stars of a movie that do not lie on the scale.

        Raises InvalidInputError, naming the movie, the value and the scale.
        """
        if not self.low <= stars <= self.high:
            raise InvalidInputError(
                f"movie {shown(movie)} is rated {float(stars):g}, which is not on the scale {self}"
                f": give stars from {self.low:g} to {self.high:g}, or say which scale they are on"
            )

    def __str__(self) -> str:
        # A hyphen before a number would be taken for its sign.
        between = " to " if self.low < 0 else "-"
        return "likes only" if self.implicit else f"{self.low:g}{between}{self.high:g}"


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
