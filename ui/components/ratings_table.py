"""A table of films to look through, rate anew and take back, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
import streamlit as st

from recommender import Movie
from ui.state.taste import MovieId, Said, Taste
from ui.state.visit import Visit
from ui.text import count

__all__ = ["OPINIONS", "Sheet", "draw"]

OPINIONS = {1: "Like", 0: "Seen", -1: "Dislike"}

_BY_WORD = {word: opinion for opinion, word in OPINIONS.items()}
_OPINION, _STARS = "Opinion", "Stars"
_STEP = {1: "like of", 0: "seen mark on", -1: "dislike of", None: "removal of"}
_MOST_ROWS = 12
_ROW = 35  # pixels, the height Streamlit gives a row


@dataclass
class Sheet:
    """What an editor shows. It stays the same, with its place on the screen, while only it edits.

    The browser keeps every edit made in an editor, and lays them over the films that come from
    here. Where the taste was changed elsewhere, as by going back, they would hide that: there must
    be another editor then.
    """

    about: object
    """What it shows of whom."""
    key: str
    movies: Sequence[Movie]
    said: Said | None
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
        scratch = Taste(taste.said)
        for (row, column), value in fresh.items():
            _edit(scratch, self.movies[row].movie_id, column, value)
        self._step(taste, scratch.said, [self.movies[row] for row, _ in fresh])

    def remove(self, row: int, taste: Taste) -> None:
        """Take back whatever was said of the film in a row."""
        if row < len(self.movies):
            movie = self.movies[row]
            self._step(taste, taste.said.without(movie.movie_id), [movie])

    def _step(self, taste: Taste, said: Said, about: Sequence[Movie]) -> None:
        alone = taste.said == self.said
        taste.replace(said, _named(dict.fromkeys(about), said))
        self.said = said if alone and self._shows(said) else None

    def _shows(self, said: Said) -> bool:
        """Tell whether all rows have something to show, and all cells show what is so."""
        there = {*said.ratings, *said.watchlist, *said.hidden}
        return all(movie.movie_id in there for movie in self.movies) and all(
            value == _cell(said, self.movies[row].movie_id, column)
            for (row, column), value in self.edits.items()
        )


def _edit(taste: Taste, movie_id: MovieId, column: str, value: object) -> None:
    """Say what an edited cell says; what cannot be meant changes nothing."""
    if column == _OPINION and value in _BY_WORD:
        taste.rate(movie_id, _BY_WORD[str(value)], "")
    elif column == _OPINION and value is None and movie_id in taste.ratings:
        taste.forget(movie_id, "")
    elif column == _STARS and value is None:
        left = {known: stars for known, stars in taste.stars.items() if known != movie_id}
        taste.replace(replace(taste.said, stars=left), "")
    elif column == _STARS and isinstance(value, int | float) and math.isfinite(value):
        taste.give_stars(movie_id, min(max(round(value * 2) / 2, 0.5), 5.0), "")


def _cell(said: Said, movie_id: MovieId, column: str) -> object:
    if column == _STARS:
        return said.stars.get(movie_id)
    return OPINIONS.get(said.ratings.get(movie_id, 2))


def _named(movies: Mapping[Movie, None], said: Said) -> str:
    if len(movies) != 1:
        return f"change of {count(len(movies), 'film')}"
    (movie,) = movies
    stars = said.stars.get(movie.movie_id)
    step = _STEP[said.ratings.get(movie.movie_id)] if stars is None else f"{stars:g} stars for"
    return f"{step} {movie}"


def draw(
    visit: Visit, about: object, movies: Sequence[Movie], name: str, *, rates: bool = True
) -> None:
    """Draw films with what was said of them, or without; ``name`` is read out."""
    sheet = _current(visit, about, movies)
    said = visit.taste.said
    table = pd.DataFrame(
        {
            "Film": [movie.title for movie in sheet.movies],
            _OPINION: [_cell(said, movie.movie_id, _OPINION) for movie in sheet.movies],
            _STARS: [said.stars.get(movie.movie_id, math.nan) for movie in sheet.movies],
            "Remove": "Remove",
            "Year": pd.array([movie.year for movie in sheet.movies], dtype="Int64"),
        }
    )
    column = st.column_config
    st.data_editor(
        table,
        key=sheet.key,
        hide_index=True,
        height=_ROW * (min(len(sheet.movies), _MOST_ROWS) + 1) + 3,
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
                key=f"{sheet.key}-remove",
                on_click=_removed,
                args=(visit, sheet),
            ),
            "Year": column.NumberColumn(width=60, disabled=True, format="%d"),
        },
        column_order=None if rates else ("Film", "Remove", "Year"),
        on_change=_edited,
        args=(visit, sheet),
        placeholder="",
        alt=name,
    )


def _current(visit: Visit, about: object, movies: Sequence[Movie]) -> Sheet:
    about = (visit.version, about)
    last: Sheet | None = st.session_state.get("sheet")
    if last is not None and (last.about, last.said) == (about, visit.taste.said):
        return last
    number = 0 if last is None else int(last.key.rpartition("-")[2]) + 1
    sheet = Sheet(about, f"sheet-{number}", movies, visit.taste.said)
    st.session_state["sheet"] = sheet
    return sheet


def _edited(visit: Visit, sheet: Sheet) -> None:
    visit.touch()
    sheet.take(st.session_state[sheet.key]["edited_rows"], visit.taste)


def _removed(visit: Visit, sheet: Sheet) -> None:
    visit.touch()
    if click := st.session_state[f"{sheet.key}-remove"]:
        sheet.remove(click["row"], visit.taste)
