"""Files to take along: everything that was said, and what is recommended."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from recommender import Recommender
from ui import exports
from ui.panels import quiet, section
from ui.taste import Said
from ui.visit import Visit

__all__ = ["draw"]

_JSON, _CSV = "application/json", "text/csv"
_Export = Callable[[Said, Recommender], bytes]


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the buttons. A file is made when somebody asks for it."""
    said = visit.taste.said
    section("Take your films with you", "Everything you said here is yours.")
    files: list[tuple[str, _Export, str, str, object, str]] = [
        (
            "Everything, for Kindred",
            exports.kindred,
            "kindred-taste.json",
            _JSON,
            said,
            "Bring it back here, or to another Kindred, and all is as it was.",
        ),
        (
            "Everything, as a spreadsheet",
            exports.spreadsheet,
            "kindred-taste.csv",
            _CSV,
            said,
            "For Excel, Numbers or LibreOffice.",
        ),
        (
            "Ratings, for Letterboxd",
            exports.letterboxd,
            "kindred-ratings.csv",
            _CSV,
            said.ratings,
            "On Letterboxd: Settings, Data, Import your data.",
        ),
        (
            "Watchlist, for Letterboxd",
            exports.letterboxd_watchlist,
            "kindred-watchlist.csv",
            _CSV,
            said.watchlist,
            "On Letterboxd: your watchlist, Import films to watchlist.",
        ),
        (
            "100 recommendations, for Letterboxd",
            exports.letterboxd_picks,
            "kindred-recommendations.csv",
            _CSV,
            True,
            "On Letterboxd: a new list, Import.",
        ),
    ]
    for label, export, name, mime, what, where in files:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                label,
                partial(export, said, recommender),
                name,
                mime,
                key=f"take-{name}",
                icon=":material/download:",
                disabled=not what,
                on_click="ignore",
            )
            quiet(where)
