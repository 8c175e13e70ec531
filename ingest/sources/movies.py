"""The movies of a source: titles, years, genres and links, from its movies and links files."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pyarrow as pa

from ingest.sources.detection import Layout, Role
from ingest.sources.tables import read_table, unreadable
from recommender.archives import Member
from recommender.catalogue.movies import imdb_id
from recommender.catalogue.titles import split_title

__all__ = ["MovieFacts", "read_movies", "read_whole"]

# The columns of u.item in ml-100k from the sixth on.
_FLAGS = [
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary",
    "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi",
    "Thriller", "War", "Western",
]  # fmt: skip
# Of the catalogue, links, tags or people: more than three times the largest of MovieLens.
_MOST_BYTES = 1 << 28
_NO_GENRES = {"", "(no genres listed)", "unknown", r"\n", "n/a"}


class MovieFacts(NamedTuple):
    """What a source says of a movie."""

    title: str
    year: int | None = None
    genres: tuple[str, ...] = ()
    imdb_id: str | None = None
    tmdb_id: int | None = None


def read_movies(
    movies: tuple[Member, Layout] | None, links: tuple[Member, Layout] | None
) -> dict[str, MovieFacts]:
    """Read the catalogue of a source, by id as text without white space.

    Of several lines with one id the first counts. Empty where the source has no movies file.

    Raises SourceError where a file cannot be read.
    """
    facts: dict[str, MovieFacts] = {}
    for row in _rows(*movies) if movies else ():
        movie = (row["movie"] or "").strip()
        if movie and movie not in facts:
            facts[movie] = _facts(movie, row)
    for row in _rows(*links) if links and facts else ():
        movie = (row["movie"] or "").strip()
        if movie in facts:
            facts[movie] = facts[movie]._replace(
                imdb_id=imdb_id(row.get("imdb") or ""), tmdb_id=_number(row.get("tmdb"))
            )
    bare = movies and not links and movies[1].delimiter == "::"
    padded = any(movie.startswith("0") for movie in facts)
    if bare and padded and all(re.fullmatch(r"[0-9]{7,}", movie) for movie in facts):
        # MovieTweetings: the ids are numbers of IMDb, which pads them with zeros to seven digits.
        return {movie: fact._replace(imdb_id=imdb_id(movie)) for movie, fact in facts.items()}
    return facts


def _rows(member: Member, layout: Layout) -> Iterator[dict[str, str | None]]:
    # A piece at a time: as dicts, all of them would take ten times the room.
    for batch in read_whole(member, layout).to_batches(max_chunksize=1 << 14):
        yield from batch.to_pylist()


def _facts(movie: str, row: dict[str, str | None]) -> MovieFacts:
    title, year = split_title(row["title"] or "")
    return MovieFacts(
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
    digits = (text or "").strip().removesuffix(".0")
    return int(digits) if re.fullmatch(r"[0-9]{1,10}", digits) and int(digits) else None


def _spelled_out(fields: list[str]) -> str:
    genres = [genre for genre, flag in zip(_FLAGS, fields[5:], strict=False) if flag == "1"]
    return "\x1f".join([*fields[:2], "|".join(genres)])


def read_whole(member: Member, layout: Layout) -> pa.Table:
    """Read all that has a role in a file that is no ratings file, as text.

    Raises SourceError where it cannot be read.
    """
    data = member.read(_MOST_BYTES)
    # Such a file is small, so the whole of it tells the encoding, and "::" may become one
    # character that no title or tag holds.
    try:
        text = data.decode("utf-16" if layout.encoding == "utf-16" else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    layout = replace(layout, encoding="utf-8")
    if layout.delimiter == "::":
        text, layout = text.replace("::", "\x1f"), replace(layout, delimiter="\x1f")
    if layout.flagged:
        text = "\n".join(_spelled_out(line.split(layout.delimiter)) for line in text.splitlines())
        roles: dict[Role, int] = {"movie": 0, "title": 1, "genres": 2}
        layout = replace(layout, delimiter="\x1f", columns=3, roles=roles)
    data = text.encode("utf-8")
    try:
        return read_table(Member(member.name, len(data), lambda: io.BytesIO(data)), layout)
    except pa.ArrowInvalid as error:
        raise unreadable(member, layout, error) from None
