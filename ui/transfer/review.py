"""Checking imported films before they are added: those found, those to check, those not found.

What a person chooses is kept in the draft, because controls that are not drawn forget.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from recommender import Movie, Profile, Recommender
from ui.components.page_parts import note, search_field, section, small_text
from ui.state.visit import Visit
from ui.text import count, escape_html, escape_markdown, join_words
from ui.transfer import exports
from ui.transfer.import_draft import RULE, Changes, Draft
from ui.transfer.imports import ImportedFiles

__all__ = ["Review", "draw"]

_FIRST_SHOWN = 10  # films to check, each of which costs the browser some hundredths of a second
_SUGGESTED = 8
_FEW = 2
_LONGEST_QUERY = 200
_NONE = "None of these"
_FOUND, _CHECK, _MISSING = "Found", "To check", "Not found"
_LISTS, _SEARCH, _SEARCH_HERE = "bring-lists", "bring-search", "bring-search-here"
"""Keys of controls."""
_SIGNS = re.compile(r"[^\w\s,.'’()]|_|(?<!\d)\.|\.(?!\d)")


@dataclass
class Review:
    """The import of this visit. Never shared: it holds a person's ratings."""

    files: ImportedFiles = field(default_factory=ImportedFiles)
    draft: Draft | None = None
    version: str = ""
    """The version of the index in which films were looked up."""
    open: str = ""
    """The list that is shown."""
    sought: int | None = None
    """Place of the film that is looked for."""
    shown: int = _FIRST_SHOWN
    """How many films to check are drawn."""
    turn: int = 0
    """Part of the keys of controls, so that they begin anew when all choices are made at once."""
    added: tuple[str, Profile] | None = None
    """What was added last, in words, and the profile that came of it."""

    def begin(self, files: ImportedFiles, draft: Draft | None = None, version: str = "") -> None:
        """Look at other films, or at none."""
        self.files, self.draft, self.version = files, draft, version
        self.open = _CHECK if draft and draft.undecided else _FOUND
        self.sought, self.shown, self.turn, self.added = None, _FIRST_SHOWN, self.turn + 1, None


def draw(review: Review, draft: Draft, recommender: Recommender, visit: Visit) -> None:
    """Draw the imported films, and the button that adds them."""
    lists: dict[str, tuple[list[int], Callable[[list[int]], None]]] = {
        _FOUND: (draft.found, partial(_found, draft, visit)),
        _CHECK: (draft.unsure, partial(_to_check, review, draft, visit)),
        _MISSING: (draft.missing, partial(_missing, review, draft, recommender, visit)),
    }
    left = {name: len(places) for name, (places, _) in lists.items()}
    left[_CHECK] = len(draft.undecided)
    numbers = join_words([f"{number:,} {name.lower()}" for name, number in left.items() if number])
    section("Check and add", f"{count(len(draft.films), 'film')}: {numbers}.")
    _summaries(review.files.summaries)
    _actions(review, draft.changes(visit.profile), visit)
    # Labels change with their numbers, and Streamlit knows a choice by its label. It is no row of
    # tabs, which would be drawn anew then, with the focus lost.
    st.session_state[_LISTS] = review.open

    def opened() -> None:
        review.open = st.session_state[_LISTS]

    st.segmented_control(
        "Films of your files",
        [*lists],
        format_func=lambda name: f"{name} ({left[name]:,})",
        required=True,
        label_visibility="collapsed",
        key=_LISTS,
        on_change=visit.callback(opened),
    )
    # Only the open one is drawn: the others may hold thousands of films.
    _list(draft, review.open, *lists[review.open], visit)


def _list(
    draft: Draft, name: str, places: list[int], fill: Callable[[list[int]], None], visit: Visit
) -> None:
    """Draw one of the lists, with what is searched for in it, and as a file."""
    if not places:
        note("None.")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="bring-tools"):
        query = search_field(visit, f"Search in: {name}", _SEARCH, "Search this list")
        st.download_button(
            "Save as CSV",
            lambda: exports.imported([(draft.films[at], draft.candidates(at)) for at in places]),
            f"kindred-{name.lower().replace(' ', '-')}.csv",
            "text/csv",
            key="bring-save",
            icon=":material/download:",
            on_click="ignore",
        )
    if fitting := draft.search(query, places) if query else places:
        fill(fitting)
    else:
        note(f"No title in this list is like “{query}”.")


def _summaries(lines: Sequence[str]) -> None:
    many = len(lines) > _FEW
    with st.expander("What was read from the files") if many else nullcontext():
        for line in lines:
            small_text(line)


def _actions(review: Review, changes: Changes, visit: Visit) -> None:
    added = changes.added

    def add() -> None:
        visit.taste.say(changes.said, f"import of {added}")
        review.begin(ImportedFiles())
        review.added = (added, visit.profile)
        visit.rating_open = False

    with st.container(horizontal=True, vertical_alignment="center", key="bring-actions"):
        st.button(
            f"Add {added}" if added else "Nothing new to add",
            key="bring-add",
            type="primary",
            disabled=not added,
            on_click=visit.callback(add),
        )
        drop = visit.callback(review.begin, ImportedFiles())
        st.button("Import other files", key="bring-drop", on_click=drop)
        if changes.numbers:
            small_text(changes.numbers)
    small_text(f"{RULE} Undo takes it all back in one step.")


def _found(draft: Draft, visit: Visit, places: list[int]) -> None:
    def reject(place: int) -> None:
        draft.chosen[place] = None

    _table(draft, places, "Wrong film", reject, visit)


def _table(
    draft: Draft, places: list[int], button: str, act: Callable[[int], None], visit: Visit
) -> None:
    """Draw films of one list, each with a button that acts upon its place.

    Those of a table are for the mouse alone: of one film, as a search leaves it, it is beside it.
    """
    key, column = "bring-row", st.column_config

    def clicked() -> None:
        if click := st.session_state[key]:
            act(places[click["row"]])

    rows = []
    for place in places:
        film, movie = draft.films[place], draft.movie(place)
        here = {"Here": str(movie)} if movie else {}
        press = {"": button} if len(places) > 1 else {}
        rows.append({"In your file": str(film), **here, **press, "You": film.opinion_words})
    # So narrow that all but the last one fits on a phone.
    widths = {"Here": 126, "In your file": 140 if "Here" in rows[0] else 266}
    buttons = column.ButtonColumn(
        width=90, type="tertiary", key=key, on_click=visit.callback(clicked)
    )
    columns = {name: column.TextColumn(width=width) for name, width in widths.items()}
    # Without Streamlit's own tools, of which the one that saves a table would save formulas.
    with st.container(key="bring-table"):
        st.dataframe(rows, column_config={**columns, "": buttons}, hide_index=True)
    if len(places) == 1:
        st.button(button, key="bring-one", on_click=visit.callback(act, places[0]))


def _to_check(review: Review, draft: Draft, visit: Visit, places: list[int]) -> None:
    def take_first() -> None:
        draft.take_first()
        review.turn += 1

    def show_more() -> None:
        review.shown *= 2

    with st.container(horizontal=True, vertical_alignment="center"):
        st.write("Which film is meant? Click again to take a choice back.")
        if left := len(draft.undecided):
            label = f"Choose the first film for {'it' if left == 1 else f'all {left:,}'}"
            st.button(label, key="bring-first", on_click=visit.callback(take_first))
    for place in places[: review.shown]:
        _choice(review, draft, place, visit)
    if len(places) > review.shown:
        more = visit.callback(show_more)
        st.button("Show more", key="bring-more", icon=":material/expand_more:", on_click=more)


def _choice(review: Review, draft: Draft, place: int, visit: Visit) -> None:
    film, movies = draft.films[place], draft.matches[place].movies
    key = f"bring-choice-{review.turn}-{place}"
    names = [*_distinct(movies), _NONE]
    options: list[Movie | None] = [*movies, None]

    def choose() -> None:
        at = st.session_state[key]
        if at is None:
            draft.chosen.pop(place, None)
        else:
            draft.chosen[place] = options[at]

    chosen = draft.chosen.get(place)
    if chosen and chosen not in options:  # it was looked for
        names.insert(0, str(chosen))
        options.insert(0, chosen)
    name = f"{film}, {film.opinion_words}"
    with st.container(gap="xxsmall"):
        st.html(f"<p>{escape_html(name)}</p>")
        st.pills(
            _spoken(name),
            range(len(options)),
            default=options.index(chosen) if place in draft.chosen else None,
            format_func=lambda at: escape_markdown(names[at]),
            label_visibility="collapsed",
            key=key,
            on_change=visit.callback(choose),
        )


def _missing(
    review: Review, draft: Draft, recommender: Recommender, visit: Visit, places: list[int]
) -> None:
    def seek(place: int) -> None:
        review.sought = place
        st.session_state[_SEARCH_HERE] = draft.films[place].mention.title[:_LONGEST_QUERY]

    st.write(
        "Most of these are newer than this collection, or little known. If one is here under "
        "another title, look for it."
    )
    if review.sought in draft.missing:
        _seek(review, draft, review.sought, recommender, visit)
    _table(draft, places, "Look for it", seek, visit)


def _seek(review: Review, draft: Draft, place: int, recommender: Recommender, visit: Visit) -> None:
    film, key = draft.films[place], f"bring-here-{place}"
    with st.container(border=True, key="bring-find"):
        st.html(f"<p>Which film is <b>{escape_html(str(film))}</b>?</p>")
        query = search_field(visit, "Its title here", _SEARCH_HERE, "Its title here")
        like = recommender.search(query, limit=_SUGGESTED) if query else ()
        movies = [*dict.fromkeys([*draft.matches[place].movies, *like])]
        if not movies:
            note(f"No title is like “{query}”.")

        def choose() -> None:
            if (at := st.session_state[key]) is not None:
                draft.chosen[place], review.sought = movies[at], None

        st.pills(
            "Films it may be",
            range(len(movies)),
            format_func=lambda at: escape_markdown(_distinct(movies)[at]),
            label_visibility="collapsed",
            key=key,
            on_change=visit.callback(choose),
        )


def _spoken(name: str) -> str:
    """Write a name without signs that Markdown reads: labels of pills are parsed, seen or not.

    Examples
    --------
    >>> _spoken("M*A*S*H (1970), liked, 4.5 stars"), _spoken("![x](https://a.example/b.png)")
    ('M A S H (1970), liked, 4.5 stars', 'x (https a example b png)')
    """
    return " ".join(_SIGNS.sub(" ", name).split())


def _distinct(films: Sequence[object]) -> list[str]:
    """Name films so that no two have one name, which a control would take for the same."""
    names = [str(film) for film in films]
    number, seen = Counter(names), Counter[str]()
    for place, name in enumerate(names):
        if number[name] > 1:
            seen[name] += 1
            names[place] = f"{name}, {seen[name]} of {number[name]}"
    return names
