"""Methods that learn a matrix: EASE, EASE-DAN, and factors by the library implicit."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from kindred.evaluation.methods.method import Scorer, Scorers, Scoring, Setting, settings
from kindred.evaluation.questions import Questions
from kindred.evaluation.training_data import VALUES, Array, TrainingData

__all__ = ["ALS", "EASE", "EASEDAN"]

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


class EASEDAN(Scoring):
    """EASE with data-adaptive normalisation and dropout.

    After Park, Yoon, Kim and Lee (2025), "Why is Normalization Necessary for Linear
    Recommenders?" (SIGIR): with the Gram matrix ``G = X' U X``, in which ``U`` weighs each user by
    ``length^-b``, and ``P = (G + lambda I + p / (1 - p) diag(G))^-1``, whose last term stands for
    dropping out ratings with the probability ``p``, the weight of a given movie i for another j is
    ``-P_ij / P_jj (n_i / n_j)^a``, with n ratings of a movie. Unlike there, ``U`` is divided by
    its mean over ratings, so that a lambda means the same for every ``b``, and dropout is in
    proportion to the weighed diagonal.
    """

    name = "ease-dan"
    item_based = True
    grid = settings(
        values=VALUES,
        length_power=[0.3],
        regularization=[10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4, 1e5],
        dropout=[0.3],
        popularity_power=[0.0, 0.1, 0.2, 0.4],
    )
    """At first lambda, ``a``, and what ratings are worth; ``a`` costs next to nothing."""

    def finer(self, best: Sequence[Setting]) -> list[Setting]:
        """At the best of these, weights of users and dropout."""
        found = [
            one
            for setting in map(dict, best)
            for one in settings(
                values=[setting["values"]],
                length_power=[0.0, 0.3, 0.5],
                regularization=[setting["regularization"]],
                dropout=[0.0, 0.3, 0.5],
                popularity_power=[setting["popularity_power"]],
            )
        ]
        # Those that share a Gram matrix, or even its inverse, one after the other.
        return sorted(found, key=lambda setting: [str(value) for _, value in setting])

    def scorers(self, train: TrainingData, grid: Sequence[Setting]) -> Scorers:
        """Invert once for all powers of popularity."""
        rated = np.maximum(train.counts, 1.0)
        for gram, alike in itertools.groupby(grid, key=lambda setting: setting[:2]):
            values, length_power = (value for _, value in gram)
            given = _weighed(train, str(values), float(length_power))
            squares = (given**2).sum(axis=0)
            invert = _inverter(given)
            for ridge, group in itertools.groupby(alike, key=lambda setting: setting[2:4]):
                regularization, dropout = (float(value) for _, value in ridge)
                times, diagonal = invert(regularization + dropout / (1 - dropout) * squares)
                for setting in group:
                    gains = rated ** dict(setting)["popularity_power"]
                    yield setting, partial(_by_inverse, str(values), times, diagonal, gains)


def _weighed(train: TrainingData, values: str, length_power: float) -> Any:
    """Multiply users' rows with the roots of their weights."""
    from scipy.sparse import diags_array  # noqa: PLC0415 - an extra

    lengths = np.bincount(train.user, minlength=train.shape[0])
    weights = np.maximum(lengths, 1.0) ** -length_power
    weights *= lengths.sum() / (weights @ lengths)
    return diags_array(np.sqrt(weights)) @ train.valued(values).astype(np.float64)


# What multiplies rows by a matrix, shapes (n, movies), and that matrix's diagonal.
_Inverse = tuple[Callable[[Any], Array], Array]


def _inverter(given: Any) -> Callable[[Array], _Inverse]:
    """Make what finds ``(X'X + R)^-1`` for each diagonal matrix R, from the smaller product."""
    users, movies = given.shape
    return (_by_gram if movies <= users else _by_users)(given)


def _by_gram(given: Any) -> Callable[[Array], _Inverse]:
    from scipy.linalg import lapack  # noqa: PLC0415 - an extra

    gram = (given.T @ given).toarray()

    def invert(ridge: Array) -> _Inverse:
        # By Cholesky, half the work of a general inverse, which fills the upper triangle alone.
        upper, _ = lapack.dpotri(lapack.dpotrf(gram + np.diag(ridge))[0])
        diagonal = np.diag(upper).copy()
        inverse = upper + upper.T - np.diag(diagonal)
        return lambda rows: rows @ inverse, diagonal

    return invert


def _by_users(given: Any) -> Callable[[Array], _Inverse]:
    # By the identity of Woodbury: R^-1 - R^-1 X' (I + X R^-1 X')^-1 X R^-1.
    def invert(ridge: Array) -> _Inverse:
        scaled = (given / ridge).tocsr()
        inner = np.linalg.inv((scaled @ given.T).toarray() + np.eye(given.shape[0]))
        right = (scaled.T @ inner).T
        diagonal = 1 / ridge - scaled.multiply(right).sum(axis=0)

        def times(rows: Any) -> Array:
            product = (rows @ scaled.T).toarray() @ right
            return np.asarray((rows / ridge).toarray() - product)

        return times, diagonal

    return invert


def _by_inverse(
    values: str,
    times: Callable[[Any], Array],
    diagonal: Array,
    gains: Array,
    questions: Questions,
) -> Array:
    given = questions.valued(values).multiply(gains).tocsr()
    return np.asarray((given.toarray() - times(given) / diagonal) / gains)


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
