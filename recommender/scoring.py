"""Adding up what the kindred raters loved."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.catalogue import Catalogue
from recommender.neighbourhood import Neighbourhood
from recommender.scale import LIKE, STATES
from recommender.settings import Ranking

__all__ = ["Scores", "best", "vote"]


class Scores(NamedTuple):
    """Scored movies, by ascending dense number or, after :func:`best`, best first."""

    movies: Ints
    """Dense movie numbers, shape (n,)."""
    scores: Floats
    """Scores above zero, shape (n,)."""
    supporters: Ints
    """Neighbours who like each movie, shape (n,)."""

    def at(self, where: Ints | Mask) -> Scores:
        """Return the scores at these places."""
        return Scores(self.movies[where], self.scores[where], self.supporters[where])


def vote(
    near: Neighbourhood, catalogue: Catalogue, ranking: Ranking, adventurous: float | None
) -> Scores:
    """Score every movie a neighbour liked or found neutral and the person has not rated.

    ``score_j = sum_u a_u h(r_uj) / (likes_j + 1) ** p``, with ``a_u`` the neighbour's weight, ``h``
    the vote of a state, 0 where the rating is too old to count, and ``p`` the place on the
    familiar-adventurous dial.
    """
    # One vote by rater and state, looked up once per rating.
    ballot = np.multiply.outer(near.weight, np.asarray(ranking.votes)).ravel()
    votes = near.counted(ballot[near.rated.owner * STATES + near.state])
    totals = np.bincount(near.rated.movie, weights=votes, minlength=len(catalogue))
    totals[near.profile.movies] = 0.0
    movies = np.flatnonzero(totals > 0)
    loving = (near.state == LIKE) & (votes > 0)
    # compress() is much faster than indexing with the mask.
    supporters = np.bincount(near.rated.movie.compress(loving), minlength=len(catalogue))
    damping = (catalogue.likes[movies] + 1.0) ** ranking.exponent(adventurous)
    return Scores(movies, totals[movies] / damping, supporters[movies])


def best(scores: Scores, allowed: Mask, limit: int) -> Scores:
    """Return the best of the allowed movies, best first, ties by ascending number."""
    scores = scores.at(allowed[scores.movies])
    if len(scores.movies) > limit:
        # Everything tied with the last place stays in until the ties are put in order.
        floor = np.partition(scores.scores, -limit)[-limit]
        scores = scores.at(scores.scores >= floor)
    return scores.at(np.lexsort((scores.movies, -scores.scores))[:limit])
