"""Good files of several formats, damaged as files are, and what each says before and after."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["BASES", "WHOLE", "Damaged", "Said", "damaged", "key"]

Keeps = Literal["all", "all or refused", "some"]

Rating = tuple[int, int, float, int]
"""User, movie, stars on 0.5-5, seconds since 1970."""

# The first rating is a like and the second is none, so that a file cut after a line or two is still
# no file in which all ratings are equal, which says nothing of its scale.
_STARS = (5, 2, 4, 1, 3, 5, 4, 2.5, 4.5, 3.5, 1.5)
_RATINGS: list[Rating] = [
    (user, 10 + (user * 3 + place * 7) % 31, _STARS[(user - 1 + place) % 11], 1_100_000_000 + place)
    for user in range(1, 13)
    for place in range(10)
]
_HEADINGS = ("userId", "movieId", "rating", "timestamp")
_UNKNOWN = ("xyz", "my_score", "note", "Bewertung", "評価", "col 3", "")
_OFTEN = (0, 1, 2, 2, 2, 3)
"""Headings to rename: that of the rating half of the time, as without it all would be likes."""
_LIKE_FROM = 4


@dataclass
class Said:
    """Who likes what, as text, by :func:`key`."""

    likes: set[tuple[str, str]] = field(default_factory=set)
    users: set[str] = field(default_factory=set)

    def add(self, user: object, movie: object, stars: object) -> None:
        """Add a rating, if it is one."""
        try:
            liked = float(str(stars).strip().replace(",", ".")) >= _LIKE_FROM
        except ValueError:
            return
        self.users.add(key(user))
        if liked:
            self.likes.add((key(user), key(movie)))


def key(found: object) -> str:
    """Compare ids by their letters and digits alone: what else damage wrote may be kept or not."""
    return re.sub(r"[^0-9A-Za-z]", "", str(found)).lstrip("0")


WHOLE = Said()
for _user, _movie, _stars, _ in _RATINGS:
    WHOLE.add(_user, _movie, _stars)


@dataclass(frozen=True)
class Damaged:
    """A file to read."""

    what: str
    """Its format and the damage, for whoever sees the test fail."""
    files: dict[str, bytes]
    """Contents by name."""
    keeps: Keeps = "some"
    """How many of the good file's likes are to be read, where it is read at all."""
    rows: int = 0
    """Ratings in it that are to be read or counted as dropped, whatever it says of them."""
    blind: bool = False
    """Whether nobody can tell what it says: values without a checksum were overwritten."""
    said: Said = field(default_factory=Said)
    """What its lines say, each taken by itself: damage may have written another valid value."""


@dataclass(frozen=True)
class _Text:
    """A format of lines: a line for each rating, in any order of columns."""

    name: str
    line: Callable[[Sequence[str]], str]
    """A line of cells, or of headings."""
    said: Callable[[str], Sequence[object] | None]
    """User, movie and stars of a line, or None."""
    headed: bool = True
    decimal: str = "."
    whole: bool = False
    """Whether half stars are left out, by rounding down those that are no likes."""
    beside: dict[str, bytes] = field(default_factory=dict)
    pack: Callable[[bytes], bytes] | None = None
    keyed: bool = False
    """Whether every line has the headings in it."""

    def rows(self, headings: Sequence[str], order: Sequence[int]) -> list[str]:
        """Lines of all ratings, and of the headings where there are any."""
        lines = [self.line([headings[at] for at in order])] if self.headed else []
        for user, movie, stars, time in _RATINGS:
            number = f"{int(stars) if self.whole else stars:g}".replace(".", self.decimal)
            cells = (str(user), str(movie), number, str(time))
            if self.keyed:
                lines.append(
                    _json_line([headings[at] for at in order], [cells[at] for at in order])
                )
            else:
                lines.append(self.line([cells[at] for at in order]))
        return lines

    def reads(self, data: bytes) -> Said:
        """What lines say, each taken by itself."""
        read = Said()
        for line in re.split(r"[\r\n]", data.decode("utf-8", "replace")):
            found = self.said(line)
            if found is not None:
                read.add(*found)
        return read


def _split(mark: str) -> Callable[[str], Sequence[object] | None]:
    def said(line: str) -> Sequence[object] | None:
        cells = line.split(mark)
        return cells[:3] if len(cells) >= 3 else None

    return said


def _json_line(headings: Sequence[str], cells: Sequence[str]) -> str:
    pairs = zip(headings, cells, strict=True)
    return "{" + ", ".join(f"{json.dumps(name)}: {cell}" for name, cell in pairs) + "}"


def _json_said(line: str) -> Sequence[object] | None:
    try:
        found = json.loads(line)
        return [found[name] for name in _HEADINGS[:3]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _review(cells: Sequence[str]) -> str:
    if cells[0] in _HEADINGS + _UNKNOWN:
        return ",".join([*cells[:3], "review", *cells[3:]])
    return ",".join([*cells[:3], '"Saw it twice, ""really"".\nWould go again"', *cells[3:]])


def _zipped(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("ml/ratings.csv"), data)
    return made.getvalue()


_MOVIES = "".join(f'{movie},"Film {movie}, The (1999)",Drama|War\n' for movie in range(10, 41))
_CSV = _Text(
    "ratings.csv",
    ",".join,
    _split(","),
    beside={"movies.csv": f"movieId,title,genres\n{_MOVIES}".encode()},
)
BASES = (
    _CSV,
    _Text("ratings.dat", "::".join, _split("::"), headed=False, whole=True),
    _Text("u.data", "\t".join, _split("\t"), headed=False, whole=True),
    _Text("excel.csv", ";".join, _split(";"), decimal=","),
    _Text("reviews.csv", _review, _split(","), whole=True),
    _Text("ratings.jsonl", "".join, _json_said, headed=False, keyed=True),
    _Text("ratings.csv.gz", ",".join, _split(","), pack=lambda data: gzip.compress(data, mtime=0)),
    _Text("ratings.zip", ",".join, _split(","), pack=_zipped),
)
"""Formats that are text, and text packed."""


def damaged(seed: int) -> Damaged:
    """Damage a good file, always the same for a seed."""
    dice = random.Random(seed)
    at = seed % (len(BASES) + 1)
    return _parquet(dice) if at == len(BASES) else _text(BASES[at], dice)


def _parquet(dice: random.Random) -> Damaged:
    order, headings, ratings = [0, 1, 2, 3], list(_HEADINGS), list(_RATINGS)
    kind = dice.choice(["cut", "flipped", "flipped", "swapped", "doubled", "renamed", "renamed"])
    if kind == "swapped":
        dice.shuffle(order)
    elif kind == "renamed":
        headings[dice.choice(_OFTEN)] = dice.choice(_UNKNOWN)
    elif kind == "doubled":
        ratings += dice.sample(ratings, dice.randint(1, len(ratings)))
    columns = [pa.array(column) for column in zip(*ratings, strict=True)]
    made = io.BytesIO()
    pq.write_table(pa.table([columns[at] for at in order], [headings[at] for at in order]), made)
    data = made.getvalue()
    if kind == "cut":
        data = data[: dice.randrange(len(data))]
    elif kind == "flipped":
        data = _flipped(data, dice)
    return Damaged(
        f"parquet, {kind}",
        {"ratings.parquet": data},
        keeps="all" if kind in ("swapped", "doubled") else "all or refused",
        blind=kind == "flipped",
    )


def _text(base: _Text, dice: random.Random) -> Damaged:
    kind = dice.choice(_kinds(base))
    headings, order = list(_HEADINGS), [0, 1, 2, 3]
    if kind == "swapped":
        dice.shuffle(order)
    elif kind == "renamed":
        # Two headings alike in a line of JSON are one for whoever reads it.
        names = [*_UNKNOWN, *([] if base.keyed else _HEADINGS)]
        headings[dice.choice(_OFTEN)] = dice.choice(names)
    lines = _other_lines(kind, base.rows(headings, order), dice, headed=base.headed)
    end = dice.choice(["\n", "\r\n"])
    data = _other_bytes(kind, "".join(f"{line}{end}" for line in lines).encode(), dice)
    files = {base.name: base.pack(data) if base.pack else data, **base.beside}
    for part, name in (("pack", base.name), ("movies", "movies.csv")):
        if kind.startswith(part):
            files[name] = _other_bytes(kind.removeprefix(f"{part} "), files[name], dice)
    keeps: Keeps = "some"
    if kind in ("doubled", "mark first", "swapped", "header again"):
        keeps = "all"
    elif kind in ("renamed", "pack cut", "pack flipped"):  # packed data have checksums
        keeps = "all or refused"
    return Damaged(
        f"{base.name}, {kind}",
        files,
        keeps=keeps,
        # A damage touches eight lines at most: four bytes, each with the line before or after it.
        rows=0 if "cut" in kind else len(_RATINGS) - 8,
        said=base.reads(data) if keeps == "some" else Said(),
    )


def _kinds(base: _Text) -> list[str]:
    """Damage that a format can have."""
    kinds = ["cut", "flipped", "doubled", "joined", "quote", "nul", "mark", "mark first"]
    if base.headed or base.keyed:
        kinds += ["swapped", "renamed"]
    if base.headed:
        kinds += ["header again"]
    if base.pack:
        kinds += ["pack cut", "pack flipped"]
    if base.beside:
        kinds += ["movies cut", "movies flipped"]
    return kinds


def _other_lines(kind: str, lines: list[str], dice: random.Random, *, headed: bool) -> list[str]:
    """Repeat or join lines; for other kinds of damage they are as they were."""
    if kind == "doubled":
        return lines + dice.sample(lines[headed:], dice.randint(1, len(_RATINGS)))
    for _ in range(dice.randint(1, 3) if kind in ("joined", "header again") else 0):
        place = dice.randrange(len(lines) - 1)
        if kind == "joined":
            lines[place : place + 2] = ["".join(lines[place : place + 2])]
        else:
            lines.insert(place + 1, lines[0])
    return lines


def _other_bytes(kind: str, data: bytes, dice: random.Random) -> bytes:
    """Cut data, overwrite some bytes or insert some; for other kinds of damage as it is."""
    place = dice.randrange(len(data))
    if kind == "cut":
        # Half of the time after a line or two, which say little of what the file is.
        return data[: dice.choice([place, place % 120])]
    if kind == "flipped":
        return _flipped(data, dice)
    if kind == "mark first":
        return b"\xef\xbb\xbf" + data
    more = {"quote": b'"', "nul": b"\0" * dice.randint(1, 3), "mark": b"\xef\xbb\xbf"}.get(
        kind, b""
    )
    return data[:place] + more + data[place:]


def _flipped(data: bytes, dice: random.Random) -> bytes:
    other = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        other[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(other)
