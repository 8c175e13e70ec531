"""Split a cell of genres: ``A|B``, ``A, B``, ``A;B``, or a list as JSON or Python writes it."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterable
from typing import Any

__all__ = ["split_genres"]

# What sources write where a movie has no genres, case-folded.
_NO_GENRES = {"", "(no genres listed)", "unknown", r"\n", "n/a"}
# Characters of a list at most: far more than any movie has, and few enough to parse in no time.
_LONGEST_LIST = 10_000
# numpy writes no commas between texts, and Python would take two texts side by side for one.
_NO_COMMA = re.compile(r"""(['"])\s+(?=['"])""")


def split_genres(text: str, *, blanks: bool = False) -> tuple[str, ...]:
    """Genres of a movie, in the order of the cell, each once.

    Lists are of names, or of objects that have a ``name``; a list that cannot be read has no
    genres. With ``blanks`` names are separated by white space, as in RecBole's ``token_seq``.

    Examples
    --------
    >>> split_genres("Action|Sci-Fi"), split_genres("[{'id': 16, 'name': 'Animation'}]")
    (('Action', 'Sci-Fi'), ('Animation',))
    """
    text = text.strip()
    if text.casefold() in _NO_GENRES:
        return ()
    if text[0] in "[{(" and not text.startswith("(no "):
        return _unique(_listed(text))
    return _unique(text.split() if blanks else re.split(r"[|,;]", text))


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    stripped = (name.strip() for name in names)
    return tuple(dict.fromkeys(name for name in stripped if name.casefold() not in _NO_GENRES))


def _listed(text: str) -> list[str]:
    value = _parse(text)
    entries = [value] if isinstance(value, dict) else value
    names = (entry.get("name") if isinstance(entry, dict) else entry for entry in entries)
    return [name for name in names if isinstance(name, str)]


def _parse(text: str) -> list[Any] | tuple[Any, ...] | set[Any] | dict[Any, Any]:
    """Parse a list, never evaluating it; empty where it is none or cannot be parsed."""
    if len(text) > _LONGEST_LIST:
        return []
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        try:
            with warnings.catch_warnings():
                # Python warns of "\d" and its like in texts that are not its own.
                warnings.simplefilter("ignore")
                value = ast.literal_eval(_NO_COMMA.sub(r"\1, ", text))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return []
    return value if isinstance(value, list | tuple | set | dict) else []
