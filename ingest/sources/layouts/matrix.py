"""A matrix of ratings: a row for each user, a column for each movie, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ingest.sources.headings import normalised, roles_of
from ingest.sources.tables import MATRIX_COLUMNS, Drops, Places, Table, Types
from ingest.sources.values.cells import is_movie_first
from recommender.files.cells import parse_rating

__all__ = ["MatrixTable", "is_matrix"]

# Numbers above are amounts or ages rather than ratings, except Jester's for "not rated".
_HIGHEST, _NOT_RATED = 10, 99
_EMPTY = (0, _NOT_RATED, -np.inf)
# Columns of spreadsheets beside those of movies.
_TOTALS = frozenset({"mean", "average", "avg", "total", "sum", "count"})


def is_matrix(table: Table) -> bool:
    """Whether all columns but the first hold ratings or nothing, under headings of their own.

    Without headings it is a matrix of Jester: from -10 to 10, with 99 for what is not rated.
    """
    if table.width <= MATRIX_COLUMNS or len(set(table.heads)) < len(table.heads):
        return False
    if any(column for column in roles_of(table.heads).values()):
        return False
    first = 1 if table.heads else _first(table)
    cells = [parse_rating(cell) for at in range(first, table.width) for cell in table.values(at)]
    empty = len(table.sample) * (table.width - first) - sum(cell not in _EMPTY for cell in cells)
    said = [cell for cell in cells if cell != -np.inf]
    fitting = sum(abs(cell) <= _HIGHEST or cell == _NOT_RATED for cell in said)
    if not table.heads and not (min(said, default=0) < 0 and _NOT_RATED in said):
        return False
    return bool(said) and fitting >= 0.95 * len(said) and empty > 0


def _first(table: Table) -> int:
    """First column of ratings where no heading tells: Jester counts those of each row before."""

    def rated(row: list[str]) -> int:
        return sum(parse_rating(cell) != _NOT_RATED for cell in row[1:])

    return int(all(parse_rating(row[0]) == rated(row) for row in table.sample))


class MatrixTable(Table):
    """A matrix as rows of user, movie and rating; an empty cell is no row.

    Without headings users and movies have their numbers from 1.
    """

    def __init__(self, table: Table) -> None:
        self.name, self._table, self.drops = table.name, table, Drops()
        heads = table.heads or ("", *map(str, range(1, table.width)))
        self._first = 1 if table.heads else _first(table)
        if not self._first:
            heads = ("", *heads[1:], str(table.width))
        offset = 1 - self._first
        self._names = {
            at: heads[at + offset]
            for at in range(self._first, table.width)
            if normalised(heads[at + offset]) not in _TOTALS
        }
        role = roles_of(heads[:1]).keys()
        by_movie = {"movie", "title"} & role or (
            "user" not in role and is_movie_first(table.values(0), [*self._names.values()])
        )
        self.heads = ("movie", "user", "rating") if by_movie else ("user", "movie", "rating")
        self.sample = [
            [row[0] if table.heads else str(number), name, row[at]]
            for number, row in enumerate(table.sample[:10], 1)
            for at, name in self._names.items()
            if parse_rating(row[at]) != -np.inf
        ]

    def batches(self, columns: Places, types: Types | None = None) -> Iterator[pa.Table]:
        """Read columns as text; the ratings are those of a block of rows, row by row."""
        names = pa.array(self._names.values(), pa.string())
        before = 0
        for batch in self._table.batches({str(at): at for at in (0, *self._names)}):
            texts = {
                name: batch.column(name).cast(pa.string()).to_pylist()
                for name in batch.column_names
            }
            cells = np.array([texts[str(at)] for at in self._names], dtype=object)
            rated = np.array(
                [[parse_rating(cell or "") != -np.inf for cell in row] for row in cells]
            )
            rows = texts["0"] if self._table.heads else range(before + 1, before + 1 + len(batch))
            before += len(batch)
            row, column = np.nonzero(rated.T)
            melted = (
                pa.array([str(name) for name in rows], pa.string()).take(pa.array(row)),
                names.take(pa.array(column)),
                pa.array(cells[column, row], pa.string()),
            )
            self.drops = self._table.drops
            yield pa.table({name: melted[at] for name, at in columns.items()})
