"""Read the movies of a source: titles, years, genres and links, from the files that have them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest.sources.detected import Detected
from ingest.sources.values.genres import split_genres
from recommender.catalogue.movies import imdb_id
from recommender.catalogue.titles import folded, split_title

__all__ = ["MovieMetadata", "read_movies"]

# The genre columns of u.item in ml-100k, from the sixth column on.
_GENRE_FLAGS = [
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary",
    "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi",
    "Thriller", "War", "Western",
]  # fmt: skip

_Cells = dict[str, str | None]


class MovieMetadata(NamedTuple):
    """Title, year, genres and ids of a movie in a source."""

    title: str
    year: int | None = None
    genres: tuple[str, ...] = ()
    imdb_id: str | None = None
    tmdb_id: int | None = None


def read_movies(
    movies: Detected | None, links: Detected | None, genres: Detected | None = None
) -> dict[str, MovieMetadata]:
    """Read the catalogue of a source, by id as text without surrounding white space.

    Of several lines with one id the first counts. Movies that a file knows by the number of another
    service alone are those that ``links`` give this number. Empty where the source has no movies.

    Raises SourceError where a file cannot be read.
    """
    found: dict[str, MovieMetadata] = {}
    if movies and "movie" not in movies.roles:
        found = _by_links(movies, links) if links else {}
    elif movies:
        # RecBole writes a list as words, and says so in the heading.
        blanks = movies.columns.get("genres", "").endswith(":token_seq")
        for row in _rows(movies):
            movie = (row["movie"] or "").strip()
            if movie and movie not in found:
                found[movie] = _metadata(movie, row, blanks=blanks)
        for row in _rows(links) if links and found else ():
            movie = (row["movie"] or "").strip()
            if movie in found:
                found[movie] = found[movie]._replace(
                    imdb_id=_imdb(row.get("imdb")), tmdb_id=_number(row.get("tmdb"))
                )
    for row in _rows(genres) if genres else ():
        movie = (row["movie"] or "").strip()
        if movie in found:
            named = (*found[movie].genres, *split_genres(row["genres"] or ""))
            found[movie] = found[movie]._replace(genres=tuple(dict.fromkeys(named)))
    # MovieTweetings: the ids are numbers of IMDb, which pads them with zeros to seven digits.
    unlinked = movies and not links and movies.table.delimiter == "::"
    padded = any(movie.startswith("0") for movie in found)
    if unlinked and padded and all(re.fullmatch(r"[0-9]{7,}", movie) for movie in found):
        return {movie: data._replace(imdb_id=imdb_id(movie)) for movie, data in found.items()}
    return found


def _by_links(movies: Detected, links: Detected) -> dict[str, MovieMetadata]:
    """Movies by the ids that a file of links gives to their numbers in TMDB or IMDb."""
    by_number: dict[str | int | None, MovieMetadata] = {}
    for row in _rows(movies):
        data = _metadata("", row)
        for number in (data.tmdb_id, data.imdb_id):
            by_number.setdefault(number, data)
    by_number.pop(None, None)
    found: dict[str, MovieMetadata] = {}
    for row in _rows(links):
        movie = (row["movie"] or "").strip()
        tmdb, imdb = _number(row.get("tmdb")), _imdb(row.get("imdb"))
        data = by_number.get(tmdb) or by_number.get(imdb) or MovieMetadata(movie)
        if movie and movie not in found:
            found[movie] = data._replace(
                title=data.title or movie,
                imdb_id=imdb or data.imdb_id,
                tmdb_id=tmdb or data.tmdb_id,
            )
    return found


def _rows(file: Detected) -> Iterator[_Cells]:
    if not file.genre_flags:
        yield from file.table.texts(file.roles)
        return
    first = file.roles["genres"]
    flags = {name: first + at for at, name in enumerate(_GENRE_FLAGS)}
    for row in file.table.texts(
        {"movie": file.roles["movie"], "title": file.roles["title"]} | flags
    ):
        yield row | {"genres": "|".join(name for name in _GENRE_FLAGS if row[name] == "1")}


def _metadata(movie: str, row: _Cells, *, blanks: bool = False) -> MovieMetadata:
    title, year = split_title(row["title"] or "")
    original = (row.get("original") or "").strip()
    # Behind the title in brackets, as MovieLens has it, and as the catalogue reads it.
    if title and original and folded(original) != folded(title):
        title = f"{title} ({original})"
    return MovieMetadata(
        title or movie,
        _year(row.get("year")) or year or None,
        split_genres(row.get("genres") or "", blanks=blanks),
        _imdb(row.get("imdb")),
        _number(row.get("tmdb")),
    )


def _imdb(text: str | None) -> str | None:
    # pandas writes whole numbers with ".0" where some of a column are missing.
    return imdb_id((text or "").strip().removesuffix(".0"))


def _year(text: str | None) -> int | None:
    match = re.match(r"\s*([0-9]{4})(?![0-9])", text or "")
    return int(match[1]) or None if match else None


def _number(text: str | None) -> int | None:
    digits = (text or "").strip().removesuffix(".0")
    return int(digits) if re.fullmatch(r"[0-9]{1,10}", digits) and int(digits) else None
