"""Which movies may be recommended."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from rapidfuzz import process, utils

from recommender.arrays import Ints, Mask
from recommender.catalogue import Catalogue, MovieKey
from recommender.errors import InvalidInputError

__all__ = ["Filters"]

Name = TypeVar("Name")


@dataclass(frozen=True)
class Filters:
    """What a caller asked for. Genres are compared without regard to case."""

    genres: Collection[str] | None = None
    """At least one of these genres; any where None or empty."""
    exclude_genres: Collection[str] | None = None
    """None of these genres."""
    years: tuple[int | None, int | None] | None = None
    """First and last year, either of them open as None; movies without a year are then left out."""
    min_ratings: int = 0
    """Movies with at least this many ratings."""
    exclude: Collection[MovieKey] = ()
    """Not these movies."""

    def mask(self, catalogue: Catalogue) -> Mask:
        """Tell which movies of a catalogue pass, shape (movies,).

        Raises InvalidInputError where a genre or movie is not in the catalogue, or numbers make no
        sense.
        """
        allowed = np.ones(len(catalogue), dtype=bool)
        if self.genres:
            allowed[:] = False
            for name in _names("genres", self.genres):
                allowed[_genre(catalogue, name)] = True
        for name in _names("exclude_genres", self.exclude_genres or ()):
            allowed[_genre(catalogue, name)] = False
        if self.years is not None:
            first, last = _years(self.years)
            allowed &= (catalogue.years >= first) & (catalogue.years <= last)
        if not isinstance(self.min_ratings, int) or self.min_ratings < 0:
            raise InvalidInputError(
                f"min_ratings is {self.min_ratings!r}: give a whole number, 0 or more"
            )
        allowed &= catalogue.ratings >= self.min_ratings
        for key in _names("exclude", self.exclude):
            allowed[catalogue.resolve(key)] = False
        return allowed


def _names(argument: str, names: Collection[Name]) -> Collection[Name]:
    # A lone string is a collection of letters: surely not what was meant.
    if isinstance(names, str):
        raise InvalidInputError(f"{argument} is {names!r}: give a set, such as {{{names!r}}}")
    return names


def _genre(catalogue: Catalogue, name: str) -> Ints:
    name = str(name)
    known = {genre.casefold(): genre for genre in catalogue.genres}
    genre = known.get(name.strip().casefold())
    if genre is not None:
        return catalogue.genres[genre]
    if not known:
        raise InvalidInputError(f"no genre '{name}': this index has no genres")
    close = process.extractOne(name, list(catalogue.genres), processor=utils.default_process)
    hint = f"did you mean '{close[0]}'? " if close and close[1] >= 60 else ""
    raise InvalidInputError(f"no genre '{name}': {hint}there are {', '.join(catalogue.genres)}")


def _years(years: tuple[int | None, int | None]) -> tuple[int, int]:
    try:
        first, last = years
        # Year 0 stands for an unknown year, which lies in no range.
        low = 1 if first is None else max(int(first), 1)
        high = 9999 if last is None else int(last)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInputError(
            f"years is {years!r}: give the first and the last year, such as (1980, 1999)"
        ) from None
    if low > high:
        raise InvalidInputError(f"years runs from {low} to {high}: give the earlier year first")
    return low, high
