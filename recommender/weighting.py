"""The formula that turns ratings into sparse vectors, for stored raters and for questions alike.

A rating of movie ``m`` in state ``b`` (0 like, 1 neutral, 2 dislike) sits at vector index
``3 m + b``. A question writes, for each movie the person rated in state ``a``, one entry per state
``b``, so that the dot product of the two computes any table of agreement between states.

Movie weights follow inverse document frequency (Spaerck Jones 1972), lengths pivoted normalisation
(Singhal, Buckley and Mitra 1996) with a power in place of the pivot.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommender.scale import STATES
from recommender.settings import Ranking, Weighting
from recommender.vectors import SparseVector

__all__ = ["movie_weights", "query_vector", "rater_lengths", "rater_values"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def movie_weights(counts: Ints, users: int, weighting: Weighting) -> Floats:
    """Weight of each movie: the rarer it is, the more a shared opinion of it says.

    ``w_i = max(ln(N / (c_i + 1)), floor) ** power``

    Parameters
    ----------
    counts : array of int, shape (movies,)
        Ratings of each movie, ``c_i``.
    users : int
        Raters in all, ``N``.
    weighting : Weighting
        The floor and the power.

    Returns
    -------
    array of float, shape (movies,)
        Positive weights.
    """
    rarity = np.log(max(users, 1) / (counts + 1.0))
    return np.asarray(np.maximum(rarity, weighting.rarity_floor) ** weighting.rarity_power)


def rater_lengths(
    weights: Floats, states: npt.NDArray[np.uint8], starts: Ints, weighting: Weighting
) -> Floats:
    """Length of each rater's ratings: ``||u|| = sqrt(sum_i w_i**2 t_i**2)``.

    Parameters
    ----------
    weights : array of float, shape (ratings,)
        The movie weight of each rating, one rater after the other.
    states : array of uint8, shape (ratings,)
        State of each rating.
    starts : array of int, shape (raters,)
        Where each rater's ratings begin; every rater has at least one.
    weighting : Weighting
        The ``t`` of each state.

    Returns
    -------
    array of float, shape (raters,)
    """
    lengths = np.asarray(weighting.state_lengths)[states]
    return np.asarray(np.sqrt(np.add.reduceat((weights * lengths) ** 2, starts)))


def rater_values(weights: Floats, lengths: Floats, weighting: Weighting) -> Floats:
    """Stored vector values ``w_i / ||u|| ** power``; ``lengths`` has one entry per rating."""
    return np.asarray(weights / lengths**weighting.length_power)


def query_vector(
    movies: Ints, states: npt.NDArray[np.uint8], weights: Floats, ranking: Ranking
) -> SparseVector:
    """Vector of a question: entries ``w_i A[a][b]`` at ``3 i + b``.

    Parameters
    ----------
    movies : array of int, shape (n,)
        Dense numbers of the rated movies, ascending.
    states : array of uint8, shape (n,)
        What the person said of each.
    weights : array of float, shape (n,)
        Their movie weights.
    ranking : Ranking
        The agreement table ``A``.

    Returns
    -------
    SparseVector
        At most ``3 n`` entries; zeros are left out.
    """
    values = weights[:, None] * np.asarray(ranking.agreement)[states]
    indices = movies[:, None] * STATES + np.arange(STATES)
    keep = values != 0
    return SparseVector.checked(indices[keep], values[keep])
