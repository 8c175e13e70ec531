"""Exports of a profile: a file for Kindred, a spreadsheet, and lists for Letterboxd."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from recommender import Movie, MovieFilter, Profile, Recommender
from ui.state.browser_storage import Missing
from ui.state.taste import MovieId, Said, movies_of, said_in

__all__ = ["kindred", "letterboxd", "letterboxd_picks", "letterboxd_watchlist", "spreadsheet"]

_PICKS = 100
# Where spreadsheets take a cell for a formula: by its first letter, blanks aside; and within ours,
# where they go by another sign between cells than we do.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=\s*[=+\-@\t\r\n＝＋－＠])")


def kindred(profile: Profile, recommender: Recommender, missing: Missing | None = None) -> bytes:
    """Write everything as the file that Kindred reads again.

    ``missing`` are films that this index does not know, but another may.
    """
    movies = movies_of(profile.films, recommender)
    document = profile.to_dict(movies, source=recommender.stats().source.label)
    for name, entry in (missing or {}).values():
        if name in document:  # what was taken back is of no use in a file
            document[name].append(entry)
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def spreadsheet(profile: Profile, recommender: Recommender) -> bytes:
    """Write everything as a table for people to read. No cell of it is ever a formula."""
    said = said_in(profile)
    rows = [
        (
            *(movie.title, movie.year, _word(said[movie_id]), said[movie_id].stars),
            *(", ".join(movie.genres), movie.imdb_id, movie.tmdb_id, movie_id),
        )
        for movie_id, movie in movies_of(said, recommender).items()
    ]
    heads = ("title", "year", "opinion", "stars", "genres", "imdb_id", "tmdb_id", "movie_id")
    # With a mark in front, without which Excel takes UTF-8 for something else.
    return _table(heads, rows).encode("utf-8-sig")


def _word(said: Said) -> str | None:
    if said.opinion is not None:
        return said.opinion.word
    return "not interested" if said.listed == "hidden" else said.listed


def letterboxd(profile: Profile, recommender: Recommender) -> bytes:
    """Write the films rated and seen as Letterboxd imports them."""
    return _for_letterboxd(movies_of(profile.movies, recommender).values(), profile.stars)


def letterboxd_watchlist(profile: Profile, recommender: Recommender) -> bytes:
    """Write the watchlist as Letterboxd imports it."""
    return _for_letterboxd(movies_of(profile.watchlist, recommender).values(), {})


def letterboxd_picks(profile: Profile, recommender: Recommender) -> bytes:
    """Write the hundred best recommendations as Letterboxd imports a list."""
    new = MovieFilter(exclude=profile.watchlist)
    rows = recommender.recommend(profile, limit=_PICKS, movies=new)
    return _for_letterboxd((row.movie for row in rows), {})


def _for_letterboxd(movies: Iterable[Movie], stars: Mapping[MovieId, float]) -> bytes:
    rows = (
        # The last cell is empty: each film was seen on a day we do not know.
        (movie.imdb_id, movie.tmdb_id, movie.title, movie.year, stars.get(movie.movie_id), None)
        for movie in movies
    )
    return _table(("imdbID", "tmdbID", "Title", "Year", "Rating", "WatchedDate"), rows).encode()


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")  # csv writes line ends of its own
    table = csv.writer(text)
    table.writerow(heads)
    table.writerows(map(_cell, row) for row in rows)
    return text.getvalue()


def _cell(value: object) -> str:
    """Write a cell; text that a spreadsheet would run gets a ' in front, as OWASP advises."""
    if isinstance(value, str):
        return _FORMULA.sub("'", value)
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
