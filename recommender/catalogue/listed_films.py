"""Films as other lists name them, and which movies of a catalogue they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recommender.catalogue.movies import Catalogue, Movie, imdb_id
from recommender.catalogue.title_matching import Found
from recommender.storage.encoding import ExternalId

__all__ = ["Match", "Mention", "match_mentions"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A film as another list names it; whatever is known of it."""

    title: str = ""
    """Also as MovieLens writes it: ``Matrix, The (1999)``."""
    year: int | None = None
    imdb_id: str | None = None
    """Such as ``tt0133093``."""
    tmdb_id: int | None = None
    movie_id: ExternalId | None = None
    """An id of this index, perhaps: it counts only where the title is that of the movie, too."""


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for a mention."""

    movies: tuple[Movie, ...] = ()
    """What it may be, likeliest first."""
    sure: bool = False
    """Whether the first is what was meant."""

    @property
    def movie(self) -> Movie | None:
        """The movie that was meant, where that is sure."""
        return self.movies[0] if self.sure else None


def match_mentions(catalogue: Catalogue, mentions: Sequence[Mention]) -> tuple[Match, ...]:
    """Find movies by their ids and otherwise by title and year, one match for each mention."""
    linked = [_by_id(catalogue, mention) for mention in mentions]
    rest = [place for place, number in enumerate(linked) if number is None]
    titles = catalogue.matcher.match([(mentions[p].title, mentions[p].year) for p in rest])
    by_title = dict(zip(rest, titles, strict=True))
    matches = []
    for place, (mention, number) in enumerate(zip(mentions, linked, strict=True)):
        found = by_title[place] if number is None else Found([number], sure=True)
        movies = tuple(catalogue.movie(number) for number in found.numbers)
        sure = found.sure and (number is not None or _by_title(mention, movies[0]))
        matches.append(Match(movies, sure))
    return tuple(matches)


def _by_id(catalogue: Catalogue, mention: Mention) -> int | None:
    # The list may come from another source, whose ids are other movies here: the title must fit.
    if mention.movie_id is not None:
        number = catalogue.find(f"id:{mention.movie_id}")
        if (
            number is not None
            and not _another(mention, catalogue.movie(number))
            and number in catalogue.matcher.named(mention.title, mention.year)
        ):
            return number
    number = None if mention.imdb_id is None else catalogue.find(f"imdb:{mention.imdb_id}")
    if number is None and mention.tmdb_id is not None:
        number = catalogue.find(f"tmdb:{mention.tmdb_id}")
    return number


def _by_title(mention: Mention, movie: Movie) -> bool:
    """Whether a title is enough: not that of a source without titles, where it is but the id."""
    return not _another(mention, movie) and movie.title != str(movie.movie_id)


def _another(mention: Mention, movie: Movie) -> bool:
    """Whether IMDb has them as two, or TMDB where IMDb does not say."""
    ids: tuple[object, object] = (mention.imdb_id and imdb_id(mention.imdb_id), movie.imdb_id)
    if not all(ids):
        ids = mention.tmdb_id, movie.tmdb_id
    return all(ids) and ids[0] != ids[1]
