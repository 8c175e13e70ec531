"""The document in which a visitor's browser keeps what they said, and what of it this index knows.

It is a saved taste, with the films taken back beside the others, and the time at which all was
cleared. A film that this index does not know stays in it: another index may. ``storage.js`` keeps
it; in both directions whole documents travel, or the films of one that changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from recommender import Movie, Opinion, Profile, Recommender
from recommender.profile import (
    MOST_FILMS,
    DocumentFilm,
    ProfileDocument,
    RatedFilm,
    source_label,
)
from ui.state.taste import EMPTY, SCALE, MovieId, Said, Taste, half_stars, movies_of

__all__ = ["Missing", "Stored", "changes", "dated", "read", "read_shown"]

Missing = dict[str, tuple[str, dict[str, Any]]]
"""Films that an index does not know, by source and id: their list in the document, and their entry
there."""

_ALIKE = 60
"""Of 100: a title may have been written differently in an earlier version of the ratings."""
_LISTS = ("ratings", "watchlist", "hidden", "removed")
_LARGEST_EXACT = 2**53
"""Integers up to this one are exact in JavaScript."""
_MOST_SHOWN, _LONGEST_ID = 2_000, 1_000
"""Films of which a browser says that they were shown; characters of an id."""


class _BrowserDocument(ProfileDocument):
    removed: Annotated[list[DocumentFilm], Field(default_factory=list, max_length=MOST_FILMS)]
    cleared: str | None = None


@dataclass(frozen=True)
class Stored:
    """What a document says."""

    films: tuple[tuple[MovieId, Said, int], ...]
    """Of the films of this index, with times in milliseconds since 1970."""
    missing: Missing
    cleared: int
    """When everything was cleared last; 0 for never."""


def read(given: object, recommender: Recommender) -> Stored:
    """Look up the films of a document.

    An id of the same source comes first. Under another source films go by their IMDb and TMDB ids,
    as the same number may be another film's here.

    Raises InvalidInputError where it is no such document.
    """
    read = _BrowserDocument.read(given)
    source = recommender.stats().source.label
    listed = [
        (name, film, source_label(film.source or read.source or ""))
        for name in _LISTS
        for film in getattr(read, name)
    ]
    own = recommender.find(
        f"id:{film.movie_id}" if whose == source else "imdb:" for _, film, whose in listed
    )
    elsewhere = recommender.find(_id_elsewhere(film) for _, film, _ in listed)
    films, missing = [], {}
    for (name, film, whose), mine, other in zip(listed, own, elsewhere, strict=True):
        movie = mine if mine and _is_same(film, mine) else other
        if movie is None:
            entry = film.model_copy(update={"source": whose}).model_dump(exclude_none=True)
            missing[f"{whose} {film.movie_id}"] = (name, entry)
        else:
            films.append((movie.movie_id, _said(name, film), _milliseconds(film.when)))
    return Stored(tuple(films), missing, _milliseconds(read.cleared))


def _id_elsewhere(film: DocumentFilm) -> str:
    return f"tmdb:{film.tmdb_id}" if film.tmdb_id and not film.imdb_id else f"imdb:{film.imdb_id}"


def _is_same(film: DocumentFilm, movie: Movie) -> bool:
    """Tell whether a film is what has its id here: two sources may have one name."""
    if film.imdb_id and movie.imdb_id:
        return film.imdb_id == movie.imdb_id
    alike = fuzz.token_set_ratio(film.title or movie.title, movie.title, processor=default_process)
    return alike >= _ALIKE and (film.year or movie.year) == (movie.year or film.year)


def _said(name: str, film: DocumentFilm) -> Said:
    if isinstance(film, RatedFilm):
        stars = None if film.stars is None else half_stars(film.stars)
        if film.opinion:
            return Said(Opinion.named(film.opinion), stars)
        return Said(None if stars is None else SCALE.opinion(stars), stars)
    return (
        Said() if name == "removed" else Said(listed="hidden" if name == "hidden" else "watchlist")
    )


def read_shown(given: object, recommender: Recommender) -> dict[MovieId, int]:
    """Read on how many days films were shown; what is no such list, or not here, is left out."""
    pairs = {
        pair[0]: pair[1]
        for pair in (given[:_MOST_SHOWN] if isinstance(given, list) else ())
        if isinstance(pair, list) and [*map(type, pair)] == [str, int]
    }
    found = recommender.find(f"id:{movie_id[:_LONGEST_ID]}" for movie_id in pairs)
    return {
        movie.movie_id: days
        for movie, days in zip(found, pairs.values(), strict=True)
        if movie is not None and days > 0
    }


def changes(taste: Taste, recommender: Recommender) -> dict[str, Any]:
    """Write what the browser does not know yet.

    Raises InvalidInputError where there are more than 20,000 films in a list.
    """
    part = taste.part(taste.unsent)
    written = _write(part, taste, recommender)
    said = {*part.films}
    gone = replace(EMPTY, hidden=tuple(one for one in taste.unsent if one not in said))
    written["removed"] = _write(gone, taste, recommender)["hidden"]
    written["cleared"] = _iso(taste.cleared)
    for film in (film for name in _LISTS for film in written[name]):
        if isinstance(film["movie_id"], int) and abs(film["movie_id"]) > _LARGEST_EXACT:
            film["movie_id"] = str(film["movie_id"])
    return written


def dated(profile: Profile, taste: Taste) -> Profile:
    """Return a profile with the time at which each film was spoken of."""
    return replace(profile, when={one: _iso(taste.time_of(one)) for one in profile.films})


def _write(profile: Profile, taste: Taste, recommender: Recommender) -> dict[str, Any]:
    movies = movies_of(profile.films, recommender)
    return dated(profile, taste).to_dict(movies, source=recommender.stats().source.label)


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1_000, UTC).isoformat(timespec="milliseconds")


def _milliseconds(when: str | None) -> int:
    if when is None:
        return 0
    time = datetime.fromisoformat(when)
    return round(time.replace(tzinfo=time.tzinfo or UTC).timestamp() * 1_000)
