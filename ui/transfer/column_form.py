"""Naming the columns of a table, where its headings leave open how it is read.

What a person chooses is kept by their browser, by the headings, for the next file of that form.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Literal, cast

import pandas as pd
import streamlit as st

from recommender import Scale
from ui.components.page_parts import note, section
from ui.state.visit import Visit
from ui.transfer.files.headings import NAMED
from ui.transfer.files.named_columns import Question, TableReading, Unrated
from ui.transfer.imports import ImportedFiles

__all__ = ["draw"]

_LABELS = {
    "title": "Title",
    "year": "Year",
    "imdb": "IMDb number",
    "tmdb": "TMDB number",
    "rating": "Your rating",
    "date": "Date of the rating",
    "scale": "Scale of the ratings",
    "unrated": "Films without a rating",
}
_SCALES = {
    "": "Work it out from the ratings",
    "0.5:5": "Half to five stars (0.5–5)",
    **{f"{low}:{high}": f"{low}–{high}" for low, high in ((1, 5), (0, 4), (1, 10), (0, 10))},
    **{f"0:{high}": f"0–{high}" for high in (20, 100)},
    "likes": "Like or dislike",
}
_UNRATED = {
    "left out": "Leave them out",
    "watched": "Seen",
    "watchlist": "To watch",
    "likes": "Liked",
}
_LONGEST = 60
_IN_A_ROW = 3


def draw(files: ImportedFiles, visit: Visit) -> None:
    """Draw the first table that leaves open how it is read, and the choices."""
    question = files.questions[0]
    form = sha256("\n".join(question.table.heads).encode()).hexdigest()[:16]
    at = f"columns-{id(question)}"
    section("Which column is what?", f"{question.name}: {question.why}.")
    heads = _heads(question)
    blank = [""] * len(heads)
    filled = [[cell[:_LONGEST] for cell in (row + blank)[: len(heads)]] for row in question.rows]
    st.dataframe(pd.DataFrame(filled, columns=list(heads.values())), hide_index=True)
    options: dict[str, Mapping[str, str]] = {role: {"": "None", **heads} for role in NAMED}
    options |= {"scale": _SCALES, "unrated": _UNRATED}
    first = _first(question, visit.recall_columns(form))

    def answer() -> None:
        visit.clear_notice()
        chosen = {name: st.session_state[f"{at}-{name}"] for name in options}
        question.problem = _wrong(chosen) or files.answer(question, _reading(chosen))
        if not question.problem:
            visit.columns_chosen[form] = chosen

    def leave_out() -> None:
        files.questions.remove(question)
        files.summaries.append(f"{question.name}: left out.")

    with st.form(at, border=False):
        for start in range(0, len(options), _IN_A_ROW):
            names = [*options][start : start + _IN_A_ROW]
            for name, place in zip(names, st.columns(_IN_A_ROW), strict=False):
                values = [*options[name]]
                place.selectbox(
                    _LABELS[name],
                    values,
                    values.index(first[name]) if first.get(name) in values else 0,
                    format_func=options[name].__getitem__,
                    key=f"{at}-{name}",
                )
        if question.problem:
            note(question.problem)
        with st.container(horizontal=True):
            st.form_submit_button("Read it this way", type="primary", on_click=answer)
            st.form_submit_button("Leave it out", on_click=visit.callback(leave_out))


def _heads(question: Question) -> dict[str, str]:
    """Headings by their numbers from 1, each of them another."""
    found: dict[str, str] = {}
    for number, head in enumerate(question.table.heads, start=1):
        name = head[:_LONGEST] or f"Column {number}"
        found[f"{number}"] = f"{name} ({number})" if name in found.values() else name
    return found


def _first(question: Question, recalled: Mapping[str, str]) -> Mapping[str, str]:
    """What the controls hold at first: what was chosen last time, or what is likeliest."""
    guess: dict[str, str] = {role: f"{place + 1}" for role, place in question.guess.items()}
    return recalled or guess | {"scale": question.scale, "unrated": question.unrated}


def _wrong(chosen: Mapping[str, str]) -> str:
    """Say what is wrong with choices, whatever the table holds."""
    columns = [chosen[role] for role in NAMED if chosen[role]]
    if not any(chosen[role] for role in ("title", "imdb", "tmdb")):
        return "Choose the column of titles, or of IMDb or TMDB numbers."
    if len({*columns}) < len(columns):
        return "One column is chosen twice: choose another for one of them, or none."
    if not chosen["rating"] and chosen["unrated"] == "left out":
        return "Choose the column of your ratings, or say what films without one are."
    return ""


def _reading(chosen: Mapping[str, str]) -> TableReading:
    scale: Scale | Literal["likes"] | None = None
    if chosen["scale"] == "likes":
        scale = "likes"
    elif chosen["scale"]:
        low, high = map(float, chosen["scale"].split(":"))
        scale = Scale(low=low, high=high)
    return TableReading(
        {role: chosen[role] for role in NAMED if chosen[role]},
        scale,
        cast("Unrated", chosen["unrated"]),
    )
