"""From films of files to movies of this index, and from those to a profile."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from recommender import Movie, Profile, Recommender
from recommender.catalogue.listed_films import Match
from ui.state.taste import MovieId, Said, said_in
from ui.transfer.imported_films import Film, Precedence, preferred

__all__ = ["RULE", "Draft"]

RULE = (
    "Where you rated a film here and in the file, the file's rating counts. A film it only lists "
    "as seen or liked keeps the rating you gave here."
)
"""Which of two ratings counts, in the words of the page."""


@dataclass
class Draft:
    """Imported films, the movies found for them, and what the person chose."""

    films: tuple[Film, ...]
    matches: tuple[Match, ...]
    """What was found for each."""
    chosen: dict[int, Movie | None] = field(default_factory=dict)
    """Movies the person chose by place, or None for a film to leave out."""

    @classmethod
    def of(cls, films: tuple[Film, ...], recommender: Recommender) -> Self:
        """Look films up."""
        return cls(films, recommender.match([film.mention for film in films]))

    @cached_property
    def sure(self) -> list[int]:
        """Places of the films that were found."""
        return [place for place, match in enumerate(self.matches) if match.sure]

    @cached_property
    def unsure(self) -> list[int]:
        """Places of those for which there is something to choose from."""
        return [p for p, match in enumerate(self.matches) if match.movies and not match.sure]

    @cached_property
    def missing(self) -> list[int]:
        """Places of those for which there is nothing."""
        return [place for place, match in enumerate(self.matches) if not match.movies]

    def movie(self, place: int) -> Movie | None:
        """Return the movie that a film is taken for."""
        return self.chosen.get(place) or self.matches[place].movie

    def take_first(self) -> None:
        """Choose the likeliest movie for each film that has several, and was not decided upon."""
        for place in self.unsure:
            self.chosen.setdefault(place, self.matches[place].movies[0])

    def changes(self, profile: Profile) -> dict[MovieId, Said]:
        """Return what adding the movies that were found says anew of each; see :data:`RULE`."""
        # Two films may be taken for one.
        films: dict[MovieId, Film] = {}
        for place, film in enumerate(self.films):
            if movie := self.movie(place):
                films[movie.movie_id] = preferred(films.get(movie.movie_id, film), film)
        said = said_in(profile)
        return {
            movie_id: film.said
            for movie_id, film in films.items()
            if _counts(film, said.get(movie_id, Said()))
        }


def _counts(film: Film, here: Said) -> bool:
    """Tell whether a film of a file changes what is said here."""
    # A list of films seen says less than a rating given here.
    if here.opinion is not None and film.precedence < Precedence.DIARY:
        return False
    if here.listed and film.opinion is None:
        return False
    return film.said != here
