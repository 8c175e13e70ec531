"""Checking imported films before they are added: those found, those to check, those missing.

What a person chooses is kept in the draft, because controls that are not drawn forget.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from recommender import Movie, Profile, Recommender
from ui.components.page_parts import note, section, small_text
from ui.state.taste import MovieId, Said
from ui.state.visit import Visit
from ui.text import count, escape_markdown, join_words
from ui.transfer.import_draft import RULE, Draft
from ui.transfer.imports import ImportedFiles

__all__ = ["Review", "draw"]

_AT_ONCE = 20
_MOST_LISTED = 1_000
_FOUND = 8
_FEW = 2
_LONGEST_QUERY = 200
_WIDTH = 600
_LEAVE_OUT = "None of these: leave it out"


@dataclass
class Review:
    """The import of this visit. Never shared: it holds a person's ratings."""

    files: ImportedFiles = field(default_factory=ImportedFiles)
    draft: Draft | None = None
    version: str = ""
    """The version of the index in which films were looked up."""
    shown: int = _AT_ONCE
    """How many films to check are drawn."""
    turn: int = 0
    """Part of the keys of controls, so that they begin anew when all choices are made at once."""
    added: tuple[str, Profile] | None = None
    """What was added last, in words, and the profile that came of it."""

    def begin(self, files: ImportedFiles, draft: Draft | None = None, version: str = "") -> None:
        """Look at other films, or at none."""
        self.files, self.draft, self.version = files, draft, version
        self.shown, self.turn, self.added = _AT_ONCE, self.turn + 1, None


def draw(review: Review, draft: Draft, recommender: Recommender, visit: Visit) -> None:
    """Draw the imported films, and the button that adds them."""
    section("Check and add", _summary(draft))
    _summaries(review.files.summaries)
    _actions(review, draft.changes(visit.profile), visit)
    missing = partial(_missing, review, draft, recommender, visit)
    lists = (
        ("To check", draft.unsure, partial(_to_check, review, draft, visit)),
        ("Not in this collection", draft.missing, missing),
        ("Found", draft.sure, partial(_found, draft)),
    )
    filled = {name: fill for name, places, fill in lists if places}
    tabs = st.tabs([*filled], key=f"review-{review.turn}", on_change=visit.clear_notice)
    for tab, fill in zip(tabs, filled.values(), strict=True):
        # Only the open one is filled: the others may hold thousands of films.
        if tab.open:
            with tab:
                fill()


def _summaries(lines: Sequence[str]) -> None:
    many = len(lines) > _FEW
    with st.expander("What was read of the files") if many else nullcontext():
        for line in lines:
            small_text(line)


def _summary(draft: Draft) -> str:
    chosen = sum(1 for movie in draft.chosen.values() if movie is not None)
    parts = [f"{len(draft.sure) + chosen:,} matched"]
    for places, where in ((draft.unsure, "to check"), (draft.missing, "not in this collection")):
        if left := len(_open(draft, places)):
            parts.append(f"{left:,} {where}")
    return f"{count(len(draft.films), 'film')}: {', '.join(parts)}."


def _open(draft: Draft, places: list[int]) -> list[int]:
    """Those of some films that nothing was decided about."""
    return [place for place in places if place not in draft.chosen]


def _added(changes: Mapping[MovieId, Said]) -> str:
    number = Counter[str | None](said.listed for said in changes.values())
    parts = ((None, "rating", ""), ("watchlist", "film", " saved"), ("hidden", "film", " hidden"))
    return join_words(
        [count(number[listed], noun) + how for listed, noun, how in parts if number[listed]]
    )


def _actions(review: Review, changes: Mapping[MovieId, Said], visit: Visit) -> None:
    added = _added(changes)

    def add() -> None:
        visit.taste.say(changes, f"import of {added}")
        review.begin(ImportedFiles())
        review.added = (added, visit.profile)
        visit.rating_open = False

    with st.container(horizontal=True, key="bring-actions"):
        st.button(
            f"Add {added}" if added else "Nothing new to add",
            key="bring-add",
            type="primary",
            disabled=not added,
            on_click=visit.callback(add),
        )
        drop = visit.callback(review.begin, ImportedFiles())
        st.button("Bring other files", key="bring-drop", on_click=drop)
    small_text(f"{RULE} Undo takes all of it back in one step.")


def _to_check(review: Review, draft: Draft, visit: Visit) -> None:
    def take_first() -> None:
        draft.take_first()
        review.turn += 1

    def show_more() -> None:
        review.shown += _AT_ONCE

    st.write("These are written a little differently here. Choose the film that is meant.")
    if left := len(_open(draft, draft.unsure)):
        label = f"Take the first suggestion for {'it' if left == 1 else f'all {left:,}'}"
        st.button(label, key="bring-first", on_click=visit.callback(take_first))
    for place in draft.unsure[: review.shown]:
        _choice(review, draft, place, visit)
    if len(draft.unsure) > review.shown:
        more = visit.callback(show_more)
        st.button("Show more", key="bring-more", icon=":material/expand_more:", on_click=more)


def _choice(review: Review, draft: Draft, place: int, visit: Visit) -> None:
    film, movies = draft.films[place], draft.matches[place].movies
    key = f"bring-choice-{review.turn}-{place}"
    options: list[Movie | None] = [*movies, None]
    names = _distinct(movies)

    def choose() -> None:
        at = st.session_state[key]
        if at is None:
            draft.chosen.pop(place, None)
        else:
            draft.chosen[place] = options[at]

    at = options.index(draft.chosen[place]) if place in draft.chosen else None
    # What is read aloud is never parsed: the name is written twice, and each as it is.
    name = f"{film}, {film.opinion_words}"
    with st.container(gap="xxsmall"):
        st.markdown(escape_markdown(name))
        st.selectbox(
            name,
            range(len(options)),
            index=at,
            format_func=[*names, _LEAVE_OUT].__getitem__,
            placeholder=" or ".join(f"{name}?" for name in names),
            label_visibility="collapsed",
            key=key,
            on_change=visit.callback(choose),
            width=_WIDTH,
        )


def _missing(review: Review, draft: Draft, recommender: Recommender, visit: Visit) -> None:
    left = _open(draft, draft.missing)
    if not left:
        note("All of them were found.")
        return
    st.write(
        "Most of these are newer than this collection, or little known. If one is here under "
        "another title, look for it."
    )
    listed = left[:_MOST_LISTED]
    names = dict(zip(listed, _distinct([draft.films[place] for place in listed]), strict=True))
    with st.container(key="bring-find"):
        place = st.selectbox(
            "Film from your file",
            [*names],
            format_func=names.__getitem__,
            key=f"bring-missing-{review.turn}",
            on_change=visit.clear_notice,
            width=_WIDTH,
        )
        if place is not None:
            _find(draft, place, recommender, visit)
    st.dataframe(
        [
            {"Title": film.title, "Year": film.mention.year, "You": film.opinion_words}
            for film in (draft.films[place] for place in left)
        ],
        column_config={"Year": st.column_config.NumberColumn(format="%d")},
        hide_index=True,
    )


def _find(draft: Draft, place: int, recommender: Recommender, visit: Visit) -> None:
    query = st.text_input(
        "Its title here",
        draft.films[place].mention.title[:_LONGEST_QUERY],
        key=f"bring-title-{place}",
        on_change=visit.clear_notice,
        max_chars=_LONGEST_QUERY,
        width=_WIDTH,
    )
    movies = recommender.search(query.strip(), limit=_FOUND)
    if not movies:
        note(f"No title is like “{query}”.")
        return
    at = st.selectbox(
        "Film of this collection",
        range(len(movies)),
        index=None,
        format_func=_distinct(movies).__getitem__,
        placeholder="Which film is it?",
        key=f"bring-here-{place}-{query}",
        on_change=visit.clear_notice,
        width=_WIDTH,
    )
    chosen = visit.callback(draft.chosen.update, {} if at is None else {place: movies[at]})
    st.button("This is the film", key="bring-take", on_click=chosen, disabled=at is None)


def _found(draft: Draft) -> None:
    st.dataframe(
        [
            {
                "In your file": str(draft.films[place]),
                "Here": str(draft.movie(place)),
                "You": draft.films[place].opinion_words,
            }
            for place in draft.sure
        ],
        hide_index=True,
    )


def _distinct(films: Sequence[object]) -> list[str]:
    """Name films so that no two have one name, which a control would take for the same."""
    names = [str(film) for film in films]
    number, seen = Counter(names), Counter[str]()
    for place, name in enumerate(names):
        if number[name] > 1:
            seen[name] += 1
            names[place] = f"{name}, {seen[name]} of {number[name]}"
    return names
