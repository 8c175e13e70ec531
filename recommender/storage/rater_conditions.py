"""Which stored raters a question is put to, and from which day on their ratings count."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from recommender.errors import InvalidInputError
from recommender.storage.encoding import LAST, USER, attribute_field
from recommender.storage.manifest import Manifest
from recommender.validation import as_text, shown

__all__ = ["Day", "People", "Raters", "choose_people", "first_day", "indexed_fields"]

Day = date | str
"""A day as a caller names it: a date, or ISO text such as ``2015-12-31``."""
Raters = Mapping[str, str | int | Collection[str | int]]
"""Attributes of raters, with the value or values each may have."""

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class People:
    """A condition on stored raters, in the terms of their payload. All parts must hold."""

    since: int | None = None
    """Day since 1970 on or after which their last rating was given."""
    among: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Payload fields, and the values each may have."""


def choose_people(
    manifest: Manifest, *, since: Day | None = None, raters: Raters | None = None
) -> People | None:
    """Read what a caller asks of raters; None where that is nothing.

    Names and values are compared without regard to case; an attribute without values is no
    condition.

    Raises InvalidInputError where the index knows no such attribute, value or time.
    """
    day = first_day("neighbours_since", since, manifest)
    among = tuple(_conditions(manifest, {} if raters is None else raters))
    return People(day, among) if among or day is not None else None


def first_day(argument: str, given: Day | None, manifest: Manifest) -> int | None:
    """Read a day as the number of days since 1970.

    Raises InvalidInputError, naming the argument, where it is no day or the index has no times.
    """
    if given is None:
        return None
    try:
        day = given if isinstance(given, date) else date.fromisoformat(given)
    except (TypeError, ValueError):
        raise InvalidInputError(
            f"{argument} is {shown(given)}: give a day, such as 2015-12-31"
        ) from None
    if not manifest.timed:
        raise InvalidInputError(
            f"{argument} is {day}, but the ratings of this index carry no times: leave it out"
        )
    return day.toordinal() - _EPOCH


def indexed_fields(manifest: Manifest) -> Iterator[tuple[str, bool]]:
    """Payload fields of raters that are searched by, and whether each holds integers.

    A server in strict mode refuses a filter on any other. Movies are searched by
    :data:`recommender.storage.encoding.MOVIE`.
    """
    yield USER, manifest.user_ids == "int"
    if manifest.timed:
        yield LAST, True
    for name in manifest.attributes:
        yield attribute_field(name), False


def _conditions(manifest: Manifest, raters: Raters) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(raters, Mapping):
        raise InvalidInputError(
            f"raters is {shown(raters)}: give a mapping such as {{'age': '25-34'}}"
        )
    for given, wanted in raters.items():
        name = as_text(given).strip().casefold()
        there = manifest.attributes.get(name)
        if there is None:
            known = ", ".join(manifest.attributes)
            raise InvalidInputError(
                f"raters have no attribute {shown(given)}: "
                + (f"there are {known}" if known else "the source of this index tells none of them")
            )
        by_folded: dict[str, list[str]] = {}
        for value in there:
            by_folded.setdefault(value.casefold(), []).append(value)
        if isinstance(wanted, str) or not isinstance(wanted, Collection):
            values = [as_text(wanted)]
        else:
            values = [as_text(value) for value in wanted]
        for value in values:
            if value.strip().casefold() not in by_folded:
                raise InvalidInputError(
                    f"no rater has {name} {shown(value)}: there are {', '.join(there)}"
                )
        if values:
            found = {one for value in values for one in by_folded[value.strip().casefold()]}
            yield attribute_field(name), tuple(sorted(found))
