"""Which raters a movie's vector keeps where there are too many.

Coordinated bottom-k sampling (Cohen and Kaplan 2007): every user has one fixed number that looks
like chance, and a movie keeps the users with the smallest. Two popular movies so keep the same
people, and what these people say of both still tells how alike the movies are.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from recommender.arrays import Ints, Mask

__all__ = ["kept"]


def kept(movies: Ints, users: Ints, limit: int) -> Mask:
    """Tell which ratings stay in the vectors of movies, at most ``limit`` of each.

    ``movies`` and ``users`` are the dense numbers of the ratings, ordered by movie; they and the
    result have shape (ratings,). The choice depends on users' numbers alone, on every machine.
    """
    keep = np.ones(len(movies), dtype=bool)
    starts = np.flatnonzero(np.diff(movies, prepend=-1))
    for start, stop in itertools.pairwise([*starts.tolist(), len(movies)]):
        if stop - start > limit:
            dropped = np.argpartition(_shuffled(users[start:stop]), limit)[limit:]
            keep[start + dropped] = False
    return keep


def _shuffled(users: Ints) -> npt.NDArray[np.uint64]:
    """One number for each user, no two alike: the mixing of splitmix64 (Steele et al. 2014)."""
    mixed = (users.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
