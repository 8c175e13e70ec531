"""The filters: what each makes of a question, and the words for it, side by side.

A filter's value, its part of the question and its part of the summary are in one place, so that a
summary says what its question had, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

from recommender import MovieFilter, RaterFilter
from recommender.catalogue.titles import folded

__all__ = ["DIAL", "Filters", "title_words"]

DIAL: dict[str, float | None] = {
    "Familiar": 0.0,
    "Balanced": None,
    "Mostly new": 0.8,
    "Adventurous": 1.0,
}
"""Places of the dial; None is its middle. From each to the next the list visibly changes, for a
short profile of famous films too; on the familiar side there is room for one step only."""
_OF_RATERS = "raters-"
_MOST_WORDS = 20


def title_words(text: str) -> tuple[str, ...]:
    """Split what was typed into words, each of which a title may hold.

    Examples
    --------
    >>> title_words("fruit, apple fruit !")
    ('fruit', 'apple')
    """
    words = dict.fromkeys(text.replace(",", " ").split())
    return tuple(word for word in words if folded(word))[:_MOST_WORDS]


def _any(names: Iterable[str]) -> str:
    return " or ".join(names)


def _span(years: tuple[int, int]) -> str:
    return "–".join(str(year) for year in dict.fromkeys(years))


@dataclass(frozen=True)
class _Kind:
    """One filter."""

    loosened: str
    """What its button says that takes it away."""
    words: Callable[[Any], str]
    part: Callable[[Any, Filters], dict[str, Any]]
    """Its fields of the question."""


_FILMS = {
    "genres": _Kind("Any genre", _any, lambda names, _: {"genres": names}),
    "without": _Kind(
        "No genre left out",
        lambda names: f"no {_any(names)}",
        lambda names, _: {"exclude_genres": names},
    ),
    "years": _Kind("Any year", _span, lambda years, _: {"years": years}),
    "tags": _Kind("Any tag", lambda tags: f"tagged {_any(tags)}", lambda tags, _: {"tags": tags}),
    "title": _Kind(
        "Any title",
        lambda text: f"{_any(f'“{word}”' for word in title_words(text))} in the title",
        lambda text, _: {"title": title_words(text)},
    ),
    "min_ratings": _Kind(
        "Any number of ratings",
        lambda least: f"at least {least:,} ratings",
        lambda least, _: {"min_ratings": least},
    ),
    "saved": _Kind(
        "Not only my watchlist",
        lambda _: "on your watchlist",
        lambda _, filters: {"only": filters.watchlist},
    ),
    "fresh": _Kind(
        "Films shown before, too",
        lambda _: "not shown to you before",
        lambda _, filters: {"exclude": frozenset(filters.shown)},
    ),
}
_SINCE = _Kind(
    "Raters of any time",
    lambda year: f"raters active since {year}",
    lambda year, _: {"active_since": f"{year}-01-01"},
)


def _kind(name: str) -> _Kind:
    """Return the filter of a name; there is one for each attribute of raters."""
    if not name.startswith(_OF_RATERS):
        return _FILMS[name]
    if name == Filters.SINCE:
        return _SINCE
    attribute = name.removeprefix(Filters.ATTRIBUTE)
    return _Kind(
        f"Raters of any {attribute}",
        lambda values: f"raters with {attribute} {_any(values)}",
        lambda values, _: {"attributes": {attribute: values}},
    )


@dataclass(frozen=True)
class Filters:
    """The filters that are on, and what they and the dial make of a question."""

    SINCE = f"{_OF_RATERS}since"
    """Name of the filter by the year since which raters are active."""
    ATTRIBUTE = f"{_OF_RATERS}attribute-"
    """Beginning of the name of the filter by an attribute of raters."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """What is chosen, by name: that alone which leaves films or raters out."""
    dial: str = "Balanced"
    watchlist: tuple[int | str, ...] = ()
    shown: Set[int | str] = frozenset()
    """Films that were shown at earlier visits."""

    def without(self, *names: str) -> Filters:
        """Return them without some, or without any."""
        left = {name: one for name, one in self.values.items() if names and name not in names}
        return replace(self, values=left)

    def movies(self, exclude: Iterable[int | str] = ()) -> MovieFilter:
        """Return the part of a question that is about films; some may be left out besides."""
        parts = self._parts(of_raters=False)
        left_out = frozenset((*parts.pop("exclude", ()), *exclude))
        return MovieFilter(**parts, exclude=left_out) if left_out else MovieFilter(**parts)

    def raters(self) -> RaterFilter:
        """Return the part that is about raters, for questions in which kindred raters vote."""
        return RaterFilter(**self._parts(of_raters=True))

    @property
    def adventurous(self) -> float | None:
        """The place on the dial."""
        return DIAL[self.dial]

    @property
    def by_raters(self) -> tuple[str, ...]:
        """Names of those filters that are about raters."""
        return tuple(name for name in self.values if name.startswith(_OF_RATERS))

    def summary(self, *, raters: bool, dial: bool) -> str:
        """Say in one line what a question had: of films, and where told, raters and dial.

        Empty where nothing is left out. Not escaped.
        """
        words = [
            _kind(name).words(value)
            for name, value in self.values.items()
            if raters or not name.startswith(_OF_RATERS)
        ]
        line = f"Filters: {', '.join(words)}." if words else ""
        if dial and self.adventurous is not None:
            line += f" Dial: {self.dial.lower()}."
        return line.strip()

    def loosened(self, name: str) -> str:
        """Return what the button says that takes a filter away."""
        return _kind(name).loosened

    def _parts(self, *, of_raters: bool) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        for name, value in self.values.items():
            if name.startswith(_OF_RATERS) == of_raters:
                for key, one in _kind(name).part(value, self).items():
                    parts[key] = {**parts.get(key, {}), **one} if isinstance(one, dict) else one
        return parts
