"""How alike the rows of a table of ratings are, people or movies."""

from __future__ import annotations

from typing import Literal

import numpy as np

from recommender.arrays import Floats, Ints

__all__ = ["Kind", "Similarity"]

Kind = Literal["cosine", "adjusted cosine", "pearson"]
# Ratings in common less one at which a correlation counts half, as in scikit-surprise.
_SHRINKAGE = 100


class Similarity:
    """Cosines of rows, some at a time, so that any number of them fits.

    ``"cosine"`` is that of whole rows, not rated as 0 (Breese, Heckerman and Kadie 1998). For the
    other two, lengths are of what two rows have in common: ``"adjusted cosine"`` is of stars less
    each person's mean (Sarwar et al. 2001), and ``"pearson"`` of stars less biases, times
    ``(n - 1) / (n - 1 + 100)`` for n ratings in common (Koren 2010). ``values``, shape (ratings,),
    are the stars less these.
    """

    def __init__(
        self, kind: Kind, row: Ints, column: Ints, values: Floats, shape: tuple[int, int]
    ) -> None:
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - an extra

        self._kind = kind
        self._values, self._squares, self._there = (
            csr_matrix((entries, (row, column)), shape=shape)
            for entries in (values, values**2, np.ones(len(values)))
        )

    def of(self, rows: Ints, others: Ints | slice = slice(None)) -> Floats:
        """Compare rows with others, or all; 0 where either has no length. Shape (rows, others)."""
        there, squares = self._there[others].T, self._squares[others].T
        if self._kind == "cosine":
            length = np.asarray(np.sqrt(self._squares.sum(axis=1))).ravel()
            lengths = np.outer(length[rows], length[others])
        else:
            own, theirs = self._squares[rows] @ there, self._there[rows] @ squares
            lengths = np.sqrt(own.toarray() * theirs.toarray())
        dots = (self._values[rows] @ self._values[others].T).toarray()
        found = np.divide(dots, lengths, out=np.zeros_like(dots), where=lengths > 0)
        if self._kind == "pearson":
            more = np.maximum((self._there[rows] @ there).toarray() - 1, 0)
            found *= more / (more + _SHRINKAGE)
        return np.asarray(found)
