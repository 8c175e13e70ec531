"""The filters, behind one button."""

from __future__ import annotations

from typing import Any

import streamlit as st

from recommender import IndexStats
from ui.asking import Wishes
from ui.visit import Visit

__all__ = ["draw", "loosen", "wishes"]

_DIAL: dict[str, float | None] = {
    "Familiar": 0.0,
    "Mostly familiar": 0.2,
    "Balanced": None,
    "Mostly new": 0.7,
    "Adventurous": 1.0,
}
_STEPS = (0, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 10_000)


def _key(stats: IndexStats, name: str) -> str:
    # Another index has other genres and years: its filters begin anew.
    return f"filter-{name}-{stats.version}"


def _open(stats: IndexStats) -> dict[str, Any]:
    """Give the value of each filter at which it leaves nothing out."""
    return {"dial": "Balanced", "genres": [], "without": [], "years": stats.years, "min_ratings": 0}


def loosen(visit: Visit, stats: IndexStats, *names: str) -> None:
    """Take filters away, all of them unless named."""
    visit.touch()
    for name, value in _open(stats).items():
        if not names or name in names:
            st.session_state[_key(stats, name)] = value


def wishes(stats: IndexStats) -> Wishes:
    """Read what the filters say, before they are drawn."""
    said = {
        name: st.session_state.setdefault(_key(stats, name), value)
        for name, value in _open(stats).items()
    }
    return Wishes(
        genres=tuple(said["genres"]),
        without=tuple(said["without"]),
        # The whole range must not leave out the movies whose year is unknown.
        years=None if said["years"] == stats.years else said["years"],
        min_ratings=said["min_ratings"],
        adventurous=_DIAL[said["dial"]],
    )


def draw(visit: Visit, stats: IndexStats, now: Wishes) -> None:
    """Draw the button and, behind it, the filters."""
    active = len(now.active()) + (now.adventurous is not None)
    keep: dict[str, Any] = {"on_change": visit.touch, "persist_state": "session"}
    # A label that changed would close the panel under the person's hands.
    with st.popover("Filters", icon=":material/tune:", key="filters"):
        st.select_slider("Familiar or adventurous?", list(_DIAL), key=_key(stats, "dial"), **keep)
        if stats.genres:
            names = list(stats.genres)
            st.multiselect(
                "Any of these genres", names, key=_key(stats, "genres"), placeholder="All", **keep
            )
            st.multiselect(
                "None of these",
                names,
                key=_key(stats, "without"),
                placeholder="No exception",
                **keep,
            )
        if stats.years and stats.years[0] < stats.years[1]:
            st.slider("Released", *stats.years, key=_key(stats, "years"), **keep)
        if len(steps := [step for step in _STEPS if step < stats.users]) > 1:
            st.select_slider(
                "Well known: at least",
                steps,
                key=_key(stats, "min_ratings"),
                format_func=lambda step: f"{step:,} ratings" if step else "any number",
                **keep,
            )
        st.button(
            "Clear all filters",
            key="filters-clear",
            on_click=loosen,
            args=(visit, stats),
            disabled=not active,
        )
