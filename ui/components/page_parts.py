"""Headings, notes and notices: the parts of a page without choices."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from ui.state.visit import Visit
from ui.text import escape_html

__all__ = [
    "LOGO",
    "address_of",
    "error",
    "facts",
    "invite_to_rate",
    "note",
    "search_field",
    "section",
    "small_text",
    "style",
]

_LONGEST_QUERY = 200  # characters: no title is longer, and a search takes time for each

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="28" viewBox="0 0 40 28">'
    '<circle cx="14" cy="14" r="13" fill="#d9973a"/>'
    '<circle cx="26" cy="14" r="13" fill="#12877a" fill-opacity=".82"/></svg>'
)
"""Two people, one taste."""


def style() -> None:
    """Add the app's own style sheet."""
    st.html(Path(__file__).with_name("style.css"))


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
    """Draw what is missing as long as nothing is rated, and a button that leads to Discover."""
    note(text)
    label = "Rate a few films"
    st.button(label, key="rate-a-few", type="primary", on_click=_to_rating, args=(visit,))


def _to_rating(visit: Visit) -> None:
    visit.open_rating(True)
    visit.goes_to = "discover"


def address_of(visit: Visit, link: str) -> str:
    """Return the whole address at which the app opens a link, such as ``taste=…``.

    Browsers send this part of an address to no server.
    """
    home = (st.context.url or "").rstrip("/").removesuffix(f"/{visit.page}")
    return f"{home}/#{link}"


def error(message: str) -> None:
    """Show what went wrong, in the one line that says it."""
    st.html(
        '<section class="k-error" role="alert"><h2>That did not work</h2>'
        f"<p>{escape_html(message)}</p></section>"
    )
