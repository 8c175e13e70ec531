"""How much films have in common by genre."""

from __future__ import annotations

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.catalogue.movies import Catalogue

__all__ = ["Genres"]

_EVERY = slice(None)
_TINY = np.finfo(np.float64).tiny


class Genres:
    """The genres of all films of a catalogue, the rarer the heavier.

    A genre weighs ``ln(films / films of the genre)``. Films of the same genres are compared once,
    as even a large catalogue has few combinations of genres.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        numbers: dict[tuple[str, ...], int] = {}
        combinations = [numbers.setdefault(genres, len(numbers)) for genres in catalogue.genres_of]
        self._combination = np.array(combinations, dtype=np.int64)
        column = {genre: place for place, genre in enumerate(catalogue.genres)}
        sizes = np.array([len(members) for members in catalogue.genres.values()], dtype=np.float64)
        self._table = np.zeros((len(numbers), len(column)))
        for row, genres in enumerate(numbers):
            self._table[row, [column[genre] for genre in genres]] = 1.0
        self._table *= np.log(len(catalogue) / sizes)
        self._has = (self._table > 0).astype(np.float64)
        self._totals = self._table.sum(axis=1)
        usual = self._combination[catalogue.ratings >= catalogue.least_ratings]
        # Part that each combination has of the films that may be recommended.
        self._usual = np.bincount(usual, minlength=len(numbers)) / max(len(usual), 1)

    def jaccard(self, films: Ints, others: Ints | None = None) -> Floats:
        """Weighted Jaccard index of the genres of films and others; of films and all by default.

        Dense numbers of shape (n,) and (m,) give shape (n, m). It is 0 where nothing is in common,
        as for films without genres.
        """
        if others is not None:
            return self._compared(self._combination[films], self._combination[others])
        return self._compared(self._combination[films], _EVERY)[:, self._combination]

    def affinity(self, films: Ints, others: Ints) -> tuple[Floats, float]:
        """Mean index of each of the others with the given films, at least one, shape (others,).

        The second result is its mean over the films that may be recommended.
        """
        combinations, counts = np.unique(self._combination[films], return_counts=True)
        means = counts @ self._compared(combinations, _EVERY) / len(films)
        return means[self._combination[others]], float(self._usual @ means)

    def _compared(self, one: Ints, two: Ints | slice) -> Floats:
        """Index of combinations, shape (n,), with others, shape (m,); shape (n, m)."""
        shared = self._has[one] @ self._table[two].T
        either = self._totals[one][:, None] + self._totals[two] - shared
        # Where neither has any genre, nothing is shared either.
        return np.asarray(shared / np.maximum(either, _TINY))
