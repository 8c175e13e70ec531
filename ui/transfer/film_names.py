"""What films of files, and of the collection, are called where they are looked over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from recommender import Movie
from ui.transfer.import_draft import Draft
from ui.transfer.imported_films import Film, Strength

__all__ = ["distinct", "listed", "named", "said_of", "title"]

_OPINIONS = {1: "liked", 0: "seen", -1: "disliked"}


def title(film: Film) -> str:
    """Give the title, or else the number the film has elsewhere."""
    mention = film.mention
    return mention.title or mention.imdb_id or f"TMDB {mention.tmdb_id}"


def named(film: Film) -> str:
    """Give the title with its year."""
    year = film.mention.year
    return title(film) if year is None else f"{title(film)} ({year})"


def said_of(film: Film) -> str:
    """Tell what the person said of it."""
    if film.opinion is None:
        return "not interested" if film.strength is Strength.HIDDEN else "to watch"
    stars = "" if film.stars is None else f", {film.stars:g} stars"
    return f"{_OPINIONS[film.opinion]}{stars}"


def distinct(movies: tuple[Movie, ...]) -> list[str]:
    """Name movies so that no two have one name, which a control would take for the same."""
    names = [str(movie) for movie in movies]
    return [
        f"{name}, number {movie.movie_id}" if names.count(name) > 1 else name
        for name, movie in zip(names, movies, strict=True)
    ]


def listed(draft: Draft, places: Sequence[int]) -> dict[int, str]:
    """Name films of files by place, likewise."""
    names = {place: named(draft.films[place]) for place in places}
    number, seen = Counter(names.values()), Counter[str]()
    for place, name in names.items():
        if number[name] > 1:
            seen[name] += 1
            names[place] = f"{name}, {seen[name]} of {number[name]}"
    return names
