"""A table of films to look through, rate anew and take back, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
import streamlit as st

from recommender import Movie, Opinion, Profile
from ui.state.taste import MovieId, Taste, half_stars
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
    profile: Profile | None
    """What its cells say, if nothing but that."""
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
        # On a copy, so that several cells edited at once, as by pasting, are one step to undo.
        scratch = Taste(taste.profile)
        for (row, column), value in fresh.items():
            _edit(scratch, self.movies[row].movie_id, column, value)
        self._step(taste, scratch.profile, [self.movies[row] for row, _ in fresh])

    def remove(self, row: int, taste: Taste) -> None:
        """Take the film of a row out of the profile."""
        if row < len(self.movies):
            movie = self.movies[row]
            self._step(taste, taste.profile.without(movie.movie_id), [movie])

    def _step(self, taste: Taste, profile: Profile, about: Sequence[Movie]) -> None:
        alone = taste.profile == self.profile
        taste.replace(profile, _named(dict.fromkeys(about), profile))
        self.profile = profile if alone and self._shows(profile) else None

    def _shows(self, profile: Profile) -> bool:
        """Tell whether every film is in the profile, and every edited cell shows what is there."""
        there = {*profile.films}
        return all(movie.movie_id in there for movie in self.movies) and all(
            value == _cell(profile, self.movies[row].movie_id, column)
            for (row, column), value in self.edits.items()
        )


def _edit(taste: Taste, movie_id: MovieId, column: str, value: object) -> None:
    """Apply an edited cell; a value that makes no sense changes nothing."""
    if column == _OPINION and value in _BY_WORD:
        taste.rate(movie_id, _BY_WORD[str(value)], "")
    elif column == _OPINION and value is None and movie_id in taste.profile.opinions:
        taste.forget(movie_id, "")
    elif column == _STARS and value is None:
        left = {known: stars for known, stars in taste.profile.stars.items() if known != movie_id}
        taste.replace(replace(taste.profile, stars=left), "")
    elif column == _STARS and isinstance(value, int | float) and math.isfinite(value):
        taste.give_stars(movie_id, half_stars(value), "")


def _cell(profile: Profile, movie_id: MovieId, column: str) -> object:
    if column == _STARS:
        return profile.stars.get(movie_id)
    opinion = profile.opinions.get(movie_id)
    return None if opinion is None else Opinion(int(opinion)).word.capitalize()


def _named(movies: Mapping[Movie, None], profile: Profile) -> str:
    if len(movies) != 1:
        return f"change of {count(len(movies), 'film')}"
    (movie,) = movies
    stars = profile.stars.get(movie.movie_id)
    if stars is not None:
        return f"{stars:g} stars for {movie}"
    return f"{step_words(profile.opinions.get(movie.movie_id))} {movie}"


def draw(
    visit: Visit, about: object, movies: Sequence[Movie], name: str, *, rates: bool = True
) -> None:
    """Draw films with opinions and stars, or without; ``name`` is for screen readers."""
    editor = _current(visit, about, movies)
    profile = visit.profile
    table = pd.DataFrame(
        {
            "Film": [movie.title for movie in editor.movies],
            _OPINION: [_cell(profile, movie.movie_id, _OPINION) for movie in editor.movies],
            _STARS: [profile.stars.get(movie.movie_id, math.nan) for movie in editor.movies],
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
                on_click=visit.callback(_removed, visit, editor),
            ),
            "Year": column.NumberColumn(width=60, disabled=True, format="%d"),
        },
        column_order=None if rates else ("Film", "Remove", "Year"),
        on_change=visit.callback(_edited, visit, editor),
        placeholder="",
        alt=name,
    )


def _current(visit: Visit, about: object, movies: Sequence[Movie]) -> Editor:
    about = (visit.version, about)
    last: Editor | None = st.session_state.get("sheet")
    if last is not None and (last.about, last.profile) == (about, visit.profile):
        return last
    # Another key makes another editor in the browser, without the edits of the one before.
    number = 0 if last is None else int(last.key.rpartition("-")[2]) + 1
    editor = Editor(about, f"sheet-{number}", movies, visit.profile)
    st.session_state["sheet"] = editor
    return editor


def _edited(visit: Visit, editor: Editor) -> None:
    editor.take(st.session_state[editor.key]["edited_rows"], visit.taste)


def _removed(visit: Visit, editor: Editor) -> None:
    if click := st.session_state[f"{editor.key}-remove"]:
        editor.remove(click["row"], visit.taste)
