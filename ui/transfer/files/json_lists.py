"""Lists of films as JSON: those of Trakt, as its API and its export write them, and of Simkl.

See https://trakt.docs.apiary.io and https://simkl.docs.apiary.io for the fields.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, FailFast, Field, TypeAdapter, ValidationError

from recommender import Opinion, Scale, SourceError
from recommender.catalogue.listed_films import Mention
from recommender.errors import UnknownFileError
from ui.transfer.files.cells import read_imdb_id
from ui.transfer.imported_films import Film, ImportedFile, Precedence

__all__ = ["read"]

_SCALE = Scale(low=1, high=10)
# A file of real entries that is as large as is allowed holds about as many.
_MOST_ENTRIES = 50_000
# An entry of an episode has ids, a show, and ids of that.
_OBJECTS = 5
_KINDS = ("episode", "season", "show", "person", "list")
_SAVED, _SEEN = (Precedence.SAVED, None), (Precedence.SEEN, Opinion.NEUTRAL)
_STATUSES = {"plantowatch": _SAVED, "completed": _SEEN}


def _number(value: object) -> object:
    """Simkl writes numbers in quotation marks, and empty ones."""
    return value if not isinstance(value, str) or value.isdecimal() else None


_Number = Annotated[Annotated[int, Field(ge=0, lt=10**10)] | None, BeforeValidator(_number)]


class _Ids(BaseModel):
    imdb: str | None = None
    tmdb: _Number = None


class _Movie(BaseModel):
    title: Annotated[str, Field(max_length=1_000)] | None = None
    year: _Number = None
    ids: _Ids | None = None


class _Entry(BaseModel):
    movie: _Movie | None = None
    type: str | None = None
    episode: object = None
    season: object = None
    show: _Movie | None = None
    rating: float | None = None
    rated_at: str | None = None
    watched_at: str | None = None
    last_watched_at: str | None = None
    listed_at: str | None = None
    # What Simkl has instead.
    user_rating: float | None = None
    user_rated_at: str | None = None
    added_to_watchlist_at: str | None = None
    status: str | None = None
    anime_type: str | None = None

    @property
    def kind(self) -> str | None:
        """What it is where it is no film; None where it is nothing known."""
        if self.type in _KINDS:
            return self.type
        return next((kind for kind in _KINDS[:3] if getattr(self, kind) is not None), None)


_Entries = Annotated[list[_Entry], FailFast()]
_ENTRIES = TypeAdapter(_Entries)


class _Lists(BaseModel):
    """Several lists in one document: Simkl's by kind, and those of Trakt by what they say."""

    movies: _Entries = []
    shows: _Entries = []
    anime: _Entries = []
    ratings: _Entries = []
    history: _Entries = []
    watchlist: _Entries = []


def read(name: str, path: str, text: str) -> ImportedFile:
    """Read a list; what is listed and no more is told apart by the name of the file.

    Raises UnknownFileError where it is a list of something else, and SourceError where it is one of
    too many entries.
    """
    # Counted before they are parsed: millions of empty ones take a gigabyte.
    if text.count("{") > _MOST_ENTRIES * _OBJECTS:
        raise SourceError(
            f"{name} has more than {_MOST_ENTRIES:,} entries: import one person's list"
        )
    try:
        if text.startswith("["):
            lists = {PurePosixPath(path.casefold()).stem: _ENTRIES.validate_json(text)}
        else:
            lists = dict(_Lists.model_validate_json(text))
    except ValidationError:
        lists = {}
    if not any(entry.movie or entry.kind for entries in lists.values() for entry in entries):
        raise UnknownFileError(
            f"{name} is nothing that Kindred can read: of JSON it reads its own files, Trakt's "
            "lists such as ratings-movies.json, and Simkl's backup"
        )
    simkl = any(entry.status for entries in lists.values() for entry in entries)
    file = ImportedFile(name, "Simkl" if simkl else "Trakt")
    for stem, entries in lists.items():
        for entry in entries:
            # Simkl has films among its anime, too.
            if movie := entry.movie or (entry.show if entry.anime_type == "movie" else None):
                _add(file, entry, movie, stem)
            else:
                file.left_out[f"listed as {entry.kind or 'nothing'}"] += 1
    return file


def _add(file: ImportedFile, entry: _Entry, movie: _Movie, stem: str) -> None:
    ids = movie.ids or _Ids()
    imdb_id = read_imdb_id(ids.imdb or "")
    mention = Mention((movie.title or "").strip(), movie.year, imdb_id, ids.tmdb)
    watched = entry.watched_at or entry.last_watched_at
    saved = entry.listed_at or entry.added_to_watchlist_at
    day = (entry.rated_at or entry.user_rated_at or watched or saved or "")[:10]
    rating = entry.user_rating if entry.rating is None else entry.rating
    said = _STATUSES.get(entry.status or "")
    if rating is not None:
        file.add_rated(mention, rating, _SCALE, day)
    elif entry.status is None and watched:
        file.add(Film(mention, *_SEEN, when=day))
    elif entry.listed_at and "watchlist" in stem:
        file.add(Film(mention, *_SAVED, when=day))
    elif entry.listed_at and "favorite" in stem:
        file.add(Film(mention, Precedence.LIKED, Opinion.LIKE, when=day))
    elif said:
        file.add(Film(mention, *said, when=day))
    else:
        file.left_out["without a rating in a file not named a watchlist"] += 1
