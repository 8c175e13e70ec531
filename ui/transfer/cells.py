"""Years, days, numbers and ratings from the cells of a table, as different programs write them."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

__all__ = ["read_day", "read_id", "read_imdb_id", "read_rating", "read_year"]

_RATING = re.compile(r"(-?[0-9]{1,9}(?:[.,][0-9]{1,9})?) ?(?:/ ?(5|10|20|100)|(%))?")
_STARS = re.compile(r"(★{0,5})(½?)☆{0,5}")
_YEAR = re.compile(r"(?<![0-9])(?:18|19|20|21)[0-9]{2}(?![0-9])")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_EPOCH = re.compile(r"([0-9]{9,10})(?:[0-9]{3})?(?:\.0)?")
# As IMDb wrote it before 2017.
_CTIME = "%a %b %d %H:%M:%S %Y"


def read_rating(text: str) -> tuple[float, float | None]:
    """Read a rating, and the highest there is where the cell says it; NaN for what is none.

    Examples
    --------
    >>> [read_rating(text) for text in ("4,5", "8/10", "★★★½", "", "good")]
    [(4.5, None), (8.0, 10.0), (3.5, 5.0), (0.0, None), (nan, None)]
    """
    if not text:
        return 0.0, None
    if match := _RATING.fullmatch(text):
        # Spreadsheets write a comma for the point in many countries.
        top = 100.0 if match[3] else float(match[2]) if match[2] else None
        return float(match[1].replace(",", ".")), top
    if match := _STARS.fullmatch(text):
        return len(match[1]) + len(match[2]) / 2, 5.0
    return math.nan, None


def read_year(text: str) -> int | None:
    """Read the first year of a cell, which may be a day or a range of years."""
    match = _YEAR.search(text)
    return int(match[0]) if match else None


def read_day(text: str) -> str:
    """Read a day as ``2024-01-31``; empty where it cannot be told, as of ``1/2/24``."""
    if not text:
        return ""
    if match := _ISO.match(text):
        return match[0]
    if match := _DOTTED.match(text):
        return f"{match[3]}-{match[2]:0>2}-{match[1]:0>2}"
    try:
        if match := _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(match[1]), UTC).date().isoformat()
        return datetime.strptime(text, _CTIME).date().isoformat()
    except ValueError:
        return ""


def read_id(text: str) -> int | None:
    """Read a number that names a film; ``603.0`` is what spreadsheets make of 603."""
    match = re.fullmatch(r"([0-9]{1,10})(?:\.0)?", text)
    return int(match[1]) if match else None


def read_imdb_id(text: str) -> str | None:
    """Read an id of IMDb from an address, or from a number without the tt and leading zeros.

    Examples
    --------
    >>> read_imdb_id("https://www.imdb.com/title/tt0133093/"), read_imdb_id("133093")
    ('tt0133093', 'tt0133093')
    """
    match = re.search(r"(?:^|/)tt([0-9]{1,10})(?:$|[/?])", text)
    number = int(match[1]) if match else read_id(text)
    return f"tt{number:07}" if number else None
