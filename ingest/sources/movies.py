"""Read the movies of a source: titles, years, genres and links, from its movies and links files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest.sources.detection import Layout
from ingest.sources.tables import read_text
from recommender.archives import Member
from recommender.catalogue.movies import imdb_id
from recommender.catalogue.titles import split_title

__all__ = ["MovieMetadata", "read_movies"]

# What sources write where a movie has no genres, case-folded.
_NO_GENRES = {"", "(no genres listed)", "unknown", r"\n", "n/a"}


class MovieMetadata(NamedTuple):
    """Title, year, genres and ids of a movie in a source."""

    title: str
    year: int | None = None
    genres: tuple[str, ...] = ()
    imdb_id: str | None = None
    tmdb_id: int | None = None


def read_movies(
    movies: tuple[Member, Layout] | None, links: tuple[Member, Layout] | None
) -> dict[str, MovieMetadata]:
    """Read the catalogue of a source, by id as text without surrounding white space.

    Of several lines with one id the first counts. Empty where the source has no movies file.

    Raises SourceError where a file cannot be read.
    """
    found: dict[str, MovieMetadata] = {}
    for row in _rows(*movies) if movies else ():
        movie = (row["movie"] or "").strip()
        if movie and movie not in found:
            found[movie] = _metadata(movie, row)
    for row in _rows(*links) if links and found else ():
        movie = (row["movie"] or "").strip()
        if movie in found:
            found[movie] = found[movie]._replace(
                imdb_id=imdb_id(row.get("imdb") or ""), tmdb_id=_number(row.get("tmdb"))
            )
    # MovieTweetings: the ids are numbers of IMDb, which pads them with zeros to seven digits.
    unlinked = movies and not links and movies[1].delimiter == "::"
    padded = any(movie.startswith("0") for movie in found)
    if unlinked and padded and all(re.fullmatch(r"[0-9]{7,}", movie) for movie in found):
        return {movie: data._replace(imdb_id=imdb_id(movie)) for movie, data in found.items()}
    return found


def _rows(member: Member, layout: Layout) -> Iterator[dict[str, str | None]]:
    # In pieces: as dicts, all rows would take ten times the memory.
    for batch in read_text(member, layout).to_batches(max_chunksize=1 << 14):
        yield from batch.to_pylist()


def _metadata(movie: str, row: dict[str, str | None]) -> MovieMetadata:
    title, year = split_title(row["title"] or "")
    return MovieMetadata(
        title or movie,
        _number(row.get("year")) or year or None,
        _genres(row.get("genres") or ""),
        imdb_id(row.get("imdb") or ""),
        _number(row.get("tmdb")),
    )


def _genres(text: str) -> tuple[str, ...]:
    names = (name.strip() for name in re.split(r"[|,;]", text))
    return tuple(dict.fromkeys(name for name in names if name.casefold() not in _NO_GENRES))


def _number(text: str | None) -> int | None:
    # pandas writes whole numbers with ".0" where some of a column are missing.
    digits = (text or "").strip().removesuffix(".0")
    return int(digits) if re.fullmatch(r"[0-9]{1,10}", digits) and int(digits) else None
