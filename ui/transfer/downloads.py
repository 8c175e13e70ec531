"""Files to export: the whole profile, and recommendations."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from recommender import KindredError, Profile, Recommender
from ui.components.page_parts import section, small_text
from ui.server import open_index
from ui.state.visit import Visit
from ui.transfer import exports

__all__ = ["draw", "make_file"]

_JSON, _CSV = "application/json", "text/csv"
_Export = Callable[[Profile, Recommender], bytes]


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the buttons. A file is made when somebody asks for it."""
    profile, source = visit.profile, recommender.stats().source.name
    section("Take your films with you", "Everything you said here is yours.")
    files: list[tuple[str, _Export, str, str, object, str]] = [
        (
            "Everything, for Kindred",
            exports.kindred,
            "kindred-taste.json",
            _JSON,
            profile,
            "Bring it back here, or to another Kindred, and all is as it was.",
        ),
        (
            "Everything, as a spreadsheet",
            exports.spreadsheet,
            "kindred-taste.csv",
            _CSV,
            profile,
            "For Excel, Numbers or LibreOffice.",
        ),
        (
            "Ratings, for Letterboxd",
            exports.letterboxd,
            "kindred-ratings.csv",
            _CSV,
            profile.opinions,
            "On Letterboxd: Settings, Data, Import your data.",
        ),
        (
            "Watchlist, for Letterboxd",
            exports.letterboxd_watchlist,
            "kindred-watchlist.csv",
            _CSV,
            profile.watchlist,
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
                partial(make_file, export, profile, source),
                name,
                mime,
                key=f"take-{name}",
                icon=":material/download:",
                disabled=not what,
                on_click="ignore",  # or the page would run again, for nothing
            )
            small_text(where)


def make_file(export: _Export, profile: Profile, source: str) -> bytes:
    """Make a file from the live index, which may be newer than the page.

    What goes wrong is written into the file, as a download button has no other place for it.
    """
    try:
        recommender = open_index.recommender()
        if recommender.stats().source.name == source:
            return export(profile, recommender)
        problem = "the films of this page are those of another collection: load it again"
    except KindredError as error:
        problem = str(error)
    return f"This file could not be made: {problem}.\n".encode()
