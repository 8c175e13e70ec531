"""Adding up what the kindred raters loved."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.catalogue.movies import Catalogue
from recommender.opinion import STATES, Opinion
from recommender.ranking.neighbours import Neighbours
from recommender.settings import Ranking

__all__ = [
    "Scores",
    "best",
    "count_votes",
    "damped",
    "damping_of",
    "least_supporters",
    "vote",
]


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
    neighbours: Neighbours, catalogue: Catalogue, ranking: Ranking, adventurous: float | None
) -> Scores:
    """Score every movie that enough neighbours like and the person has not rated.

    ``score_j = sum_u a_u h(r_uj) / (likes_j + doubt) ** p``, with ``a_u`` the neighbour's weight,
    ``h`` the vote of a state, 0 where the rating is too old to count, and ``p`` the popularity
    exponent. A movie is scored where a part ``support`` of the neighbours, rounded up, like it:
    what one or two people love says little about somebody else.
    """
    votes = count_votes(neighbours, catalogue, ranking)
    return damped(votes, neighbours, catalogue, ranking, adventurous)


def damped(
    votes: Scores,
    neighbours: Neighbours,
    catalogue: Catalogue,
    ranking: Ranking,
    adventurous: float | None,
) -> Scores:
    """Divide votes by what the movies' fame calls for."""
    likes = catalogue.likes[votes.movies]
    damping = damping_of(likes, neighbours.profile.known, ranking, adventurous)
    return votes._replace(scores=votes.scores / damping)


def count_votes(neighbours: Neighbours, catalogue: Catalogue, ranking: Ranking) -> Scores:
    """Add up the votes for every movie that is to be scored: the sum in :func:`vote`."""
    # One vote by rater and state, looked up once per rating.
    ballot = np.multiply.outer(neighbours.weight, np.asarray(ranking.votes)).ravel()
    votes = neighbours.counted(ballot.take(neighbours.rated.owner * STATES + neighbours.state))
    totals = np.bincount(neighbours.rated.movie, weights=votes, minlength=len(catalogue))
    totals[neighbours.profile.movies] = 0.0
    loving = (neighbours.state == Opinion.LIKE.code) & (votes > 0)
    # compress() is much faster than indexing with the mask.
    supporters = np.bincount(neighbours.rated.movie.compress(loving), minlength=len(catalogue))
    movies = np.flatnonzero((totals > 0) & (supporters >= least_supporters(neighbours, ranking)))
    return Scores(movies, np.asarray(totals[movies], dtype=np.float64), supporters[movies])


def least_supporters(neighbours: Neighbours, ranking: Ranking) -> int:
    """How many neighbours must like a movie before it is recommended."""
    return max(1, math.ceil(ranking.support * len(neighbours)))


def damping_of(likes: Ints, known: int, ranking: Ranking, adventurous: float | None) -> Floats:
    """What votes for movies with so many ``likes`` are divided by, same shape.

    ``known`` is how many movies the person liked or saw.
    """
    power = ranking.exponent(known, adventurous)
    return np.asarray((likes + ranking.popularity_doubt) ** power)


def best(scores: Scores, allowed: Mask, limit: int) -> Scores:
    """Return the best of the allowed movies, best first, ties by ascending number."""
    scores = scores.at(allowed[scores.movies])
    if len(scores.movies) > limit:
        # Everything tied with the last place stays in until the ties are put in order.
        floor = np.partition(scores.scores, -limit)[-limit]
        scores = scores.at(scores.scores >= floor)
    return scores.at(np.lexsort((scores.movies, -scores.scores))[:limit])
