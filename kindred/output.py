"""How commands print: tables for people, JSON documents for programs, notes and errors."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from recommender import InvalidInputError, Movie, Prediction
from recommender.settings import LogSettings

__all__ = [
    "SYNTHETIC",
    "add_row",
    "count_of",
    "interval_text",
    "movie_document",
    "new_table",
    "plain",
    "print_error",
    "print_json",
    "print_line",
    "print_note",
    "print_table",
    "stars_text",
]

_log = logging.getLogger("kindred")

SYNTHETIC = (
    "The raters of this sample are synthetic; only the films are real. For real people's taste, "
    "run `kindred ingest ml-latest-small`."
)
"""Said under what rests on the bundled sample, so that nobody takes it for people's taste."""

# Control characters, which a terminal obeys: an id may hold any. New lines only make cells higher.
_CONTROLS = dict.fromkeys([*range(10), *range(11, 32), *range(127, 160)], "?")


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document."""
    print(json.dumps(document, ensure_ascii=False, indent=2))


def movie_document(movie: Movie) -> dict[str, Any]:
    """Give what a JSON document says of a movie."""
    return {"movie_id": movie.movie_id, "title": movie.title, "year": movie.year}


def print_note(line: str) -> None:
    """Print what a person should know on standard error, where it disturbs no JSON."""
    print("note:", line, file=sys.stderr)


def print_line(line: str) -> None:
    """Print a line that quotes a source, whose ids and headings a terminal may obey."""
    print(line.translate({**_CONTROLS, ord("\n"): "?"}))


def print_error(line: str) -> None:
    """Print why a command failed on standard error, in the form of all that is logged."""
    line = " ".join(line.split())
    with suppress(InvalidInputError):  # the setting may be what is wrong
        if LogSettings.read().log == "json":
            _log.error(line)
            return
    print("error:", line, file=sys.stderr)


def new_table(*columns: str, right: Iterable[str] = ()) -> Table:
    """Make a table without lines; columns named in ``right`` are justified to the right."""
    justified = (Column(name, justify="right" if name in right else "left") for name in columns)
    return Table(*justified, box=None, header_style="bold", pad_edge=False)


def add_row(table: Table, *cells: object) -> None:
    """Add a row of texts to a table, without the characters that a terminal would obey."""
    table.add_row(*map(plain, cells))


def plain(value: object) -> Text:
    """Write a value as it is: titles like [REC] would be taken for markup."""
    return Text(str(value).translate(_CONTROLS))


def print_table(table: Table) -> None:
    """Print a table in plain colours: numbers are not highlighted."""
    Console(highlight=False).print(table)


def stars_text(stars: float | None) -> str:
    """Write stars with two digits; nothing where there are none."""
    return "" if stars is None else f"{stars:.2f}"


def interval_text(found: Prediction, before: str = " ") -> str:
    """Write predicted stars and ``before`` the interval, as far as there are such."""
    if found.low is None or found.high is None:
        return stars_text(found.stars)
    # A hyphen before a number would be taken for its sign.
    between = " to " if found.low < 0 else "-"
    return f"{stars_text(found.stars)}{before}({found.low:.1f}{between}{found.high:.1f})"


def count_of(count: int | None, one: str, many: str) -> str:
    """Write a count and the word for what is counted; nothing where the count is unknown."""
    return "" if count is None else f"{count:,} {one if count == 1 else many}"
