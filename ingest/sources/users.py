"""Read attributes of users: age group, gender and occupation, where at least five users share them.

Nothing else of a users file is read, since it could identify a person.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from ingest.progress import Progress
from ingest.sources.detected import Detected
from ingest.sources.values.cells import read_id
from recommender.storage.encoding import ExternalId
from recommender.storage.manifest import IdKind

__all__ = ["UserAttributes", "attribute_values", "read_users", "without_rare_values"]

UserAttributes = Mapping[ExternalId, Mapping[str, str]]
"""Attributes of each user, by the user's id."""

_ATTRIBUTES = ("age", "gender", "sex", "occupation")
# Raters who must share a value for it to be stored, for privacy.
_MIN_SHARED = 5
# Groups of ml-1m by their first age, which is also their code there.
_AGES = {1: "under 18", 18: "18-24", 25: "25-34", 35: "35-44", 45: "45-49", 50: "50-55", 56: "56+"}
# By code, from the README of ml-1m.
_OCCUPATIONS = {str(code): text for code, text in enumerate([
    "other", "academic/educator", "artist", "clerical/admin", "college/grad student",
    "customer service", "doctor/health care", "executive/managerial", "farmer", "homemaker",
    "K-12 student", "lawyer", "programmer", "retired", "sales/marketing", "scientist",
    "self-employed", "technician/engineer", "tradesman/craftsman", "unemployed", "writer",
])}  # fmt: skip


def read_users(file: Detected, ids: IdKind, progress: Progress) -> UserAttributes:
    """Read age, gender and occupation of users; ``ids`` is the kind of user ids the source has.

    Ages become the age groups of ml-1m; what is neither an age nor such a group is left out. Other
    columns are not read, and a note names them. Of several lines with one id the first counts.

    Raises SourceError where the file cannot be read.
    """
    columns = {name: at for name, at in file.attributes.items() if name in _ATTRIBUTES}
    if left_out := [name for name in file.attributes if name not in columns]:
        progress.note(f"left out of {file.table.name}, for privacy: {', '.join(left_out)}")
    coded = file.table.delimiter == "::"
    found: dict[ExternalId, dict[str, str]] = {}
    for row in file.table.texts({"user": file.roles["user"]} | columns):
        if (user := read_id(row["user"], ids)) is None:
            continue
        values = found.setdefault(user, {})
        for name in columns:
            if value := _decoded(name, (row[name] or "").strip(), coded=coded):
                values.setdefault(name, value)
    return found


def without_rare_values(attributes: UserAttributes, raters: Sequence[ExternalId]) -> UserAttributes:
    """Attributes of all users, without the values that fewer than five of these raters have."""
    sizes = Counter(item for user in raters for item in attributes.get(user, {}).items())
    return {
        user: {name: value for name, value in values.items() if sizes[name, value] >= _MIN_SHARED}
        for user, values in attributes.items()
    }


def attribute_values(attributes: UserAttributes) -> dict[str, tuple[str, ...]]:
    """Distinct values of each attribute, both in order."""
    found = sorted({item for values in attributes.values() for item in values.items()})
    return {name: tuple(value for key, value in found if key == name) for name, _ in found}


def _decoded(name: str, value: str, *, coded: bool) -> str:
    """Replace codes by what they mean; empty for an age that is no age."""
    if name == "age":
        years = re.fullmatch(r"([0-9]{1,3})(\.[0-9]*)?", value)
        if years:
            # An age of 0 belongs to the first group, which starts at 1.
            return _AGES[max(age for age in _AGES if age <= max(int(years[1]), 1))]
        return value.casefold() if value.casefold() in _AGES.values() else ""
    # Only in the layout of ml-1m: other sources have other codes, or none.
    if name == "occupation" and coded:
        return _OCCUPATIONS.get(value, value)
    return value
