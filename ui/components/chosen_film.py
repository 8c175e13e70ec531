"""The one film that a page is about: in the visit, and in the address, so that F5 keeps it."""

from __future__ import annotations

import streamlit as st

from recommender import Movie, Recommender
from ui.components.page_parts import note
from ui.state.taste import MovieId
from ui.state.visit import FILM, Visit

__all__ = ["choose", "chosen"]


def choose(visit: Visit, movie_id: MovieId) -> None:
    """Callback: let the page be about a film, one step of the browser's history."""
    visit.chosen = movie_id
    st.query_params[FILM] = str(movie_id)


def chosen(visit: Visit, recommender: Recommender) -> Movie | None:
    """Return the film that the page is about, None where none was chosen.

    The address counts where the browser came to it by itself: a click comes with the one of before.
    """
    if visit.arrived or visit.from_history:
        linked = st.query_params.get(FILM)
        (movie,) = recommender.find([f"id:{linked}"]) if linked else (None,)
        if linked and movie is None:
            note("The film of this link is not in this collection.")
        visit.chosen = movie.movie_id if movie else None
    if visit.chosen is None:
        return None
    (movie,) = recommender.find([f"id:{visit.chosen}"])
    return movie
