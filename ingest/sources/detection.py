"""Detect the kind and layout of a file from its content; its name does not matter."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from recommender.archives import Member, guess_encoding, reading

__all__ = ["Kind", "Layout", "Role", "detect_layout"]

Kind = Literal["ratings", "movies", "links", "tags", "users"]
Role = Literal["user", "movie", "stars", "time", "title", "genres", "year", "imdb", "tmdb", "tag"]

# Bytes of a file, and lines of those, that detection looks at.
_HEAD = 1 << 16
_SAMPLE_LINES = 50
# The part of the lines that must fit a layout: a few malformed ones are no reason to refuse a file.
_FITTING = 0.8

# Normalised headings, and the role of their column.
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
    "tag": "tag",
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
    """Columns of a line."""
    roles: dict[Role, int]
    """Column of each role, from 0."""
    encoding: str
    genre_flags: bool = False
    """Whether each genre has a column of 0 or 1, from that of ``genres`` on, as in ml-100k."""
    attributes: dict[str, int] = field(default_factory=dict)
    """Column of each attribute of users, from 0."""


def detect_layout(member: Member) -> Layout | None:
    """Detect ratings, movies, links, tags and users; None for anything else."""
    with reading(member.name), member.open() as stream:
        head = stream.read(_HEAD)
    encoding = guess_encoding(head, whole=len(head) < _HEAD)
    if encoding == "utf-8" and b"\0" in head:
        return None
    lines = head.decode(encoding, errors="replace").lstrip("\ufeff").splitlines()
    # The last line of the head may be cut in two.
    lines = lines[:-1] if len(head) == _HEAD else lines
    filled = [(place, line) for place, line in enumerate(lines) if line.strip()]
    if not filled:
        return None
    skip, first = filled[0]
    delimiter = _delimiter(first)
    rows = list(_rows([line for _, line in filled[:_SAMPLE_LINES]], delimiter))
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
    if "user" in roles and not {"movie", "stars"} & roles.keys() and len(names) > 1:
        user = roles["user"]
        columns = {_normalised(name, "_"): at for at, name in enumerate(names) if at != user}
        attributes = {name: at for name, at in columns.items() if name not in ("", "user")}
        return Layout(
            "users", delimiter, 1, len(names), {"user": user}, encoding, attributes=attributes
        )
    kind = _kind(roles)
    return kind and Layout(kind, delimiter, 1, len(names), roles, encoding)


def _normalised(name: str, gap: str) -> str:
    """Heading in lower-case letters and digits, all else replaced by ``gap``."""
    return re.sub(r"[^a-z0-9]+", gap, name.casefold()).strip(gap or None)


def _roles(names: list[str]) -> dict[Role, int]:
    roles: dict[Role, int] = {}
    for column, name in enumerate(names):
        # Digits stay: "user1" is a user's id and no heading.
        normalised = _normalised(name, "")
        if normalised in _NAMES:
            roles.setdefault(_NAMES[normalised], column)
    return roles


def _kind(roles: dict[Role, int]) -> Kind | None:
    # Tags before ratings: a file of tags has users and movies too.
    if "movie" not in roles:
        return None
    if "tag" in roles:
        return "tags"
    if "user" in roles:
        return "ratings"
    if "title" in roles:
        return "movies"
    return "links" if "imdb" in roles or "tmdb" in roles else None


def _by_content(rows: list[list[str]], delimiter: str, encoding: str) -> Layout | None:
    """Detect a file without a known header: ``user, movie, stars[, time]``, or one of MovieLens."""
    named = _roles(rows[0])
    if "movie" in named or ("user" in named and "stars" not in named):
        return None  # a header of something else, such as the scores of the tag genome
    # Headings in another language are unknown, but have no digits.
    header = len(rows) > 1 and not any(sign.isdigit() for field in rows[0] for sign in field)
    rows = rows[header:]
    found = _ml_100k_movies(rows, delimiter, encoding) or _users(rows, delimiter, encoding)
    if found:
        return found
    for width in (4, 3):
        fitting = [row for row in rows if len(row) == width and row[0].strip() and row[1].strip()]
        if len(fitting) < _FITTING * len(rows):
            continue
        numeric = [row for row in fitting if _is_number(row[2]) and all(map(_is_time, row[3:]))]
        if len(numeric) >= _FITTING * len(rows):
            roles: dict[Role, int] = {"user": 0, "movie": 1, "stars": 2}
            if width == 4:
                roles["time"] = 3
            return Layout("ratings", delimiter, int(header), width, roles, encoding)
        if width == 4 and delimiter == "::" and all(_is_time(row[3]) for row in fitting):
            tagged: dict[Role, int] = {"user": 0, "movie": 1, "tag": 2, "time": 3}
            return Layout("tags", delimiter, 0, width, tagged, encoding)
        if width == 3 and delimiter == "::":
            listed: dict[Role, int] = {"movie": 0, "title": 1, "genres": 2}
            return Layout("movies", delimiter, 0, width, listed, encoding)
    return None


def _ml_100k_movies(rows: list[list[str]], delimiter: str, encoding: str) -> Layout | None:
    if sum(len(row) == 24 and set(row[5:]) <= {"0", "1"} for row in rows) < _FITTING * len(rows):
        return None
    flags: dict[Role, int] = {"movie": 0, "title": 1, "genres": 5}
    return Layout("movies", delimiter, 0, 24, flags, encoding, genre_flags=True)


def _users(rows: list[list[str]], delimiter: str, encoding: str) -> Layout | None:
    """Detect the users of ml-1m and ml-100k, whose columns have another order."""
    gender, age = (1, 2) if delimiter == "::" else (2, 1)
    fitting = [
        row for row in rows if len(row) == 5 and row[gender] in ("M", "F") and row[age].isdigit()
    ]
    if len(fitting) < _FITTING * len(rows) or delimiter not in ("::", "|"):
        return None
    attributes = {"gender": gender, "age": age, "occupation": 3, "zip": 4}
    return Layout("users", delimiter, 0, 5, {"user": 0}, encoding, attributes=attributes)


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _is_time(field: str) -> bool:
    return _is_number(field) or re.match(r"\s*\d{4}-\d\d-\d\d", field) is not None
