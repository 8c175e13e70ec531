"""The watchlist, best matches first, and what to watch of it tonight."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from recommender import MovieFilter, Recommender
from ui.components import cards, filter_controls
from ui.components.cards import Card, Group
from ui.components.page_parts import note
from ui.state.taste import MovieId, movies_of
from ui.state.visit import Visit
from ui.text import count

__all__ = ["PICKS", "draw_tonight", "picks", "ranked", "surprise"]

PICKS = 3
"""Films to choose from tonight."""

_MOST = 1_000  # films that the recommender gives at once
# So unlike each other that of two films of one series only one is picked: chosen by eye among
# watchlists of 20 to 60 films that people of ml-1m rated.
_DIVERSITY = 0.5
_ANY = MovieFilter()


def ranked(recommender: Recommender, visit: Visit, movies: MovieFilter = _ANY) -> list[Card]:
    """Rank the visitor's watchlist: best match first, with predicted stars and reasons.

    ``movies`` are conditions that the films must meet. Films of which kindred raters say nothing
    come after the others, best known first.
    """
    profile = visit.profile
    question = (profile.opinions, profile.stars, profile.watchlist, movies)
    return visit.once("watchlist", question, lambda: _ranked(recommender, visit, movies))


def _ranked(recommender: Recommender, visit: Visit, movies: MovieFilter) -> list[Card]:
    if not visit.profile.watchlist:
        return []
    within = _within(visit, movies)
    matches = recommender.recommend(visit.profile, limit=_MOST, movies=within)
    matched = cards.recommended(matches, matches.neighbours)
    there = {*_ids(matched)}
    left = dict.fromkeys(one for one in visit.profile.watchlist if one not in there)
    if movies != _ANY:
        found = recommender.popular(limit=_MOST, movies=replace(within, only=tuple(left)))
        left = dict.fromkeys(row.movie.movie_id for row in found)
    rest = sorted(movies_of(left, recommender).values(), key=lambda movie: -movie.ratings)
    keys = [f"id:{movie.movie_id}" for movie in rest]
    if not len(visit.profile):
        return matched + [Card(movie) for movie in rest]
    predicted = recommender.predict_many(visit.profile, keys)
    return matched + [Card(one.movie, one) for one in predicted]


def _within(visit: Visit, movies: MovieFilter) -> MovieFilter:
    """Narrow conditions to the watchlist, of which little known films are not left out unasked."""
    only = tuple(f"id:{one}" for one in visit.profile.watchlist)
    return replace(movies, only=only, min_ratings=movies.min_ratings or 0)


def picks(
    recommender: Recommender, visit: Visit, found: Sequence[Card], movies: MovieFilter
) -> list[Card]:
    """Pick three films of a ranked watchlist: the best matches that are unlike each other."""
    profile = visit.profile
    question = (profile.opinions, profile.stars, profile.watchlist, movies)

    def pick() -> list[MovieId]:
        unlike = recommender.recommend(
            profile, limit=PICKS, diversity=_DIVERSITY, movies=_within(visit, movies)
        )
        return [row.movie.movie_id for row in unlike]

    picked = visit.once("tonight", question, pick) if len(found) > PICKS else []
    by_id = {card.movie.movie_id: card for card in found}
    # Where few have a score, the rest of the list stands in.
    return [by_id[one] for one in dict.fromkeys([*picked, *by_id]) if one in by_id][:PICKS]


def surprise(visit: Visit, found: Sequence[Card]) -> None:
    """Choose one film of a ranked watchlist at random, the better matches likelier.

    The first is as many times as likely as the last as there are films. None comes again before all
    were shown.
    """
    films = _ids(found)
    shown = visit.surprises if {*films} - {*visit.surprises} else visit.surprises[-1:]
    chances = {one: len(films) - place for place, one in enumerate(films) if one not in shown}
    if chances:
        (one,) = random.choices([*chances], [*chances.values()])  # noqa: S311
        visit.surprises = [*shown, one]


def draw_tonight(recommender: Recommender, visit: Visit) -> None:
    """Draw three films of the watchlist to choose from, or one that chance chose."""
    saved = len(visit.profile.watchlist)
    movies = visit.filters.movies
    found = ranked(recommender, visit, movies)
    if not found:
        words = "; ".join(filter_controls.active(visit.filters).values())
        note(f"Tonight: none of your {count(saved, 'saved film')} passes the filters: {words}.")
        return
    chosen = [card for card in found if visit.surprises[-1:] == [card.movie.movie_id]]
    under = "Chosen by chance. The better a film matches, the likelier it comes."
    if not chosen:
        under = "The best matches of your watchlist that are unlike each other."
        if len(found) <= PICKS:
            under = "This is all there is to choose from."
    shown = chosen or picks(recommender, visit, found, movies)
    cards.draw(visit, [Group("tonight", "Tonight", shown, under)], page="tonight")
    if len(found) == 1:
        return
    with st.container(horizontal=True, key="tonight-buttons"):
        again = "Surprise me again" if chosen else "Surprise me"
        st.button(again, key="surprise", on_click=visit.callback(surprise, visit, found))
        if chosen:
            st.button("Back to the three", key="three", on_click=visit.callback(_three, visit))


def _three(visit: Visit) -> None:
    visit.surprises = []


def _ids(found: Sequence[Card]) -> list[MovieId]:
    return [card.movie.movie_id for card in found]
