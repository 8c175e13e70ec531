"""What a source tells of its raters: age, occupation and the like, as groups and never as data
that points at one person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ingest.catalogue import read_whole
from ingest.progress import Progress
from ingest.recognise import Layout
from recommender.archives import Member
from recommender.manifest import IdKind
from recommender.records import ExternalId, as_id

__all__ = ["About", "read_people", "values_of"]

About = Mapping[ExternalId, Mapping[str, str]]
"""Attributes of each rater by their id."""

# What could point at a person: where they live, and columns of very many or very long values.
_PLACES = re.compile(r"zip|post_?(al|code)|address")
_VALUES, _LETTERS = 100, 40
# First age of each group of ml-1m, whose codes are these very numbers.
_AGES = {1: "under 18", 18: "18-24", 25: "25-34", 35: "35-44", 45: "45-49", 50: "50-55", 56: "56+"}
# By code, from the README of ml-1m.
_OCCUPATIONS = [
    "other", "academic/educator", "artist", "clerical/admin", "college/grad student",
    "customer service", "doctor/health care", "executive/managerial", "farmer", "homemaker",
    "K-12 student", "lawyer", "programmer", "retired", "sales/marketing", "scientist",
    "self-employed", "technician/engineer", "tradesman/craftsman", "unemployed", "writer",
]  # fmt: skip


def read_people(member: Member, layout: Layout, ids: IdKind, progress: Progress) -> About:
    """Read the raters' attributes; ``ids`` is the kind of user ids the source has.

    Ages become the age groups of ml-1m. Postal codes are left out, and so is every column that has
    more than 100 values, as many as every second person, or long texts; which ones, is told. Of
    several lines with one id the first counts.

    Raises SourceError where the file cannot be read.
    """
    table = read_whole(member, layout)
    users = [as_id(text, ids) for text in table.column("user").to_pylist()]
    about: dict[ExternalId, dict[str, str]] = {user: {} for user in users if user is not None}
    left_out = []
    for name in layout.attributes:
        values = [(text or "").strip() for text in table.column(name).to_pylist()]
        if not _fit(name, values):
            left_out.append(name)
            continue
        for user, value in zip(users, _readable(name, values, layout), strict=True):
            if user is not None and value:
                about[user].setdefault(name, value)
    if left_out:
        progress.note(f"left out of {member.name}, for privacy: {', '.join(left_out)}")
    return about


def values_of(about: About, users: Sequence[ExternalId]) -> dict[str, tuple[str, ...]]:
    """Attributes that these users have, and the values there are."""
    found: dict[str, set[str]] = {}
    for user in users:
        for name, value in about.get(user, {}).items():
            found.setdefault(name, set()).add(value)
    return {name: tuple(sorted(found[name])) for name in sorted(found)}


def _fit(name: str, values: Sequence[str]) -> bool:
    told = [value for value in values if value]
    most = _VALUES if _ages(name, told) else min(_VALUES, len(told) // 2)
    short = max(map(len, told), default=0) <= _LETTERS
    return bool(told) and short and len(set(told)) <= most and not _PLACES.search(name)


def _ages(name: str, values: Sequence[str]) -> bool:
    return name == "age" and all(re.fullmatch(r"[0-9]{0,3}", value) for value in values)


def _readable(name: str, values: Sequence[str], layout: Layout) -> Sequence[str]:
    """Spell out what a source has as codes."""
    if _ages(name, values):
        return [_AGES[max(a for a in _AGES if a <= max(int(v), 1))] if v else "" for v in values]
    # Other sources have other codes, or none.
    if name == "occupation" and layout.delimiter == "::":
        codes = {str(code): text for code, text in enumerate(_OCCUPATIONS)}
        return [codes.get(value, value) for value in values]
    return values
