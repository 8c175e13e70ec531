"""The switch by which a visitor is remembered, and the button by which they are forgotten."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from ui.components.page_parts import section
from ui.state import remembering
from ui.state.tickets import HEADER
from ui.state.visit import Visit
from ui.state.visitors import DAYS_KEPT

__all__ = ["draw", "redeem"]

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
let answer;

async function redeem(ticket) {{
  const answer = await fetch(`remember/${{ticket}}`, {{
    method: "POST", headers: {{ "{HEADER}": "1" }}, credentials: "same-origin",
  }});
  if (!answer.ok) return "failed";
  const back = await fetch("remember", {{ credentials: "same-origin" }});
  return back.ok ? "kept" : "blocked";
}}

export default function ({{ data: {{ ticket }}, parentElement, setStateValue }}) {{
  if (parentElement.__told === ticket) return;
  parentElement.__told = ticket;
  if (ticket !== asked) {{
    asked = ticket;
    answer = redeem(ticket).catch(() => "failed");
  }}  // or else it was good once, and nobody heard the answer: the visitor went to another page
  answer.then((word) => setStateValue("done", [ticket, word]));
}}
"""


def draw(visit: Visit) -> None:
    """Draw what fits: to be remembered, to be forgotten, or to choose between two lists."""
    ask, forget = visit.callback(remembering.ask), visit.callback(remembering.forget)
    keep_this = visit.callback(remembering.resume)
    if remembering.was_set_aside():
        section("Your own list", _ASIDE)
        with st.container(horizontal=True, key="remembered"):
            st.button("Show my own list", key="own", on_click=visit.callback(_show_own, visit))
            st.button("Keep this one instead", key="instead", on_click=keep_this)
            st.button("Forget me", key="forget-me", on_click=forget)
    elif remembering.active():
        section("You are remembered", _ON)
        st.button("Forget me", key="forget-me", icon=":material/delete:", on_click=forget)
    else:
        section("Remember me", _WHAT)
        st.session_state["remember"] = remembering.asked()
        st.toggle("Remember me on this server", key="remember", on_change=ask)


def redeem(visit: Visit) -> None:
    """Have the browser redeem a ticket, if there is one, on whichever page it is."""
    if ticket := remembering.waiting():
        # What it answers is taken when the next run begins: see remembering.keep.
        _component()(
            key=remembering.ANSWER,
            data={"ticket": ticket},
            default={"done": None},
            on_done_change=visit.clear_notice,
        )


def _show_own(visit: Visit) -> None:
    mine = remembering.resume()
    if mine is not None:
        visit.taste.replace(mine, "return to your own list")


@cache
def _component() -> Any:
    return st.components.v2.component("kindred_remember", js=_SCRIPT)
