"""A taste as a file that Kindred reads again, on this index or another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, FailFast, Field, ValidationError

from recommender import Movie, SourceError
from recommender.catalogue.listed_films import Mention
from ui.state.taste import MovieId, Said
from ui.transfer.imported_films import MOST_FILMS, Film, Sheet, Strength

__all__ = ["read", "write"]

_VERSION = 1
_WORDS: dict[int, Literal["like", "seen", "dislike"]] = {1: "like", 0: "seen", -1: "dislike"}
_MEANING = {word: opinion for opinion, word in _WORDS.items()}

_LONGEST = 5_000_000  # characters; MOST_FILMS take some 4,000,000
_LONGEST_TITLE = 1_000

Stars = Annotated[float, Field(ge=0.5, le=5, multiple_of=0.5)]
# No larger than in a catalogue: tables cannot show every number that JSON can hold.
Id = Annotated[int, Field(strict=True, ge=-(2**63), lt=2**63)]
Number = Annotated[int, Field(ge=0, lt=10**10)]


class _Listed(BaseModel):
    movie_id: Id | Annotated[str, Field(strict=True)] | None = None
    title: str = ""
    year: Number | None = None
    imdb_id: Annotated[str, Field(max_length=20)] | None = None
    tmdb_id: Number | None = None


class _Rated(_Listed):
    opinion: Literal["like", "seen", "dislike"]
    stars: Stars | None = None


class _Version(BaseModel):
    kindred_taste: Number


# A list ends at its first fault, and at so many films, however many more a file holds.
_FILMS = (FailFast(), Field(max_length=MOST_FILMS))


class _Taste(_Version):
    ratings: Annotated[list[_Rated], *_FILMS] = []
    watchlist: Annotated[list[_Listed], *_FILMS] = []
    hidden: Annotated[list[_Listed], *_FILMS] = []


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
    if len(text) > _LONGEST:
        raise SourceError(
            f"{name} has {len(text):,} characters, of {_LONGEST:,} allowed: bring the file as it "
            "was downloaded"
        )
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
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        if first["type"] == "too_long":
            raise SourceError(
                f"{name} has more than {MOST_FILMS:,} films in its {place}, and no more can be "
                "brought at once: take some out of it"
            ) from None
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
    named = [film for film in films if film.named]
    nameless = len(films) - len(named)
    return Sheet("Kindred", named, Counter({"without a title": nameless} if nameless else {}))


def _mention(listed: _Listed) -> Mention:
    title = listed.title.strip()[:_LONGEST_TITLE]
    return Mention(title, listed.year, listed.imdb_id, listed.tmdb_id, listed.movie_id)
