"""Lists of films unlike each other, by maximal marginal relevance."""

from __future__ import annotations

import numpy as np

from recommender.ranking.films.similar import Likeness
from recommender.ranking.votes import Scores

__all__ = ["POOL", "diversified"]

POOL = 100
"""Films, the best of a list, that change places; those after them stay where they are."""


def diversified(likeness: Likeness, scores: Scores, diversity: float, limit: int) -> Scores:
    """Put the first hundred movies, best first, in another order; return ``limit`` of them all.

    The next is always the one with the largest maximal marginal relevance (Carbonell and Goldstein
    1998, "The use of MMR, diversity-based reranking")::

        (1 - diversity) score_j / max score - diversity max_i similarity_ij

    over the movies ``i`` chosen before, with the similarity of :meth:`Likeness.similarity`; of
    equals the one that stood before. Scores and supporters stay with their movies.
    """
    pool = scores.at(slice(POOL))
    if not len(pool.movies):
        return scores
    similarity, diversity = likeness.similarity(pool.movies), float(diversity)
    worth = (1 - diversity) * pool.scores / pool.scores[0]
    nearest = np.zeros(len(worth))
    order: list[int] = []
    for _ in range(min(limit, len(worth))):
        order.append(int(np.argmax(worth - diversity * nearest)))
        worth[order[-1]] = -np.inf
        nearest = np.maximum(nearest, similarity[order[-1]])
    return scores.at(np.append(order, np.arange(len(worth), len(scores.movies)))[:limit])
