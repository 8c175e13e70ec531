"""What a person says of a table where its headings leave open how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from recommender import Scale
from recommender.files.cells import parse_rating
from ui.transfer.files.cells import read_imdb_id, read_year
from ui.transfer.files.headings import NAMED, Columns, Role
from ui.transfer.files.table_reader import Table

__all__ = ["Open", "Question", "TableReading", "Unrated", "guess_columns"]

Open = Literal["columns", "unrated", "scale"]
"""What is left open: which column is what, what films without a rating are, or the scale."""
Unrated = Literal["left out", "watched", "watchlist", "likes"]
"""What a film without a rating is."""
_MOST = 0.8
_DATE = re.compile("[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}")


@dataclass(frozen=True)
class TableReading:
    """How a table is to be read; what is None is told by the table."""

    columns: Mapping[str, str] | None = None
    """Columns by what they hold, of :data:`NAMED`: headings, or numbers from 1."""
    scale: Scale | Literal["likes"] | None = None
    unrated: Unrated | None = None


@dataclass(eq=False)
class Question:
    """A table that leaves open how it is read."""

    name: str
    path: str
    table: Table
    rows: list[list[str]]
    """The first of them."""
    about: Open
    why: str
    guess: Mapping[Role, int]
    """The likeliest columns, by what they hold."""
    scale: str = ""
    """The likeliest scale, such as ``0.5:5`` or ``likes``; empty where nothing speaks for any."""
    unrated: Unrated = "left out"
    problem: str = ""
    """What was wrong with the last answer, in one line."""


def guess_columns(
    columns: Columns, rows: Sequence[Sequence[str]], *, rated: bool
) -> dict[Role, int]:
    """Guess which column is what, by the headings, and where these say nothing by the cells.

    Where it may not be ``rated``, numbers may be positions in a list, or what everybody thinks.
    """
    found = {role: place for role in NAMED if (place := columns.place(role)) is not None}
    cells = {place: columns.column(rows, place) for place in range(len(columns.heads))}
    fits: dict[Role, Callable[[str], bool]] = {
        "imdb": lambda cell: cell.startswith("tt") and read_imdb_id(cell) is not None,
        "year": lambda cell: len(cell) == 4 and read_year(cell) is not None,
        "date": lambda cell: _DATE.match(cell) is not None,
        "rating": lambda cell: rated and 0 <= parse_rating(cell) <= 100,
        "title": lambda cell: any(map(str.isalpha, cell)) and not cell.startswith(("tt", "http")),
    }
    numbering = [f"{number}" for number in range(1, len(rows) + 1)]
    for role, fit in fits.items():
        for place, column in cells.items():
            given = [cell for cell in column if cell]
            likely = column != numbering and given and sum(map(fit, given)) >= _MOST * len(given)
            if role not in found and likely and place not in found.values():
                found[role] = place
    return found
