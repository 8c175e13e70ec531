"""Lists of Trakt, as its API and its export write them: ratings, what was watched, the watchlist.

See https://trakt.docs.apiary.io for the fields.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import BaseModel, FailFast, Field, TypeAdapter, ValidationError

from recommender import Opinion, Scale, SourceError
from recommender.catalogue.listed_films import Mention
from recommender.errors import UnknownFileError
from ui.transfer.cells import read_day, read_imdb_id
from ui.transfer.imported_films import Film, ImportedFile, Precedence

__all__ = ["read"]

_SCALE = Scale(low=1, high=10)
# A file of real entries that is as large as is allowed holds about as many.
_MOST_ENTRIES = 50_000
# An entry of an episode has ids, a show, and ids of that.
_OBJECTS = 5
_KINDS = ("episode", "season", "show", "person", "list")


class _Ids(BaseModel):
    imdb: str | None = None
    tmdb: Annotated[int, Field(ge=0, lt=10**10)] | None = None


class _Movie(BaseModel):
    title: Annotated[str, Field(max_length=1_000)] | None = None
    year: Annotated[int, Field(ge=0, lt=10**10)] | None = None
    ids: _Ids = _Ids()


class _Entry(BaseModel):
    movie: _Movie | None = None
    type: str | None = None
    episode: object = None
    season: object = None
    show: object = None
    rating: float | None = None
    rated_at: str | None = None
    watched_at: str | None = None
    last_watched_at: str | None = None
    listed_at: str | None = None

    @property
    def kind(self) -> str | None:
        """What it is where it is no film; None where it is nothing of Trakt."""
        if self.type in _KINDS:
            return self.type
        return next((kind for kind in _KINDS[:3] if getattr(self, kind) is not None), None)


_ENTRIES = TypeAdapter(Annotated[list[_Entry], FailFast()])


def read(name: str, path: str, text: str) -> ImportedFile:
    """Read a list; what is listed and no more is told apart by the name of the file.

    Raises UnknownFileError where it is a list of something else, and SourceError where it is one of
    too many entries.
    """
    # Counted before they are parsed: millions of empty ones take a gigabyte.
    if text.count("{") > _MOST_ENTRIES * _OBJECTS:
        raise SourceError(
            f"{name} has more than {_MOST_ENTRIES:,} entries: bring the list of one person"
        )
    try:
        entries = _ENTRIES.validate_json(text)
    except ValidationError:
        entries = []
    if not any(entry.movie or entry.kind for entry in entries):
        raise UnknownFileError(
            f"{name} is nothing that Kindred can read: of lists as JSON it knows those of Trakt, "
            "such as ratings-movies.json"
        )
    file = ImportedFile("Trakt")
    for entry in entries:
        if entry.movie is None:
            file.left_out[f"listed as {entry.kind or 'nothing'}"] += 1
        else:
            _add(file, entry, entry.movie, PurePosixPath(path.casefold()).stem)
    return file


def _add(file: ImportedFile, entry: _Entry, movie: _Movie, stem: str) -> None:
    imdb_id = read_imdb_id(movie.ids.imdb or "")
    mention = Mention((movie.title or "").strip(), movie.year, imdb_id, movie.ids.tmdb)
    watched = entry.watched_at or entry.last_watched_at
    day = read_day(entry.rated_at or watched or entry.listed_at or "")
    if entry.rating is not None:
        file.add_rated(mention, entry.rating, _SCALE, day)
    elif watched:
        file.add(Film(mention, Precedence.SEEN, Opinion.NEUTRAL, when=day))
    elif entry.listed_at and "watchlist" in stem:
        file.add(Film(mention, Precedence.SAVED, when=day))
    elif entry.listed_at and "favorite" in stem:
        file.add(Film(mention, Precedence.LIKED, Opinion.LIKE, when=day))
    else:
        file.left_out["without a rating in a file not named a watchlist"] += 1
