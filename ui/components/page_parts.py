"""Headings, notes and notices: the parts of a page without choices."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from recommender import IndexStats, InvalidInputError, Recommender
from ui.components import click_component
from ui.state import browser_storage
from ui.state.visit import STORAGE, Visit
from ui.text import count, escape_html

__all__ = [
    "LOGO",
    "error",
    "facts",
    "guest_bar",
    "header",
    "invite_to_rate",
    "note",
    "search_field",
    "section",
    "small_text",
    "source_line",
    "style",
    "synthetic_notice",
]

_LONGEST_QUERY = 200  # characters: no title is longer, and a search takes time for each
_OMDB = (
    ' · Posters by <a href="https://www.omdbapi.com/">OMDb</a> '
    '(<a href="https://creativecommons.org/licenses/by-nc/4.0/">CC BY-NC 4.0</a>)'
)

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="28" viewBox="0 0 40 28">'
    '<circle cx="14" cy="14" r="13" fill="#d9973a"/>'
    '<circle cx="26" cy="14" r="13" fill="#12877a" fill-opacity=".82"/></svg>'
)
"""Two people, one taste."""


def style() -> None:
    """Add the app's own style sheet."""
    st.html(Path(__file__).with_name("style.css"))


def header(visit: Visit, recommender: Recommender) -> None:
    """Draw the name, what this is, and the way back; and speak to the browser's storage."""
    logo = base64.b64encode(LOGO.encode()).decode()
    step, changes = visit.taste.last_step, None
    if visit.taste.known != visit.taste.number:
        try:
            changes = browser_storage.changes(visit.taste, recommender)
        except InvalidInputError as problem:
            visit.notice = f"Your browser keeps no more: {problem}."
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="head"
    ):
        st.html(
            f'<header class="k-head"><h1><img src="data:image/svg+xml;base64,{logo}" alt="" '
            'width="40" height="28">Kindred</h1><p>Rate a few films. See what people with your '
            "taste liked.</p></header>"
        )
        click_component.draw(
            visit,
            "taste",
            {
                "storage": f"kindred/1/{str(st.get_option('server.baseUrlPath') or '').strip('/')}",
                "source": visit.source,
                "known": visit.known,
                "changes": changes,
                # As text: Streamlit takes a mapping for a table, and imports pandas first.
                "columns": json.dumps(visit.columns_chosen),
                "number": visit.taste.number,
                "link": visit.guest.code if visit.guest else "",
                "film": visit.film_in_address,
                "step": f"Undo the {step}" if step else "",
            },
            key=STORAGE,
            html='<button type="button" class="k-button">Undo <kbd>Ctrl+Z</kbd></button>',
            width=112,
        )


def guest_bar(visit: Visit) -> None:
    """Say whose taste is shown where it is a guest's, with the ways on."""
    if visit.guest is None:
        return
    films = count(len(visit.guest.profile), "film")
    note(
        f"This is the taste of a link: {films} rated. The lists are made for it. What you rate "
        "goes to your own list."
    )
    with st.container(horizontal=True, key="guest"):
        own = "Back to my list" if visit.profile.films else "Begin a list of my own"
        st.button(
            own, key="guest-close", type="primary", on_click=visit.callback(visit.close_guest)
        )
        add = visit.callback(visit.keep_guest)
        st.button("Add it to my list", key="guest-keep", on_click=add)


def synthetic_notice(stats: IndexStats) -> None:
    """Draw a line where the raters are made up."""
    if stats.source.synthetic:
        st.html('<p class="k-aside">These raters are synthetic, made up to try the app.</p>')


def section(title: str, under: str) -> None:
    """Draw a heading with a line under it."""
    # As HTML: Streamlit's own headings would read Markdown in the text.
    st.html(
        f'<div class="k-section"><h2>{escape_html(title)}</h2><p>{escape_html(under)}</p></div>'
    )


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Draw a list of names with their values."""
    rows = (f"<dt>{escape_html(name)}</dt><dd>{escape_html(value)}</dd>" for name, value in pairs)
    st.html(f'<dl class="k-facts-of">{"".join(rows)}</dl>')


def note(text: str) -> None:
    """Draw a line of status."""
    st.html(f'<p class="k-note" role="status">{escape_html(text)}</p>')


def small_text(text: str) -> None:
    """Draw small print. Streamlit's caption would be too faint a grey to be read by everybody."""
    st.html(f'<p class="k-small">{escape_html(text)}</p>')


def search_field(visit: Visit, label: str, key: str, placeholder: str) -> str:
    """Draw a field that searches at each letter, and return what is typed in it."""
    typed = st.text_input(
        label,
        key=key,
        type="search",
        live=True,
        placeholder=placeholder,
        # The label is read aloud only: what is seen is the placeholder.
        label_visibility="collapsed",
        on_change=visit.clear_notice,
    )
    return (typed or "").strip()[:_LONGEST_QUERY]


def invite_to_rate(visit: Visit, text: str) -> None:
    """Draw what is missing as long as nothing is rated, and a button that leads to Home."""
    note(text)
    label = "Rate a few films"
    st.button(label, key="rate-a-few", type="primary", on_click=_to_rating, args=(visit,))


def _to_rating(visit: Visit) -> None:
    visit.open_rating(True)
    visit.goes_to = "home"


def error(message: str) -> None:
    """Show what went wrong, in the one line that says it."""
    st.html(
        '<section class="k-error" role="alert"><h2>That did not work</h2>'
        f"<p>{escape_html(message)}</p></section>"
    )


def source_line(stats: IndexStats, omdb: bool) -> None:
    """Say where ratings and posters come from, and what may be done with them."""
    source = stats.source
    people = "synthetic people" if source.synthetic else "people"
    size = f"{count(stats.ratings, 'rating')} of {count(stats.movies, 'film')} by "
    parts = [size + f"{stats.users:,} {people}: {source.title}.", source.licence or ""]
    credit = _OMDB if omdb else ""
    st.html(f'<footer class="k-source">{escape_html(" ".join(parts))}{credit}</footer>')
