"""From films of files to movies of this index, and from those to a profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from recommender import Movie, Profile, Recommender
from recommender.catalogue.listed_films import Match
from recommender.catalogue.titles import folded
from ui.state.taste import MovieId, Said, said_in
from ui.text import count, join_words
from ui.transfer.imported_films import Film, Precedence, preferred

__all__ = ["RULE", "Changes", "Draft"]

RULE = (
    "Where you rated a film here and in the file, the file's rating counts. A film it only lists "
    "as seen or liked keeps the rating you gave here."
)
"""Which of two ratings counts, in the words of the page."""


@dataclass(frozen=True)
class Changes:
    """What adding the films that were found does."""

    said: dict[MovieId, Said]
    """What it says anew."""
    changed: int
    """How many of these have another rating now."""
    same: int
    """Films of which the same is said already."""
    kept: int
    """Films of which more is said here than in the file; see :data:`RULE`."""
    repeated: int
    """Entries that are of a film of another entry."""

    @property
    def added(self) -> str:
        """What is added, in words; empty where nothing is."""
        number = Counter[str | None](said.listed for said in self.said.values())
        parts = {
            count(number[None], "rating"): number[None],
            f"{count(number['watchlist'], 'film')} saved": number["watchlist"],
            f"{count(number['hidden'], 'film')} hidden": number["hidden"],
        }
        return join_words([words for words, part in parts.items() if part])

    @property
    def numbers(self) -> str:
        """What changes and what stays as it is, in words."""
        new = sum(said.listed is None for said in self.said.values()) - self.changed
        parts = {
            count(new, "new rating"): new,
            f"{self.changed:,} changed": self.changed,
            f"{self.same:,} already here": self.same,
            f"{self.kept:,} kept as you rated or saved them here": self.kept,
            f"{self.repeated:,} listed twice": self.repeated,
        }
        words = join_words([words for words, part in parts.items() if part])
        return f"{words}." if words else ""


@dataclass
class Draft:
    """Imported films, the movies found for them, and what the person chose."""

    films: tuple[Film, ...]
    matches: tuple[Match, ...]
    """What was found for each."""
    chosen: dict[int, Movie | None] = field(default_factory=dict)
    """Movies the person chose by place, or None for a film that is none of those suggested."""
    _texts: dict[tuple[int, Movie | None], str] = field(default_factory=dict, init=False)

    @classmethod
    def of(cls, films: tuple[Film, ...], recommender: Recommender) -> Self:
        """Look films up."""
        return cls(films, recommender.match([film.mention for film in films]))

    @property
    def found(self) -> list[int]:
        """Places of the films that were found."""
        return [place for place in range(len(self.films)) if self.movie(place)]

    @property
    def unsure(self) -> list[int]:
        """Places of those for which there was something to choose from."""
        return [p for p, match in enumerate(self.matches) if match.movies and not match.sure]

    @property
    def undecided(self) -> list[int]:
        """Places of those for which there still is."""
        return [place for place in self.unsure if place not in self.chosen]

    @property
    def missing(self) -> list[int]:
        """Places of all others."""
        rest = {*range(len(self.films))}.difference(self.found, self.undecided)
        return sorted(rest)

    def movie(self, place: int) -> Movie | None:
        """Return the movie that a film is taken for."""
        return self.chosen[place] if place in self.chosen else self.matches[place].movie

    def candidates(self, place: int) -> Sequence[Movie]:
        """Return the movie that a film is taken for, or those that it may be."""
        movie = self.movie(place)
        return (movie,) if movie else self.matches[place].movies

    def search(self, query: str, places: list[int]) -> list[int]:
        """Return those of some films in whose title, in the file or here, a text occurs."""
        wanted = folded(query)
        return [place for place in places if wanted in self._text(place)]

    def _text(self, place: int) -> str:
        key = place, self.movie(place)
        if key not in self._texts:  # each letter that is typed is another search
            movies = self.candidates(place)
            others = (title for movie in movies for title in movie.other_titles)
            self._texts[key] = folded(" ".join([*map(str, (self.films[place], *movies)), *others]))
        return self._texts[key]

    def take_first(self) -> None:
        """Choose the likeliest movie for each film that has several, and was not decided upon."""
        for place in self.undecided:
            self.chosen[place] = self.matches[place].movies[0]

    def changes(self, profile: Profile) -> Changes:
        """Return what adding the movies that were found does to a profile; see :data:`RULE`."""
        films: dict[MovieId, Film] = {}
        found = self.found
        for place in found:
            if movie := self.movie(place):
                film = self.films[place]
                films[movie.movie_id] = preferred(films.get(movie.movie_id, film), film)
        before = said_in(profile)
        said, number = dict[MovieId, Said](), Counter[str]()
        for movie_id, film in films.items():
            here = before.get(movie_id, Said())
            if film.said == here:
                number["same"] += 1
            elif _says_less(film, here):
                number["kept"] += 1
            else:
                said[movie_id] = film.said
                number["changed"] += here.opinion is not None
        repeated = len(found) - len(films)
        return Changes(said, number["changed"], number["same"], number["kept"], repeated)


def _says_less(film: Film, here: Said) -> bool:
    """Tell whether a film of a file says less than what is said here."""
    if here.opinion is not None:
        return film.precedence < Precedence.DIARY
    return here.listed is not None and film.opinion is None
