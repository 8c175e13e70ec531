"""The filters, behind one button. They last as long as the browser's tab."""

from __future__ import annotations

from typing import Any

import streamlit as st

from recommender import IndexStats, MovieFilter
from ui.server.open_index import version_of
from ui.state.visit import FilterChoice, Visit

__all__ = ["active", "chosen", "clear", "draw"]

_DIAL: dict[str, float | None] = {
    "Familiar": 0.0,
    "Mostly familiar": 0.25,
    "Balanced": None,
    "Mostly new": 0.75,
    "Adventurous": 1.0,
}
# Choices of "Well known": round numbers, each at least twice the one before.
_STEPS = (0, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 10_000)


def _key(stats: IndexStats, name: str) -> str:
    # Another index has other genres and years: its filters begin anew.
    return f"filter-{name}-{version_of(stats)}"


def _defaults(stats: IndexStats) -> dict[str, Any]:
    """Return the value of each filter at which it leaves nothing out."""
    return {"dial": "Balanced", "genres": [], "without": [], "years": stats.years, "min_ratings": 0}


def clear(stats: IndexStats, *names: str) -> None:
    """Take filters away, all of them unless named."""
    for name, value in _defaults(stats).items():
        if not names or name in names:
            st.session_state[_key(stats, name)] = value


def chosen(visit: Visit, stats: IndexStats) -> FilterChoice:
    """Read the filters before they are drawn."""
    nothing = _defaults(stats)
    for name, value in {**nothing, **_usable(visit.filter_values, stats)}.items():
        st.session_state.setdefault(_key(stats, name), value)
    values = {name: st.session_state[_key(stats, name)] for name in nothing}
    visit.filter_values = {name: one for name, one in values.items() if one != nothing[name]}
    return FilterChoice(
        MovieFilter(
            genres=tuple(values["genres"]),
            exclude_genres=tuple(values["without"]),
            # The whole range must not leave out the movies whose year is unknown.
            years=None if values["years"] == stats.years else values["years"],
            min_ratings=values["min_ratings"] or None,
        ),
        _DIAL[values["dial"]],
    )


def active(choice: FilterChoice) -> dict[str, str]:
    """Describe each filter that leaves films out, by its name."""
    movies = choice.movies
    words = {
        "genres": " or ".join(movies.genres or ()),
        "without": "no " + " or ".join(movies.exclude_genres) if movies.exclude_genres else "",
        "years": "–".join(str(year) for year in dict.fromkeys(movies.years or ())),
        "min_ratings": f"at least {movies.min_ratings:,} ratings" if movies.min_ratings else "",
    }
    return {name: text for name, text in words.items() if text}


def _usable(kept: dict[str, Any], stats: IndexStats) -> dict[str, Any]:
    """Return of the filters that a browser kept those that the controls here can show."""
    given: dict[str, Any] = {
        name: [genre for genre in stats.genres if genre in kept.get(name, ())]
        for name in ("genres", "without")
    }
    first, last = stats.years or (0, 0)
    match kept.get("years"):
        case [int(low), int(high)] if first <= low <= high <= last:
            given["years"] = (low, high)
    for name, choices in (("min_ratings", _steps(stats)), ("dial", [*_DIAL])):
        if kept.get(name) in choices:
            given[name] = kept[name]
    return given


def draw(visit: Visit, stats: IndexStats, now: FilterChoice) -> None:
    """Draw the button and, while it is open, the filters behind it."""
    on = len(active(now)) + (now.adventurous is not None)
    # A label that changed would close the panel under the person's hands.
    panel = st.popover(
        "Filters", icon=":material/tune:", key="filters", on_change=visit.clear_notice
    )
    if not panel.open:  # two dozen widgets, at each click on a film
        return
    with panel:
        _panel(visit, stats)
        clear_all = visit.callback(clear, stats)
        st.button("Clear all filters", key="filters-clear", on_click=clear_all, disabled=not on)


def _panel(visit: Visit, stats: IndexStats) -> None:
    # Streamlit forgets the value of a widget that is not drawn, as while the panel is closed.
    keep: dict[str, Any] = {"on_change": visit.clear_notice, "persist_state": "session"}
    st.select_slider("Familiar or adventurous?", list(_DIAL), key=_key(stats, "dial"), **keep)
    if stats.genres:
        names = list(stats.genres)
        st.multiselect(
            "Any of these genres", names, key=_key(stats, "genres"), placeholder="All", **keep
        )
        st.multiselect(
            "None of these", names, key=_key(stats, "without"), placeholder="No exception", **keep
        )
    if stats.years and stats.years[0] < stats.years[1]:
        st.slider("Released", *stats.years, key=_key(stats, "years"), **keep)
        _decades(visit, stats)
    if len(steps := _steps(stats)) > 1:
        st.select_slider(
            "Well known: at least",
            steps,
            key=_key(stats, "min_ratings"),
            format_func=lambda step: f"{step:,} ratings" if step else "any number",
            **keep,
        )


def _decades(visit: Visit, stats: IndexStats) -> None:
    """Draw a button for each decade, as a shorter way to set the years."""
    assert stats.years is not None
    first, last = stats.years
    with st.container(horizontal=True, gap="xxsmall", key="decades"):
        for decade in range(max(first, 1920) // 10 * 10, last + 1, 10):
            years = (max(decade, first), min(decade + 9, last))
            choose = visit.callback(_choose_years, stats, years)
            st.button(f"{decade}s", key=f"decade-{decade}", type="tertiary", on_click=choose)


def _choose_years(stats: IndexStats, years: tuple[int, int]) -> None:
    st.session_state[_key(stats, "years")] = years


def _steps(stats: IndexStats) -> list[int]:
    return [step for step in _STEPS if step < stats.users]
