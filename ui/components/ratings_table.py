"""A table of films to look through, rate anew and take back, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from recommender import Movie, Opinion, Profile
from ui.state.taste import SCALE, Said, Taste, half_stars, said_in
from ui.state.visit import Visit
from ui.text import count, step_words

__all__ = ["Editor", "draw"]

_BY_WORD = {opinion.word.capitalize(): opinion for opinion in Opinion}
_OPINION, _STARS = "Opinion", "Stars"
_MOST_ROWS = 12
_ROW = 35  # pixels: the height Streamlit gives a row


@dataclass
class Editor:
    """What an editor shows. It stays the same, with its place on the screen, while only it edits.

    The browser keeps every edit made in an editor, and lays them over the films that come from
    here. Where the taste was changed elsewhere, as by going back, they would hide that: there must
    be another editor then.
    """

    about: object
    """What it shows of whom."""
    key: str
    movies: Sequence[Movie]
    edits: dict[tuple[int, str], object] = field(default_factory=dict)
    """By row and column, all that came from the browser so far."""

    def take(self, edited: Mapping[int, Mapping[str, object]], taste: Taste) -> None:
        """Make what is new among the edits, of cells by row and column, one step of the taste."""
        fresh = {
            (row, column): value
            for row, cells in edited.items()
            for column, value in cells.items()
            if row < len(self.movies) and self.edits.get((row, column), self) != value
        }
        self.edits |= fresh
        said, new = said_in(taste.profile), dict[Movie, Said]()
        for (row, column), value in fresh.items():
            movie = self.movies[row]
            before = new.get(movie) or said.get(movie.movie_id, Said())
            new[movie] = _edited(before, column, value)
        # Cells edited at once, as by pasting, are one step to undo.
        _say(new, taste)

    def remove(self, row: int, taste: Taste) -> None:
        """Take the film of a row out of the profile."""
        if row < len(self.movies):
            _say({self.movies[row]: Said()}, taste)

    def shows(self, movies: Sequence[Movie], profile: Profile) -> bool:
        """Tell whether it shows these films, and in every edited cell what is said of them.

        A film that an edit took off the watchlist stays in sight.
        """
        said = said_in(profile)
        there = all(movie.movie_id in said for movie in self.movies)
        return (
            {*movies} <= {*self.movies}
            and there
            and all(
                value == _cell(said[self.movies[row].movie_id], column)
                for (row, column), value in self.edits.items()
            )
        )


def _edited(said: Said, column: str, value: object) -> Said:
    """Return what an edited cell makes of it; a value that makes no sense changes nothing."""
    if column == _OPINION and value is None and said.opinion is not None:
        return Said()
    if column == _OPINION and value in _BY_WORD and said.opinion != _BY_WORD[str(value)]:
        return Said(_BY_WORD[str(value)])
    if column == _STARS and value is None:
        return said._replace(stars=None)
    if column == _STARS and isinstance(value, int | float) and math.isfinite(value):
        stars = half_stars(value)
        return Said(SCALE.opinion(stars), stars)
    return said


def _cell(said: Said, column: str) -> object:
    if column == _STARS:
        return said.stars
    return None if said.opinion is None else said.opinion.word.capitalize()


def _say(new: Mapping[Movie, Said], taste: Taste) -> None:
    step = f"change of {count(len(new), 'film')}"
    if len(new) == 1:
        ((movie, said),) = new.items()
        what = step_words(said.opinion) if said.stars is None else f"{said.stars:g} stars for"
        step = f"{what} {movie}"
    taste.say({movie.movie_id: said for movie, said in new.items()}, step)


def draw(
    visit: Visit, about: object, movies: Sequence[Movie], name: str, *, rates: bool = True
) -> None:
    """Draw films with opinions and stars, or without; ``name`` is for screen readers."""
    editor = _current(visit, about, movies)
    everything = said_in(visit.profile)
    said = [everything.get(movie.movie_id, Said()) for movie in editor.movies]
    table = pd.DataFrame(
        {
            "Film": [movie.title for movie in editor.movies],
            _OPINION: [_cell(one, _OPINION) for one in said],
            _STARS: [math.nan if one.stars is None else one.stars for one in said],
            "Remove": "Remove",
            # Int64, because one year that is missing would make floats of all others.
            "Year": pd.array([movie.year for movie in editor.movies], dtype="Int64"),
        }
    )
    column = st.column_config
    st.data_editor(
        table,
        key=editor.key,
        hide_index=True,
        height=_ROW * (min(len(editor.movies), _MOST_ROWS) + 1) + 3,
        column_config={
            # So narrow that all but the year fits on a phone.
            "Film": column.TextColumn(width=134 if rates else 282, disabled=True),
            _OPINION: column.SelectboxColumn(
                width=82, options=[*_BY_WORD], required=bool(table[_OPINION].notna().all())
            ),
            _STARS: column.NumberColumn(
                width=66, min_value=0.5, max_value=5, step=0.5, format="%.1f"
            ),
            "Remove": column.ButtonColumn(
                "",
                width=76,
                type="tertiary",
                key=f"{editor.key}-remove",
                on_click=visit.callback(_remove, visit, editor),
            ),
            "Year": column.NumberColumn(width=60, disabled=True, format="%d"),
        },
        column_order=None if rates else ("Film", "Remove", "Year"),
        on_change=visit.callback(_take, visit, editor),
        placeholder="",
        alt=name,
    )


def _current(visit: Visit, about: object, movies: Sequence[Movie]) -> Editor:
    about = (visit.version, about)
    last: Editor | None = st.session_state.get("sheet")
    # Streamlit forgets an editor with the page that was left: the next shows the latest first.
    there = last is not None and last.key in st.session_state
    if last and there and last.about == about and last.shows(movies, visit.profile):
        return last
    # Another key makes another editor in the browser, without the edits of the one before.
    number = 0 if last is None else int(last.key.rpartition("-")[2]) + 1
    editor = Editor(about, f"sheet-{number}", movies)
    st.session_state["sheet"] = editor
    return editor


def _take(visit: Visit, editor: Editor) -> None:
    editor.take(st.session_state[editor.key]["edited_rows"], visit.taste)


def _remove(visit: Visit, editor: Editor) -> None:
    if click := st.session_state[f"{editor.key}-remove"]:
        editor.remove(click["row"], visit.taste)
