"""EASE on the films in question: which candidates follow from what a person likes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.ranking.films.panel import Panel

__all__ = ["Ease"]


@dataclass(frozen=True, eq=False)
class Ease:
    """What each of a person's films predicts of each candidate, by the others of both left aside.

    EASE (Steck 2019) in closed form, solved at the question for a sub-catalogue: with ``P`` the
    inverse of ``G + ridge + dropout diag(G)`` over the person's films and the candidates,
    ``e_ij = -P_ji worth_i / P_jj``. The part of the ridge that grows with the diagonal is the
    dropout of Steck (2020).
    """

    candidates: Ints
    """Dense numbers, ascending, shape (c,)."""
    terms: Floats
    """``e_ij``, shape (c, n)."""
    predicted: Floats
    """``e_j = sum_i e_ij``, not below 0, shape (c,)."""
    expected: Floats
    """What popularity lets expect: values per rater, shape (c,). Predictions have the same sum."""

    @classmethod
    def solve(
        cls,
        panel: Panel,
        films: Ints,
        worth: Floats,
        candidates: Ints,
        *,
        ridge: float,
        dropout: float,
    ) -> Self:
        """Solve for a person's ``films``, which count as ``worth`` says, both of shape (n,)."""
        gram = panel.gram(np.concatenate([films, candidates]))
        diagonal = np.einsum("ii->i", gram)  # a view of it
        diagonal += ridge + dropout * diagonal
        # By blocks, which takes a quarter of the time of the whole inverse: of that only the rows
        # of the candidates are needed.
        n = len(films)
        by_own = np.linalg.solve(gram[:n, :n], gram[:n, n:])
        inverse = np.linalg.inv(gram[n:, n:] - gram[n:, :n] @ by_own)
        # Rounded, as an inverse gives equal films other last digits, which would order them.
        terms = np.round(inverse @ by_own.T * worth / np.diagonal(inverse)[:, None], 12)
        predicted = np.maximum(terms.sum(axis=1), 0.0)
        expected = panel.sums[candidates] / max(panel.size, 1)
        if (total := float(predicted.sum())) > 0:
            scale = float(expected.sum()) / total
            terms, predicted = terms * scale, predicted * scale
        return cls(candidates, terms, predicted, expected)

    def shares(self, movies: Ints) -> Floats:
        """Split the predictions of movies, of shape (m,), among the films, shape (m, n).

        Each row sums to 1; to 0 where nothing is predicted.
        """
        found = np.zeros((len(movies), self.terms.shape[1]))
        place = np.minimum(np.searchsorted(self.candidates, movies), len(self.candidates) - 1)
        if len(self.candidates):
            there = (self.candidates[place] == movies) & (self.predicted[place] > 0)
            found[there] = self.terms[place[there]] / self.predicted[place[there], None]
        return found
