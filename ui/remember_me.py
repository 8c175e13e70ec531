"""The switch by which a visitor is remembered, and the button by which they are forgotten."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from ui import remembering
from ui.panels import section
from ui.tickets import HEADER
from ui.visit import Visit
from ui.visitors import DAYS_KEPT

__all__ = ["draw"]

_WHAT = (
    "What you rate, save and hide can be kept on this server for your next visit, under a random "
    "number in a cookie and without a name. It is deleted when you say so, or after "
    f"{DAYS_KEPT} days without a visit."
)
_ON = (
    "What you rate, save and hide is kept on this server, under a random number in a cookie of "
    f"this browser. It is deleted when you say so, or after {DAYS_KEPT} days without a visit."
)
_ASIDE = (
    "This page shows a list that came with its address. Yours is as you left it, and what you "
    "change here is not kept."
)

_SCRIPT = f"""
let asked = "";

async function redeem(ticket) {{
  const answer = await fetch(`remember/${{ticket}}`, {{
    method: "POST", headers: {{ "{HEADER}": "1" }}, credentials: "same-origin",
  }});
  if (!answer.ok) return "failed";
  const back = await fetch("remember", {{ credentials: "same-origin" }});
  return back.ok ? "kept" : "blocked";
}}

export default function ({{ data, setStateValue }}) {{
  if (!data.ticket || data.ticket === asked) return;
  asked = data.ticket;
  redeem(asked).catch(() => "failed").then((word) => setStateValue("done", [data.ticket, word]));
}}
"""


def draw(visit: Visit) -> None:
    """Draw what fits: to be remembered, to be forgotten, or to choose between two lists."""

    def ask() -> None:
        visit.touch()
        remembering.ask()

    def forget() -> None:
        visit.touch()
        remembering.forget()

    if remembering.was_set_aside():
        section("Your own list", _ASIDE)
        with st.container(horizontal=True, key="remembered"):
            st.button("Show my own list", key="own", on_click=_show_own, args=(visit,))
            st.button("Keep this one instead", key="instead", on_click=_keep_this, args=(visit,))
            st.button("Forget me", key="forget-me", on_click=forget)
    elif remembering.active():
        section("You are remembered", _ON)
        st.button("Forget me", key="forget-me", icon=":material/delete:", on_click=forget)
    else:
        section("Remember me", _WHAT)
        st.session_state["remember"] = remembering.asked()
        st.toggle("Remember me on this server", key="remember", on_change=ask)
    if ticket := remembering.waiting():
        _component()(
            key=remembering.ANSWER,
            data={"ticket": ticket},
            default={"done": None},
            on_done_change=_nothing,
        )


def _show_own(visit: Visit) -> None:
    visit.touch()
    visit.taste.replace(remembering.resume(), "return to your own list")


def _keep_this(visit: Visit) -> None:
    visit.touch()
    remembering.resume()


def _nothing() -> None:
    """The answer is taken at the next call of :func:`ui.remembering.keep`."""


@cache
def _component() -> Any:
    return st.components.v2.component("kindred_remember", js=_SCRIPT)
