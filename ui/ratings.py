"""The list of one's own ratings, behind one button."""

from __future__ import annotations

import streamlit as st

from recommender import Recommender
from ui.cards import rating_control
from ui.link import MOST
from ui.panels import note
from ui.visit import Visit
from ui.words import escape_html

__all__ = ["draw"]


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the button; the list itself only while it is open, for it may be long."""
    said = visit.taste.ratings
    panel = st.popover("Your ratings", key="ratings", on_change=visit.touch)
    if not panel.open:
        return
    with panel:
        if not said:
            st.html('<p class="k-empty">Nothing yet. Rate a film and it appears here.</p>')
            return
        if len(said) > MOST:
            note(f"Only the latest {MOST} of your {len(said):,} ratings fit into the link.")
        newest = list(reversed(said))
        for movie_id in newest[: visit.listed]:
            movie = recommender.movie(movie_id)
            with st.container(key=f"rated-{movie_id}", gap="xxsmall"):
                with st.container(
                    horizontal=True,
                    horizontal_alignment="distribute",
                    vertical_alignment="center",
                    wrap=False,
                ):
                    st.html(f'<p class="k-rated">{escape_html(str(movie))}</p>')
                    st.button(
                        "Remove",
                        key=f"remove-{movie_id}",
                        type="tertiary",
                        on_click=visit.remove,
                        args=(movie,),
                    )
                rating_control(visit, movie, "list")
        if len(said) > visit.listed:
            st.button("Show more", key="list-more", on_click=visit.list_more, width="stretch")
        st.button("Clear all ratings", key="clear-all", on_click=visit.wipe, width="stretch")
