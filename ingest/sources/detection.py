"""Telling what a file is from what is in it, whatever it is called."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from recommender.archives import Member, guess_encoding, reading

__all__ = ["Kind", "Layout", "Role", "recognise"]

Kind = Literal["ratings", "movies", "links", "tags", "people"]
Role = Literal["user", "movie", "stars", "time", "title", "genres", "year", "imdb", "tmdb", "tag"]

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
    """How many columns a line has."""
    roles: dict[Role, int]
    """Which column holds what."""
    encoding: str
    flagged: bool = False
    """Whether each genre has a column of 0 or 1, from that of ``genres`` on, as in ml-100k."""
    attributes: dict[str, int] = field(default_factory=dict)
    """Which column tells what of a rater."""


def recognise(member: Member) -> Layout | None:
    """Recognise ratings, movies, links, tags and people; None for anything else."""
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
    if "user" in roles and not {"movie", "stars"} & roles.keys() and len(names) > 1:
        user = roles["user"]
        about = {_plain(name, "_"): at for at, name in enumerate(names) if at != user}
        about = {name: at for name, at in about.items() if name not in ("", "user")}
        return Layout(
            "people", delimiter, 1, len(names), {"user": user}, encoding, attributes=about
        )
    kind = _kind(roles)
    return kind and Layout(kind, delimiter, 1, len(names), roles, encoding)


def _plain(name: str, gap: str) -> str:
    """Heading in lower-case letters and digits, anything else as a gap."""
    return re.sub(r"[^a-z0-9]+", gap, name.casefold()).strip(gap or None)


def _roles(names: list[str]) -> dict[Role, int]:
    roles: dict[Role, int] = {}
    for column, name in enumerate(names):
        # With its digits, as "user1" is somebody and no heading.
        plain = _plain(name, "")
        if plain in _NAMES:
            roles.setdefault(_NAMES[plain], column)
    return roles


def _kind(roles: dict[Role, int]) -> Kind | None:
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
    """Recognise a file without a header: ``user, movie, stars[, time]``, ``::`` or ``|`` movies."""
    named = _roles(rows[0])
    if "movie" in named or ("user" in named and "stars" not in named):
        return None  # a header of something else: the scores of the tag genome
    # In another language.
    header = len(rows) > 1 and not any(sign.isdigit() for field in rows[0] for sign in field)
    rows = rows[header:]
    if special := _ml_100k_movies(rows, delimiter, encoding) or _people(rows, delimiter, encoding):
        return special
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
        if width == 4 and delimiter == "::" and all(_time(row[3]) for row in fitting):
            tagged: dict[Role, int] = {"user": 0, "movie": 1, "tag": 2, "time": 3}
            return Layout("tags", delimiter, 0, width, tagged, encoding)
        if width == 3 and delimiter == "::":
            listed: dict[Role, int] = {"movie": 0, "title": 1, "genres": 2}
            return Layout("movies", delimiter, 0, width, listed, encoding)
    return None


def _ml_100k_movies(rows: list[list[str]], delimiter: str, encoding: str) -> Layout | None:
    if sum(len(row) == 24 and set(row[5:]) <= {"0", "1"} for row in rows) < 0.8 * len(rows):
        return None
    flags: dict[Role, int] = {"movie": 0, "title": 1, "genres": 5}
    return Layout("movies", delimiter, 0, 24, flags, encoding, flagged=True)


def _people(rows: list[list[str]], delimiter: str, encoding: str) -> Layout | None:
    """Recognise the users of ml-1m and ml-100k."""
    gender, age = (1, 2) if delimiter == "::" else (2, 1)
    fitting = [
        row for row in rows if len(row) == 5 and row[gender] in ("M", "F") and row[age].isdigit()
    ]
    if len(fitting) < 0.8 * len(rows) or delimiter not in ("::", "|"):
        return None
    about = {"gender": gender, "age": age, "occupation": 3, "zip": 4}
    return Layout("people", delimiter, 0, 5, {"user": 0}, encoding, attributes=about)


def _number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _time(field: str) -> bool:
    return _number(field) or re.match(r"\s*\d{4}-\d\d-\d\d", field) is not None
