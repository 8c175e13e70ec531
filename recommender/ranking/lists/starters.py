"""Movies to rate first: well known, and each informative in another way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.catalogue.movies import Catalogue
from recommender.ranking.films.similar import Likeness

__all__ = ["StarterPool", "pick_starters"]

# How many of the best known movies starters are chosen from.
_POOL = 200


@dataclass(frozen=True, eq=False)
class StarterPool:
    """The movies with most likes, and how much of what one shows of a taste another shows too."""

    movies: Ints
    """Dense numbers, most likes first, shape (n,)."""
    similarity: Floats
    """From 0 to 1, shape (n, n)."""

    @classmethod
    def of(cls, catalogue: Catalogue, likeness: Likeness) -> Self:
        """Compare the best known movies of a version."""
        movies = catalogue.popular[:_POOL]
        return cls(movies, likeness.similarity(movies))


def pick_starters(
    pool: StarterPool, catalogue: Catalogue, allowed: Mask, rated: Ints, limit: int
) -> list[int]:
    """Pick popular movies, each unlike those picked before it and those ``rated``.

    One by one the movie with the largest ``likes_j (1 - max similarity_ij)``. To ask for what is
    popular and varied at once goes back to Rashid et al. (2002), "Getting to know you", where
    variety is the entropy of a movie's ratings; here, as in Golbandi, Koren and Lempel (2011), it
    depends on what was answered before. At most ``limit`` dense movie numbers are returned; once
    the pool is used up, what is popular beyond it.

    ``allowed`` has shape (movies,); ``rated`` are dense numbers.
    """
    worth = np.where(allowed[pool.movies], catalogue.likes[pool.movies], 0).astype(np.float64)
    known = np.isin(pool.movies, rated)
    nearest = pool.similarity[known].max(axis=0, initial=0.0)
    picked: list[int] = []
    for _ in range(min(limit, int(np.count_nonzero(worth)))):
        # As many as asked for are returned, even if they add nothing.
        choice = int(np.argmax(np.where(worth > 0, worth * (1 - nearest), -1.0)))
        worth[choice] = 0.0
        picked.append(int(pool.movies[choice]))
        nearest = np.maximum(nearest, pool.similarity[choice])
    beyond = catalogue.popular[len(pool.movies) :]
    return [*picked, *beyond[allowed[beyond]][: limit - len(picked)].tolist()]
