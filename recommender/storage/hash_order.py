"""A fixed pseudo-random order of users, in which samples of them are taken."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommender.arrays import Ints

__all__ = ["user_hashes"]


def user_hashes(users: Ints) -> npt.NDArray[np.uint64]:
    """One distinct number for each user: the mixing of splitmix64 (Steele et al. 2014).

    ``users`` are dense numbers, the result has their shape. Whoever samples users takes those with
    the smallest: the sample follows from their numbers alone, on every machine.
    """
    # Indexes in use depend on these constants: an append must sample the same users as the ingest.
    mixed = (users.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
