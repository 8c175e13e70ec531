"""Checks of arguments that several questions share."""

from __future__ import annotations

from numbers import Integral, Real

from recommender.errors import InvalidInputError, shown

__all__ = ["check_dial", "check_limit"]

MAX_LIMIT = 1000


def check_limit(limit: int) -> None:
    """Refuse what is no number of movies, with InvalidInputError."""
    whole = isinstance(limit, Integral) and not isinstance(limit, bool)
    if not whole or not 1 <= limit <= MAX_LIMIT:
        raise InvalidInputError(
            f"limit is {shown(limit)}: give a whole number from 1 to {MAX_LIMIT}"
        )


def check_dial(adventurous: float | None) -> None:
    """Refuse what is no place on the familiar-adventurous dial, with InvalidInputError."""
    dial = 0 if adventurous is None else adventurous
    if not isinstance(dial, Real) or not 0 <= dial <= 1:
        raise InvalidInputError(
            f"adventurous is {shown(adventurous)}: give 0 (familiar) to 1 (least known)"
        )
