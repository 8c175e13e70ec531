"""How it works: the calculation behind one film of the visitor's own list."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from recommender import Movie, Opinion, Profile, Recommendations, Recommender
from ui.components import chosen_film
from ui.components.agreement import ASKED
from ui.components.explanation import Calculation, steps
from ui.components.page_parts import invite_to_rate, note, section
from ui.state.taste import EMPTY, movies_of
from ui.state.visit import Visit

__all__ = ["draw"]

# As many films as the recommender gives at once, so that one far down has its place, too; and how
# many of the first can be chosen.
_LISTED, _CHOICE = 1_000, 24
_FILM = "how-film"


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the calculation for the film that was chosen, or the first of the list."""
    section(
        "How it works",
        "Kindred looks for the people whose ratings are most like yours: your kindred raters. Your "
        "list begins with the films that they like more than other people do, and that are rated "
        "together with those you like. Here is the whole calculation for one film.",
    )
    profile, filters = visit.shown, visit.filters
    if not len(profile):
        profile = _example(recommender, visit)
    top = recommender.recommend(
        profile,
        limit=_LISTED,
        movies=filters.movies,
        raters=filters.raters,
        adventurous=filters.adventurous,
    )
    if len(top) and top.neighbours:
        movie = _choose(recommender, visit, profile, top)
        st.html(steps(_calculation(recommender, visit, profile, top, movie)))
    elif top.neighbours:
        note("No film is left in your list: remove a filter on the Discover page.")
    elif len(visit.shown):
        invite_to_rate(
            visit, "Your ratings lead to no kindred raters yet. Rate one or two more films."
        )


def _example(recommender: Recommender, visit: Visit) -> Profile:
    liked = recommender.starters(limit=2)
    titles = " and ".join(str(movie) for movie in liked)
    invite_to_rate(
        visit, f"This is an example, for somebody who liked {titles}. Rate a film to see your own."
    )
    return replace(EMPTY, opinions={movie.movie_id: Opinion.LIKE for movie in liked})


def _choose(
    recommender: Recommender, visit: Visit, profile: Profile, top: Recommendations
) -> Movie:
    """Let a film be chosen among the first of the list, and the one that was come with."""
    chosen = chosen_film.chosen(visit, recommender)
    if chosen is None or chosen.movie_id in profile.opinions:
        chosen = top[0].movie  # what is rated is not scored
    choice = {movie.movie_id: movie for movie in (*(row.movie for row in top[:_CHOICE]), chosen)}
    # Two films may have the same title and year; places in the list differ.
    names = {row.movie.movie_id: f"{row.rank}. {row.movie}" for row in top}
    # Before the box is drawn: Streamlit lets no widget's value be set after that.
    st.session_state[_FILM] = chosen.movie_id
    st.selectbox(
        "The calculation for",
        [*choice],
        key=_FILM,
        format_func=lambda movie_id: names.get(movie_id, str(choice[movie_id])),
        on_change=visit.callback(_chosen, visit),
    )
    return chosen


def _chosen(visit: Visit) -> None:
    visit.choose(st.session_state[_FILM])


def _calculation(
    recommender: Recommender, visit: Visit, profile: Profile, top: Recommendations, movie: Movie
) -> Calculation:
    stats, key, filters = recommender.stats(), f"id:{movie.movie_id}", visit.filters
    dial, raters = filters.adventurous, filters.raters
    return Calculation(
        profile,
        [*movies_of(profile.movies, recommender).values()],
        recommender.explain(profile, key, adventurous=dial, raters=raters),
        recommender.neighbours(profile, limit=ASKED, raters=raters),
        stats.raters,
        next((row.rank for row in top if row.movie.movie_id == movie.movie_id), None),
        stats.scale == "likes only",
    )
