"""Ratings from single cells, as different programs write them."""

from __future__ import annotations

import math
import re

__all__ = ["MISSING", "NUMBER", "parse_rating", "rating_and_top"]

MISSING = frozenset({"na", "n/a", "nan", "null", "none", "<na>", r"\n", "-"})
"""What programs write for nothing among numbers, in lower case."""
NUMBER = re.compile(r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)([eE][+-]?[0-9]{1,3})?")
"""A number as people and programs write it, with a decimal comma or point."""

_WORDS = dict.fromkeys(["true", "yes", "like", "liked", "up", "thumbs up", "thumbsup"], 1.0)
_WORDS |= dict.fromkeys(["false", "no", "dislike", "disliked", "down", "thumbs down"], 0.0)
_WORDS |= {"👍": 1.0, "👎": 0.0}
_OF = re.compile(r"(.*[0-9])\s*(?:%|(?:/|out of)\s*([0-9]+))", re.IGNORECASE)
_STARS = re.compile("([★⭐]*)(½?)☆*")
_HALF = re.compile("(?<=[0-9])(?: ?½| 1/2)$")
# Behind numbers, and behind signs that are to be shown in colour.
_NO_PART = re.compile(r"(?<=[0-9½])\s*stars?$|\ufe0f", re.IGNORECASE)


def parse_rating(text: str) -> float:
    """Read a rating: a number, with a decimal comma or point, stars, or a word such as ``like``.

    NaN for anything else, and minus infinity where there is none.

    Examples
    --------
    >>> [parse_rating(text) for text in ("4,5", "80%", "4/5", "★★½", "True", "great", "")]
    [4.5, 80.0, 4.0, 2.5, 1.0, nan, -inf]
    """
    return rating_and_top(text)[0]


def rating_and_top(text: str) -> tuple[float, float | None]:
    """Read a rating as :func:`parse_rating` does, and the highest there is where the cell says it.

    Examples
    --------
    >>> [rating_and_top(text) for text in ("4,5 stars", "8/10", "8 out of 10", "80%", "★★★½")]
    [(4.5, None), (8.0, 10.0), (8.0, 10.0), (80.0, 100.0), (3.5, 5.0)]
    """
    text, top = _HALF.sub(".5", _NO_PART.sub("", text.strip())), None
    if not text or text.casefold() in MISSING:
        return -math.inf, None
    if match := _STARS.fullmatch(text):
        return len(match[1]) + len(match[2]) / 2, float(max(len(text), 5))
    if match := _OF.fullmatch(text):
        text, top = match[1], float(match[2] or 100) or None
    # The pattern before the conversion, which takes 1_0, 0x1p2 and digits of other scripts too.
    if NUMBER.fullmatch(text):
        number = float(text.replace(",", "."))
        return number if math.isfinite(number) else math.nan, top
    return _WORDS.get(text.casefold(), math.nan), None
