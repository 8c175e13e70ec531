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

_Export = Callable[[Profile, Recommender], bytes]
# What can be done with each file, in the order of the files.
_USES = (
    "Bring it back here, or to another Kindred, and all is as it was.",
    "For Excel, Numbers or LibreOffice.",
    "On Letterboxd: Settings, Data, Import your data.",
    "On Letterboxd: your watchlist, Import films to watchlist.",
    "On Letterboxd: a new list, Import.",
)


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the buttons. A file is made when somebody asks for it."""
    profile, source = visit.profile, recommender.stats().source.name
    section("Take your films with you", "Everything you said here is yours.")
    watchlist = profile.watchlist
    files: tuple[tuple[str, _Export, str, object], ...] = (
        ("Everything, for Kindred", exports.kindred, "taste.json", profile.films),
        ("Everything, as a spreadsheet", exports.spreadsheet, "taste.csv", profile.films),
        ("Ratings, for Letterboxd", exports.letterboxd, "ratings.csv", profile.movies),
        ("Watchlist, for Letterboxd", exports.letterboxd_watchlist, "watchlist.csv", watchlist),
        ("100 recommendations, for Letterboxd", exports.letterboxd_picks, "recommendations.csv", 1),
    )
    for (label, export, name, films), use in zip(files, _USES, strict=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                label,
                partial(make_file, export, profile, source),
                f"kindred-{name}",
                "application/json" if name.endswith(".json") else "text/csv",
                key=f"take-kindred-{name}",
                icon=":material/download:",
                disabled=not films,
                on_click="ignore",  # or the page would run again, for nothing
            )
            small_text(use)


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
