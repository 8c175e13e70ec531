"""Ranking movies without a person: what is popular, what is trending, what is similar to a movie.

Each gives the best of the ``allowed`` movies, a mask of shape (movies,), best first, ties by
ascending number.
"""

from __future__ import annotations

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.errors import InvalidInputError
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.item_similarity import similar_scores
from recommender.ranking.votes import Scores, best
from recommender.settings import Ranking

__all__ = ["popular", "similar", "trending"]


def popular(version: IndexVersion, allowed: Mask, limit: int) -> Scores:
    """Movies that most people like; the score is the part of all people who do."""
    catalogue, people = version.catalogue, version.index.manifest.counts.users
    movies = catalogue.popular[allowed[catalogue.popular]][:limit]
    return _scores(movies, catalogue.likes[movies] / max(people, 1))


def trending(version: IndexVersion, allowed: Mask, limit: int, ranking: Ranking) -> Scores:
    """Movies liked often lately, for how well liked they are.

    ``score_j = recent_j / sqrt(likes_j + doubt)``, with ``recent_j`` the likes of the last days of
    the source (``recent_days`` of its weighting) and ``likes_j`` all of them: steady favourites are
    damped, and the doubt keeps out movies that one person just liked.

    Raises InvalidInputError where the source has no times.
    """
    if not version.index.manifest.timed:
        raise InvalidInputError(
            "nothing is trending, as the ratings of this index carry no times: ask for what is "
            "popular instead"
        )
    catalogue = version.catalogue
    movies = np.flatnonzero(catalogue.recent)
    damping = np.sqrt(catalogue.likes[movies] + ranking.trending_pseudo_likes)
    return best(_scores(movies, catalogue.recent[movies] / damping), allowed, limit)


def similar(
    version: IndexVersion, movie: int, allowed: Mask, limit: int, ranking: Ranking
) -> Scores:
    """Movies rated above and below expectation by the same people as this one.

    The score is that of :func:`recommender.ranking.item_similarity.similar_scores`.
    """
    # Where little is allowed, more must be looked at to find so many.
    part = max(float(allowed.mean()), 0.05)
    hits = version.index.similar_movies(movie, limit=int((ranking.similar_pool + limit) / part))
    counts, manifest = version.catalogue.ratings, version.index.manifest
    scores = similar_scores(hits, movie, counts, manifest, ranking)
    return best(scores, allowed, limit)


def _scores(movies: Ints, scores: Floats) -> Scores:
    return Scores(movies, scores, np.zeros(len(movies), dtype=np.int64))
