"""Which movies may be recommended."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from numbers import Integral
from typing import TypeVar

import numpy as np
from rapidfuzz import fuzz, process, utils

from recommender.arrays import Ints, Mask
from recommender.catalogue.movies import Catalogue, MovieKey
from recommender.catalogue.titles import folded
from recommender.errors import InvalidInputError
from recommender.validation import as_text, shown

__all__ = ["Filters"]

Name = TypeVar("Name")


@dataclass(frozen=True)
class Filters:
    """Conditions on movies, all of which must hold.

    Genres are compared without regard to case, tags and titles without accents and signs too.
    """

    genres: Collection[str] | None = None
    """At least one of these genres; any where None or empty."""
    exclude_genres: Collection[str] | None = None
    """None of these genres."""
    years: tuple[int | None, int | None] | None = None
    """First and last year, either of them open as None; movies without a year are then left out."""
    min_ratings: int = 0
    """Movies with at least this many ratings."""
    exclude: Collection[MovieKey] = ()
    """Not these movies; thousands cost next to nothing where they are given by id."""
    tags: Collection[str] | None = None
    """At least one of these tags; any where None or empty."""
    title: str | None = None
    """This text in the title, from the beginning of a word on; ``star`` finds *Stardust* too."""
    max_ratings: int | None = None
    """Movies with at most this many ratings."""

    def mask(self, catalogue: Catalogue) -> Mask:
        """Tell which movies of a catalogue pass, shape (movies,).

        Raises InvalidInputError where a genre, tag or movie is not in the catalogue, or values make
        no sense.
        """
        allowed = np.ones(len(catalogue), dtype=bool)
        if wanted := _names("genres", self.genres):
            allowed &= _among(catalogue, [_genre(catalogue, name) for name in wanted])
        if wanted := _names("tags", self.tags):
            allowed &= _among(catalogue, [_tag(catalogue, name) for name in wanted])
        if self.title is not None:
            if not isinstance(self.title, str) or not folded(self.title):
                raise InvalidInputError(
                    f"title is {shown(self.title)}: give letters or digits of it"
                )
            allowed &= _among(catalogue, [catalogue.titles.holding(self.title)])
        for name in _names("exclude_genres", self.exclude_genres):
            allowed[_genre(catalogue, name)] = False
        if self.years is not None:
            first, last = _years(self.years)
            allowed &= (catalogue.years >= first) & (catalogue.years <= last)
        allowed &= catalogue.ratings >= _count("min_ratings", self.min_ratings)
        if self.max_ratings is not None:
            allowed &= catalogue.ratings <= _count("max_ratings", self.max_ratings)
        allowed[[catalogue.resolve(key) for key in _names("exclude", self.exclude)]] = False
        return allowed


def _among(catalogue: Catalogue, groups: Iterable[Ints | list[int]]) -> Mask:
    found = np.zeros(len(catalogue), dtype=bool)
    for members in groups:
        found[members] = True
    return found


def _count(argument: str, given: int) -> int:
    if isinstance(given, bool) or not isinstance(given, Integral) or given < 0:
        raise InvalidInputError(f"{argument} is {shown(given)}: give a whole number, 0 or more")
    return int(given)


def _names(argument: str, names: Collection[Name] | None) -> list[Name]:
    if names is None:
        return []
    # A lone string is a collection of letters: surely not what was meant.
    if isinstance(names, str) or not isinstance(names, Collection):
        raise InvalidInputError(
            f"{argument} is {shown(names)}: give a set, such as {{{shown(names)}}}"
        )
    return list(names)


def _genre(catalogue: Catalogue, name: str) -> Ints:
    name = as_text(name)
    known = {genre.casefold(): genre for genre in catalogue.genres}
    genre = known.get(name.strip().casefold())
    if genre is not None:
        return catalogue.genres[genre]
    if not known:
        raise InvalidInputError(f"no genre {shown(name)}: this index has no genres")
    close = process.extractOne(name, list(catalogue.genres), processor=utils.default_process)
    hint = f"did you mean '{close[0]}'? " if close and close[1] >= 60 else ""
    raise InvalidInputError(
        f"no genre {shown(name)}: {hint}there are {', '.join(catalogue.genres)}"
    )


def _tag(catalogue: Catalogue, name: str) -> Ints:
    known, name = catalogue.tags, as_text(name)
    members = known.get(folded(name))
    if members is not None:
        return members
    if not known:
        raise InvalidInputError(f"no tag {shown(name)}: this index has no tags")
    found = process.extract(folded(name), list(known), scorer=fuzz.ratio, limit=3)
    close = [f"'{tag}'" for tag, score, _ in found if score >= 60]
    commonest = ", ".join(f"'{tag}'" for tag in list(known)[:5])
    hint = f"did you mean {' or '.join(close)}?" if close else f"the commonest are {commonest}"
    raise InvalidInputError(f"no tag {shown(name)}: {hint}")


def _years(years: tuple[int | None, int | None]) -> tuple[int, int]:
    try:
        first, last = years
        # Year 0 stands for an unknown year, which lies in no range.
        low = 1 if first is None else max(int(first), 1)
        high = 9999 if last is None else int(last)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInputError(
            f"years is {shown(years)}: give the first and the last year, such as (1980, 1999)"
        ) from None
    if low > high:
        raise InvalidInputError(
            f"years runs from {shown(low)} to {shown(high)}: give the earlier year first"
        )
    return low, high
