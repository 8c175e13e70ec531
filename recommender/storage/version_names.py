"""Names of versions: numbers of at least six digits, of which none comes again."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["VERSION_NAME", "next_version_name"]

VERSION_NAME = re.compile(r"\d{6,}")


def next_version_name(names: Iterable[str]) -> str:
    """Return the name above all of these, without a clock."""
    return f"{max(map(int, names), default=0) + 1:06d}"
