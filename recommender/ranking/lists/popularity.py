"""Ranking movies without a person: what is popular, what is trending, what is similar to a movie.

Each gives the best of the ``allowed`` movies, a mask of shape (movies,), best first, ties by
ascending number.
"""

from __future__ import annotations

import numpy as np

from recommender.arrays import Mask
from recommender.errors import InvalidInputError
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.votes import Scores, best

__all__ = ["popular", "similar", "trending"]

# Scores up to this are rounding, in an engine's 32 bits.
_NOTHING = 1e-6


def popular(version: IndexVersion, allowed: Mask, limit: int) -> Scores:
    """Movies that most people like; the score is the part of all people who do."""
    catalogue, users = version.catalogue, version.index.manifest.counts.users
    movies = catalogue.popular[allowed[catalogue.popular]][:limit]
    return Scores.impersonal(movies, catalogue.likes[movies] / max(users, 1))


def trending(version: IndexVersion, allowed: Mask, limit: int) -> Scores:
    """Movies liked often lately, for how well liked they are.

    ``score_j = recent_j / sqrt(likes_j + pseudo_likes)``, with ``recent_j`` the likes of the last
    days of the source (``recent_days`` of its weighting), ``likes_j`` all of them, and
    ``pseudo_likes`` the ranking's ``trending_pseudo_likes``: steady favourites are damped, and the
    pseudo-likes keep out movies that one person just liked.

    Raises InvalidInputError where the source has no times.
    """
    if not version.index.manifest.timed:
        raise InvalidInputError(
            "nothing is trending, as the ratings of this index carry no times: ask for what is "
            "popular instead"
        )
    catalogue = version.catalogue
    movies = np.flatnonzero(catalogue.recent)
    damping = np.sqrt(catalogue.likes[movies] + version.ranking.trending_pseudo_likes)
    scores = Scores.impersonal(movies, catalogue.recent[movies] / damping)
    return best(scores, allowed, limit)


def similar(version: IndexVersion, movie: int, allowed: Mask, limit: int) -> Scores:
    """Movies most like this one; the score is :mod:`their likeness
    <recommender.ranking.films.similar>`, above 0.
    """
    likeness = version.likeness.of(movie)
    found = np.flatnonzero(likeness > _NOTHING)
    return best(Scores.impersonal(found, likeness[found]), allowed, limit)
