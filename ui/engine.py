"""The one open recommender of this server."""

from __future__ import annotations

import streamlit as st

from recommender import Recommender

__all__ = ["recommender"]


@st.cache_resource(show_spinner=False)
def recommender() -> Recommender:
    """Open the index, once for all visitors; it follows a new ingest by itself.

    Raises KindredError where there is none, or it cannot be read. Nothing is kept then: the next
    run tries again.
    """
    return Recommender.open()
