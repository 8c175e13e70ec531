"""Methods that learn a matrix: EASE, and factors by the libraries implicit and scikit-surprise."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from kindred.evaluation.methods import Scorer, Scorers, Scoring, Setting, settings, valued
from kindred.evaluation.questions import Questions
from kindred.evaluation.training_data import VALUES, Array, RatingTable, TrainingData
from recommender.arrays import Mask

__all__ = ["ALS", "EASE", "SVD", "surprise_table"]

_SEED = 0


class EASE(Scoring):
    """Steck (2019), "Embarrassingly Shallow Autoencoders for Sparse Data", in closed form.

    With ``P = (X'X + lambda I)^-1``, a movie's weights for another are ``B = I - P / diag(P)``.
    With the eigenvectors ``V`` and eigenvalues ``e`` of ``X'X``, found once for all lambdas,
    ``P = (I - V diag(e / (e + lambda)) V') / lambda``. They are found from the smaller of ``X'X``
    and ``XX'``.
    """

    name = "ease"

    def grid(self) -> list[Setting]:
        """Lambdas from weak to strong, and what ratings are worth."""
        lambdas = (30.0, 100.0, 300.0, 1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6)
        return settings(values=list(VALUES), regularization=lambdas)

    def scorers(self, train: TrainingData, grid: Sequence[Setting]) -> Scorers:
        """Decompose each kind of values once."""
        for values, group in itertools.groupby(grid, key=lambda setting: dict(setting)["values"]):
            eigen, vectors = _spectrum(train.valued(str(values)))
            for setting in group:
                yield setting, partial(_by_ease, setting, eigen, vectors)


def _spectrum(given: Any) -> tuple[Array, Array]:
    """Eigenvalues above zero of ``X'X``, and their vectors, shape (movies, values)."""
    users, movies = given.shape
    gram = (given @ given.T if users < movies else given.T @ given).toarray()
    eigen, vectors = np.linalg.eigh(gram)
    kept = eigen > 1e-5 * eigen[-1]
    eigen, vectors = eigen[kept], vectors[:, kept]
    return eigen, np.asarray(given.T @ vectors / np.sqrt(eigen)) if users < movies else vectors


def _by_ease(setting: Setting, eigen: Array, vectors: Array, questions: Questions) -> Array:
    shrunk = eigen / (eigen + float(dict(setting)["regularization"]))
    own = (vectors**2) @ shrunk
    ratings = valued(setting, questions)
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

    def grid(self) -> list[Setting]:
        """At first, regularisation and what ratings are worth."""
        strengths = (0.05, 1.0, 10.0, 30.0, 100.0, 200.0)
        return settings(
            values=list(VALUES), regularization=strengths, factors=[32], confidence=[3.0]
        )

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

    def scorer(self, train: TrainingData, setting: Setting) -> Scorer:
        """Factorise anew for each setting."""
        from implicit.als import AlternatingLeastSquares  # noqa: PLC0415 - an extra
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with it

        # Its own threads and those of BLAS would stand in each other's way.
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=int(dict(setting)["factors"]),
                regularization=float(dict(setting)["regularization"]),
                # The confidence is in the values already: see _confident.
                alpha=1.0,
                random_state=_SEED,
            )
            model.fit(_confident(setting, train), show_progress=False)

        def score(questions: Questions) -> Array:
            confident = _confident(setting, questions)
            people = model.recalculate_user(np.arange(len(questions)), confident)
            return np.asarray(people @ model.item_factors.T)

        return score


def _confident(setting: Setting, ratings: RatingTable) -> Any:
    """Make confidences as implicit wants them: negative where a movie is not liked."""
    found = valued(setting, ratings)
    found.data = np.sign(found.data) + float(dict(setting)["confidence"]) * found.data
    return found


class SVD(Scoring):
    """The ``SVD`` of scikit-surprise (Funk 2006), trained on stars and asked with stars.

    Movies are ranked by predicted stars. The library cannot predict for people it was not trained
    on; their bias and factors are the ridge regression of their stars, less the mean and the
    movies' biases, on ``1`` and the movies' factors.
    """

    name = "svd"
    needs = ("scipy", "surprise")

    def grid(self) -> list[Setting]:
        """Factors, and the ridge of folding in."""
        return settings(factors=[20, 100], ridge=[0.1, 1.0, 10.0])

    def scorers(self, train: TrainingData, grid: Sequence[Setting]) -> Scorers:
        """Train once for each number of factors."""
        import surprise  # noqa: PLC0415 - an extra

        table = surprise_table(train)
        unrated = train.counts == 0
        for factors, group in itertools.groupby(grid, key=lambda found: dict(found)["factors"]):
            model = surprise.SVD(n_factors=int(factors), random_state=_SEED).fit(table)
            base = table.global_mean + model.bi
            # The bias is one more factor, and that of every movie is 1.
            vectors = np.hstack([np.ones((train.shape[1], 1)), model.qi])
            for setting in group:
                yield setting, partial(_by_stars, setting, base, vectors, unrated)


def _by_stars(
    setting: Setting, base: Array, vectors: Array, unrated: Mask, questions: Questions
) -> Array:
    people = _folded_in(questions, base, vectors, float(dict(setting)["ridge"]))
    return np.where(unrated, -np.inf, base + people @ vectors.T)


def _folded_in(questions: Questions, base: Array, vectors: Array, ridge: float) -> Array:
    """Bias and factors of people, by ridge regression on their stars; shape (people, factors)."""
    starts = np.searchsorted(questions.user, np.arange(len(questions) + 1))
    people = np.zeros((len(questions), vectors.shape[1]))
    damping = ridge * np.eye(vectors.shape[1])
    for person, (start, stop) in enumerate(itertools.pairwise(starts.tolist())):
        rated = questions.movie[start:stop]
        known = vectors[rated]
        rest = questions.stars[start:stop] - base[rated]
        people[person] = np.linalg.solve(known.T @ known + damping, known.T @ rest)
    return people


def surprise_table(train: TrainingData) -> Any:
    """Make the ``Trainset`` of scikit-surprise, with our numbers for its inner ids."""
    import surprise  # noqa: PLC0415 - an extra

    by_user: dict[int, list[tuple[int, float]]] = defaultdict(list)
    by_movie: dict[int, list[tuple[int, float]]] = defaultdict(list)
    rows = zip(train.user.tolist(), train.movie.tolist(), train.stars.tolist(), strict=True)
    for user, movie, stars in rows:
        by_user[user].append((movie, stars))
        by_movie[movie].append((user, stars))
    users, movies = train.shape
    scale = (float(train.stars.min()), float(train.stars.max()))
    numbers = [{number: number for number in range(size)} for size in (users, movies)]
    return surprise.Trainset(by_user, by_movie, users, movies, len(train.stars), scale, *numbers)
