"""What a source tells of its raters: age, gender and occupation, as groups of at least five, and
nothing else that could point at one person.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.progress import Progress
from ingest.sources.detection import Layout
from ingest.sources.movies import read_whole
from ingest.sources.tables import read_id
from recommender.archives import Member
from recommender.storage.encoding import ExternalId
from recommender.storage.manifest import IdKind

__all__ = ["About", "read_people", "shared", "values_of"]

About = Mapping[ExternalId, Mapping[str, str]]
"""Attributes of each rater by their id."""

_KEPT = ("age", "gender", "sex", "occupation")
# Stored raters who must share a value for it to be kept.
_SHARED = 5
# First age of each group of ml-1m, whose codes are these very numbers.
_AGES = {1: "under 18", 18: "18-24", 25: "25-34", 35: "35-44", 45: "45-49", 50: "50-55", 56: "56+"}
# By code, from the README of ml-1m.
_OCCUPATIONS = {str(code): text for code, text in enumerate([
    "other", "academic/educator", "artist", "clerical/admin", "college/grad student",
    "customer service", "doctor/health care", "executive/managerial", "farmer", "homemaker",
    "K-12 student", "lawyer", "programmer", "retired", "sales/marketing", "scientist",
    "self-employed", "technician/engineer", "tradesman/craftsman", "unemployed", "writer",
])}  # fmt: skip


def read_people(member: Member, layout: Layout, ids: IdKind, progress: Progress) -> About:
    """Read age, gender and occupation of raters; ``ids`` is the kind of user ids the source has.

    Ages become the age groups of ml-1m, and what is neither an age nor such a group is left out. No
    other column is read; which ones there are, is told. Of several lines with one id the first
    counts.

    Raises SourceError where the file cannot be read.
    """
    kept = {name: at for name, at in layout.attributes.items() if name in _KEPT}
    if left_out := [name for name in layout.attributes if name not in kept]:
        progress.note(f"left out of {member.name}, for privacy: {', '.join(left_out)}")
    table = read_whole(member, replace(layout, attributes=kept))
    users = [read_id(text, ids) for text in table.column("user").to_pylist()]
    about: dict[ExternalId, dict[str, str]] = {user: {} for user in users if user is not None}
    for name in kept:
        for user, text in zip(users, table.column(name).to_pylist(), strict=True):
            value = _readable(name, (text or "").strip(), layout)
            if user is not None and value:
                about[user].setdefault(name, value)
    return about


def shared(about: About, users: Sequence[ExternalId]) -> About:
    """What is told of everyone, without the values that fewer than five of these users have."""
    sizes = Counter(item for user in users for item in about.get(user, {}).items())
    return {
        user: {name: value for name, value in values.items() if sizes[name, value] >= _SHARED}
        for user, values in about.items()
    }


def values_of(about: About) -> dict[str, tuple[str, ...]]:
    """Attributes that users have, and the values there are."""
    found: dict[str, set[str]] = {}
    for values in about.values():
        for name, value in values.items():
            found.setdefault(name, set()).add(value)
    return {name: tuple(sorted(found[name])) for name in sorted(found)}


def _readable(name: str, value: str, layout: Layout) -> str:
    """Spell out what a source has as codes; nothing for an age that is none."""
    if name == "age":
        years = re.fullmatch(r"([0-9]{1,3})(\.[0-9]*)?", value)
        if years:
            return _AGES[max(age for age in _AGES if age <= max(int(years[1]), 1))]
        return value.casefold() if value.casefold() in _AGES.values() else ""
    # Other sources have other codes, or none.
    if name == "occupation" and layout.delimiter == "::":
        return _OCCUPATIONS.get(value, value)
    return value
