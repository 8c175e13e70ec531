"""The films a visitor spoke of, as a list: which of them, in which order, what stays in sight."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz, process, utils

from recommender import Movie, Opinion, Profile
from recommender.catalogue.titles import folded
from ui.state.taste import MovieId
from ui.state.visit import Listed, Visit

__all__ = ["ALL", "FILTERS", "SORTS", "choose", "in_order", "listed", "show_more"]

# Rows at first, so that the pictures below are not far; and each time that further ones are asked
# for, which are drawn in no time.
_FIRST, _FURTHER = 20, 60
_TO_SEARCH = 20
_ALIKE = 75  # of 100: how alike a title must be where none holds what was typed
_ARTICLE = re.compile(r"^(the|an?) (?=.)")

SORTS: Mapping[str, tuple[str, ...]] = {
    "rated": ("Latest first", "Title", "Year", "My stars", "Furthest from the average"),
    "watchlist": ("Best match", "Latest first", "Title", "Year"),
    "hidden": ("Latest first", "Title", "Year"),
}
"""Orders that each shelf can be in, the usual one first."""
ALL = "All opinions"
FILTERS: Mapping[str, Callable[[Profile, MovieId], bool]] = {
    ALL: lambda profile, one: True,
    "Liked": lambda profile, one: profile.opinions[one] == Opinion.LIKE,
    "Seen": lambda profile, one: profile.opinions[one] == Opinion.NEUTRAL,
    "Disliked": lambda profile, one: profile.opinions[one] == Opinion.DISLIKE,
    "With stars": lambda profile, one: one in profile.stars,
    "Without stars": lambda profile, one: one not in profile.stars,
}
"""What can be looked at of the films that are rated."""


def choose(
    films: Sequence[Movie], profile: Profile, *, opinion: str = ALL, query: str = ""
) -> Sequence[Movie]:
    """Choose films by what is said of them, and by a text that their titles hold, or are like."""
    if opinion != ALL:
        films = [movie for movie in films if FILTERS[opinion](profile, movie.movie_id)]
    # Query and titles alike in lower case and without punctuation, which few people type.
    text = utils.default_process(query)
    if not text:
        return films
    titles = [utils.default_process(str(movie)) for movie in films]
    held = [movie for movie, title in zip(films, titles, strict=True) if text in title]
    if held:
        return held
    alike = process.extract(
        text, titles, scorer=fuzz.partial_ratio, score_cutoff=_ALIKE, limit=_TO_SEARCH
    )
    return [films[place] for _, _, place in alike]


def in_order(
    films: Sequence[Movie], profile: Profile, sort: str, apart: Mapping[MovieId, float]
) -> Sequence[Movie]:
    """Sort films that come in the usual order of their shelf, which equals keep.

    ``apart`` is how many stars the visitor gave more or fewer than others, where that is known.
    """
    stars, opinions = profile.stars, profile.opinions

    def own(movie: Movie) -> tuple[float, float]:
        return -stars.get(movie.movie_id, 0.0), -opinions.get(movie.movie_id, 0)

    keys: dict[str, Callable[[Movie], Any]] = {
        "Title": lambda movie: _ARTICLE.sub("", folded(movie.title)),
        "Year": lambda movie: -(movie.year or 0),
        "My stars": own,
        "Furthest from the average": lambda movie: -abs(apart.get(movie.movie_id, 0.0)),
    }
    return sorted(films, key=keys[sort]) if sort in keys else films


def listed(
    visit: Visit,
    question: object,
    films: Sequence[MovieId],
    order: Callable[[], Sequence[MovieId]],
) -> Listed:
    """Return the list that is there, unless it answers another question or lacks some films."""
    last = visit.listed
    if last is None or last.question != question or not {*films} <= {*last.films}:
        last = visit.listed = Listed(question, order(), _FIRST)
    return last


def show_more(listed: Listed) -> None:
    """Callback: show further films of a list."""
    listed.rows += _FURTHER
