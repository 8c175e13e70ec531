"""How much of the code one click on a film runs through."""

from __future__ import annotations

import threading
from pathlib import Path
from types import FrameType

from streamlit.testing.v1 import AppTest

from tests.ui.driving import cards, rate

ROOT = Path(__file__).parents[3]
MOST = 51


def test_a_click_passes_through_few_modules(app: AppTest) -> None:
    """Whoever looks for what a click does has so many files to look at."""
    app.run()
    starters = cards(app, "starters")
    for film in starters[:4]:
        rate(app, film, 1)
    passed: set[str] = set()

    def called(frame: FrameType, event: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and frame.f_code.co_name != "<module>" and path.is_relative_to(ROOT):
            passed.add(path.relative_to(ROOT).as_posix())

    threading.setprofile(called)
    try:
        rate(app, starters[5], 1)
    finally:
        threading.setprofile(None)
    ours = [one for one in passed if one.startswith(("recommender/", "ui/"))]
    assert {"ui/pages/discover.py", "recommender/ranking/neighbours.py"} <= {*ours}
    assert len(ours) <= MOST, sorted(ours)
