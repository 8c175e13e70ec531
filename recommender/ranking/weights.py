"""The formula that turns ratings into sparse vectors, for stored raters and for questions alike.

A rating of movie ``m`` in state ``b`` (0 like, 1 neutral, 2 dislike) sits at vector index
``3 m + b``. A question writes, for each movie the person rated in state ``a``, one entry per state
``b``, so that the dot product of the two computes any table of agreement between states.

Movie weights follow inverse document frequency (Spaerck Jones 1972), lengths pivoted normalisation
(Singhal, Buckley and Mitra 1996) with a power in place of the pivot.
"""

from __future__ import annotations

import numpy as np

from recommender.arrays import Bytes, Floats, Ints
from recommender.opinion import STATES
from recommender.settings import Ranking, Weighting
from recommender.storage.vectors import SparseVector

__all__ = ["movie_weights", "query_vector", "rater_lengths", "rater_values"]


def movie_weights(counts: Ints, users: int, weighting: Weighting) -> Floats:
    """Weight of each movie: the rarer it is, the more a shared opinion of it says.

    ``w_i = max(ln(N / (c_i + 1)), floor) ** power``, with ``c_i`` the ``counts`` of ratings, shape
    (movies,), and ``N`` the number of ``users``. Positive, shape (movies,).
    """
    # One more than the ratings a movie has, since it may have none.
    rarity = np.log(max(users, 1) / (counts + 1.0))
    return np.asarray(np.maximum(rarity, weighting.rarity_floor) ** weighting.rarity_power)


def rater_lengths(weights: Floats, states: Bytes, starts: Ints, weighting: Weighting) -> Floats:
    """Length of each rater's ratings: ``||u|| = sqrt(sum_i w_i**2 t_i**2)``.

    Movie ``weights`` and ``states`` of the ratings, shape (ratings,), come one rater after the
    other; ``starts``, shape (raters,), tells where each one's begin, and every rater has at least
    one. ``t`` is the length of the state. The result has shape (raters,).
    """
    lengths = np.asarray(weighting.state_lengths)[states]
    return np.asarray(np.sqrt(np.add.reduceat((weights * lengths) ** 2, starts)))


def rater_values(weights: Floats, lengths: Floats, weighting: Weighting) -> Floats:
    """Stored vector values ``w_i / ||u|| ** power``; ``lengths`` has one entry per rating."""
    return np.asarray(weights / lengths**weighting.length_power)


def query_vector(movies: Ints, states: Bytes, weights: Floats, ranking: Ranking) -> SparseVector:
    """Vector of a question: entries ``w_i A[a][b]`` at ``3 i + b``.

    ``movies`` are the dense numbers of the rated movies, ascending; their ``states`` are ``a``,
    their ``weights`` ``w_i``, each of shape (n,); ``A`` is the ranking's table of agreement. There
    are at most ``3 n`` entries; zeros are left out.
    """
    values = weights[:, None] * np.asarray(ranking.agreement)[states]
    indices = movies[:, None] * STATES + np.arange(STATES)
    keep = values != 0
    return SparseVector.checked(indices[keep], values[keep])
