"""One page by itself in Streamlit's harness, which cannot go from page to page of functions."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from recommender import Profile
from tests.ui.driving import with_browser
from ui.state.taste import EMPTY

__all__ = ["one_page"]


def one_page(name: str, profile: Profile = EMPTY, **params: str) -> AppTest:
    """Open a page in a browser that keeps a profile; not yet run."""
    app = AppTest.from_function(_draw, args=(name,), default_timeout=60)
    for key, value in params.items():
        app.query_params[key] = value
    return with_browser(app, profile)


def _draw(name: str) -> None:
    # The harness runs the text of this function by itself.
    from importlib import import_module  # noqa: PLC0415

    from ui.server.open_index import recommender  # noqa: PLC0415
    from ui.state.run import begin  # noqa: PLC0415

    opened = recommender()
    visit = begin(opened, name)
    if visit.answered:
        import_module(f"ui.pages.{name}").draw(opened, visit)
