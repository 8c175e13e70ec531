"""Exports of a profile: a file for Kindred, a spreadsheet, and lists for Letterboxd."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from recommender import Movie, MovieFilter, Opinion, Profile, Recommender
from ui.state.browser_storage import Missing
from ui.state.taste import MovieId

__all__ = ["kindred", "letterboxd", "letterboxd_picks", "letterboxd_watchlist", "spreadsheet"]

_PICKS = 100
# Where spreadsheets take a cell for a formula: by its first letter, blanks aside; and within ours,
# where they go by another sign between cells than we do.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=\s*[=+\-@\t\r\n＝＋－＠])")


def kindred(profile: Profile, recommender: Recommender, missing: Missing | None = None) -> bytes:
    """Write everything as the file that Kindred reads again.

    ``missing`` are films that this index does not know, but another may.
    """
    known, movies = _known(profile, recommender)
    document = known.to_dict(movies, source=recommender.stats().source.label)
    for name, entry in (missing or {}).values():
        if name in document:  # what was taken back is of no use in a file
            document[name].append(entry)
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def spreadsheet(profile: Profile, recommender: Recommender) -> bytes:
    """Write everything as a table for people to read. No cell of it is ever a formula."""
    known, movies = _known(profile, recommender)
    listed = [
        *((movie_id, Opinion(int(opinion)).word) for movie_id, opinion in known.opinions.items()),
        *((movie_id, "watchlist") for movie_id in known.watchlist),
        *((movie_id, "not interested") for movie_id in known.hidden),
    ]
    rows = [
        (
            *(movie.title, movie.year, word, profile.stars.get(movie.movie_id)),
            *(", ".join(movie.genres), movie.imdb_id, movie.tmdb_id, movie.movie_id),
        )
        for movie, word in ((movies[movie_id], word) for movie_id, word in listed)
    ]
    heads = ("title", "year", "opinion", "stars", "genres", "imdb_id", "tmdb_id", "movie_id")
    # With a mark in front, without which Excel takes UTF-8 for something else.
    return _table(heads, rows).encode("utf-8-sig")


def letterboxd(profile: Profile, recommender: Recommender) -> bytes:
    """Write the films rated and seen as Letterboxd imports them."""
    known, movies = _known(profile, recommender)
    return _for_letterboxd((movies[movie_id] for movie_id in known.movies), known.stars)


def letterboxd_watchlist(profile: Profile, recommender: Recommender) -> bytes:
    """Write the watchlist as Letterboxd imports it."""
    known, movies = _known(profile, recommender)
    return _for_letterboxd(movies[movie_id] for movie_id in known.watchlist)


def letterboxd_picks(profile: Profile, recommender: Recommender) -> bytes:
    """Write the hundred best recommendations as Letterboxd imports a list."""
    known, _ = _known(profile, recommender)
    new = MovieFilter(exclude=known.watchlist)
    return _for_letterboxd(
        row.movie for row in recommender.recommend(known, limit=_PICKS, movies=new)
    )


def _for_letterboxd(movies: Iterable[Movie], stars: Mapping[MovieId, float] | None = None) -> bytes:
    given = stars or {}
    rows = (
        # The last cell is empty: each film was seen on a day we do not know.
        (movie.imdb_id, movie.tmdb_id, movie.title, movie.year, given.get(movie.movie_id), None)
        for movie in movies
    )
    return _table(("imdbID", "tmdbID", "Title", "Year", "Rating", "WatchedDate"), rows).encode()


def _known(profile: Profile, recommender: Recommender) -> tuple[Profile, dict[MovieId, Movie]]:
    """Look up the films of a profile; those that a new version does not know are left out."""
    found = recommender.find(f"id:{movie_id}" for movie_id in profile.films)
    movies = {movie.movie_id: movie for movie in found if movie is not None}
    return profile.without(*(one for one in profile.films if one not in movies)), movies


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
