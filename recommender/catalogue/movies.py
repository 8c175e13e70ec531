"""The catalogue: every movie of an index version, and how a caller's id finds one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from recommender.arrays import Ints
from recommender.catalogue.title_matching import TitleMatcher
from recommender.catalogue.title_search import TitleSearch
from recommender.catalogue.titles import Title, folded, one_line
from recommender.errors import AmbiguousMovieError, UnknownMovieError
from recommender.storage.cache import cached_property
from recommender.storage.encoding import ExternalId, MovieRecord, as_id
from recommender.storage.manifest import IdKind
from recommender.validation import shown

__all__ = ["Catalogue", "Movie", "MovieKey", "imdb_id"]

MovieKey = int | str
"""How a caller names a movie: its id, ``imdb:tt0133093``, ``tmdb:603``, a title, ``id:...``."""

# Ratings that a movie needs to be shown unasked, where so many movies have them.
_ENOUGH, _MOVIES_WITH_ENOUGH = 5, 100
_IMDB_NUMBER = re.compile(r"\btt[0-9]{5,12}\b")
_MOST_NAMED = 12  # of the movies of one title
_LONGEST = 500  # letters of a title, genre or tag


@dataclass(frozen=True, slots=True)
class Movie:
    """A movie, as callers see it."""

    movie_id: ExternalId
    """Id in the source of the index."""
    title: str
    """Title in natural order, without the year; the id where the source has no titles."""
    year: int | None = None
    genres: tuple[str, ...] = ()
    imdb_id: str | None = None
    """Such as ``tt0133093``."""
    tmdb_id: int | None = None
    ratings: int = 0
    """How many people rated it."""
    mean: float | None = None
    """Their mean, in stars; None without ratings."""
    tags: tuple[str, ...] = ()
    """What most people tagged it with, commonest first."""
    other_titles: tuple[str, ...] = ()
    """Its original title and others, where the source has them and they differ."""

    def __str__(self) -> str:
        return self.title if self.year is None else f"{self.title} ({self.year})"


def imdb_id(text: str) -> str | None:
    """Read an IMDb number with or without ``tt`` as IMDb writes it, or None.

    Examples
    --------
    >>> imdb_id("133093"), imdb_id("tt0133093"), imdb_id("tt12345678"), imdb_id("x")
    ('tt0133093', 'tt0133093', 'tt12345678', None)
    """
    # IMDb pads numbers to seven digits, and newer ones have eight.
    match = re.fullmatch(r"(?:tt)?([0-9]{1,12})", text.strip())
    return f"tt{int(match[1]):07d}" if match and int(match[1]) else None


def _shown(text: str) -> str:
    """Give a text of an index as one line that is not endless, whoever wrote that index."""
    line = text if text.isprintable() else one_line(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _all_shown(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(_shown, texts))))


def _as_shown(movie: MovieRecord) -> Movie:
    """Make of a stored movie what callers see."""
    title = Title.read(_shown(movie.title), movie.year)
    return Movie(
        movie.movie_id,
        # Some sources name a movie by nothing but its id.
        title.name or str(movie.movie_id),
        movie.year,
        _all_shown(movie.genres),
        movie.imdb_id,
        movie.tmdb_id,
        movie.ratings,
        movie.mean,
        _all_shown(movie.tags),
        title.others,
    )


def _check_texts(stored: list[MovieRecord]) -> None:
    """Raise TypeError where a title, genre or tag is no text, before any is needed."""
    texts = ((movie.title, *movie.genres, *movie.tags) for movie in stored)
    if kinds := set(map(type, itertools.chain.from_iterable(texts))) - {str}:
        raise TypeError(f"one of its texts is of type {kinds.pop().__name__}")


class Catalogue:
    """All movies by dense number, with the counts that scoring needs as arrays."""

    def __init__(self, records: Iterable[MovieRecord], *, movie_ids: IdKind) -> None:
        self._kind = movie_ids
        self._records = stored = list(records)
        _check_texts(stored)
        self._made: dict[int, Movie] = {}
        self.likes = np.array([movie.likes for movie in stored], dtype=np.int64)
        """Likes of each movie, shape (movies,)."""
        self.recent = np.array([movie.recent for movie in stored], dtype=np.int64)
        """Likes of each movie in the last days of the source, shape (movies,)."""
        self.counted_ratings = np.array([m.counted_ratings for m in stored], dtype=np.int64)
        """Ratings each movie had when its weight was fixed, shape (movies,)."""
        self.ratings = np.array([movie.ratings for movie in stored], dtype=np.int64)
        """Ratings of each movie, shape (movies,)."""
        self.years = np.array([movie.year or 0 for movie in stored], dtype=np.int64)
        """Year of each movie, 0 where unknown, shape (movies,)."""
        self._by_id: dict[ExternalId | None, int] = {
            movie.movie_id: number for number, movie in enumerate(stored)
        }

    def __len__(self) -> int:
        return len(self._records)

    def movie(self, number: int) -> Movie:
        """Return the movie with a dense number."""
        # Most questions are about few of a large catalogue, and opening it must be fast.
        movie = self._made.get(number)
        if movie is None:
            movie = self._made[number] = _as_shown(self._records[number])
        return movie

    @cached_property
    def _movies(self) -> list[Movie]:
        return [self.movie(number) for number in range(len(self))]

    @cached_property
    def genres_of(self) -> list[tuple[str, ...]]:
        """Genres of each movie, by dense number."""
        kinds = {movie.genres: _all_shown(movie.genres) for movie in self._records}
        return [kinds[movie.genres] for movie in self._records]

    @cached_property
    def least_ratings(self) -> int:
        """Ratings below which a movie is shown to nobody who does not ask for it.

        What a few people rated is listed by chance. Where hardly any movie would be left, as in a
        small index, every movie with a rating may be shown.
        """
        enough = np.count_nonzero(self.ratings >= _ENOUGH)
        return _ENOUGH if enough >= _MOVIES_WITH_ENOUGH else 1

    @cached_property
    def genres(self) -> dict[str, Ints]:
        """Dense numbers of the movies of each genre, genres in alphabetical order."""
        members: dict[str, list[int]] = {}
        for number, genres in enumerate(self.genres_of):
            for genre in genres:
                members.setdefault(genre, []).append(number)
        return {genre: np.array(members[genre], dtype=np.int64) for genre in sorted(members)}

    @cached_property
    def tags(self) -> dict[str, Ints]:
        """Dense numbers of the movies of each folded tag, commonest tags first."""
        members: dict[str, list[int]] = {}
        plain: dict[str, str] = {}
        for number, movie in enumerate(self._movies):
            for tag in movie.tags:
                key = plain.get(tag) or plain.setdefault(tag, folded(tag))
                members.setdefault(key, []).append(number)
        commonest = sorted(members, key=lambda tag: (-len(members[tag]), tag))
        return {tag: np.array(members[tag], dtype=np.int64) for tag in commonest}

    @cached_property
    def popular(self) -> Ints:
        """Liked movies by number of likes, most first, ties by ascending number."""
        order = np.argsort(-self.likes, kind="stable")
        return np.asarray(order[self.likes[order] > 0])

    @cached_property
    def titles(self) -> TitleSearch:
        """The titles, to be searched."""
        return TitleSearch(self.matcher)

    @cached_property
    def matcher(self) -> TitleMatcher:
        """The titles, to be found by themselves."""
        titles = [Title(movie.title, movie.other_titles, movie.year) for movie in self._movies]
        return TitleMatcher(titles, self.ratings)

    @cached_property
    def _by_link(self) -> dict[ExternalId | None, int]:
        """Movies by IMDb id (a str) and TMDB id (an int); where two share one, the more rated."""
        # One table serves both kinds of id, as their types differ.
        found: dict[ExternalId | None, int] = {}
        for number in np.argsort(-self.ratings, kind="stable").tolist():
            for key in (self._records[number].imdb_id, self._records[number].tmdb_id):
                if key is not None:
                    found.setdefault(key, number)
        return found

    def search(self, text: str, limit: int) -> list[int]:
        """Movies whose titles are like a text, or that are tagged with it, best first.

        One that has the text's IMDb number, as in an address there, is the only one.
        """
        linked = _IMDB_NUMBER.search(text)
        if linked and (number := self.find(f"imdb:{linked[0]}")) is not None:
            return [number]
        return self.titles.search(text, limit, self.tags.get(folded(text)))

    def resolve(self, key: MovieKey) -> int:
        """Find the dense number of the movie a caller means.

        An exact id comes first, then ``imdb:`` and ``tmdb:``, then a title, with or without
        its year; ``id:`` allows an id only.

        Raises UnknownMovieError where nothing matches; the message names what is close; or
        AmbiguousMovieError where several movies have that title.
        """
        number = self.find(key)
        if number is not None:  # the usual case, for thousands of movies at a time
            return number
        if isinstance(key, bool) or not isinstance(key, Integral | str):
            raise UnknownMovieError(f"{shown(key)} is not a movie id: give an int or a str")
        text = str(key).strip()
        titled = isinstance(key, str) and not text.startswith("id:")
        number = self._titled(text) if titled else None
        if number is None:
            raise self._unknown(text)
        return number

    def find(self, key: MovieKey) -> int | None:
        """Find the dense number of the movie with an id, of any kind; no title is looked at."""
        number = self._by_id.get(key) if type(key) is int and self._kind == "int" else None
        if number is not None or isinstance(key, bool) or not isinstance(key, Integral | str):
            return number
        text = str(key).strip()
        number = self._by_id.get(as_id(text.removeprefix("id:"), self._kind))
        if number is not None or text.startswith("id:"):
            return number
        scheme, _, rest = text.partition(":")
        if scheme.casefold() == "imdb":
            return self._by_link.get(imdb_id(rest))
        if scheme.casefold() == "tmdb":
            return self._by_link.get(as_id(rest, "int"))
        return None

    def _titled(self, text: str) -> int | None:
        matches = self.matcher.exact(text)
        if len(matches) > 1:
            known = sorted(matches, key=lambda number: -int(self.ratings[number]))
            first = map(self.movie, known[:_MOST_NAMED])
            named = ", ".join(f"id:{movie.movie_id} ({movie})" for movie in first)
            raise AmbiguousMovieError(
                f"{len(matches)} movies are titled {shown(text)}: give one of {named}"
            )
        return matches[0] if matches else None

    def _unknown(self, text: str) -> UnknownMovieError:
        start = f"no movie {shown(text)} in this index: "
        for key in (f"tmdb:{text}", f"imdb:{text}"):
            if (number := self.find(key)) is not None:
                return UnknownMovieError(
                    f"{start}if {self.movie(number)} is meant, write {shown(key)}"
                )
        close = [self.movie(number) for number in self.search(text, 3)]
        hint = "; ".join(f"{movie}, id {movie.movie_id}" for movie in close)
        advice = f"did you mean {hint}?" if hint else "find its id with `kindred search TITLE`"
        return UnknownMovieError(start + advice)
