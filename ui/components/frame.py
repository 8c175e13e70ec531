"""What all pages have: name, pages, search and undo above; more pages and the source below."""

from __future__ import annotations

import base64
import json

import streamlit as st

from recommender import IndexStats, InvalidInputError, Recommender
from ui.components import cards, click_component
from ui.components.cards import Group
from ui.components.page_parts import LOGO, note, search_field
from ui.posters.fetcher import posters
from ui.state import browser_people, browser_storage
from ui.state.people import People, current
from ui.state.taste import said_in
from ui.state.visit import SEARCH, STORAGE, Visit
from ui.text import count, escape_html, escape_markdown

__all__ = ["foot", "found", "top"]

_TOP = ("discover", "my-taste", "people-like-you", "together", "import-export")
_FOOT = ("how", "data", "quality")
_FOUND = 12
_NOT_KEPT = {
    "full": "Your browser’s storage is full",
    "off": "Your browser keeps nothing for this page",
}
_OMDB = (
    ' · Posters by <a href="https://www.omdbapi.com/">OMDb</a> '
    '(<a href="https://creativecommons.org/licenses/by-nc/4.0/">CC BY-NC 4.0</a>)'
)


def top(visit: Visit, recommender: Recommender) -> str:
    """Draw what is above each page, and return what is searched for."""
    logo = base64.b64encode(LOGO.encode()).decode()
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.html(
            f'<h1 class="k-name"><img src="data:image/svg+xml;base64,{logo}" alt="" width="40" '
            'height="28">Kindred</h1>'
        )
        with st.container(horizontal=True, key="pages"):
            _links(_TOP)
        query = search_field(visit, "Search for a film", SEARCH, "Search for a film …")
        _undo(visit, recommender)
    _turn(current())
    if visit.answered:
        _notices(visit, recommender.stats())
    return query


def _links(names: tuple[str, ...]) -> None:
    pages = st.session_state["pages"]
    for name in names:
        st.page_link(pages[name])


def _undo(visit: Visit, recommender: Recommender) -> None:
    """Draw the button that goes one step back, which speaks to the browser's storage, too."""
    step, changes, people, of_people = visit.taste.last_step, None, current(), ""
    try:
        if people.known != people.number or people.unsent:
            of_people = browser_people.changes(people, recommender)
        if visit.taste.known != visit.taste.number:
            changes = browser_storage.changes(visit.taste, recommender)
    except InvalidInputError as problem:
        visit.notice = f"Your browser can keep no more: {problem}."
    data = {
        "storage": f"kindred/1/{str(st.get_option('server.baseUrlPath') or '').strip('/')}",
        "source": visit.source,
        "known": visit.known,
        "page": visit.page,
        "changes": changes,
        "people": of_people,
        "met": people.heard,
        # As text: Streamlit takes a mapping for a table, and imports pandas first.
        "columns": json.dumps(visit.columns_chosen),
        "number": visit.taste.number,
        "link": visit.guest.code if visit.guest else "",
        "film": visit.film_in_address,
        "step": f"Undo the {step}" if step else "",
    }
    html = '<button type="button" class="k-button">Undo <kbd>Ctrl+Z</kbd></button>'
    click_component.draw(visit, "taste", data, key=STORAGE, html=html, width=112)


def _turn(people: People) -> None:
    """Say who is rating, where that is somebody else."""
    if people.now is people.own:
        return
    name, own = people.now.name, people.own
    with st.container(horizontal=True, vertical_alignment="center", key="turn"):
        note(f"{name} is rating. What is shown and rated on these pages is {name}’s.")
        label = f"Hand back to {escape_markdown(own.name)}" if own.name else "Hand back to me"
        hand_back = people.now.visit.callback(people.hand_to, own, "together")
        st.button(label, key="hand-back", type="primary", on_click=hand_back)


def _notices(visit: Visit, stats: IndexStats) -> None:
    if stats.source.synthetic:
        st.html('<p class="k-aside">These raters are made up, for trying the app.</p>')
    if why := _NOT_KEPT.get(visit.storage):
        note(f"{why}: what you rate now is lost with this tab. Save a copy under Import & export.")
    if visit.notice:
        note(visit.notice)
    if visit.guest is None:
        return
    films = count(len(visit.guest.profile), "film")
    note(
        f"This is the taste of a link: {films} rated. The lists are made for it. What you rate "
        "goes to your own list."
    )
    with st.container(horizontal=True, key="guest"):
        own = "Back to my list" if visit.profile.films else "Start my own list"
        st.button(
            own, key="guest-close", type="primary", on_click=visit.callback(visit.close_guest)
        )
        add = visit.callback(visit.keep_guest)
        st.button("Add it to my list", key="guest-keep", on_click=add)
        _watch_with_guest(visit, current())


def _watch_with_guest(visit: Visit, people: People) -> None:
    """Draw what adds a guest to the people on this device, under a name."""
    with st.popover("Watch together", key="guest-together"):
        name = people.free_name()
        st.text_input("Their name", name, key="guest-name")
        add = visit.callback(_add_guest, visit, people)
        st.button("Add to Together", key="guest-add", type="primary", on_click=add)


def _add_guest(visit: Visit, people: People) -> None:
    if visit.guest is None:
        return
    try:
        people.add_taste(st.session_state["guest-name"], said_in(visit.guest.profile))
    except InvalidInputError as problem:
        visit.notice = f"{problem}."
        return
    visit.close_guest()
    visit.go("together")


def found(visit: Visit, recommender: Recommender, query: str) -> None:
    """Draw the films that are searched for, to be rated in place."""
    if not query:
        return
    movies = recommender.search(query, limit=_FOUND)
    title, under = "Found", f"{count(len(movies), 'film')} like “{query}”"
    if not movies:
        title = "Nothing found"
        under = f"No title is like “{query}”. Try fewer letters, or the original title."
    films = cards.with_stars(recommender, visit.shown, movies)
    group = Group("found", title, films, under, layout="grid", leaves=False)
    cards.draw(visit, [group], page="search")


def foot(recommender: Recommender) -> None:
    """Say where ratings and posters come from, with the pages that tell more."""
    stats = recommender.stats()
    source = stats.source
    people = "made-up people" if source.synthetic else "people"
    size = f"{count(stats.ratings, 'rating')} of {count(stats.movies, 'film')} by "
    parts = [size + f"{stats.users:,} {people}: {source.title}.", source.licence or ""]
    credit = _OMDB if posters() is not None else ""
    with st.container(key="foot"):
        with st.container(horizontal=True, key="more-pages"):
            _links(_FOOT)
        st.html(f'<footer class="k-source">{escape_html(" ".join(parts))}{credit}</footer>')
