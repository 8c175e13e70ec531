"""What is shown while the index cannot be asked: what is wrong, and that nothing is lost."""

from __future__ import annotations

from concurrent.futures import Future

import streamlit as st

from recommender import IndexProblem
from recommender.health import Health
from ui.server.health import public_reason
from ui.server.open_index import served_index
from ui.text import escape_html

__all__ = ["draw"]


@st.fragment(run_every=1)
def draw(problem: IndexProblem, first: Future[Health]) -> None:
    """Draw the page, which goes on to the app by itself once the index answers again.

    ``first`` is the check that began when the question failed. Where it finds nothing wrong, the
    question failed alone, and may fail again: it is not asked anew before the next check.
    """
    check = served_index().check()
    if check is not first and check.done() and check.exception() is None:
        st.rerun()
    st.html(
        '<section class="k-error" role="alert"><h2>The ratings cannot be reached</h2>'
        f"<p>{escape_html(public_reason(problem))} Nothing of yours is lost, and this page "
        "continues by itself as soon as it can.</p></section>"
    )
