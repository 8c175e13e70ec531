"""What is known of a table: its kind, and which of its columns is what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ingest.sources.headings import Role
from ingest.sources.tables import Table
from ingest.sources.values.scales import KnownScale

__all__ = [
    "COLUMNS",
    "FITTING",
    "Aside",
    "Columns",
    "Detected",
    "Kind",
    "counts_up",
    "headings",
    "mostly",
]

Kind = Literal["ratings", "movies", "links", "genres", "tags", "users"]
Columns = Mapping[Literal["user", "movie", "rating", "time"], str | int]
"""Headings of the columns of ratings, or their numbers from 1, as a caller names them."""

COLUMNS = "--columns user=…,movie=…,rating=…,time=…"
"""How a caller names columns."""

FITTING = 0.8
"""The part of the rows that must fit; a few malformed ones are no reason to refuse a file."""

_FIRST: tuple[Role, ...] = ("user", "movie", "stars", "time")


@dataclass(frozen=True)
class Aside:
    """A file that is not read, and why."""

    name: str
    reason: str
    complete: bool = False
    """Whether the reason says what to do; otherwise it may help to name columns."""


@dataclass(frozen=True)
class Detected:
    """A table whose columns are known."""

    table: Table
    kind: Kind
    roles: dict[Role, int]
    """Column of each role, from 0."""
    attributes: dict[str, int] = field(default_factory=dict)
    """Column of each attribute of users, from 0."""
    genre_flags: bool = False
    """Whether each genre has a column of 0 or 1, from that of ``genres`` on, as in ml-100k."""
    known_scale: KnownScale | None = None
    """The scale of the ratings, where the layout tells it."""
    guessed: str = ""
    """How columns without a known heading were told, in words."""

    @property
    def columns(self) -> dict[str, str]:
        """Heading of the column of each role, for people."""
        first: list[Role] = [role for role in _FIRST if role in self.roles]
        roles = dict.fromkeys([*first, *self.roles])
        return {
            "rating" if role == "stars" else role: self.table.heading(self.roles[role])
            for role in roles
        }

    def place(self, role: Role) -> str:
        """The file and the heading of a column, for a message."""
        heading = f", '{self.table.heading(self.roles[role])}'" if role in self.roles else ""
        return f"{self.table.name}{heading}"

    @property
    def unread(self) -> list[str]:
        """Headings of the columns that are not read."""
        read = {*self.roles.values(), *self.attributes.values()}
        return [name for at, name in enumerate(self.table.heads) if at not in read and name.strip()]


def headings(table: Table) -> str:
    """The headings of a table for a message, or the cells of its first row."""
    cells = [name for name in table.heads if name.strip()] or (table.sample or [[]])[0]
    shown = ", ".join(" ".join(cell.split())[:30] for cell in cells[:12])
    return f"its headings are {shown}" if table.heads else f"its first row is {shown}"


def mostly(values: list[str], fits: Callable[[str], bool]) -> bool:
    """Whether there are values, and most of them fit."""
    return bool(values) and sum(map(fits, values)) >= FITTING * len(values)


def counts_up(table: Table, columns: list[int]) -> bool:
    """Whether the first column numbers the rows, as pandas writes them."""
    values = table.values(columns[0]) if columns else []
    start = int(values[0]) if values and values[0] in ("0", "1") else None
    return (
        start is not None
        and len(values) > 2
        and values == [str(start + at) for at in range(len(values))]
    )
