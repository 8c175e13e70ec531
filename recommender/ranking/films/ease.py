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
        raters: int,
        ridge: float,
        dropout: float,
    ) -> Self:
        """Solve for a person's ``films``, which count as ``worth`` says, both of shape (n,).

        ``G`` is counted over so many ``raters``; fewer than the whole panel are as good.
        """
        every = np.concatenate([films, candidates])
        gram = panel.gram(every, raters)
        diagonal = np.diag(gram).copy()
        gram[np.diag_indices_from(gram)] += ridge + dropout * diagonal
        inverse = np.linalg.inv(gram)[len(films) :]
        own = np.diagonal(inverse, len(films))
        # Rounded, as an inverse gives equal films other last digits, which would order them.
        terms = np.round(inverse[:, : len(films)] * -worth / own[:, None], 12)
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
        place = np.searchsorted(self.candidates, movies)
        place[place == len(self.candidates)] = 0
        there = (self.candidates[place] == movies) & (self.predicted[place] > 0)
        found[there] = self.terms[place[there]] / self.predicted[place[there], None]
        return found
