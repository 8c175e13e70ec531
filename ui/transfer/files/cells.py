"""Years and numbers of films from the cells of a table, as different programs write them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from recommender.files.cells import parse_rating

__all__ = ["read_id", "read_imdb_id", "read_year", "without_ratings"]

_YEAR = re.compile(r"(?<![0-9])(?:18|19|20|21)[0-9]{2}(?![0-9])")
_ID = re.compile(r"([0-9]{1,10})(?:\.0)?")
_DECIMAL = re.compile(r"[0-9]+[.,][0-9]*[1-9][0-9]*")
_HIGHEST = 100
_IMDB_ID = re.compile(r"(?:^|/)tt([0-9]{1,10})(?:$|[/?])")


def read_year(text: str) -> int | None:
    """Read the first year of a cell, which may be a day or a range of years."""
    match = _YEAR.search(text)
    return int(match[0]) if match else None


def read_id(text: str) -> int | None:
    """Read a number that names a film; ``603.0`` is what spreadsheets make of 603."""
    match = _ID.fullmatch(text)
    return int(match[1]) if match else None


def read_imdb_id(text: str) -> str | None:
    """Read an id of IMDb from an address, or from a number without the tt and leading zeros.

    Examples
    --------
    >>> read_imdb_id("https://www.imdb.com/title/tt0133093/"), read_imdb_id("133093")
    ('tt0133093', 'tt0133093')
    """
    match = _IMDB_ID.search(text)
    number = int(match[1]) if match else read_id(text)
    return f"tt{number:07}" if number else None


def without_ratings(numbers: Sequence[str]) -> Sequence[str]:
    """Take out what is no number of a film: under "IMDb" may stand how it is rated there."""
    if not any(map(_DECIMAL.fullmatch, numbers)):
        return numbers
    return ["" if parse_rating(number) <= _HIGHEST else number for number in numbers]
