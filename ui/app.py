"""What Streamlit runs for each visitor: open the index and draw the page, or say why not."""

from __future__ import annotations

import streamlit as st

from recommender import IndexNotFoundError, KindredError
from ui import discover, first_run, panels
from ui.engine import recommender


def main() -> None:
    """Draw one run of the app."""
    st.set_page_config("Kindred", page_icon=panels.LOGO, layout="wide")
    panels.style()
    panels.header()
    try:
        discover.draw(recommender())
    except IndexNotFoundError:
        recommender.clear()  # one that was open has lost its index
        first_run.draw()
    except KindredError as problem:
        panels.error(str(problem))
        st.button("Try again", key="try-again", on_click=recommender.clear)


main()
