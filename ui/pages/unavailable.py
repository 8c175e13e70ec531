"""What is shown while the index cannot be asked: what is wrong, and that nothing is lost."""

from __future__ import annotations

import streamlit as st

from recommender import EngineUnavailableError, KindredError
from ui.server.open_index import circuit_breaker, recommender
from ui.server.unavailable import OUTAGES
from ui.text import count, escape_html

__all__ = ["draw"]

_AWAY = (
    "The ratings are out of reach",
    "The server that holds what other people rated does not answer as it should.",
)
_UNREADABLE = (
    "The ratings cannot be read",
    "What other people rated has to be put in place anew by whoever runs this server.",
)
_KEPT = (
    "Nothing of yours is lost: what you rated is kept in the address of this page, which goes on "
    "by itself as soon as it can."
)


@st.fragment(run_every=1)
def draw() -> None:
    """Draw the page, which goes on to the app by itself once the index can be asked."""
    # Each look lets the circuit breaker probe the index when that is due.
    try:
        recommender()
    except OUTAGES as problem:
        title, what = _AWAY if isinstance(problem, EngineUnavailableError) else _UNREADABLE
        minutes = int(circuit_breaker().seconds_open() // 60)
        since = f"For {count(minutes, 'minute')}" if minutes else "For less than a minute"
        st.html(
            f'<section class="k-error" role="alert"><h2>{title}</h2><p>{what} {_KEPT}</p>'
            f'<p class="k-small">{since} now: {escape_html(str(problem))}</p></section>'
        )
    except KindredError:  # pages have an answer to that
        st.rerun()
    else:
        st.rerun()
