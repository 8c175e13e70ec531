"""Ways to make one list of what movies are worth to several people.

Each takes the worths, shape (people, movies), 0 to 1, and returns the first ten columns of the
list, best first, ties by ascending column. Masthoff (2004), "Group modeling: selecting a sequence
of television items to suit a group of viewers", names the first four.
"""

from __future__ import annotations

import numpy as np

from kindred.evaluation.metrics import DEPTH
from recommender.arrays import Floats, Ints

__all__ = [
    "average",
    "average_without_misery",
    "by_turns",
    "least_misery",
    "product",
    "proportional",
]

# So that a movie worth nothing to somebody comes after all others, in the order of the rest.
_FLOOR = 1e-9


def average(worth: Floats) -> Ints:
    """Order by the mean over people."""
    return _best(worth.mean(axis=0))


def least_misery(worth: Floats) -> Ints:
    """Order by what a movie is worth to whom it is worth least."""
    return _best(worth.min(axis=0))


def average_without_misery(worth: Floats, *, threshold: float) -> Ints:
    """Order by the mean; what is worth less than the threshold to anybody comes last."""
    return _best(worth.mean(axis=0) + (worth.min(axis=0) >= threshold))


def product(worth: Floats) -> Ints:
    """Order by the product over people."""
    return _best(np.log(np.maximum(worth, _FLOOR)).mean(axis=0))


def by_turns(worth: Floats) -> Ints:
    """Take the best of each person's list that is not there yet, in the order of the people."""
    order: list[int] = []
    left = worth.copy()
    for place in range(min(DEPTH, worth.shape[1])):
        chosen = int(np.argmax(left[place % len(worth)]))
        left[:, chosen] = -1.0
        order.append(chosen)
    return np.array(order, dtype=np.int64)


def proportional(worth: Floats) -> Ints:
    """Choose one after the other what gives most to those who are owed something.

    Of all that a list is worth to the people together, each is entitled to an equal part; what a
    movie is worth to somebody beyond that counts for nothing: RLProp of Peska and Dokoupil (2022),
    "Towards results-level proportionality for multi-objective recommender systems".
    """
    gained = np.zeros(len(worth))
    left = np.ones(worth.shape[1], dtype=bool)
    order: list[int] = []
    for _ in range(min(DEPTH, worth.shape[1])):
        after = gained.sum() + worth.sum(axis=0)
        owed = np.maximum(after / len(worth) - gained[:, None], 0)
        chosen = int(np.argmax(np.where(left, np.minimum(worth, owed).sum(axis=0), -1.0)))
        left[chosen] = False
        gained += worth[:, chosen]
        order.append(chosen)
    return np.array(order, dtype=np.int64)


def _best(scores: Floats) -> Ints:
    return np.argsort(-scores, kind="stable")[:DEPTH]
