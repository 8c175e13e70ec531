"""Methods that learn a matrix: EASE, and factors by the library implicit."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from kindred.evaluation.methods.method import Scorer, Scorers, Scoring, Setting, settings
from kindred.evaluation.questions import Questions
from kindred.evaluation.training_data import VALUES, Array, TrainingData

__all__ = ["ALS", "EASE"]

_SEED = 0


class EASE(Scoring):
    """Steck (2019), "Embarrassingly Shallow Autoencoders for Sparse Data", in closed form.

    With ``P = (X'X + lambda I)^-1``, a movie's weights for another are ``B = I - P / diag(P)``.
    With the eigenvectors ``V`` and eigenvalues ``e`` of ``X'X``, found once for all lambdas,
    ``P = (I - V diag(e / (e + lambda)) V') / lambda``. They are found from the smaller of ``X'X``
    and ``XX'``.
    """

    name = "ease"
    item_based = True
    grid = settings(
        values=VALUES,
        regularization=[30.0, 100.0, 300.0, 1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6],
    )
    """Lambdas from weak to strong, and what ratings are worth."""

    def scorers(self, train: TrainingData, grid: Sequence[Setting]) -> Scorers:
        """Decompose each kind of values once."""
        for values, group in itertools.groupby(grid, key=lambda setting: dict(setting)["values"]):
            eigen, vectors = _spectrum(train.valued(str(values)))
            for setting in group:
                yield setting, partial(_by_ease, dict(setting), eigen, vectors)


def _spectrum(given: Any) -> tuple[Array, Array]:
    """Eigenvalues above zero of ``X'X``, and their vectors, shape (movies, values)."""
    users, movies = given.shape
    gram = (given @ given.T if users < movies else given.T @ given).toarray()
    eigen, vectors = np.linalg.eigh(gram)
    # Smaller ones are rounding errors of 32-bit products, which dividing by their roots magnifies.
    kept = eigen > 1e-5 * eigen[-1]
    eigen, vectors = eigen[kept], vectors[:, kept]
    return eigen, np.asarray(given.T @ vectors / np.sqrt(eigen)) if users < movies else vectors


def _by_ease(
    setting: Mapping[str, Any], eigen: Array, vectors: Array, questions: Questions
) -> Array:
    shrunk = eigen / (eigen + setting["regularization"])
    own = (vectors**2) @ shrunk
    ratings = questions.valued(setting["values"])
    # x - x P / diag(P), without taking nearly equal figures from each other
    scores = ((ratings @ vectors) * shrunk) @ vectors.T - ratings.multiply(own)
    return np.asarray(scores / (1 - own))


class ALS(Scoring):
    """Matrix factorisation of implicit feedback (Hu, Koren and Volinsky 2008), by implicit.

    A rating worth ``v`` has the confidence ``1 + c |v|``, in not liking it where ``v`` is
    negative. New people are folded in by the library's own ``recalculate_user``.
    """

    name = "als"
    needs = ("scipy", "implicit", "threadpoolctl")
    grid = settings(
        values=VALUES,
        regularization=[0.05, 1.0, 10.0, 30.0, 100.0, 200.0],
        factors=[32],
        confidence=[3.0],
    )
    """At first, regularisation and what ratings are worth."""

    def finer(self, best: Sequence[Setting]) -> list[Setting]:
        """Around the best of these, the number of factors and the confidence."""
        return [
            found
            for setting in best
            for found in settings(
                values=[dict(setting)["values"]],
                regularization=[dict(setting)["regularization"]],
                factors=[16, 32, 64, 128],
                confidence=[0.3, 1.0, 3.0, 10.0],
            )
        ]

    def scorer(
        self,
        train: TrainingData,
        values: str,
        regularization: float,
        factors: int,
        confidence: float,
    ) -> Scorer:
        """Factorise anew for each setting."""
        from implicit.als import AlternatingLeastSquares  # noqa: PLC0415 - an extra
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with it

        # Its own threads and those of BLAS would stand in each other's way.
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=factors,
                regularization=regularization,
                # The confidence is in the values already: see _confident.
                alpha=1.0,
                random_state=_SEED,
            )
            model.fit(_confident(train.valued(values), confidence), show_progress=False)

        def score(questions: Questions) -> Array:
            confident = _confident(questions.valued(values), confidence)
            people = model.recalculate_user(np.arange(len(questions)), confident)
            return np.asarray(people @ model.item_factors.T)

        return score


def _confident(valued: Any, confidence: float) -> Any:
    """Make confidences as implicit wants them: negative where a movie is not liked."""
    valued.data = np.sign(valued.data) + confidence * valued.data
    return valued
