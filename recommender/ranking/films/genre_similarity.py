"""How much films have in common by genre."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommender.arrays import Floats, Ints
from recommender.catalogue.movies import Catalogue

__all__ = ["Genres"]


class Genres:
    """Genres of the films of one version, the rare ones worth more than the common ones.

    A genre weighs ``ln(movies / movies of the genre)``: nothing where all films have it.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        members = list(catalogue.genres.values())
        sizes = np.array([len(films) for films in members], dtype=np.float64)
        self._weight = np.log(len(catalogue) / sizes).astype(np.float32)
        self._has: npt.NDArray[np.float32] = np.zeros((len(catalogue), len(sizes)), np.float32)
        for genre, films in enumerate(members):
            self._has[films, genre] = 1.0
        self._total = self._has @ self._weight

    def jaccard(self, films: Ints) -> Floats:
        """Weighted Jaccard index of films with all films, 0 to 1.

        The weight of the genres that two films share over that of the genres that either has; 0
        where neither has a genre that weighs anything. ``films`` are dense numbers, shape (n,); the
        result has shape (n, all films).
        """
        shared = (self._has[films] * self._weight) @ self._has.T
        either = self._total[films, None] + self._total - shared
        return np.divide(shared, either, out=np.zeros_like(shared), where=either > 0).astype(
            np.float64
        )
