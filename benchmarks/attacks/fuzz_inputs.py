"""How one input of the fuzzer becomes the next: bytes, lines, cells, files.

Some inputs are several files in one: :func:`bundled` puts them together, :func:`unbundled` takes
them apart again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping

__all__ = ["LONGEST", "bundled", "mutated", "unbundled"]

LONGEST = 1 << 16
"""Bytes of the longest input; a single case of each larger one is in the tests."""

_BETWEEN = b"\x1d\x1d"
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252", "cp037")
_TOKENS = [token.encode() for token in (
    "", "0", "1", "-1", "007", "12.0", "4.5", "1e3", "1e999", "-1e-999", "nan", "inf", "-Infinity",
    "0x1p3", "1_000", "9" * 19, "9" * 40, "-" + "9" * 30, "9223372036854775807", "2147483648",
    "0000-00-00", "9999-12-31", "0001-01-01T00:00:00Z", "1577836800", "1577836800000",
    "1577836800000000", "1577836800000000000", "-62135596800", '"', '""', '"a\nb"', "'", "\\",
    "\\N", "\ufeff", "\0", "\x0c", "\x1c", "\x85", "\u2028", "\u202e", "\x1b[2J", "é", "\U0001d7d9",
    "٣", "²", "::", ":::", "||", ",,,,", ";;", "\t", "\r", "\n", "\r\n", "=1+1", "@SUM(A1)", "-30-",
    "+1", "../../x", "C:\\x", "/etc/passwd", "null", "true", "NA", "(1999)", "(٣٣٣٣)", " (", ")",
    "Matrix, The (1999)", "(a.k.a. X)", "imdb:", "tmdb:", "id:", "tt0133093", "Drama|Comedy",
    "userId", "movieId", "rating", "timestamp", "title", "genres", "imdbId", "tmdbId", "tag", "age",
    "[", "]", "{", "}", '":', "[[[[[[[[", '{"a":' * 8, "PK\3\4", "PK\5\6", "PK\1\2",
)] + [b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff", b"\xff", b"\x80", b"\xed\xa0\x80"]  # fmt: skip


def bundled(files: Mapping[str, bytes]) -> bytes:
    """Several files as one input."""
    return _BETWEEN.join(name.encode() + b"\n" + data for name, data in files.items())


def unbundled(data: bytes) -> dict[str, bytes]:
    """Files of an input, at most ten; their names are file names, whatever it holds."""
    files = {}
    for part in data.split(_BETWEEN)[:10]:
        name, _, body = part.partition(b"\n")
        plain = "".join(c for c in name.decode("utf-8", "replace") if c.isalnum() or c in "._-")
        files[plain.strip(".")[:60] or "x"] = body
    return files


def mutated(data: bytes, most: int, dice: random.Random) -> bytes:
    """Make another input of one, of no more bytes than ``most``."""
    for _ in range(dice.choice((1, 1, 2, 4))):
        data = dice.choice(_WAYS)(data, dice)
    return data[:most]


def _place(data: bytes, dice: random.Random) -> int:
    return dice.randrange(len(data) + 1)


def _flip(data: bytes, dice: random.Random) -> bytes:
    at = _place(data, dice)
    return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]


def _insert(data: bytes, dice: random.Random) -> bytes:
    at = _place(data, dice)
    return data[:at] + dice.choice(_TOKENS) + data[at + dice.choice((0, 0, 1, 4)) :]


def _cut(data: bytes, dice: random.Random) -> bytes:
    at = _place(data, dice)
    return data[:at] + data[at + dice.choice((1, 2, 8, 64, 1000)) :]


def _double(data: bytes, dice: random.Random) -> bytes:
    at, size = _place(data, dice), dice.choice((1, 8, 64, 512))
    return data[:at] + data[at : at + size] * dice.choice((2, 3, 50)) + data[at + size :]


def _cell(data: bytes, dice: random.Random) -> bytes:
    """Put something else in a cell."""
    lines = data.split(b"\n")
    at = dice.randrange(len(lines))
    mark = max((b",", b";", b"\t", b"|", b"::", b'"'), key=lines[at].count)
    cells = lines[at].split(mark)
    cells[dice.randrange(len(cells))] = dice.choice(_TOKENS)
    lines[at] = mark.join(cells)
    return b"\n".join(lines)


def _line(data: bytes, dice: random.Random) -> bytes:
    """Move a line, or have it twice."""
    lines = data.split(b"\n")
    one = dice.choice(lines)
    lines[dice.randrange(len(lines))] = one
    if dice.random() < 0.5:
        lines.insert(dice.randrange(len(lines) + 1), one)
    return b"\n".join(lines)


def _number(data: bytes, dice: random.Random) -> bytes:
    """Write a number of a binary format over what is there."""
    at, size = _place(data, dice), dice.choice((1, 2, 4, 8))
    number = dice.choice((0, 1, (1 << 8 * size) - 1, 1 << 8 * size - 1, dice.randrange(1 << 16)))
    return data[:at] + (number % (1 << 8 * size)).to_bytes(size, "little") + data[at + size :]


def _recoded(data: bytes, dice: random.Random) -> bytes:
    """Change the encoding, or the ends of lines."""
    if dice.random() < 0.5:
        return data.replace(b"\n", dice.choice((b"\r", b"\r\n", b"\x0c", b"\n\n")))
    return data.decode("utf-8", "replace").encode(dice.choice(_ENCODINGS), "replace")


def _json(data: bytes, dice: random.Random) -> bytes:
    """Change a value somewhere in a JSON document."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return _insert(data, dice)
    places: list[tuple[dict[str, object] | list[object], str | int]] = []
    todo = [document]
    while todo:
        held = todo.pop()
        keys = (
            held.keys()
            if isinstance(held, dict)
            else range(len(held))
            if isinstance(held, list)
            else ()
        )
        for key in keys:
            places.append((held, key))
            todo.append(held[key])
    if not places:
        return _insert(data, dice)
    holder, key = dice.choice(places)
    # Each key is of its own holder; mypy sees every pair of the two.
    holder[key] = dice.choice(  # type: ignore[index]
        (None, True, 0, -1, 1.5, 10**30, float("nan"), float("inf"), "", "x" * 400, "\ud800",
         "\x1b[2J", [], {}, [[]], document, dice.choice(_TOKENS).decode("utf-8", "replace"))
    )  # fmt: skip
    try:
        return json.dumps(document).encode()
    except (ValueError, RecursionError):  # it holds itself
        return data


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _insert, _insert, _cut, _double, _cell, _cell, _line, _number, _recoded, _json,
)  # fmt: skip
