"""Numbers that are read as ids of movies, and may have been meant as something else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np

from recommender.catalogue.movies import Catalogue, MovieKey
from recommender.validation import shown

__all__ = ["doubts_about"]

# Fewer numbers say too little; of more than so many, the first are looked at.
_FEWEST, _MOST = 4, 100
# Part of the numbers that are ids of the other kind.
_PART = 0.8
# How many times better known the movies are by the other kind of id, in the geometric mean of
# their ratings. In 12,000 draws each of 4, 5, 8, 12 and 20 films that people of ml-latest-small
# rated, it was 7 at most.
_TIMES_BETTER_KNOWN = 10
_KINDS: tuple[tuple[Literal["tmdb", "imdb"], str], ...] = (("tmdb", "TMDB"), ("imdb", "IMDb"))


def doubts_about(catalogue: Catalogue, keys: Iterable[MovieKey]) -> list[str]:
    """Say where plain numbers of a profile may have been meant otherwise, in a line each.

    They may be those of TMDB or IMDb, where these are known and fewer of them are ids here, or
    only of hardly known movies. And a number given as text may be a title.
    """
    numbers = [str(key).strip() for key in keys if str(key).strip().isdecimal()]
    doubts = [*filter(None, (_title(catalogue, key) for key in keys if isinstance(key, str)))]
    some = numbers[:_MOST]
    if len(some) < _FEWEST:
        return doubts
    own = [catalogue.find(f"id:{number}") for number in some]
    for kind, name in _KINDS:
        other = [catalogue.find(f"{kind}:{number}") for number in some]
        known = [sum(number is not None for number in numbers) for numbers in (own, other)]
        if known[1] >= _PART * len(some) and (
            known[1] > known[0] or _better_known(catalogue, own, other) >= _TIMES_BETTER_KNOWN
        ):
            example = next(at for at, number in enumerate(other) if number is not None)
            movie = catalogue.movie(other[example] or 0)
            doubts.append(
                f"the numbers of this profile look like those of {name}: {known[1]} of {len(some)} "
                f"are, and {known[0]} are ids of other movies in this index; if {movie} is meant "
                f"by {some[example]}, write {shown(f'{kind}:{some[example]}')}"
            )
    return doubts


def _better_known(catalogue: Catalogue, own: list[int | None], other: list[int | None]) -> float:
    pairs = [(a, b) for a, b in zip(own, other, strict=True) if a is not None and b is not None]
    ratings = np.log1p(catalogue.ratings[np.array(pairs, dtype=np.int64).reshape(-1, 2)])
    return float(np.exp(np.mean(ratings[:, 1] - ratings[:, 0]))) if pairs else 0.0


def _title(catalogue: Catalogue, key: str) -> str | None:
    number = catalogue.find(key) if key.strip().isdecimal() else None
    if number is None or isinstance(catalogue.movie(number).movie_id, str):
        return None  # no id, or one of an index whose ids are text
    movies = [catalogue.movie(titled) for titled in catalogue.matcher.exact(key)]
    meant = next((movie for movie in movies if movie.title == key.strip()), None)
    if meant is None or meant == catalogue.movie(number):
        return None
    return (
        f"{shown(key)} is read as the id of {catalogue.movie(number)}: if {meant} is meant, write "
        f"'id:{meant.movie_id}'"
    )
