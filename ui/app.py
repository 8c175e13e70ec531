"""What Streamlit runs for each visitor: open the index and draw a page, or say why not."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from recommender import IndexNotFoundError, KindredError, Recommender
from ui import (
    away,
    bring,
    data,
    discover,
    first_run,
    how,
    kindred_raters,
    my_taste,
    panels,
    quality,
    remember_me,
    similar,
)
from ui.circuit import OF_ALL
from ui.engine import circuit, recommender
from ui.posters import posters
from ui.visit import Visit, begin, hold

_Draw = Callable[[Recommender, Visit], None]

PAGES: dict[str, tuple[str, _Draw]] = {
    "home": ("Home", discover.draw),
    "my-taste": ("My taste", my_taste.draw),
    "kindred-raters": ("Kindred raters", kindred_raters.draw),
    "similar": ("Similar films", similar.draw),
    "bring": ("Bring and take", bring.draw),
    "how": ("How it works", how.draw),
    "quality": ("Quality", quality.draw),
    "data": ("Data", data.draw),
}


_FULL = (
    "You spoke of more films than the address of this page has room for, and a reload would lose "
    "some. On “Bring and take” there is a file with all of them, and a switch to be remembered."
)


def main() -> None:
    """Draw one run of the app."""
    panels.style()
    pages = {
        name: st.Page(
            _page(name, draw),
            title=title,
            url_path="" if name == "home" else name,
            default=name == "home",
        )
        for name, (title, draw) in PAGES.items()
    }
    st.session_state["pages"] = pages
    page = st.navigation([*pages.values()], position="top")
    title = "Kindred" if page == pages["home"] else f"{page.title} · Kindred"
    st.set_page_config(title, page_icon=panels.LOGO, layout="wide")
    page.run()


def _page(name: str, draw: _Draw) -> Callable[[], None]:
    def run() -> None:
        try:
            with circuit().guard():
                _run(recommender(), name, draw)
        except IndexNotFoundError:
            recommender.clear()  # one that was open has lost its index
            first_run.draw()
        except OF_ALL:
            hold()
            away.draw()
        except KindredError as problem:
            hold()
            panels.error(str(problem))
            st.button("Try again", key="try-again", on_click=recommender.clear)

    run.__name__ = name
    return run


def _run(opened: Recommender, name: str, draw: _Draw) -> None:
    visit = begin(opened, name)
    page, visit.goes_to = visit.goes_to, None
    if page and page != name:  # it may lead to another film on the same page
        st.switch_page(st.session_state["pages"][page])
    stats = opened.stats()
    service = posters()
    panels.header(visit)
    panels.asides(stats)
    if visit.partial:
        panels.note(_FULL)
    if visit.notice:
        panels.note(visit.notice)
    draw(opened, visit)
    panels.source_line(stats, omdb=service is not None)
    remember_me.redeem(visit)


main()
