"""The controls of the filters, behind one button. They last as long as the browser's tab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from recommender import IndexStats
from ui.server.open_index import version_of
from ui.state.filters import DIAL, Filters, title_words
from ui.state.visit import Visit
from ui.text import escape_markdown

__all__ = ["SORTS", "chosen", "clear", "draw", "draw_sort", "sort"]

SORTS = ("Best match", "Predicted stars", "Newest", "Best known")
"""What a list may be sorted by; the first is what it is sorted by unasked."""

# Choices of "Well known": round numbers, each at least twice the one before.
_STEPS = (0, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 10_000)
_YEARS = 15  # before the newest ratings, since which raters may be active
_LONGEST = 200  # characters of the words for titles
_LISTS = ("genres", "without", "tags", Filters.ATTRIBUTE)


def _key(stats: IndexStats, name: str) -> str:
    # Another index has other genres and years: its filters begin anew.
    return f"filter-{name}-{version_of(stats)}"


def _nothing(stats: IndexStats) -> dict[str, Any]:
    """Return the value of each filter at which it leaves nothing out."""
    films: dict[str, Any] = {
        "genres": [],
        "without": [],
        "years": stats.years,
        "tags": [],
        "title": "",
    }
    more: dict[str, Any] = {"min_ratings": 0, "saved": False, "fresh": False, Filters.SINCE: 0}
    return films | more | {f"{Filters.ATTRIBUTE}{name}": [] for name in stats.attributes}


def _usual(stats: IndexStats) -> dict[str, Any]:
    """Return the usual value of each control, those that leave nothing out included."""
    return {"dial": "Balanced", "sort": SORTS[0], **_nothing(stats)}


def clear(stats: IndexStats, *names: str) -> None:
    """Take filters away; unless named, all of them, and the dial's turn."""
    for name, value in _usual(stats).items():
        if name in names or (not names and name != "sort"):
            st.session_state[_key(stats, name)] = value


def chosen(visit: Visit, stats: IndexStats) -> Filters:
    """Read the filters, whether or not their controls are drawn on this page."""
    usual, none = _usual(stats), _nothing(stats)
    for name, value in {**usual, **_usable(visit.filter_values, stats)}.items():
        st.session_state.setdefault(_key(stats, name), value)
    values = {name: st.session_state[_key(stats, name)] for name in usual}
    visit.filter_values = {name: one for name, one in values.items() if one != usual[name]}
    on = {
        name: tuple(values[name]) if isinstance(values[name], list) else values[name]
        for name in none
        if values[name] != none[name] and (name != "title" or title_words(values[name]))
    }
    return Filters(on, values["dial"], visit.profile.watchlist, visit.seen.keys())


def sort(stats: IndexStats) -> str:
    """Return what the list is to be sorted by; to be asked after :func:`chosen`."""
    given: str = st.session_state[_key(stats, "sort")]
    return given


def _usable(kept: Mapping[str, Any], stats: IndexStats) -> dict[str, Any]:
    """Return of the filters that a browser kept those that the controls here can show."""
    given: dict[str, Any] = {
        name: [one for one in there if one in _listed(kept.get(name))]
        for name, there in _choices(stats).items()
        if name.startswith(_LISTS)
    }
    first, last = stats.years or (0, 0)
    match kept.get("years"):
        case [int(low), int(high)] if first <= low <= high <= last:
            given["years"] = (low, high)
    match kept.get("title"):
        case str(text):
            given["title"] = text[:_LONGEST]
    for name, choices in _choices(stats).items():
        if not name.startswith(_LISTS) and name in kept and kept[name] in choices:
            given[name] = kept[name]
    return given


def _listed(given: object) -> Iterable[object]:
    return given if isinstance(given, list | tuple) else ()


def _choices(stats: IndexStats) -> dict[str, tuple[Any, ...]]:
    """Return what each control that has them lets choose from."""
    years = () if stats.newest is None else range(stats.newest, stats.newest - _YEARS - 1, -1)
    return {
        "genres": stats.genres,
        "without": stats.genres,
        "tags": stats.tags,
        "min_ratings": tuple(step for step in _STEPS if step < stats.users),
        "saved": (False, True),
        "fresh": (False, True),
        "dial": tuple(DIAL),
        "sort": SORTS if stats.scale != "likes only" else (SORTS[0], *SORTS[2:]),
        Filters.SINCE: (0, *years),
        **{f"{Filters.ATTRIBUTE}{name}": there for name, there in stats.attributes.items()},
    }


def draw(visit: Visit, stats: IndexStats, now: Filters) -> None:
    """Draw the button and, while it is open, the filters behind it; on any page, the same ones."""
    # A label that changed would close the panel under the person's hands.
    panel = st.popover(
        "Filters", icon=":material/tune:", key="filters", on_change=visit.clear_notice
    )
    if not panel.open:  # two dozen widgets, at each click on a film
        return
    with panel:
        # Streamlit forgets the value of a widget that is not drawn, as while the panel is closed.
        keep: dict[str, Any] = {"on_change": visit.clear_notice, "persist_state": "session"}
        choices = _choices(stats)
        _dial(stats, keep)
        _films(visit, stats, choices, keep)
        _raters(stats, choices, keep)
        on = now.values or now.adventurous is not None
        clear_all = visit.callback(clear, stats)
        st.button("Clear all filters", key="filters-clear", on_click=clear_all, disabled=not on)


def draw_sort(visit: Visit, stats: IndexStats) -> None:
    """Draw the choice of what the list is sorted by."""
    st.selectbox(
        "Sort your list by",
        _choices(stats)["sort"],
        key=_key(stats, "sort"),
        format_func=lambda order: f"Sort: {order.lower()}",
        label_visibility="collapsed",
        width=220,
        on_change=visit.clear_notice,
        persist_state="session",
    )


def _dial(stats: IndexStats, keep: dict[str, Any]) -> None:
    st.select_slider("Familiar or adventurous?", list(DIAL), key=_key(stats, "dial"), **keep)


def _films(
    visit: Visit, stats: IndexStats, choices: dict[str, tuple[Any, ...]], keep: dict[str, Any]
) -> None:
    if stats.genres:
        _several("Any of these genres", "genres", "All", stats, choices, keep)
        _several("None of these", "without", "No exception", stats, choices, keep)
    if stats.years and stats.years[0] < stats.years[1]:
        st.slider("Released", *stats.years, key=_key(stats, "years"), **keep)
        _decades(visit, stats)
    if stats.tags:
        _several("Any of these tags", "tags", "All", stats, choices, keep)
    st.text_input(
        "Any of these words in the title",
        key=_key(stats, "title"),
        placeholder="fruit apple banana",
        max_chars=_LONGEST,
        **keep,
    )
    if len(steps := choices["min_ratings"]) > 1:
        st.select_slider(
            "Well known: at least",
            steps,
            key=_key(stats, "min_ratings"),
            format_func=lambda step: f"{step:,} ratings" if step else "any number",
            **keep,
        )
    st.toggle("Only from my watchlist", key=_key(stats, "saved"), **keep)
    st.toggle("Only what I was not shown before", key=_key(stats, "fresh"), **keep)


def _raters(stats: IndexStats, choices: dict[str, tuple[Any, ...]], keep: dict[str, Any]) -> None:
    """Draw whose ratings count, where the source tells of its raters."""
    if stats.newest is not None:
        st.selectbox(
            "Only raters active since",
            choices[Filters.SINCE],
            key=_key(stats, Filters.SINCE),
            format_func=lambda year: str(year or "any year"),
            **keep,
        )
    for name in stats.attributes:
        label = f"Only raters with {escape_markdown(name)}"
        _several(label, f"{Filters.ATTRIBUTE}{name}", "Any", stats, choices, keep)


def _several(
    label: str,
    name: str,
    none: str,
    stats: IndexStats,
    choices: dict[str, tuple[Any, ...]],
    keep: dict[str, Any],
) -> None:
    st.multiselect(label, choices[name], key=_key(stats, name), placeholder=none, **keep)


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
