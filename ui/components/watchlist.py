"""The watchlist, best matches first, and what to watch of it tonight."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import streamlit as st

from recommender import MovieFilter, Recommender
from ui.components import cards, filter_controls
from ui.components.cards import Card, Group
from ui.components.page_parts import section
from ui.state.taste import MovieId, movies_of
from ui.state.visit import Visit
from ui.text import count

__all__ = ["draw_tonight", "ranked", "surprise"]

_PICKS = 3  # films to choose from tonight
_MOST = 1_000  # films that the recommender gives at once
# For four people of ml-1m with 40 films each, the picks were among the ten best matches; at 0.9 one
# in three came from the 21st place on, and at 0.5 some were as the ranking has them.
_DIVERSITY = 0.7
_ANY = MovieFilter()


class _Ranking(NamedTuple):
    cards: list[Card]
    """All films, best match first."""
    unlike: list[MovieId]
    """Those that match, each as good and as unlike those before it as can be."""


def ranked(recommender: Recommender, visit: Visit, movies: MovieFilter = _ANY) -> list[Card]:
    """Rank the films of the visitor's watchlist that meet conditions: best match first.

    They come with predicted stars, and reasons where there are some. Films of which kindred raters
    say nothing come after the others, best known first.
    """
    out = {*movies.exclude}
    found = [one for one in _ranking(recommender, visit).cards if one.movie.movie_id not in out]
    if not found or replace(movies, exclude=()) == _ANY:
        return found
    only = tuple(f"id:{one}" for one in _ids(found))
    within = replace(movies, only=only, exclude=(), min_ratings=movies.min_ratings or 0)
    passing = {row.movie.movie_id for row in recommender.popular(limit=_MOST, movies=within)}
    return [card for card in found if card.movie.movie_id in passing]


def _ranking(recommender: Recommender, visit: Visit) -> _Ranking:
    profile = visit.profile
    question = (profile.opinions, profile.stars, profile.watchlist)
    return visit.once("watchlist", question, lambda: _rank(recommender, visit))


def _rank(recommender: Recommender, visit: Visit) -> _Ranking:
    profile = visit.profile
    if not profile.watchlist:
        return _Ranking([], [])
    # Films of few ratings were saved all the same.
    own = MovieFilter(only=tuple(f"id:{one}" for one in profile.watchlist), min_ratings=0)
    matches = recommender.recommend(profile, limit=_MOST, diversity=_DIVERSITY, movies=own)
    # Their scores stay what they are, whatever the diversity.
    by_score = sorted(matches, key=lambda row: -row.score)
    matched = cards.recommended(by_score, matches.neighbours, profile)
    unlike = [row.movie.movie_id for row in matches]
    left = movies_of((one for one in profile.watchlist if one not in {*unlike}), recommender)
    rest = sorted(left.values(), key=lambda movie: -movie.ratings)
    return _Ranking([*matched, *cards.with_stars(recommender, profile, rest)], unlike)


def surprise(visit: Visit, found: Sequence[Card]) -> None:
    """Choose one film of a ranked watchlist at random, the better matches likelier.

    Of ten films the first is ten times as likely as the last. None comes again before all were
    shown.
    """
    films = _ids(found)
    shown = visit.surprises if {*films} - {*visit.surprises} else visit.surprises[-1:]
    chances = {one: len(films) - place for place, one in enumerate(films) if one not in shown}
    if chances:
        (one,) = random.choices([*chances], [*chances.values()])  # noqa: S311 - no secret
        visit.surprises = [*shown, one]


def draw_tonight(recommender: Recommender, visit: Visit) -> None:
    """Draw three films of the watchlist to choose from, or one that chance chose."""
    stats = recommender.stats()
    filters = filter_controls.chosen(visit, stats)
    # Neither who rated them nor that they were shown before speaks against films that were saved.
    of_films = filters.without("saved", "fresh", *filters.by_raters)
    summary = of_films.summary(raters=False, dial=False)
    found = ranked(recommender, visit, of_films.movies())
    shown = [card for card in found if visit.surprises[-1:] == [card.movie.movie_id]]
    by_chance = bool(shown)
    under = f"None of the {count(len(visit.profile.watchlist), 'film')} on your watchlist is left."
    if by_chance:
        under = "Chosen at random: better matches are likelier."
    elif found:
        shown, under = _picked(_ranking(recommender, visit).unlike, found)
    section("Tonight", f"{under} {summary}".strip())
    with st.container(horizontal=True, key="tonight-buttons"):
        if len(found) > 1:
            again = "Surprise me again" if by_chance else "Surprise me"
            st.button(again, key="surprise", on_click=visit.callback(surprise, visit, found))
        if by_chance:
            st.button(
                "Back to the three picks", key="three", on_click=visit.callback(_three, visit)
            )
        filter_controls.draw(visit, stats, filters)
        if not found:
            clear = visit.callback(filter_controls.clear, stats, *of_films.values)
            st.button("Clear these filters", key="tonight-clear", on_click=clear)
    if shown:
        # Its heading is for screen readers: the one above has the buttons below it.
        cards.draw(visit, [Group("tonight", "Films for tonight", shown)], page="tonight")


def _picked(unlike: Sequence[MovieId], found: Sequence[Card]) -> tuple[list[Card], str]:
    """Pick three films, the best matches that are unlike each other, and say how."""
    by_id = {card.movie.movie_id: card for card in found}
    # Where few match, the rest of the list stands in.
    order = dict.fromkeys([*unlike, *by_id])
    picked = [by_id[one] for one in order if one in by_id][:_PICKS]
    if len(found) <= _PICKS:
        return picked, "There are no others to choose from."
    return picked, "The best matches on your watchlist that are unlike each other."


def _three(visit: Visit) -> None:
    visit.surprises = []


def _ids(found: Sequence[Card]) -> list[MovieId]:
    return [card.movie.movie_id for card in found]
