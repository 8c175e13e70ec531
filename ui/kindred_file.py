"""A taste as a file that Kindred reads again, on this index or another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from recommender import Mention, Movie, SourceError
from ui.brought import Film, Sheet, Strength
from ui.taste import MovieId, Said

__all__ = ["read", "write"]

_VERSION = 1
_WORDS: dict[int, Literal["like", "seen", "dislike"]] = {1: "like", 0: "seen", -1: "dislike"}
_MEANING = {word: opinion for opinion, word in _WORDS.items()}

_LONGEST_TITLE = 1_000

Stars = Annotated[float, Field(ge=0.5, le=5, multiple_of=0.5)]


class _Listed(BaseModel):
    movie_id: Annotated[int, Field(strict=True)] | Annotated[str, Field(strict=True)] | None = None
    title: str = ""
    year: int | None = None
    imdb_id: str | None = None
    tmdb_id: int | None = None


class _Rated(_Listed):
    opinion: Literal["like", "seen", "dislike"]
    stars: Stars | None = None


class _Version(BaseModel):
    kindred_taste: int


class _Taste(_Version):
    ratings: list[_Rated] = []
    watchlist: list[_Listed] = []
    hidden: list[_Listed] = []


def write(said: Said, movies: Mapping[MovieId, Movie]) -> str:
    """Write all that was said of some movies, by id; of others nothing is known to write."""

    def facts(movie_id: MovieId) -> dict[str, Any]:
        movie = movies[movie_id]
        return {name: getattr(movie, name) for name in _Listed.model_fields}

    def listed(ids: Iterable[MovieId]) -> list[_Listed]:
        return [_Listed(**facts(movie_id)) for movie_id in ids if movie_id in movies]

    rated = [
        _Rated(**facts(movie_id), opinion=_WORDS[opinion], stars=said.stars.get(movie_id))
        for movie_id, opinion in said.ratings.items()
        if movie_id in movies
    ]
    taste = _Taste(
        kindred_taste=_VERSION,
        ratings=rated,
        watchlist=listed(said.watchlist),
        hidden=listed(said.hidden),
    )
    return taste.model_dump_json(indent=1, exclude_none=True)


def read(name: str, text: str) -> Sheet:
    """Read such a file.

    Raises SourceError where it is none, or of a version that this Kindred does not know.
    """
    try:
        version = _Version.model_validate_json(text).kindred_taste
    except ValidationError:
        raise SourceError(
            f"{name} is not a taste saved by Kindred: bring the file as it was downloaded"
        ) from None
    if version != _VERSION:
        raise SourceError(
            f"{name} was saved as version {version} by another Kindred, and this one reads "
            f"version {_VERSION}: bring it to a Kindred of that time"
        )
    try:
        taste = _Taste.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise SourceError(
            f"{name} was changed since Kindred saved it ({place}: {first['msg']}): bring the file "
            "as it was downloaded"
        ) from None
    films = [
        Film(_mention(rated), Strength.RATED, _MEANING[rated.opinion], rated.stars)
        for rated in taste.ratings
    ]
    films += [Film(_mention(saved), Strength.SAVED) for saved in taste.watchlist]
    films += [Film(_mention(hidden), Strength.HIDDEN) for hidden in taste.hidden]
    return Sheet("Kindred", films)


def _mention(listed: _Listed) -> Mention:
    title = listed.title[:_LONGEST_TITLE]
    return Mention(title, listed.year, listed.imdb_id, listed.tmdb_id, listed.movie_id)
