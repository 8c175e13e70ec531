"""Exports of a profile: for Kindred, as a spreadsheet, for Letterboxd and as IMDb writes it.

Each can be imported again. What a format cannot hold is left out, and nothing is made up for it: no
stars for an opinion, and no day in a diary, as when a film was rated is not when it was seen.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from recommender import Movie, MovieFilter, Profile, Recommender
from ui.state.browser_storage import Missing
from ui.state.taste import MovieId, Said, movies_of, said_in
from ui.transfer.imported_films import Film

__all__ = [
    "imdb", "imported", "kindred", "letterboxd", "letterboxd_picks", "letterboxd_watchlist",
    "spreadsheet",
]  # fmt: skip

_PICKS = 100
_IDS = ("imdb_id", "tmdb_id", "movie_id")
# All of them, and in its order, as others may count on that.
_IMDB = (
    *("Const", "Your Rating", "Date Rated", "Title", "Original Title", "URL", "Title Type"),
    *("IMDb Rating", "Runtime (mins)", "Year", "Genres", "Num Votes", "Release Date", "Directors"),
)
_OWN_ID = "kindred_id"
"""Heading of the ids here in formats of others, who pass over it. It tells films of one name apart,
and is no ``movie_id``, by which tables of MovieLens are known."""
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
            *(_day(profile, movie_id), ", ".join(movie.genres)),
            *(movie.imdb_id, movie.tmdb_id, movie_id),
        )
        for movie_id, movie in movies_of(said, recommender).items()
    ]
    heads = ("title", "year", "opinion", "stars", "date", "genres", *_IDS)
    # With a mark in front, without which Excel takes UTF-8 for something else.
    return _table(heads, rows).encode("utf-8-sig")


def imported(films: Iterable[tuple[Film, Sequence[Movie]]]) -> bytes:
    """Write films as another list had them, and the movies that they are, or may be, here."""
    rows = [
        (
            *(film.mention.title, film.mention.year, _word(film.said), film.stars, film.when),
            *(film.mention.imdb_id, film.mention.tmdb_id, film.mention.movie_id),
            ", ".join(map(str, movies)),
        )
        for film, movies in films
    ]
    heads = ("title", "year", "opinion", "stars", "date", *_IDS, "here")
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


def imdb(profile: Profile, recommender: Recommender) -> bytes:
    """Write the films with stars as IMDb exports ratings, from one to ten."""
    rows = [
        (
            *(movie.imdb_id, _of_ten(profile.stars[movie_id]), _day(profile, movie_id)),
            *(movie.title, None, movie.imdb_id and f"https://www.imdb.com/title/{movie.imdb_id}/"),
            *("Movie", None, None, movie.year, ", ".join(movie.genres), None, None, None, movie_id),
        )
        for movie_id, movie in movies_of(profile.stars, recommender).items()
    ]
    return _table((*_IMDB, _OWN_ID), rows).encode()


def _day(profile: Profile, movie_id: MovieId) -> str:
    """Return the day on which a film was spoken of, where that is known."""
    return profile.when.get(movie_id, "")[:10]


def _for_letterboxd(movies: Iterable[Movie], stars: Mapping[MovieId, float]) -> bytes:
    rows = (
        (
            *(movie.imdb_id, movie.tmdb_id, movie.title, movie.year),
            *(_of_ten(stars.get(movie.movie_id)), None, movie.movie_id),
        )
        for movie in movies
    )
    # "Rating10" says its scale: a "Rating" of 1 might be a thumb.
    heads = ("imdbID", "tmdbID", "Title", "Year", "Rating10", "WatchedDate", _OWN_ID)
    return _table(heads, rows).encode()


def _of_ten(stars: float | None) -> int | None:
    return None if stars is None else round(stars * 2)


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
