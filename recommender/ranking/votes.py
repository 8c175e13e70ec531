"""Votes of the neighbours, added up by movie."""

from __future__ import annotations

import math
from typing import NamedTuple, Self

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.opinion import STATES, Opinion
from recommender.ranking.neighbours import Neighbours

__all__ = ["Scores", "Votes", "best", "count_votes", "least_supporters", "vote_shares"]


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

    def at(self, where: Ints | Mask | slice) -> Scores:
        """Return the scores at these places."""
        return Scores(self.movies[where], self.scores[where], self.supporters[where])


class Votes(NamedTuple):
    """What the neighbours say of every movie."""

    totals: Floats
    """``sum_u a_u h(r_uj)``, 0 for what the person rated, shape (movies,)."""
    supporters: Ints
    """Neighbours who like each movie, shape (movies,)."""
    enough: Ints
    """Movies with votes above zero that enough neighbours like, ascending."""


def count_votes(neighbours: Neighbours) -> Votes:
    """Add up the votes for every movie.

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
    enough = np.flatnonzero(supporters >= least_supporters(neighbours))
    enough = enough[totals[enough] > 0]
    return Votes(totals.astype(np.float64, copy=False), supporters, enough)


def least_supporters(neighbours: Neighbours) -> int:
    """How many neighbours must like a movie before it is recommended."""
    return max(1, math.ceil(neighbours.ranking.support * len(neighbours)))


def vote_shares(neighbours: Neighbours, movies: Ints) -> Floats:
    """Split the votes for movies among the movies of the profile.

    ``share_ij = sum_u a_u h(r_uj) (contribution_ui / s_u) / sum_u a_u h(r_uj)``, where
    ``contribution_ui`` is movie ``i``'s term of the dot product ``s_u`` between the person and
    neighbour ``u``. A neighbour's vote is thus given back in proportion to the terms of their
    similarity. The vote's weight is a power of that similarity, so this proportion is a convention,
    and the one under which the shares always sum to 1. A share is negative where the person's
    opinion of a movie spoke against those neighbours.

    ``movies``, shape (n,), are dense numbers of movies with votes above zero, each once; the result
    has shape (n, movies of the profile), and each row sums to 1.
    """
    raters, rated = len(neighbours.numbers), len(neighbours.profile)
    row_of = np.full(len(neighbours.catalogue), -1, dtype=np.int64)
    row_of[movies] = np.arange(len(movies))
    rows = row_of.take(neighbours.rated.movie)
    cast = np.flatnonzero(rows >= 0)
    owner = neighbours.rated.owner.take(cast)
    votes = np.zeros((len(movies), raters))
    ballots = (
        neighbours.weight[owner] * np.asarray(neighbours.ranking.votes)[neighbours.state[cast]]
    )
    votes[rows[cast], owner] = neighbours.counted(ballots, cast)
    # Raters left out at the cut have no vote; their similarity may be zero.
    similarity = np.where(neighbours.weight != 0, neighbours.similarity, 1.0)
    terms = np.zeros((raters, rated))
    terms[neighbours.term_owner, neighbours.term_position] = neighbours.term
    return np.asarray((votes @ (terms / similarity[:, None])) / votes.sum(axis=1)[:, None])


def best(scores: Scores, allowed: Mask, limit: int) -> Scores:
    """Return the best of the allowed movies, best first, ties by ascending number."""
    scores = scores.at(allowed[scores.movies])
    if len(scores.movies) > limit:
        # Everything tied with the last place stays in until the ties are put in order.
        floor = np.partition(scores.scores, -limit)[-limit]
        scores = scores.at(scores.scores >= floor)
    return scores.at(np.lexsort((scores.movies, -scores.scores))[:limit])
