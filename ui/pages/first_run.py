"""What is shown where there is no index yet: one button that makes one."""

from __future__ import annotations

import streamlit as st

from recommender import IndexNotFoundError, KindredError, Movie
from ui.components import page_parts
from ui.posters.placeholder_art import poster_data_uri
from ui.server.open_index import recommender
from ui.server.sample_ingest import SampleIngest
from ui.server.singleton import Singleton
from ui.text import escape_markdown

__all__ = ["draw", "ingest"]


# How the app works, in four posters.
_IN_SHORT = [
    Movie(0, "You like this", genres=("Sci-Fi",)),
    Movie(0, "So do they", genres=("Romance",)),
    Movie(0, "They like this", genres=("Western",)),
    Movie(0, "You may too", genres=("Animation",)),
]


@Singleton
def ingest() -> SampleIngest:
    """Return the one ingest of this server; every tab watches the same."""
    return SampleIngest()


def draw() -> None:
    """Draw the page, which goes on to the app by itself once an index is there."""
    page_parts.section(
        "No ratings yet",
        "Kindred compares your taste with that of many people, so it needs their ratings first. "
        "A small sample with made-up raters comes with it and takes a few seconds.",
    )
    posters = "".join(f'<img src="{poster_data_uri(movie)}" alt="">' for movie in _IN_SHORT)
    st.html(f'<div class="k-strip">{posters}</div>')
    _watch()
    st.html(
        '<p class="k-source">For real ratings run '
        "<code>kindred ingest ml-latest-small</code>. This page goes on by itself.</p>"
    )


@st.fragment(run_every=0.5)
def _watch() -> None:
    job = ingest()
    if job.running:
        st.progress(job.fraction, f"{escape_markdown(job.step).capitalize()} …")
        return
    # Asked even where nobody clicked: another tab or a command may have made the index.
    try:
        recommender()
    except IndexNotFoundError:
        pass
    except KindredError as problem:
        page_parts.error(str(problem))
    else:
        st.rerun()
    if job.failure:
        page_parts.error(job.failure)
    st.button(
        "Try again" if job.failure else "Load the sample",
        key="ingest-sample",
        type="primary",
        icon=":material/movie:",
        on_click=job.start,
    )
