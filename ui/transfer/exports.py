"""What a person takes along: a file for Kindred, a spreadsheet, and lists for Letterboxd."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping

from recommender import Movie, MovieFilter, Profile, Recommender
from ui.state.taste import MovieId, Said
from ui.transfer import profile_file

__all__ = ["kindred", "letterboxd", "letterboxd_picks", "letterboxd_watchlist", "spreadsheet"]

_PICKS = 100
_WORDS = {1: "like", 0: "seen", -1: "dislike"}
# Where spreadsheets take a cell for a formula: by its first letter, blanks aside; and within ours,
# where they go by another sign between cells than we do.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=\s*[=+\-@\t\r\n＝＋－＠])")


def kindred(said: Said, recommender: Recommender) -> bytes:
    """Write everything as the file that Kindred reads again."""
    return profile_file.write(said, _movies(said, recommender)).encode()


def spreadsheet(said: Said, recommender: Recommender) -> bytes:
    """Write everything as a table for people to read. No cell of it is ever a formula."""
    movies = _movies(said, recommender)
    listed = [
        *((movie_id, _WORDS[opinion]) for movie_id, opinion in said.ratings.items()),
        *((movie_id, "watchlist") for movie_id in said.watchlist),
        *((movie_id, "not interested") for movie_id in said.hidden),
    ]
    rows = [
        {
            "title": movies[movie_id].title,
            "year": movies[movie_id].year,
            "opinion": word,
            "stars": said.stars.get(movie_id),
            "genres": ", ".join(movies[movie_id].genres),
            "imdb_id": movies[movie_id].imdb_id,
            "tmdb_id": movies[movie_id].tmdb_id,
            "movie_id": movie_id,
        }
        for movie_id, word in listed
        if movie_id in movies
    ]
    heads = ["title", "year", "opinion", "stars", "genres", "imdb_id", "tmdb_id", "movie_id"]
    # With a mark in front, without which Excel takes UTF-8 for something else.
    return _table(heads, rows).encode("utf-8-sig")


def letterboxd(said: Said, recommender: Recommender) -> bytes:
    """Write the films rated and seen as Letterboxd imports them."""
    movies = _movies(said, recommender)
    return _for_letterboxd((movies[m] for m in said.ratings if m in movies), said.stars)


def letterboxd_watchlist(said: Said, recommender: Recommender) -> bytes:
    """Write the watchlist as Letterboxd imports it."""
    movies = _movies(said, recommender)
    return _for_letterboxd(movies[m] for m in said.watchlist if m in movies)


def letterboxd_picks(said: Said, recommender: Recommender) -> bytes:
    """Write the hundred best recommendations as Letterboxd imports a list."""
    known = [f"id:{movie_id}" for movie_id in _movies(said, recommender)]
    rated = {f"id:{movie_id}": opinion for movie_id, opinion in said.ratings.items()}
    profile = Profile({key: rated[key] for key in known if key in rated})
    top = recommender.recommend(profile, limit=_PICKS, movies=MovieFilter(exclude=known))
    return _for_letterboxd(row.movie for row in top)


def _for_letterboxd(movies: Iterable[Movie], stars: Mapping[MovieId, float] | None = None) -> bytes:
    rows = [
        {
            "imdbID": movie.imdb_id,
            "tmdbID": movie.tmdb_id,
            "Title": movie.title,
            "Year": movie.year,
            "Rating": (stars or {}).get(movie.movie_id),
            "WatchedDate": None,  # seen on a day we do not know
        }
        for movie in movies
    ]
    return _table(["imdbID", "tmdbID", "Title", "Year", "Rating", "WatchedDate"], rows).encode()


def _movies(said: Said, recommender: Recommender) -> dict[MovieId, Movie]:
    """Look up what was said something of; what a new version does not know is left out."""
    ids = [*said.ratings, *said.watchlist, *said.hidden]
    found = recommender.find([f"id:{movie_id}" for movie_id in ids])
    return {movie.movie_id: movie for movie in found if movie is not None}


def _table(heads: list[str], rows: Iterable[Mapping[str, object]]) -> str:
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, heads)
    table.writeheader()
    table.writerows({head: _cell(cell) for head, cell in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: object) -> str:
    """Write a cell; text that a spreadsheet would run gets a ' in front, as OWASP advises."""
    if isinstance(value, str):
        return _FORMULA.sub("'", value)
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
