"""Components of our own: what is clicked in them is repeated until a run has taken it.

``storage.js`` writes it down in the browser, ``clicks.js`` repeats it, and
:func:`ui.state.run.begin` takes it at the beginning of the next run.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from ui.state.visit import Visit

__all__ = ["draw"]


def draw(
    visit: Visit,
    script: str,
    data: Mapping[str, object],
    *,
    key: str,
    html: str = "",
    width: int | Literal["stretch"] = "stretch",
) -> None:
    """Draw what a script makes of data, in HTML of ours that it finds there."""
    ack = visit.taken.setdefault(key, 0)
    payload = {"visit": visit.name, "person": visit.person, "ack": ack, **data}
    mount = _component(script, html)
    mount(key=key, data=payload, default={"acts": []}, on_acts_change=_nothing, width=width)


def _nothing() -> None:
    """Without a callback Streamlit would not keep what a component says."""


_SCRIPTS = Path(__file__).with_name("scripts")
# The storage comes with what is on every page, since scripts are sent again at each click.
_PARTS = {
    "cards": ("clicks", "elements", "posters", "card", "film", "list", "groups", "cards"),
    "taste": ("storage", "people", "shown", "away", "place", "clicks", "taste"),
}


# Once in a process: the scripts are read from their files, and registered by name.
@cache
def _component(script: str, html: str) -> Any:
    parts = (_SCRIPTS / f"{name}.js" for name in _PARTS[script])
    return st.components.v2.component(
        f"kindred_{script}",
        html=f'<div class="k-cards">{html}</div>',
        js="".join(part.read_text(encoding="utf-8") for part in parts),
        isolate_styles=False,
    )
