"""Telling what a file is from what is in it, whatever it is called."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from recommender.archives import Member, guess_encoding, reading

__all__ = ["Kind", "Layout", "Role", "recognise"]

Kind = Literal["ratings", "movies", "links"]
Role = Literal["user", "movie", "stars", "time", "title", "genres", "year", "imdb", "tmdb"]

_HEAD = 1 << 16
_SAMPLE = 50

_NAMES: dict[str, Role] = {
    **dict.fromkeys(["user", "userid", "uid", "usr", "reviewerid", "rater"], "user"),
    **dict.fromkeys(["movie", "movieid", "item", "itemid", "film", "filmid", "mid"], "movie"),
    **dict.fromkeys(["rating", "stars", "score", "ratings"], "stars"),
    **dict.fromkeys(["timestamp", "time", "date", "ts", "ratedat"], "time"),
    **dict.fromkeys(["title", "movietitle", "name"], "title"),
    **dict.fromkeys(["genres", "genre"], "genres"),
    **dict.fromkeys(["year", "releaseyear"], "year"),
    **dict.fromkeys(["imdbid", "imdb"], "imdb"),
    **dict.fromkeys(["tmdbid", "tmdb"], "tmdb"),
}


@dataclass(frozen=True)
class Layout:
    """How to read a file."""

    kind: Kind
    delimiter: str
    """One character, or ``::``."""
    skip: int
    """Lines before the first row: a header, blank lines."""
    columns: int
    """How many columns a line has."""
    roles: dict[Role, int]
    """Which column holds what."""
    encoding: str
    flagged: bool = False
    """Whether each genre has a column of 0 or 1, from that of ``genres`` on, as in ml-100k."""


def recognise(member: Member) -> Layout | None:
    """Recognise ratings, movies and links; None for anything else."""
    with reading(member.name), member.open() as stream:
        head = stream.read(_HEAD)
    encoding = guess_encoding(head, whole=len(head) < _HEAD)
    if encoding == "utf-8" and b"\0" in head:
        return None
    lines = head.decode(encoding, errors="replace").lstrip("\ufeff").splitlines()
    # The last line of the sample may be cut in two.
    lines = lines[:-1] if len(head) == _HEAD else lines
    filled = [(place, line) for place, line in enumerate(lines) if line.strip()]
    if not filled:
        return None
    skip, first = filled[0]
    delimiter = _delimiter(first)
    rows = list(_rows([line for _, line in filled[:_SAMPLE]], delimiter))
    found = _by_header(rows[0], delimiter, encoding) or _by_content(rows, delimiter, encoding)
    return found and replace(found, skip=skip + found.skip)


def _delimiter(line: str) -> str:
    if "::" in line:
        return "::"
    return max("\t,;|", key=line.count)


def _rows(lines: Iterable[str], delimiter: str) -> Iterable[list[str]]:
    if delimiter == "::":
        return (line.split("::") for line in lines)
    return csv.reader(lines, delimiter=delimiter)


def _by_header(names: list[str], delimiter: str, encoding: str) -> Layout | None:
    roles = _roles(names)
    kind = _kind(roles, tagged="tag" in [name.strip().casefold() for name in names])
    return kind and Layout(kind, delimiter, 1, len(names), roles, encoding)


def _roles(names: list[str]) -> dict[Role, int]:
    roles: dict[Role, int] = {}
    for column, name in enumerate(names):
        # With its digits, as "user1" is somebody and no heading.
        plain = re.sub(r"[^a-z0-9]", "", name.casefold())
        if plain in _NAMES:
            roles.setdefault(_NAMES[plain], column)
    return roles


def _kind(roles: dict[Role, int], *, tagged: bool) -> Kind | None:
    if "movie" not in roles or tagged:
        return None
    if "user" in roles:
        return "ratings"
    if "title" in roles:
        return "movies"
    return "links" if "imdb" in roles or "tmdb" in roles else None


def _by_content(rows: list[list[str]], delimiter: str, encoding: str) -> Layout | None:
    """Recognise a file without a header: ``user, movie, stars[, time]``, ``::`` or ``|`` movies."""
    named = _roles(rows[0])
    if "movie" in named or ("user" in named and "stars" not in named):
        return None  # a header of something else: the scores of the tag genome, the users' ages
    # In another language.
    header = len(rows) > 1 and not any(sign.isdigit() for field in rows[0] for sign in field)
    rows = rows[header:]
    if sum(len(row) == 24 and set(row[5:]) <= {"0", "1"} for row in rows) >= 0.8 * len(rows):
        flags: dict[Role, int] = {"movie": 0, "title": 1, "genres": 5}
        return Layout("movies", delimiter, 0, 24, flags, encoding, flagged=True)
    for width in (4, 3):
        fitting = [row for row in rows if len(row) == width and row[0].strip() and row[1].strip()]
        # A few unreadable lines are no reason to refuse a file.
        if len(fitting) < 0.8 * len(rows):
            continue
        numeric = [row for row in fitting if _number(row[2]) and all(map(_time, row[3:]))]
        if len(numeric) >= 0.8 * len(rows):
            roles: dict[Role, int] = {"user": 0, "movie": 1, "stars": 2}
            if width == 4:
                roles["time"] = 3
            return Layout("ratings", delimiter, int(header), width, roles, encoding)
        if width == 3 and delimiter == "::":
            listed: dict[Role, int] = {"movie": 0, "title": 1, "genres": 2}
            return Layout("movies", delimiter, 0, width, listed, encoding)
    return None


def _number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _time(field: str) -> bool:
    return _number(field) or re.match(r"\s*\d{4}-\d\d-\d\d", field) is not None
