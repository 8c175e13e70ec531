"""What Streamlit runs for each visitor: open the index, draw what all pages have, and a page."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import streamlit as st
from streamlit.navigation.page import Page

from recommender import IndexNotFoundError, IndexProblem, KindredError
from ui.components import frame, page_parts
from ui.pages import first_run, unavailable
from ui.server.open_index import recommender, served_index, turn
from ui.state.run import begin, miss_clicks

# Title and module of each page. A module is imported when its page is first seen: the libraries of
# tables and charts take seconds, for which Discover need not wait.
PAGES = {
    "discover": ("Discover", "discover"),
    "my-taste": ("My taste", "my_taste"),
    "people-like-you": ("People like you", "people_like_you"),
    "together": ("Together", "together"),
    "import-export": ("Import & export", "import_export"),
    "film": ("Film", "film"),
    "how": ("How it works", "explanation"),
    "data": ("Data", "data"),
    "quality": ("Quality", "quality"),
}


def main() -> None:
    """Draw one run of the app."""
    page_parts.style()
    pages = {
        name: st.Page(
            _page(module),
            title=title,
            url_path="" if name == "discover" else name,
            default=name == "discover",
        )
        for name, (title, module) in PAGES.items()
    }
    st.session_state["pages"] = pages
    page = st.navigation([*pages.values()], position="hidden")
    title = "Kindred" if page == pages["discover"] else f"{page.title} · Kindred"
    st.set_page_config(title, page_icon=page_parts.LOGO, layout="wide")
    try:
        _run(page, page.url_path or "discover")
    except IndexProblem as problem:
        if isinstance(problem, IndexNotFoundError) and not served_index().was_open:
            first_run.draw()
        else:
            unavailable.draw(problem, served_index().check(anew=True))
    except KindredError as problem:
        page_parts.error(str(problem))


def _page(module: str) -> Callable[[], None]:
    def run() -> None:
        with turn() as opened:
            import_module(f"ui.pages.{module}").draw(opened, st.session_state["visit"])

    run.__name__ = module
    return run


def _run(page: Page, name: str) -> None:
    try:
        opened = recommender()
        visit = begin(opened, name)
    except KindredError:
        miss_clicks()
        raise
    to, visit.goes_to = visit.goes_to, None
    if to:
        visit.clear_search()
    if to and to != name:
        visit.page = to  # so that the film stays the one that was clicked on
        st.switch_page(st.session_state["pages"][to])
    elif to and visit.chosen is not None:  # another film on the same page
        visit.choose(visit.chosen)
    if name == "film" and visit.film_in_address:
        st.set_page_config(f"{opened.movie(f'id:{visit.chosen}')} · Kindred")
    query = frame.top(visit, opened)
    if visit.answered:
        frame.found(visit, opened, query)
        page.run()
        frame.foot(opened)
    else:
        # The browser answers as soon as the frame is there. Until then nothing is shown that would
        # be taken away again.
        st.skeleton(height=600)


main()
