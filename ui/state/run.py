"""The beginning of a run: the visit is found, and brought in line with clicks, browser and index.

Streamlit may abandon a run at any call to it when the next click comes in. To lose none, clicks are
taken from a list when a run begins: the browser repeats them until they were taken.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recommender import IndexStats, Recommender
from ui.server.open_index import version_of
from ui.state import browser_people, link
from ui.state.group_link import open_group
from ui.state.people import People, Person, current
from ui.state.taste import Taste
from ui.state.visit import ABOUT_A_FILM, FilterChoice, Visit

__all__ = ["begin", "miss_clicks"]

_FOR_ALL = ("others", "done", "more", "undo")  # clicks that are about no film
_BY_ITSELF = ("document", "changes", "link", "storage", "people")  # what the browser says by itself
# Parts of a click as clicks.js sends it; the number up to which JavaScript counts exactly;
# characters of an id.
_PARTS, _MOST, _LONGEST_ID = 7, 1 << 53, 1_000


def begin(recommender: Recommender, page: str) -> Visit:
    """Find the visit of whoever is rating, and bring it in line with clicks, browser and index."""
    stats = recommender.stats()
    version = version_of(stats)
    if "people" not in st.session_state:
        st.session_state["people"] = People(Person(Visit(version, stats.source.label)))
    people = current()
    # Before the clicks, which are looked up in the new version.
    for visit in people.visits:
        if visit.version != version:
            people.heard = False
            _move(visit, recommender, stats)
    _arrive(people.now.visit, recommender, page)
    _take_clicks(people, recommender)
    if people.change_turn():
        _arrive(people.now.visit, recommender, page)
    visit = st.session_state["visit"] = people.now.visit
    visit.page = page
    # Nothing is rated: there is nothing else to show.
    visit.rating_open |= not len(visit.profile) and visit.guest is None
    return visit


def _arrive(visit: Visit, recommender: Recommender, page: str) -> None:
    """Leave the page of the run before, where this one is another."""
    if visit.page != page:
        visit.clear_search()
        if not {visit.page, page} & {*ABOUT_A_FILM}:  # from which Back leads to the same place
            visit.listed = None
    if not visit.page or _by_history():  # the browser came to the address by itself
        visit.read_film(recommender)
    elif visit.page != page:
        visit.chosen = None


def miss_clicks() -> None:
    """Have the browser say again what it keeps: this run cannot take clicks."""
    visit: Visit | None = st.session_state.get("visit")
    if visit is not None:
        visit.known = False


def _by_history() -> bool:
    """Return whether the Back or Forward button started this run."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _move(visit: Visit, recommender: Recommender, stats: IndexStats) -> None:
    """Go on with another version of the index, or another index."""
    if stats.source.label == visit.source:
        films = [*visit.taste.films()]
        found = recommender.find(f"id:{movie_id}" for movie_id in films)
        visit.taste.drop([one for one, movie in zip(films, found, strict=True) if movie is None])
    else:
        # Earlier steps, and clicks not yet taken, name films by the ids of another collection.
        visit.name, visit.taste, visit.answered = secrets.token_hex(4), Taste(), False
    visit.version, visit.source, visit.known = version_of(stats), stats.source.label, False
    visit.missing, visit.starters, visit.passed, visit.chosen = {}, (), set(), None
    visit.filters, visit.filter_values, visit.found, visit.seen = FilterChoice(), {}, {}, {}
    visit.surprises, visit.listed = [], None
    if visit.guest:
        code, visit.guest = visit.guest.code, None
        visit.hear("link", code, recommender)


def _take_clicks(people: People, recommender: Recommender) -> None:
    """Apply the clicks since the last run, in the order in which they were made."""
    # Of each component only higher numbers than the last one taken: all others are repeated. Those
    # for whoever has just been rating may come with the click that hands over.
    fresh = []
    for visit in people.visits:
        for key in visit.taken:
            state = st.session_state.get(key)
            acts = state.get("acts") if isinstance(state, Mapping) else None
            for act in acts if isinstance(acts, list) else ():
                if _is_click(act) and act[4] == visit.name and act[0] > visit.taken[key]:
                    fresh.append((act, key, visit))
    for act, key, visit in sorted(fresh, key=lambda one: one[0][5]):
        # Here and not before, as Streamlit may end the run at any click.
        number, verb, movie_id, value, _, at, saved = act
        visit.taken[key] = max(visit.taken[key], number)
        visit.taste.know(saved)
        if verb in _BY_ITSELF:
            _hear(people, visit, verb, value, recommender)
        elif verb in _FOR_ALL:
            visit.take(verb, None, value, at)
        else:
            (movie,) = recommender.find([f"id:{movie_id}"])
            if movie is not None:
                visit.take(verb, movie, value, at)


def _hear(people: People, visit: Visit, verb: str, value: object, recommender: Recommender) -> None:
    """Take what the browser says by itself, of a visit or of the people."""
    if verb == "people":
        browser_people.hear(people, value, recommender)
        return
    first = value if verb == "document" and isinstance(value, Mapping) else {}
    if first.get("people"):
        browser_people.hear(people, first["people"], recommender)
    code = value if verb == "link" else first.get("link")
    if code and isinstance(code, str):
        # A link is opened by whom the device belongs to.
        people.turn = ""
        visit = visit if first else people.own.visit
        if link.is_group(code):
            value = {**first, "link": ""} if first else ""
    visit.hear(verb, value, recommender)
    if isinstance(code, str) and link.is_group(code):
        open_group(people, people.own.visit, code, recommender)


def _is_click(act: object) -> bool:
    """Return whether this is a click: the page may be older than the server, or not be ours."""
    if not isinstance(act, list) or len(act) != _PARTS:
        return False
    number, verb, movie_id, _, _, at, saved = act
    return (
        all(isinstance(one, int) and 0 <= one < _MOST for one in (number, at, saved))
        and isinstance(verb, str)
        and isinstance(movie_id, str)
        and len(movie_id) <= _LONGEST_ID
    )
