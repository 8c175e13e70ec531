"""Movies to begin with: well known, and unlike each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommender.catalogue import Catalogue

__all__ = ["pick_starters"]

# How far down the list of popular movies starters may come from, per starter asked for.
_REACH = 8
# What a movie loses for being just like one already picked, relative to its fame.
_LIKENESS = 0.7


def pick_starters(catalogue: Catalogue, allowed: npt.NDArray[np.bool_], limit: int) -> list[int]:
    """Pick popular movies that differ in genre and decade.

    Maximal marginal relevance (Carbonell and Goldstein 1998): fame against the likeness to the
    nearest movie picked so far, where likeness is the Jaccard index of the genres, a shared decade
    counting as one more genre.

    Returns
    -------
    list of int
        Dense movie numbers, at most ``limit``.
    """
    popular = catalogue.popular
    pool = popular[allowed[popular]][: limit * _REACH].tolist()
    traits = [{*catalogue.movie(n).genres, int(catalogue.years[n]) // 10} for n in pool]
    fame = np.log1p(catalogue.likes[pool])
    fame = fame / max(float(fame.max(initial=0.0)), 1.0)
    nearest = np.zeros(len(pool))
    left = np.ones(len(pool), dtype=bool)
    picked: list[int] = []
    while len(picked) < min(limit, len(pool)):
        value = np.where(left, fame - _LIKENESS * nearest, -np.inf)
        choice = int(np.argmax(value))
        left[choice] = False
        picked.append(int(pool[choice]))
        likeness = [len(t & traits[choice]) / len(t | traits[choice]) for t in traits]
        nearest = np.maximum(nearest, likeness)
    return picked
