"""From films of files to movies of this index, and from those to a profile."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

from recommender import Movie, Profile, Recommender
from recommender.catalogue.listed_films import Match
from ui.state.taste import EMPTY, MovieId
from ui.transfer.imported_films import Film, Precedence, preferred

__all__ = ["RULE", "Change", "Draft"]

RULE = (
    "Where you rated a film here and in the file, the file's rating counts. A film it only lists "
    "as seen or liked keeps the rating you gave here."
)
"""Which of two ratings counts, in the words of the page."""


@dataclass(frozen=True)
class Change:
    """What adding films would make of a profile."""

    profile: Profile
    rated: int
    """Films with a new or another rating."""
    saved: int
    """Films that come onto the watchlist."""
    hidden: int
    """Films that are of no interest from then on."""


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

    def change(self, profile: Profile) -> Change:
        """Add the movies that were found to a profile; see :data:`RULE`."""
        opinions, stars = dict(profile.opinions), dict(profile.stars)
        saved, hidden = dict.fromkeys(profile.watchlist), dict.fromkeys(profile.hidden)
        for movie_id, film in self._by_movie().items():
            # A list of films seen says less than a rating given here.
            if movie_id in profile.opinions and film.precedence < Precedence.DIARY:
                continue
            if film.opinion is None and (movie_id in saved or movie_id in hidden):
                continue
            # A film is rated, or saved, or hidden.
            for known in (opinions, stars, saved, hidden):
                known.pop(movie_id, None)
            if film.opinion is not None:
                opinions[movie_id] = film.opinion
                if film.stars is not None:
                    stars[movie_id] = film.stars
            else:
                (hidden if film.precedence is Precedence.HIDDEN else saved)[movie_id] = None
        new = replace(
            EMPTY, opinions=opinions, stars=stars, watchlist=tuple(saved), hidden=tuple(hidden)
        )
        return Change(
            new,
            rated=sum(1 for movie_id in opinions if _of(new, movie_id) != _of(profile, movie_id)),
            saved=len(saved.keys() - {*profile.watchlist}),
            hidden=len(hidden.keys() - {*profile.hidden}),
        )

    def _by_movie(self) -> dict[MovieId, Film]:
        """Choose the entry that counts for each movie, as two films may be taken for one."""
        films: dict[MovieId, Film] = {}
        for place, film in enumerate(self.films):
            movie = self.movie(place)
            if movie is None:
                continue
            known = films.get(movie.movie_id)
            films[movie.movie_id] = film if known is None else preferred(known, film)
        return films


def _of(profile: Profile, movie_id: MovieId) -> tuple[float | None, float | None]:
    return profile.opinions.get(movie_id), profile.stars.get(movie_id)
