"""Which movies may be recommended, and whose ratings count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from numbers import Integral
from typing import NoReturn, TypeVar, cast

import numpy as np
from rapidfuzz import process, utils

from recommender.arrays import Ints, Mask
from recommender.catalogue.movies import Catalogue, MovieKey
from recommender.catalogue.titles import folded
from recommender.errors import InvalidInputError
from recommender.storage.encoding import attribute_field
from recommender.storage.manifest import Manifest
from recommender.storage.rater_conditions import RaterCondition
from recommender.validation import invalid, shown

__all__ = ["MovieFilter", "RaterFilter"]

Name = TypeVar("Name")
Day = date | str
"""A day as a caller names it: a date, or ISO text such as ``2015-12-31``."""

_EPOCH = date(1970, 1, 1).toordinal()
# Similarity (0-100) from which on a name that is not there is taken for a slip of this one.
_CLOSE = 60
# Genres or tags that a message names.
_SHOWN = 20


@dataclass(frozen=True)
class MovieFilter:
    """Conditions on movies, all of which must hold.

    Genres are compared without regard to case, tags and titles without accents and signs too.

    Examples
    --------
    >>> space = MovieFilter(genres={"Sci-Fi"}, years=(1960, 1979))
    >>> space == MovieFilter(years=(1960, 1979), genres={"Sci-Fi"})
    True
    """

    genres: Collection[str] | None = None
    """At least one of these genres; any where None or empty."""
    exclude_genres: Collection[str] | None = None
    """None of these genres."""
    years: tuple[int | None, int | None] | None = None
    """First and last year, either of them open as None; movies without a year are then left out."""
    tags: Collection[str] | None = None
    """At least one of these tags; any where None or empty."""
    title: str | Collection[str] | None = None
    """This text in the title, or at least one of several, from the beginning of a word on; ``star``
    finds *Stardust* too. Any title where None or no text is given."""
    min_ratings: int | None = None
    """Movies with at least this many ratings; 0 shows everything. Where None, what one or two
    people rated is left out: 5 is the least, or 1 in an index with few such movies;
    :meth:`recommender.Recommender.stats` tells."""
    max_ratings: int | None = None
    """Movies with at most this many ratings."""
    min_supporters: int = 0
    """Movies that at least so many neighbours like, where neighbours vote."""
    only: Collection[MovieKey] | None = None
    """None but these movies; any where None."""
    exclude: Collection[MovieKey] = ()
    """Not these movies; thousands cost next to nothing where they are given by id."""

    def mask(self, catalogue: Catalogue) -> Mask:
        """Tell which movies of a catalogue pass, shape (movies,).

        ``min_supporters`` is left to who counts the votes, and the least number of ratings where
        ``min_ratings`` is None to who knows the index.

        Raises InvalidInputError where a genre, tag or movie is not in the catalogue, or values make
        no sense.
        """
        allowed = np.ones(len(catalogue), dtype=bool)
        if wanted := _names("genres", self.genres):
            allowed &= _among(catalogue, [_of_genre(catalogue, name) for name in wanted])
        if wanted := _names("tags", self.tags):
            allowed &= _among(catalogue, [_of_tag(catalogue, name) for name in wanted])
        title = [self.title] if isinstance(self.title, str) else self.title
        if wanted := _names("title", title):
            allowed &= _among(catalogue, [_titled(catalogue, text) for text in wanted])
        for name in _names("exclude_genres", self.exclude_genres):
            allowed[_of_genre(catalogue, name)] = False
        if self.years is not None:
            first, last = _years(self.years)
            allowed &= (catalogue.years >= first) & (catalogue.years <= last)
        # Only checked here, together with the rest: votes are counted later.
        _count("min_supporters", self.min_supporters)
        if self.min_ratings is not None:
            allowed &= catalogue.ratings >= _count("min_ratings", self.min_ratings)
        if self.max_ratings is not None:
            allowed &= catalogue.ratings <= _count("max_ratings", self.max_ratings)
        if self.only is not None:
            only = [catalogue.resolve(key) for key in _names("only", self.only)]
            allowed &= _among(catalogue, [only])
        allowed[[catalogue.resolve(key) for key in _names("exclude", self.exclude)]] = False
        return allowed


@dataclass(frozen=True)
class RaterFilter:
    """Which stored raters may be neighbours, and from which day on their ratings are votes.

    Names and values of attributes are compared without regard to case.

    Examples
    --------
    >>> RaterFilter(active_since="2015-01-01", attributes={"age": "25-34"}).active_since
    '2015-01-01'
    """

    active_since: Day | None = None
    """Only raters whose last rating was given on or after this day."""
    votes_since: Day | None = None
    """Only ratings given on or after this day are votes; who is a neighbour depends on all."""
    attributes: Mapping[str, str | int | Collection[str | int]] = field(default_factory=dict)
    """Only raters with these attributes, each with the value or values it may have, where the
    source tells them; :meth:`recommender.Recommender.stats` names what there is."""

    def condition(self, manifest: Manifest) -> RaterCondition | None:
        """Read which raters may be neighbours; None where all may.

        Raises InvalidInputError where the index knows no such attribute, value or time.
        """
        day = _day("active_since", self.active_since, manifest)
        attributes = tuple(_conditions(manifest, self.attributes))
        return RaterCondition(day, attributes) if attributes or day is not None else None

    def first_vote(self, manifest: Manifest) -> int | None:
        """Read the first day that counts, in days since 1970; None where all do.

        Raises InvalidInputError where it is no day, or the index has no times.
        """
        return _day("votes_since", self.votes_since, manifest)


def _among(catalogue: Catalogue, groups: Iterable[Ints | list[int]]) -> Mask:
    found = np.zeros(len(catalogue), dtype=bool)
    for members in groups:
        found[members] = True
    return found


def _count(argument: str, given: int) -> int:
    if isinstance(given, bool) or not isinstance(given, Integral) or given < 0:
        raise invalid(argument, given, "a whole number, 0 or more")
    return int(given)


def _names(argument: str, names: Collection[Name] | None) -> list[Name]:
    if names is None:
        return []
    # A lone string is a collection of letters: surely not what was meant.
    if isinstance(names, str) or not isinstance(names, Collection):
        raise invalid(argument, names, f"a set, such as {{{shown(names)}}}")
    return list(names)


def _of_genre(catalogue: Catalogue, name: str) -> Ints:
    known = {genre.casefold(): members for genre, members in catalogue.genres.items()}
    members = known.get(str(name).strip().casefold())
    return _unknown("genre", name, catalogue.genres) if members is None else members


def _of_tag(catalogue: Catalogue, name: str) -> Ints:
    members = catalogue.tags.get(folded(str(name)))
    return _unknown("tag", name, catalogue.tags) if members is None else members


def _titled(catalogue: Catalogue, text: str) -> list[int]:
    if not isinstance(text, str) or not folded(text):
        raise invalid("title", text, "letters or digits of it")
    return catalogue.titles.holding(text)


def _unknown(kind: str, name: str, there: Iterable[str]) -> NoReturn:
    """Refuse a genre or tag that no movie has, with what is close to it and what there is."""
    names = list(there)
    if not names:
        raise InvalidInputError(f"no {kind} {shown(name)}: this index has no {kind}s")
    close = process.extractOne(
        str(name), names, processor=utils.default_process, score_cutoff=_CLOSE
    )
    hint = f"did you mean '{close[0]}'? " if close else ""
    raise InvalidInputError(
        f"no {kind} {shown(name)}: {hint}there are {', '.join(names[:_SHOWN])}"
        + (", ..." if len(names) > _SHOWN else "")
    )


def _years(years: tuple[int | None, int | None]) -> tuple[int, int]:
    try:
        first, last = years
        # Year 0 stands for an unknown year, which lies in no range.
        low = 1 if first is None else max(int(first), 1)
        high = 9999 if last is None else int(last)
    except (TypeError, ValueError, OverflowError):
        wanted = "the first and the last year, such as (1980, 1999)"
        raise invalid("years", years, wanted) from None
    if low > high:
        raise InvalidInputError(
            f"years runs from {shown(low)} to {shown(high)}: give the earlier year first"
        )
    return low, high


def _day(argument: str, given: Day | None, manifest: Manifest) -> int | None:
    if given is None:
        return None
    try:
        day = given if isinstance(given, date) else date.fromisoformat(given)
    except (TypeError, ValueError):
        raise invalid(argument, given, "a day, such as 2015-12-31") from None
    if not manifest.timed:
        raise InvalidInputError(
            f"{argument} is {day}, but the ratings of this index carry no times: leave it out"
        )
    return day.toordinal() - _EPOCH


def _conditions(
    manifest: Manifest, attributes: Mapping[str, str | int | Collection[str | int]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(attributes, Mapping):
        raise invalid("attributes", attributes, "a mapping such as {'age': '25-34'}")
    for given, wanted in attributes.items():
        name = str(given).strip().casefold()
        if name not in manifest.attributes:
            known = ", ".join(manifest.attributes)
            hint = f"there are {known}" if known else "the source of this index tells none of them"
            raise InvalidInputError(f"raters have no attribute {shown(given)}: {hint}")
        there = manifest.attributes[name]
        several = isinstance(wanted, Collection) and not isinstance(wanted, str)
        values = cast("Collection[object]", wanted if several else [wanted])
        found: set[str] = set()
        for one in values:
            # Values that differ in case alone are all meant.
            same = {value for value in there if value.casefold() == str(one).strip().casefold()}
            if not same:
                raise InvalidInputError(
                    f"no rater has {name} {shown(str(one))}: there are {', '.join(there)}"
                )
            found |= same
        if found:
            yield attribute_field(name), tuple(sorted(found))
