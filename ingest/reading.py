"""Read and clean a source, and tell how it was understood."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from ingest.cleaning import CleanRatings, clean
from ingest.points import Metadata
from ingest.progress import Progress
from ingest.report import FileRead, Reading, RowRead, warnings_of
from ingest.sources.detected import COLUMNS, Columns, Detected
from ingest.sources.files import RatingsSource, SourceFiles, open_source_files
from ingest.sources.movies import MovieMetadata, read_movies
from ingest.sources.ratings import STRAYS, RawRatings, read_ratings
from ingest.sources.tags import read_tags
from ingest.sources.users import read_users
from ingest.sources.values.cells import is_integer
from recommender import InvalidInputError, Scale, SourceError
from recommender.catalogue.movies import imdb_id
from recommender.files.times import DateOrder
from recommender.opinion import Opinion
from recommender.settings import Weighting
from recommender.storage.encoding import ExternalId
from recommender.storage.manifest import IdKind, Source
from recommender.validation import invalid

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Loaded", "ReadOptions", "id_kind", "load", "open_files", "reading_of", "source_name"]

# Columns that are named as not read: a table may have hundreds.
_MOST_UNREAD = 8
_EPOCH = date(1970, 1, 1)
# With more of the movies in the catalogue there is no doubt that they are movies.
_CATALOGUED = 0.9


@dataclass(frozen=True, eq=False)
class ReadOptions:
    """What a caller says of a source, where its files leave it open."""

    scale: Scale | None = None
    columns: Columns | None = None
    dates: DateOrder | None = None
    movies: pd.DataFrame | None = None
    trust_checksum: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.scale, Scale | None):
            raise invalid("scale", self.scale, "a Scale, such as Scale(low=1, high=10)")
        if not isinstance(self.columns, Mapping | None):
            raise invalid("columns", self.columns, "headings by role, as in {'user': 'viewer'}")
        given = dict(self.columns or {})
        known = {"user", "movie", "rating", "time"}
        if self.columns is not None and (given.keys() - known or {"user", "movie"} - given.keys()):
            raise InvalidInputError(
                f"columns name {', '.join(given) or 'nothing'}: name those of user and movie, and "
                f"of rating and time where there are any, as in {COLUMNS}"
            )
        if self.dates not in (None, "day-first", "month-first"):
            raise InvalidInputError(f"dates are '{self.dates}': give day-first or month-first")


@dataclass(frozen=True, eq=False)
class Loaded:
    """A source in memory: its cleaned ratings, and metadata of movies and users."""

    name: str
    """The source as the caller named it."""
    source: Source
    ratings: CleanRatings
    metadata: Metadata
    files: SourceFiles
    seconds: float
    """How long reading and cleaning took, without a download."""


def load(
    source: RatingsSource, options: ReadOptions | None = None, progress: Progress | None = None
) -> Loaded:
    """Read and clean a source; errors are those of :func:`ingest.pipeline.ingest`."""
    progress, options = progress or Progress(), options or ReadOptions()
    with open_files(source, options, progress) as files:
        started = time.monotonic()
        with progress.stage("reading"):
            movies = read_movies(files.movies, files.links, files.genres)
            raw, known = _read_ratings(files, movies, options.dates)
        with progress.stage("cleaning"):
            cleaned = _cleaned(files, raw, known, options.scale)
            # Arrow keeps freed memory for itself; the engine needs it next.
            del raw
            pa.default_memory_pool().release_unused()
        movie_ids, user_ids = id_kind(cleaned.movie_ids), id_kind(cleaned.user_ids)
        tags = read_tags(files.tags, movie_ids) if files.tags else {}
        attributes = read_users(files.users, user_ids, progress) if files.users else {}
    metadata = Metadata(movies, tags, attributes)
    seconds = time.monotonic() - started
    return Loaded(source_name(source, files), files.source, cleaned, metadata, files, seconds)


def _cleaned(
    files: SourceFiles, raw: RawRatings, known: list[ExternalId] | None, scale: Scale | None
) -> CleanRatings:
    try:
        return clean(raw, known, scale)
    except SourceError as error:
        raise SourceError(f"{files.ratings[0].place('stars')}: {error}") from None


def open_files(
    source: RatingsSource, options: ReadOptions, progress: Progress
) -> AbstractContextManager[SourceFiles]:
    """Open a source as the options say; see :func:`open_source_files`."""
    return open_source_files(
        source,
        columns=options.columns,
        movies=options.movies,
        progress=progress,
        trust_checksum=options.trust_checksum,
    )


def source_name(source: RatingsSource, files: SourceFiles) -> str:
    """The source as the caller named it."""
    return str(source) if isinstance(source, str) else files.source.name


def _read_ratings(
    files: SourceFiles, movies: dict[str, MovieMetadata], dates: DateOrder | None
) -> tuple[RawRatings, list[ExternalId] | None]:
    """Ratings, and the ids of the catalogue in the kind that the ratings have.

    ``movies`` gets the plain texts of these ids as keys, in place.
    """
    if not movies:
        return read_ratings(files.ratings, dates=dates), None
    numbers = sum(map(is_integer, movies))
    in_imdb = all(re.fullmatch(r"tt[0-9]+", movie) for movie in movies)
    integers = numbers >= (1 - STRAYS) * len(movies)
    raw = read_ratings(
        files.ratings, text_ids=() if integers or in_imdb else ("movie",), dates=dates
    )
    _check_order(files, raw, movies)
    if pa.types.is_integer(raw.movie.type):
        # "0114508", "tt0114508" and 114508 are the same movie, however the files write it.
        for movie in list(movies):
            data = movies.pop(movie)
            number = movie.removeprefix("tt") if in_imdb else movie
            if is_integer(number):
                movies.setdefault(str(int(number.split(".", 1)[0])), data)
        return raw, sorted(int(movie) for movie in movies)
    raw.movie = _padded(raw.movie, movies, in_imdb=in_imdb, integers=integers)
    return raw, sorted(movies)


def _check_order(files: SourceFiles, raw: RawRatings, movies: Collection[str]) -> None:
    """Refuse ratings without headings whose first ids are of movies, and not their second.

    Raises SourceError.
    """
    table, roles = files.ratings[0].table, files.ratings[0].roles
    if table.heads or files.movies is None or not files.ratings[0].guessed:
        return
    known = {movie.removesuffix(".0").lstrip("0") for movie in movies}

    def part(ids: pa.Array) -> float:
        names = ids.dictionary if pa.types.is_dictionary(ids.type) else ids.unique()
        texts = [name.lstrip("0") for name in names.cast(pa.string()).to_pylist() if name]
        return sum(text in known for text in texts) / max(len(texts), 1)

    if part(raw.movie) < min(_CATALOGUED, part(raw.user)):
        user, movie = roles["user"] + 1, roles["movie"] + 1
        raise SourceError(
            f"{table.name}: the ids of column {user}, and not those of column {movie}, are in "
            f"{files.movies.table.name}: say which column is which with {COLUMNS}, such as "
            f"user={movie},movie={user}"
        )


def _padded(
    column: pa.DictionaryArray, movies: dict[str, MovieMetadata], *, in_imdb: bool, integers: bool
) -> pa.DictionaryArray:
    """IMDb's numbers in the form that IMDb gives them, in the ratings and in ``movies``."""
    names = column.dictionary.to_pylist()
    if not (in_imdb or integers) or not all(re.fullmatch(r"tt[0-9]+", name) for name in names):
        return column
    for movie in list(movies):
        if number := imdb_id(movie.removesuffix(".0")):
            data = movies.pop(movie)
            movies.setdefault(number, data._replace(imdb_id=number))
    padded = pa.array([imdb_id(name) or name for name in names], pa.string())
    return pa.DictionaryArray.from_arrays(column.indices, padded)


def id_kind(ids: list[ExternalId]) -> IdKind:
    """Whether these ids are integers or text."""
    # Reading makes all ids of a source of one kind, so the first tells it.
    return "int" if isinstance(ids[0], int) else "str"


def reading_of(name: str, files: SourceFiles, cleaned: CleanRatings, metadata: Metadata) -> Reading:
    """Tell how a source was understood."""
    return Reading(
        source=name,
        ratings=len(cleaned),
        users=len(cleaned.user_ids),
        movies=len(cleaned.movie_ids),
        dropped=cleaned.dropped,
        scale=str(cleaned.scale),
        like_from=None if cleaned.scale.implicit else cleaned.scale.like_from,
        dislike_to=None if cleaned.scale.implicit else cleaned.scale.dislike_to,
        files=tuple(_files(files, cleaned.note)),
        first=tuple(_first(cleaned, metadata)),
        warnings=tuple(_warnings(files, cleaned)),
    )


def _beside(files: SourceFiles) -> list[Detected]:
    every = (files.movies, files.links, files.genres, files.tags, files.users)
    return [file for file in every if file is not None]


def _files(files: SourceFiles, dates: str) -> Iterable[FileRead]:
    for file in (*files.ratings, *_beside(files)):
        notes = [file.guessed]
        if file.kind == "ratings":
            unread = ", ".join(file.unread[:_MOST_UNREAD])
            notes += [dates, f"not read: {unread}" if unread else ""]
        note = "; ".join(filter(None, notes))
        yield FileRead(name=file.table.name, kind=file.kind, columns=file.columns, note=note)
    for one in files.aside:
        yield FileRead(name=one.name, kind="left aside", columns={}, note=one.reason)


def _first(cleaned: CleanRatings, metadata: Metadata) -> Iterable[RowRead]:
    for row in cleaned.first.tolist():
        movie = cleaned.movie_ids[cleaned.movie[row]]
        stars = cleaned.scale.unpack(cleaned.units[row : row + 1])
        known = metadata.movies.get(str(movie))
        state = cleaned.scale.states(stars, Weighting())[0]
        yield RowRead(
            user=cleaned.user_ids[cleaned.user[row]],
            movie=movie,
            title=known and known.title,
            rating=None if cleaned.scale.implicit else float(stars[0]),
            opinion=Opinion.of_code(int(state)).word,
            day=None
            if cleaned.day is None
            else str(_EPOCH + timedelta(days=int(cleaned.day[row]))),
        )


def _warnings(files: SourceFiles, cleaned: CleanRatings) -> Iterable[str]:
    yield from cleaned.warnings
    yield from warnings_of(len(cleaned), cleaned.dropped, cleaned.examples)
    for file in (*files.ratings, *_beside(files)):
        drops = file.table.drops
        if drops.damaged:
            yield f"{file.table.name}: letters that are not UTF-8 and are lost: {drops.damaged:,}"
        for reason, rows in drops.items() if file.kind != "ratings" else ():
            example = drops.examples.get(reason)
            such = f", such as {example}" if example else ""
            yield f"{file.table.name}: {rows:,} rows were left out: {reason}{such}"
