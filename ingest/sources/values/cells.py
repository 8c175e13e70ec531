"""What single cells say: whether anything, an integer, a rating, a time."""

from __future__ import annotations

import re

from recommender.files.cells import NUMBER, parse_rating
from recommender.storage.encoding import ExternalId, as_id
from recommender.storage.manifest import IdKind

__all__ = [
    "INTEGER",
    "is_integer",
    "is_movie_first",
    "is_rating",
    "is_time",
    "read_id",
]

INTEGER = r"^\s*[+-]?[0-9]{1,19}(\.0+)?\s*$"
"""A whole number as ids are written; pandas makes ``3.0`` of some."""

_IMDB_ID = r"tt[0-9]{5,}"
_MOVIE_ID = r"B[0-9A-Z]{9}|[0-9]{9,13}X?|(movie|film|item|title|tt)[ _-]?[0-9]+"
_USER_ID = r"A[0-9A-Z]{9,}|(user|person|customer|member|rater|u)[ _-]?[0-9]+"
_DATE = re.compile(
    r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}\b.*"
    r"|.*\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b.*[0-9].*",
    re.IGNORECASE | re.DOTALL,
)
# Smaller numbers are ids or ratings rather than seconds.
_FIRST_SECOND = 10_000


def is_integer(text: str) -> bool:
    """Whether an id is a whole number that fits 64 bits.

    Examples
    --------
    >>> [is_integer(text) for text in ("007", "3.0", "tt7", "9" * 19)]
    [True, True, False, False]
    """
    return re.match(INTEGER, text) is not None and abs(int(text.split(".", 1)[0])) < 2**63


def is_movie_first(first: list[str], second: list[str]) -> bool:
    """Whether ids are those of movies first and users second, as in Amazon's reviews.

    Examples
    --------
    >>> is_movie_first(["tt0113277", "tt0114709"], ["17", "17"]), is_movie_first(["1"], ["1"])
    (True, False)
    """

    def all_like(values: list[str], pattern: str) -> bool:
        fits = (re.fullmatch(pattern, value, re.IGNORECASE) for value in values)
        return bool(values) and sum(map(bool, fits)) >= 0.8 * len(values)

    if all_like(first, _USER_ID) or all_like(second, _IMDB_ID):
        return False
    users = all_like(second, _USER_ID)
    return all_like(first, _IMDB_ID) or (users and all_like(first, rf"{_MOVIE_ID}|\S+ .+"))


def is_rating(text: str) -> bool:
    """Whether a cell may hold a rating: a number of no more than 100, or a word for one."""
    return abs(parse_rating(text)) <= 100


def is_time(text: str) -> bool:
    """Whether a cell may hold a time: a date, or a number that is large enough.

    Examples
    --------
    >>> [is_time(text) for text in ("881250949", "9 Nov 2004", "31/12/2015", "17", "Heat")]
    [True, True, True, False, False]
    """
    if NUMBER.fullmatch(text.strip()):
        return abs(parse_rating(text)) >= _FIRST_SECOND
    return _DATE.fullmatch(text.strip()) is not None


def read_id(text: str | None, kind: IdKind) -> ExternalId | None:
    """Read an id of another file as the ratings have it; None where it is not of their kind."""
    return as_id(re.sub(r"\.0+\s*$", "", text) if text and kind == "int" else text, kind)
