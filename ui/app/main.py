"""What Streamlit runs for each visitor: open the index and draw a page, or say why not."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import streamlit as st

from recommender import IndexNotFoundError, IndexProblem, KindredError, Recommender
from ui.components import page_parts
from ui.pages import first_run, unavailable
from ui.posters.fetcher import posters
from ui.server.open_index import recommender, served_index
from ui.state.visit import Visit, begin, miss_clicks

# Title and module of each page. A module is imported when its page is first seen: the libraries of
# tables and charts take seconds, for which Home need not wait.
PAGES = {
    "home": ("Home", "home"),
    "my-taste": ("My taste", "my_taste"),
    "kindred-raters": ("Kindred raters", "kindred_raters"),
    "similar": ("Similar films", "similar"),
    "bring": ("Bring and take", "import_export"),
    "how": ("How it works", "explanation"),
    "quality": ("Quality", "quality"),
    "data": ("Data", "data"),
}


_NOT_KEPT = {
    "full": "The storage of your browser is full",
    "off": "Your browser keeps nothing for this page",
}


def main() -> None:
    """Draw one run of the app."""
    page_parts.style()
    pages = {
        name: st.Page(
            _page(name, module),
            title=title,
            url_path="" if name == "home" else name,
            default=name == "home",
        )
        for name, (title, module) in PAGES.items()
    }
    st.session_state["pages"] = pages
    page = st.navigation([*pages.values()], position="top")
    title = "Kindred" if page == pages["home"] else f"{page.title} · Kindred"
    st.set_page_config(title, page_icon=page_parts.LOGO, layout="wide")
    page.run()


def _page(name: str, module: str) -> Callable[[], None]:
    def run() -> None:
        try:
            _run(*_begin(name), name, import_module(f"ui.pages.{module}").draw)
        except IndexProblem as problem:
            if isinstance(problem, IndexNotFoundError) and not served_index().was_open:
                first_run.draw()
            else:
                unavailable.draw(problem, served_index().check(anew=True))
        except KindredError as problem:
            page_parts.error(str(problem))

    run.__name__ = name
    return run


def _begin(name: str) -> tuple[Recommender, Visit]:
    try:
        opened = recommender()
        return opened, begin(opened, name)
    except KindredError:
        miss_clicks()
        raise


def _run(
    opened: Recommender, visit: Visit, name: str, draw: Callable[[Recommender, Visit], None]
) -> None:
    page, visit.goes_to = visit.goes_to, None
    if page and page != name:
        visit.page = page  # so that the film stays the one that was clicked on
        st.switch_page(st.session_state["pages"][page])
    elif page and visit.chosen is not None:  # another film on the same page
        visit.choose(visit.chosen)
    stats = opened.stats()
    service = posters()
    page_parts.header(visit, opened)
    if not visit.answered:
        # The browser answers as soon as the header is there. Until then nothing is shown that would
        # be taken away again.
        st.skeleton(height=600)
        return
    page_parts.synthetic_notice(stats)
    if why := _NOT_KEPT.get(visit.storage):
        page_parts.note(
            f"{why}: what you say now ends with this tab. Take a copy under Bring and take."
        )
    if visit.notice:
        page_parts.note(visit.notice)
    page_parts.guest_bar(visit)
    draw(opened, visit)
    page_parts.source_line(stats, omdb=service is not None)


main()
