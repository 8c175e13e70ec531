"""Ways to predict stars: Kindred, biases, neighbours by the textbook, and matrix factorisation."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from ingest.cleaning import CleanRatings
from ingest.pipeline import build
from ingest.reading import Loaded
from kindred.evaluation.methods.similarity import Kind, Similarity
from kindred.evaluation.metrics import Figures
from recommender import Profile, Recommender
from recommender.arrays import Floats, Ints
from recommender.storage.edge import EdgeStore

__all__ = [
    "NEIGHBOURS",
    "PREDICTORS",
    "Fold",
    "Predicted",
    "Predictor",
    "by_kindred",
    "surprise_table",
]

_SEED = 0
# Those of scikit-surprise: neighbours at most, and for biases how often they are adjusted to each
# other and how many ratings those of people and movies are shrunk by.
NEIGHBOURS = 40
"""Neighbours that a prediction rests on at most."""
_EPOCHS, _BY_PERSON, _BY_MOVIE = 10, 15.0, 10.0
# Rows of similarities at a time.
_BLOCK = 256


@dataclass(frozen=True, eq=False)
class Fold:
    """A part of the ratings to predict, and all others."""

    known: Loaded
    user: Ints
    """Number among the people known of each rating to predict, or -1, shape (ratings,)."""
    movie: Ints


class Predicted(NamedTuple):
    """Predictions for the ratings of a fold. All arrays have shape (ratings,)."""

    stars: Floats
    support: Floats | None = None
    """Neighbours each rests on; None for a method without neighbours."""
    low: Floats | None = None
    """Lower end of the interval that should hold 80 % of the ratings, NaN where there is none; None
    for a method without intervals."""
    high: Floats | None = None
    """Upper end."""

    def arrays(self) -> Figures:
        """Give those that there are, by name; ``Predicted(**arrays)`` is then the same again."""
        return {name: array for name, array in self._asdict().items() if array is not None}


@dataclass(frozen=True)
class Predictor:
    """A way to predict stars, with its usual settings."""

    name: str
    predict: Callable[[Fold], Predicted]
    needs: tuple[str, ...] = ("scipy",)


def by_kindred(fold: Fold) -> Predicted:
    """Build a real index of what is known, and ask it for each person's other ratings at once."""
    ratings = fold.known.ratings
    names = [f"id:{movie}" for movie in ratings.movie_ids]
    stars, support, low, high = np.empty((4, len(fold.user)))
    order = np.argsort(fold.user, kind="stable")
    # None for a fold of which nothing is asked.
    groups = np.split(order, np.flatnonzero(np.diff(fold.user[order])) + 1) if len(order) else []
    with tempfile.TemporaryDirectory(prefix="kindred-") as folder:
        with closing(EdgeStore(Path(folder))) as store:
            build(store, fold.known)
        with Recommender.open(folder) as rec:
            for rows in groups:
                person = int(fold.user[rows[0]])
                # Nothing for -1, whom nobody knows.
                mine = slice(*np.searchsorted(ratings.user, [person, person + 1]))
                rated = zip(ratings.movie[mine].tolist(), ratings.stars[mine].tolist(), strict=True)
                profile = Profile.from_stars({names[movie]: given for movie, given in rated})
                asked = [names[movie] for movie in fold.movie[rows].tolist()]
                predictions = rec.predict_many(profile, asked)
                for row, predicted in zip(rows, predictions, strict=True):
                    support[row] = predicted.support
                    # Of a movie that nobody else rated, and to somebody who rated nothing else, the
                    # means say something all the same.
                    stars[row] = predicted.expected if predicted.stars is None else predicted.stars
                    low[row] = np.nan if predicted.low is None else predicted.low
                    high[row] = np.nan if predicted.high is None else predicted.high
    return Predicted(stars, support, low, high)


class _Biases:
    """The mean, and how far people and movies are from it, by alternating least squares.

    As scikit-surprise does it, after Koren (2010), section 2.1.
    """

    def __init__(self, ratings: CleanRatings) -> None:
        self._range = ratings.stars.min(), ratings.stars.max()
        self.mean = float(ratings.stars.mean())
        # Of each, one more, which is zero, for -1: people whom nobody knows.
        self.person = np.zeros(len(ratings.user_ids) + 1)
        self.movie = np.zeros(len(ratings.movie_ids) + 1)
        sides = (
            (self.movie, ratings.movie, self.person, ratings.user, _BY_MOVIE),
            (self.person, ratings.user, self.movie, ratings.movie, _BY_PERSON),
        )
        for _ in range(_EPOCHS):
            for mine, one, theirs, other, shrinkage in sides:
                beyond = ratings.stars - self.mean - theirs[other]
                sums = np.bincount(one, weights=beyond, minlength=len(mine))
                mine[:] = sums / (np.bincount(one, minlength=len(mine)) + shrinkage)

    def of(self, user: Ints, movie: Ints) -> Floats:
        return np.asarray(self.mean + self.person[user] + self.movie[movie])

    def clip(self, stars: Floats) -> Floats:
        return np.clip(stars, *self._range)


def _by_biases(fold: Fold) -> Predicted:
    biases = _Biases(fold.known.ratings)
    return Predicted(biases.clip(biases.of(fold.user, fold.movie)))


def _by_neighbours(of: Literal["user", "movie"], kind: Kind, fold: Fold) -> Predicted:
    """Predict by the 40 most similar people who rated the movie, or movies that the person rated.

    ``b + sum_n s_n (r_n - b_n) / sum_n s_n`` over similarities ``s`` above zero, those of
    :class:`Similarity`. With cosines ``b`` is a person's mean, with adjusted cosines 0, and with
    Pearson's the biases.
    """
    from scipy.sparse import csc_matrix  # noqa: PLC0415 - an extra

    ratings = fold.known.ratings
    biases, stars = _Biases(ratings), ratings.stars
    users, movies = len(ratings.user_ids), len(ratings.movie_ids)
    ours, theirs, asked, beside = ratings.user, ratings.movie, fold.user, fold.movie
    shape = users, movies
    if of == "movie":
        ours, theirs, asked, beside, shape = theirs, ours, beside, asked, (movies, users)
    by_person = np.bincount(ratings.user, weights=stars, minlength=users)
    person = np.append(by_person / np.bincount(ratings.user, minlength=users), biases.mean)
    beyond = stars - biases.of(ratings.user, ratings.movie)
    around_mean = stars - person[ratings.user]
    # What similarities are of, what is expected without neighbours, and whose mean is taken.
    compared, expected, averaged = {
        "pearson": (beyond, biases.of(fold.user, fold.movie), beyond),
        "cosine": (stars, person[fold.user], around_mean),
        "adjusted cosine": (around_mean, person[fold.user], stars),
    }[kind]
    columns = csc_matrix((averaged, (ours, theirs)), shape=shape)
    similarity = Similarity(kind, ours, theirs, compared, shape)
    found, support = expected.copy(), np.zeros(len(asked))
    known = np.flatnonzero((asked >= 0) & (beside >= 0))
    some, place = np.unique(asked[known], return_inverse=True)
    for start in range(0, len(some), _BLOCK):
        table = similarity.of(some[start : start + _BLOCK])
        here = (place >= start) & (place < start + _BLOCK)
        for row, at in zip(known[here].tolist(), (place[here] - start).tolist(), strict=True):
            column = slice(*columns.indptr[beside[row] :][:2])
            values, weights = columns.data[column], table[at, columns.indices[column]]
            if len(weights) > NEIGHBOURS:
                # Stable: of equal ones, and cosines over one rating are all 1, the first.
                best = np.argsort(-weights, kind="stable")[:NEIGHBOURS]
                weights, values = weights[best], values[best]
            weights = np.maximum(weights, 0.0)
            support[row] = np.count_nonzero(weights)
            if support[row]:
                base = 0.0 if kind == "adjusted cosine" else expected[row]
                found[row] = base + weights @ values / weights.sum()
    return Predicted(biases.clip(found), support)


def _by_svd(options: dict[str, Any], fold: Fold) -> Predicted:
    """Ask the matrix factorisation of scikit-surprise."""
    import surprise  # noqa: PLC0415 - an extra

    model = surprise.SVD(random_state=_SEED, **options).fit(surprise_table(fold.known.ratings))
    # For the library, too, -1 is nobody it knows: it then predicts without the user.
    pairs = zip(fold.user.tolist(), fold.movie.tolist(), strict=True)
    return Predicted(np.array([model.predict(user, movie).est for user, movie in pairs]))


def surprise_table(ratings: CleanRatings) -> Any:
    """Make the ``Trainset`` of scikit-surprise, with our numbers for its inner ids."""
    import surprise  # noqa: PLC0415 - an extra

    by_user: dict[int, list[tuple[int, float]]] = defaultdict(list)
    by_movie: dict[int, list[tuple[int, float]]] = defaultdict(list)
    rows = zip(ratings.user.tolist(), ratings.movie.tolist(), ratings.stars.tolist(), strict=True)
    for user, movie, stars in rows:
        by_user[user].append((movie, stars))
        by_movie[movie].append((user, stars))
    users, movies = len(ratings.user_ids), len(ratings.movie_ids)
    scale = (float(ratings.stars.min()), float(ratings.stars.max()))
    numbers = [{number: number for number in range(size)} for size in (users, movies)]
    return surprise.Trainset(by_user, by_movie, users, movies, len(ratings.stars), scale, *numbers)


PREDICTORS: Final = (
    Predictor("kindred", by_kindred, needs=()),
    Predictor("biases", _by_biases, needs=()),
    Predictor("user-cosine", partial(_by_neighbours, "user", "cosine")),
    Predictor("item-cosine", partial(_by_neighbours, "movie", "adjusted cosine")),
    Predictor("user-knn", partial(_by_neighbours, "user", "pearson")),
    Predictor("item-knn", partial(_by_neighbours, "movie", "pearson")),
    Predictor("svd", partial(_by_svd, {}), ("surprise",)),
    Predictor(
        "svd-large",
        partial(_by_svd, {"n_factors": 200, "n_epochs": 100, "reg_all": 0.1}),
        ("surprise",),
    ),
)
"""Kindred; biases of people and movies; neighbours as the field's tutorials have them, people
by cosine, around their means, and movies by adjusted cosine, and around biases with shrunk
correlations; and matrix factorisation, as it comes and trained for long.
"""
