"""Votes of the neighbours, added up by movie and divided by what its popularity calls for."""

from __future__ import annotations

import math
from typing import NamedTuple, Self

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.opinion import STATES, Opinion
from recommender.ranking.neighbours import Neighbours
from recommender.settings import Ranking

__all__ = ["Scores", "best", "best_voted", "count_votes", "damping_of", "least_supporters"]


class Scores(NamedTuple):
    """Scored movies, by ascending dense number or, after :func:`best`, best first."""

    movies: Ints
    """Dense movie numbers, shape (n,)."""
    scores: Floats
    """Scores above zero, shape (n,)."""
    supporters: Ints
    """Neighbours who like each movie, shape (n,)."""

    @classmethod
    def impersonal(cls, movies: Ints, scores: Floats) -> Self:
        """Scores that rest on no neighbours."""
        return cls(movies, scores, np.zeros(len(movies), dtype=np.int64))

    def at(self, where: Ints | Mask) -> Scores:
        """Return the scores at these places."""
        return Scores(self.movies[where], self.scores[where], self.supporters[where])


def count_votes(neighbours: Neighbours) -> Scores:
    """Add up the votes for every movie that enough neighbours like and the person has not rated.

    The total of movie ``j`` is ``sum_u a_u h(r_uj)``, with ``a_u`` the neighbour's weight and ``h``
    the vote of an opinion, 0 where the rating is too old to count. A movie counts where a part
    ``support`` of the neighbours, rounded up, like it: what one or two people love says little
    about somebody else.
    """
    ranking, movies = neighbours.ranking, len(neighbours.catalogue)
    # One product for each rater and opinion, looked up once per rating.
    ballot = np.multiply.outer(neighbours.weight, np.asarray(ranking.votes)).ravel()
    votes = neighbours.counted(ballot.take(neighbours.rated.owner * STATES + neighbours.state))
    totals = np.bincount(neighbours.rated.movie, weights=votes, minlength=movies)
    totals[neighbours.profile.movies] = 0.0
    likes = (neighbours.state == Opinion.LIKE.code) & (votes > 0)
    # compress() is much faster than indexing with the mask.
    supporters = np.bincount(neighbours.rated.movie.compress(likes), minlength=movies)
    voted = np.flatnonzero((totals > 0) & (supporters >= least_supporters(neighbours)))
    return Scores(voted, np.asarray(totals[voted], dtype=np.float64), supporters[voted])


def least_supporters(neighbours: Neighbours) -> int:
    """How many neighbours must like a movie before it is recommended."""
    return max(1, math.ceil(neighbours.ranking.support * len(neighbours)))


def damping_of(likes: Ints, known: int, ranking: Ranking, adventurous: float | None) -> Floats:
    """Return what votes for movies with so many ``likes`` are divided by, same shape.

    ``(likes + pseudo_likes) ** p``: without the additive smoothing a movie with one or two likes
    would win by a single vote. ``known`` is how many movies the person liked or saw.
    """
    power = ranking.discount(known, adventurous)
    return np.asarray((likes + ranking.pseudo_likes) ** power)


def best_voted(
    votes: Scores,
    neighbours: Neighbours,
    allowed: Mask,
    limit: int,
    *,
    adventurous: float | None,
    min_supporters: int,
) -> Scores:
    """Return the best of the allowed movies by what :func:`count_votes` found.

    ``score_j = votes_j / (likes_j + pseudo_likes) ** p``, with ``p`` by how many movies the person
    liked or saw, or by the ``adventurous`` dial.
    """
    votes = votes.at(votes.supporters >= min_supporters)
    likes = neighbours.catalogue.likes[votes.movies]
    damping = damping_of(likes, neighbours.profile.known, neighbours.ranking, adventurous)
    return best(votes._replace(scores=votes.scores / damping), allowed, limit)


def best(scores: Scores, allowed: Mask, limit: int) -> Scores:
    """Return the best of the allowed movies, best first, ties by ascending number."""
    scores = scores.at(allowed[scores.movies])
    if len(scores.movies) > limit:
        # Everything tied with the last place stays in until the ties are put in order.
        floor = np.partition(scores.scores, -limit)[-limit]
        scores = scores.at(scores.scores >= floor)
    return scores.at(np.lexsort((scores.movies, -scores.scores))[:limit])
