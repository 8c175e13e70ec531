"""What is shown where there is no index yet: a button that makes one, or what makes one."""

from __future__ import annotations

import os
import subprocess
import sys

import streamlit as st

from recommender import IndexNotFoundError, Movie
from recommender.settings import IndexSettings, ServerSettings
from ui.components import page_parts
from ui.posters.placeholder_art import poster_data_uri
from ui.server.open_index import served_index
from ui.server.singleton import Singleton
from ui.settings import AppSettings, OmdbSettings

__all__ = ["SampleIngest", "draw", "sample_ingest"]

# How the app works, in four posters.
_IN_SHORT = [
    Movie(0, "You like this", genres=("Sci-Fi",)),
    Movie(0, "So do they", genres=("Romance",)),
    Movie(0, "They like this", genres=("Western",)),
    Movie(0, "You may too", genres=("Animation",)),
]
_SAMPLE = [sys.executable, "-m", "kindred", "ingest", "sample", "--json"]
# A key that an ingest has no use for.
_WITHHELD = {OmdbSettings.variable("api_key")}


class SampleIngest:
    """The ingest of the bundled sample: one process, which every tab watches."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether it is under way."""
        return self._process is not None and self._process.poll() is None

    @property
    def failed(self) -> bool:
        """Whether it ended in an error; the process has said on standard error in which."""
        return self._process is not None and self._process.poll() not in (None, 0)

    def start(self) -> None:
        """Begin, unless it is under way, as of a click in another tab."""
        if not self.running:
            environment = {k: v for k, v in os.environ.items() if k not in _WITHHELD}
            self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                _SAMPLE, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment
            )


@Singleton
def sample_ingest() -> SampleIngest:
    """Return the one ingest of this server."""
    return SampleIngest()


def _may_ingest() -> bool:
    """Tell whether whoever sees this page may make an index.

    Not where a folder or a server was named: it may be a volume that is not mounted just now. And
    not where others can reach the app, whose operator need not be the one who clicks.
    """
    named = IndexSettings.read().index or ServerSettings.read().url
    return not (named or AppSettings.read().exposed)


def draw() -> None:
    """Draw the page, which goes on to the app by itself once an index is there."""
    page_parts.section(
        "No ratings yet",
        "Kindred compares your taste with that of many people, so it needs their ratings first.",
    )
    posters = "".join(f'<img src="{poster_data_uri(movie)}" alt="">' for movie in _IN_SHORT)
    st.html(f'<div class="k-strip">{posters}</div>')
    _watch()
    st.html(
        '<p class="k-source">For real ratings run '
        "<code>kindred ingest ml-latest-small</code>, and for a small sample with made-up raters "
        "<code>kindred ingest sample</code>, with the same index as this app. "
        "This page continues by itself.</p>"
    )


@st.fragment(run_every=1)
def _watch() -> None:
    check, job = served_index().check(), sample_ingest()
    if check.done() and not isinstance(check.exception(), IndexNotFoundError):
        st.rerun()  # for the app, or what else is wrong
    if not _may_ingest():
        return
    if job.running:
        page_parts.note("Loading the sample. This takes a few seconds.")
        return
    if job.failed:
        page_parts.error("The sample could not be loaded. The app's log says why.")
    st.button(
        "Try again" if job.failed else "Load the sample",
        key="ingest-sample",
        type="primary",
        icon=":material/movie:",
        on_click=job.start,
    )
