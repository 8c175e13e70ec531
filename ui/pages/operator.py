"""For whoever runs this server: where the index is, how it is stored, what posters cost."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from recommender import KindredError, Recommender
from recommender.storage.storage_report import Part
from ui.components.page_parts import error, facts, note, section
from ui.pages.operator_access import draw_login, is_operator
from ui.posters.fetcher import Budget, posters
from ui.server import open_index
from ui.state.visit import Visit
from ui.text import count, escape_markdown

__all__ = ["budget_facts", "draw", "storage_facts"]

_PLACE, _FAILED = "switch-to", "switch-failed"
_LONGEST_PLACE = 1_000


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the way in and, for who is in, what only the operator may see and do."""
    with st.expander("For whoever runs this server", expanded=is_operator()):
        draw_login(visit)
        if not is_operator():
            return
        section("Storage", "How the version that answers is stored.")
        facts(storage_facts(recommender))
        service = posters()
        section("Posters", "Pictures and plots from OMDb.")
        if service is None:
            note("There are none: the server was started without OMDB_API_KEY.")
        else:
            facts(budget_facts(service.budget()))
        _switch(visit)


def storage_facts(recommender: Recommender) -> Iterator[tuple[str, str]]:
    """Give what is known of the storage of an index, by name."""
    stats, storage = recommender.stats(), recommender.storage()
    yield "Place", stats.place
    yield "Ingested as", stats.source.name
    yield "Engine", storage.engine
    if storage.nodes is not None:
        yield "Nodes", f"{storage.nodes:,}"
    yield "Raters", _part(storage.users)
    yield "Films", _part(storage.movies)


def _part(part: Part) -> str:
    told = [
        count(part.points, "point"),
        "" if part.indexed is None else f"{part.indexed:,} indexed",
        count(part.segments, "segment"),
        "" if part.disk is None else f"{_megabytes(part.disk)} on disk",
        part.status or "",
        "" if part.shards is None else count(part.shards, "shard"),
        f"{part.replicas} of each" if part.replicas else "",
        f"{part.inactive} out of use" if part.inactive else "",
    ]
    return ", ".join(filter(None, told))


def budget_facts(budget: Budget) -> Iterator[tuple[str, str]]:
    """Give what asking OMDb has cost and brought, by name."""
    yield "Requests today", f"{budget.requests:,} of {budget.limit:,} (a day begins at 0:00 UTC)"
    yield "Kept", f"{count(budget.pictures, 'picture')}, {_megabytes(budget.bytes)}"
    if budget.notice:
        yield "Notice", budget.notice


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _switch(visit: Visit) -> None:
    section(
        "Another index",
        "Serve all visitors from the index in another folder or on another Qdrant server. Left "
        "empty: the one this server began with. Where it cannot be opened, nothing changes.",
    )
    with st.form("switch", border=False, enter_to_submit=False):
        st.text_input(
            "Folder or address",
            key=_PLACE,
            max_chars=_LONGEST_PLACE,
            placeholder="/data/index or https://qdrant.example.org:6333",
        )
        st.form_submit_button("Serve this index", key="switch", on_click=_try, args=(visit,))
    if failed := st.session_state.pop(_FAILED, None):
        error(failed)


def _try(visit: Visit) -> None:
    visit.touch()
    if not is_operator():  # who left in another tab, or whose key was changed
        return
    try:
        open_index.switch_index(st.session_state[_PLACE])
    except KindredError as problem:
        st.session_state[_FAILED] = str(problem)
    else:
        place = open_index.recommender().stats().place
        st.toast(f"All visitors are now served from {escape_markdown(place)}.")
