"""Answers of several methods as tables for people, or as one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from kindred.evaluation.person.answers import Answer, SideBySide
from kindred.output import (
    SYNTHETIC,
    add_row,
    movie_document,
    new_table,
    print_json,
    print_line,
    print_table,
    stars_text,
)

__all__ = ["print_side_by_side"]

# Lists beside each other: three leave room for titles on a line of 100.
_BESIDE = 3
# Characters that ranks and stars take of a line, and titles at least.
_RANK, _STARS, _TITLE = 4, 5, 12
_FOOT: dict[str, Callable[[Answer], str]] = {
    "MAE": lambda answer: _error(answer.mae),
    "RMSE": lambda answer: _error(answer.rmse),
    "movies predicted": lambda answer: f"{answer.predicted:,}",
}


def print_side_by_side(found: SideBySide, *, synthetic: bool, as_json: bool) -> None:
    """Print the lists of all methods, and what they predict of what the person rated."""
    if as_json:
        print_json(_document(found))
        return
    for start in range(0, len(found), _BESIDE):
        if start:
            print()
        print_table(_lists(found.answers[start : start + _BESIDE]))
    predicting = [answer for answer in found if answer.predicted]
    if predicting:
        print("\nEvery movie rated, predicted without its own stars:\n")
        print_table(_rated(predicting))
    if any(answer.fallback or answer.note for answer in found):
        print()
    for answer in found:
        if answer.fallback:
            print_line(f"{answer.method}: finds nothing for this person, so its list is popular.")
        if answer.note:
            print_line(f"{answer.method}: {answer.note}.")
    if synthetic:
        print(f"\n{SYNTHETIC}")


def _lists(answers: Sequence[Answer]) -> Table:
    table = Table(Column("", justify="right"), box=None, header_style="bold", pad_edge=False)
    starred = [any(row.stars is not None for row in answer.rows) for answer in answers]
    # Equal parts of what ranks and stars leave of a line, each column with two blanks before it.
    left = Console().width - _RANK - sum(starred) * (_STARS + 2)
    for answer, stars in zip(answers, starred, strict=True):
        table.add_column(Text(answer.method), width=max(left // len(answers) - 2, _TITLE))
        if stars:
            table.add_column("stars", justify="right")
    for place in range(max(len(answer.rows) for answer in answers)):
        cells: list[object] = [place + 1]
        for answer, stars in zip(answers, starred, strict=True):
            row = answer.rows[place] if place < len(answer.rows) else None
            cells.append("" if row is None else row.movie)
            if stars:
                cells.append("" if row is None else stars_text(row.stars))
        add_row(table, *cells)
    return table


def _rated(answers: Sequence[Answer]) -> Table:
    names = [answer.method for answer in answers]
    table = new_table("movie", "actual", *names, right=["actual", *names])
    for several in zip(*(answer.rated for answer in answers), strict=True):
        predicted = (stars_text(one.predicted) for one in several)
        add_row(table, several[0].movie, f"{several[0].actual:g}", *predicted)
    for foot, cell in _FOOT.items():
        table.add_row(*(Text(text, style="bold") for text in (foot, "", *map(cell, answers))))
    return table


def _error(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _document(found: SideBySide) -> dict[str, Any]:
    return {
        "methods": [
            {
                "method": answer.method,
                "fallback": answer.fallback,
                "note": answer.note,
                "predicted": answer.predicted,
                "mae": answer.mae,
                "rmse": answer.rmse,
                "recommendations": [
                    {
                        "rank": row.rank,
                        **movie_document(row.movie),
                        "score": row.score,
                        "predicted_rating": row.stars,
                    }
                    for row in answer.rows
                ],
            }
            for answer in found
        ],
        "rated": [
            {
                **movie_document(several[0].movie),
                "actual": several[0].actual,
                "predicted": {
                    answer.method: one.predicted for answer, one in zip(found, several, strict=True)
                },
            }
            for several in zip(*(answer.rated for answer in found), strict=True)
        ],
    }
