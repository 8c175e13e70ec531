"""How it works: the calculation behind one film of the visitor's own list."""

from __future__ import annotations

import streamlit as st

from recommender import Movie, MovieFilter, Recommendations, Recommender
from ui.components import chosen_film
from ui.components.agreement import ASKED
from ui.components.explanation import Calculation, steps
from ui.components.page_parts import invite, note, section
from ui.state.questions import Wishes, profile_of
from ui.state.taste import MovieId, Said
from ui.state.visit import Visit

__all__ = ["draw"]

_LISTED, _CHOICE = 1_000, 24
_FILM = "how-film"


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the calculation for the film that was chosen, or the first of the list."""
    chosen_film.follow_address(visit, recommender)
    section(
        "How it works",
        "Kindred looks for the people whose ratings are most like yours: your kindred raters. Your "
        "list begins with the films that they like more than other people do. There is nothing "
        "else behind it: here is the whole calculation for one film.",
    )
    said = visit.taste.said
    if not said.ratings:
        said = _example(recommender, visit)
    top = _list(recommender, visit, said)
    if not len(top) or not top.neighbours:
        chosen_film.write_address(None)
        if top.neighbours:
            note("No film is left in your list: take a filter away on the Home page.")
        elif visit.taste.ratings:
            invite(visit, "Your ratings lead to no kindred raters yet. Rate one or two more films.")
        return
    movie = _choose(recommender, visit, said, top)
    chosen_film.write_address(movie)
    st.html(steps(_calculation(recommender, visit, said, top, movie)))


def _example(recommender: Recommender, visit: Visit) -> Said:
    liked = recommender.starters(limit=2)
    titles = " and ".join(str(movie) for movie in liked)
    invite(visit, f"This is an example: imagine that you liked {titles}. Yours begins with a film.")
    return Said({movie.movie_id: 1 for movie in liked})


def _wishes(visit: Visit) -> Wishes:
    return visit.asked.wishes if visit.asked else Wishes()


def _list(recommender: Recommender, visit: Visit, said: Said) -> Recommendations:
    """Ask for the list that the last answer began with, to a greater depth."""
    wishes = _wishes(visit)
    return recommender.recommend(
        profile_of(said),
        limit=_LISTED,
        movies=MovieFilter(
            genres=set(wishes.genres) or None,
            exclude_genres=set(wishes.without) or None,
            years=wishes.years,
            min_ratings=wishes.min_ratings,
            exclude=(*said.hidden, *(visit.asked.exclude if visit.asked else ())),
        ),
        adventurous=wishes.adventurous,
    )


def _choose(recommender: Recommender, visit: Visit, said: Said, top: Recommendations) -> Movie:
    """Let a film be chosen among the first of the list, and the one that was come with."""
    ranked = {row.movie.movie_id: row for row in top}
    choice: dict[MovieId, str] = {
        row.movie.movie_id: _label(row.movie, row.rank) for row in top[:_CHOICE]
    }
    chosen = chosen_film.chosen(visit, recommender)
    if chosen is None or chosen.movie_id in said.ratings:
        chosen = top[0].movie  # what is rated is not scored
    row = ranked.get(chosen.movie_id)
    choice[chosen.movie_id] = _label(chosen, row.rank if row else None)
    st.session_state[_FILM] = chosen.movie_id
    st.selectbox(
        "The calculation for",
        [*choice],
        key=_FILM,
        format_func=lambda movie_id: choice[movie_id],
        on_change=_chosen,
        args=(visit,),
    )
    return chosen


def _label(movie: Movie, rank: int | None) -> str:
    # Two films may have the same title and year; places in the list differ.
    return f"{rank}. {movie}" if rank else str(movie)


def _chosen(visit: Visit) -> None:
    visit.touch()
    visit.chosen = st.session_state[_FILM]


def _calculation(
    recommender: Recommender, visit: Visit, said: Said, top: Recommendations, movie: Movie
) -> Calculation:
    profile, stats = profile_of(said), recommender.stats()
    key = f"id:{movie.movie_id}"
    return Calculation(
        said,
        [*filter(None, recommender.find(f"id:{movie_id}" for movie_id in said.ratings))],
        recommender.explain(profile, key, adventurous=_wishes(visit).adventurous),
        recommender.neighbours(profile, limit=ASKED),
        stats.raters,
        next((row.rank for row in top if row.movie.movie_id == movie.movie_id), None),
        stats.scale == "likes only",
    )
