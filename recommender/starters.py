"""Movies to begin with: well known, and unlike each other."""

from __future__ import annotations

import numpy as np

from recommender.arrays import Mask
from recommender.catalogue import Catalogue

__all__ = ["pick_starters"]

# How far down the list of popular movies starters may come from, per starter asked for.
_REACH = 8
# What a movie loses for being just like one already picked, relative to its fame.
_LIKENESS = 0.7


def pick_starters(catalogue: Catalogue, allowed: Mask, limit: int) -> list[int]:
    """Pick popular movies that differ in genre and decade.

    Maximal marginal relevance (Carbonell and Goldstein 1998): fame against the likeness to the
    nearest movie picked so far, where likeness is the Jaccard index of the genres, a shared decade
    counting as one more genre. At most ``limit`` dense movie numbers are returned.
    """
    popular = catalogue.popular
    pool = popular[allowed[popular]][: limit * _REACH].tolist()
    if not pool:
        return []
    decades = catalogue.years[pool] // 10
    groups = [np.isin(pool, members) for members in catalogue.genres.values()]
    groups += [decades == decade for decade in np.unique(decades)]
    traits = np.array(groups, dtype=np.float64).T
    sizes = traits.sum(axis=1)
    fame = np.log1p(catalogue.likes[pool])
    fame = fame / max(float(fame.max(initial=0.0)), 1.0)
    nearest = np.zeros(len(pool))
    picked: list[int] = []
    while len(picked) < min(limit, len(pool)):
        choice = int(np.argmax(fame - _LIKENESS * nearest))
        fame[choice] = -np.inf
        picked.append(pool[choice])
        shared = traits @ traits[choice]
        nearest = np.maximum(nearest, shared / (sizes + sizes[choice] - shared))
    return picked
