"""The one film that a page is about: in the visit, and in the address, so that F5 keeps it."""

from __future__ import annotations

import streamlit as st

from recommender import Movie, Recommender
from ui.components.page_parts import note
from ui.state.visit import Visit, replace_parameters

__all__ = ["chosen", "follow_address", "write_address"]

_NAME = "film"  # of the parameter of the address


def follow_address(visit: Visit, recommender: Recommender) -> None:
    """Choose the film that the address names, where the browser came to it by itself.

    A click comes with the address of before, which then says nothing.
    """
    linked = st.query_params.get(_NAME)
    if not linked or not (visit.from_history or visit.arrived):
        return
    (movie,) = recommender.find([f"id:{linked}"])
    if movie is None:
        note("The film of this link is not in this collection.")
    else:
        visit.chosen = movie.movie_id


def chosen(visit: Visit, recommender: Recommender) -> Movie | None:
    """Return the film that was chosen last, if it is still in the index."""
    if visit.chosen is None:
        return None
    (movie,) = recommender.find([f"id:{visit.chosen}"])
    return movie


def write_address(movie: Movie | None) -> None:
    """Let the address name a film, or none."""
    replace_parameters([_NAME], {_NAME: [str(movie.movie_id)]} if movie else {})
