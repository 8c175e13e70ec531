"""A link that opens the same taste elsewhere."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from recommender import Recommender
from ui.components.page_parts import note, section
from ui.state import link
from ui.state.visit import PARAMETER, Visit
from ui.text import count

__all__ = ["draw"]


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the link, or say why a file is needed instead."""
    section("Share your taste", "Whoever opens this link sees what people like you recommend.")
    profile = visit.profile
    if not len(profile):
        note("Rate a film first: there is nothing to share yet.")
        return
    code = link.encode(replace(profile, watchlist=(), hidden=()), recommender)
    if code is None:
        note(
            f"Your {count(len(profile), 'rating')} do not fit into a link of "
            f"{link.LONGEST:,} characters. Share the file “Everything, for Kindred” instead: it is "
            "opened on this page."
        )
        return
    home = (st.context.url or "").rstrip("/").removesuffix(f"/{visit.page}")
    st.code(f"{home}/?{PARAMETER}={code}", language=None, wrap_lines=True)
    st.caption(
        "It holds numbers of films and what you said of them: no titles, no name, and neither your "
        "watchlist nor what you hid."
    )
