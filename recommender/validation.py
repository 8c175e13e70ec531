"""Checks of arguments that several questions share, and how messages show them."""

from __future__ import annotations

from numbers import Integral, Real

from recommender.errors import InvalidInputError

__all__ = ["check_dial", "check_diversity", "check_limit", "invalid", "shown"]

MAX_LIMIT = 1000
# Characters of a value that a message shows.
_LONGEST = 80


def shown(value: object) -> str:
    """Show in a message what a caller gave: on one line and not a long one, whatever it is.

    Examples
    --------
    >>> print(shown("two\\nlines"), shown("x" * 1000)[-5:], shown(10**5000))
    'two\\nlines' xx... an int of very many digits
    """
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python prints no more than 4,300 digits
        return f"an {type(value).__name__} of very many digits"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def invalid(argument: str, value: object, wanted: str) -> InvalidInputError:
    """Make the error that names an argument, its value, and what is wanted instead."""
    return InvalidInputError(f"{argument} is {shown(value)}: give {wanted}")


def check_limit(limit: int) -> None:
    """Refuse what is no number of movies, with InvalidInputError."""
    whole = isinstance(limit, Integral) and not isinstance(limit, bool)
    if not whole or not 1 <= limit <= MAX_LIMIT:
        raise invalid("limit", limit, f"a whole number from 1 to {MAX_LIMIT}")


def check_dial(adventurous: float | None) -> None:
    """Refuse what is no place on the familiar-adventurous dial, with InvalidInputError."""
    dial = 0 if adventurous is None else adventurous
    if not isinstance(dial, Real) or not 0 <= dial <= 1:
        raise invalid("adventurous", adventurous, "0 (familiar) to 1 (least known)")


def check_diversity(diversity: float) -> None:
    """Refuse what is no part of a list's order, with InvalidInputError."""
    if not isinstance(diversity, Real) or not 0 <= diversity <= 1:
        raise invalid("diversity", diversity, "0 (the best first) to 1 (as unlike as can be)")
