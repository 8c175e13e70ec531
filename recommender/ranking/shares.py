"""Where a score comes from, exactly."""

from __future__ import annotations

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.ranking.neighbours import Neighbourhood
from recommender.settings import Ranking

__all__ = ["shares"]


def shares(near: Neighbourhood, movies: Ints, ranking: Ranking) -> Floats:
    """Split the scores of movies among the movies of the profile.

    ``share_ij = sum_u a_u h(r_uj) (contribution_ui / s_u) / sum_u a_u h(r_uj)``, where
    ``contribution_ui`` is movie ``i``'s term of the dot product ``s_u`` between the person and
    neighbour ``u``. A neighbour's vote is thus given back in proportion to the terms of their
    similarity. The vote's weight is a power of that similarity, so this proportion is a convention,
    and the one under which the shares always sum to 1. A share is negative where what the person
    said of a movie spoke against those neighbours.

    ``movies``, shape (n,), are dense numbers of movies with a score above zero, each once; the
    result has shape (n, movies of the profile). Each row sums to 1, and a share times the score is
    the contribution to it.
    """
    raters, said = len(near.numbers), len(near.profile)
    row_of = np.full(near.movies, -1, dtype=np.int64)
    row_of[movies] = np.arange(len(movies))
    rows = row_of.take(near.rated.movie)
    cast = np.flatnonzero(rows >= 0)
    owner = near.rated.owner.take(cast)
    votes = np.zeros((len(movies), raters))
    ballots = near.weight[owner] * np.asarray(ranking.votes)[near.state[cast]]
    votes[rows[cast], owner] = near.counted(ballots, cast)
    # Raters left out at the cut have no vote; their similarity may be zero.
    similarity = np.where(near.weight != 0, near.similarity, 1.0)
    terms = np.zeros((raters, said))
    terms[near.term_owner, near.term_position] = near.term
    return np.asarray((votes @ (terms / similarity[:, None])) / votes.sum(axis=1)[:, None])
