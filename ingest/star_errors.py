"""How far predicted stars are off: ratings left out, and predicted from others of the same rater.

Of a sample of raters a few ratings each are predicted by
:func:`recommender.ranking.stars.estimate_stars` from all else that they rated, and once more from
three, five, ten and twenty movies of that, as of somebody who has just begun: after one or two,
errors are like those after three of as much support. The movies are drawn by the square root of how
often they are rated. To these come all ratings of some little known movies, mostly of those whose
raters can have few other movies in common: where somebody rated much and a prediction rests on
little all the same, errors are larger, and by chance hardly any would be among the others.

The rater is taken out of all that the prediction rests on: the biases of the movies, and the
movies' vectors, where of a damped length what is left of its square is ``1 - v**2``, with ``v`` the
rater's value in the vector. The biases of other raters stay.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ingest.blocks import slices
from ingest.cleaning import CleanRatings
from ingest.statistics import Statistics
from recommender.arrays import Floats, Ints, Mask
from recommender.ranking.films.item_similarity import VectorComparison, correction, kept_parts
from recommender.ranking.stars import estimate_stars
from recommender.settings import Ranking, Weighting
from recommender.storage.hash_order import user_hashes
from recommender.storage.manifest import StarErrors
from recommender.storage.vectors import PointBatch, SparseVector

__all__ = ["Errors", "SampledErrors", "error_classes"]

# Raters, movies whose ratings are left out, and how many of a rater.
_RATERS, _MOVIES, _EACH = 400, 176, 3
# Little known movies of which all ratings are left out, and their least and most ratings.
_FEW_MOVIES, _LITTLE_KNOWN = 160, (2, 20)
# Entries of the vectors that are compared, so many and this part of the ratings, up to the limit.
# They may be those of few movies: a profile is then what a person rated among them.
_ENTRIES, _PART, _LIMIT = 100_000, 0.1, 1_000_000
# Movies of a profile at most, and in the short ones.
_LONGEST, _SHORT = 120, (3, 5, 10, 20)
# Least support, and ratings of the movie by others, of each class.
_SUPPORT, _RATINGS = (0, 1, 3, 10), (1, 5, 20)
# Errors that a class has at least, and the part of them on either side of the interval.
_LEAST, _TAIL = 50, 0.1
# Spreads that reach beyond every scale.
_BEYOND = 1e6


class Errors(NamedTuple):
    """Errors of some predictions; all of shape (predictions,)."""

    support: Ints
    ratings: Ints
    """How many others rated the movie."""
    spread: Floats
    """That of the rater's other stars."""
    error: Floats
    """Given stars minus predicted ones."""


class SampledErrors:
    """Errors of predictions for a sample of the ratings."""

    def __init__(self, clean: CleanRatings, statistics: Statistics, weighting: Weighting) -> None:
        self._clean, self._statistics, self._weighting = clean, statistics, weighting
        self._starts = np.append(0, np.cumsum(statistics.ratings_per_user))
        self._hashes = user_hashes(np.arange(len(clean.movie_ids)))
        # Those with the smallest hashes are in every vector of a movie that they rated.
        raters = np.flatnonzero(statistics.ratings_per_user > 1)
        self._raters = raters[np.argsort(user_hashes(raters))][: weighting.movie_raters]
        # Of a movie that a single person rated nothing is known without them.
        counts = statistics.ratings
        self._some = _drawn(np.sqrt(counts) * (counts > 1), _MOVIES)
        self._few = _drawn(self._little_in_common(), _FEW_MOVIES)
        self._left_out = self._some | self._few
        # Nor would it be compared with anything.
        sizes = np.minimum(statistics.ratings, weighting.movie_raters)
        order = np.argsort(self._hashes)
        order = order[sizes[order] > 1]
        most = min(_ENTRIES + _PART * len(clean), _LIMIT)
        self._compared = np.zeros(len(sizes), dtype=bool)
        self._compared[order[np.cumsum(sizes[order]) <= most]] = True
        self._vectors: dict[int, SparseVector] = {}
        self._lengths = np.ones(len(sizes))

    def add(self, batch: PointBatch) -> None:
        """Take the vectors that are needed out of a batch of movies."""
        for place in np.flatnonzero((self._left_out | self._compared)[batch.ids]).tolist():
            number = int(batch.ids[place])
            entries = slice(batch.offsets[place], batch.offsets[place + 1])
            # Copies, as a part of an array keeps all of it in memory.
            vector = SparseVector(batch.indices[entries].copy(), batch.values[entries].copy())
            self._vectors[number] = vector
            self._lengths[number] = batch.payloads[place]["length"]

    def count(self) -> StarErrors | None:
        """Tell the errors by support, when all movies were added; None where nothing has stars."""
        if self._clean.scale.implicit:
            return None
        return error_classes(*self.errors())

    def errors(self) -> tuple[float, Errors]:
        """Variance of a rater's stars around what the means let expect, and the errors."""
        clean, scale = self._clean, self._clean.scale
        left_out, profiles = self._pairs()
        there = profiles >= 0
        movie, target = clean.movie[profiles], clean.movie[left_out]
        given, stars = (scale.unpack(clean.units[rows]) for rows in (left_out, profiles))
        own = self._values(left_out)[:, None]
        values = np.where(there, self._values(profiles), 0.0)
        cosines, shared = self._compare(target, movie)
        part, parts = (self._parts[which] for which in (target, movie))
        cosines -= correction(part[:, None], parts) * own * values
        cosines /= np.sqrt((1 - own**2) * (1 - values**2))
        shared -= values != 0
        levels, above = self._levels(target, given), stars - self._levels(movie, stars)
        others = there & (movie != target[:, None])
        squares = np.where(others, above**2, 0.0).sum(axis=1) / np.maximum(others.sum(axis=1), 1)
        variance = float(squares.mean()) if len(squares) else 0.0
        ratings = self._statistics.ratings[target] - 1
        found = []
        for most in (*_SHORT, _LONGEST):
            few = slice(most + 1)
            counted = others[:, few] & (np.cumsum(others[:, few], axis=1) <= most)
            if most == _LONGEST:
                rows = counted.any(axis=1)
            else:
                # Who has just begun hardly asks for a movie that hardly anybody knows.
                rows = (others.sum(axis=1) > most) & (ratings >= _RATINGS[1])
            estimated = estimate_stars(
                levels[rows],
                above[rows, few],
                counted[rows],
                counted[rows],
                cosines[rows, few],
                shared[rows, few],
                damping=self._weighting.damping,
                variance=variance,
                ranking=Ranking(),
            )
            error = given[rows] - np.clip(estimated.stars, scale.low, scale.high)
            found.append(Errors(estimated.support, ratings[rows], estimated.spread, error))
        return variance, Errors(*map(np.concatenate, zip(*found, strict=True)))

    def _pairs(self) -> tuple[Ints, Ints]:
        """The ratings to predict, shape (pairs,), and all others of the same raters.

        Those, of compared movies only and in a random order, have shape (pairs, longest), filled up
        with -1.
        """
        chosen, profiles = [np.empty(0, np.int64)], []
        owns = user_hashes(self._raters)
        for place, (rater, own) in enumerate(zip(self._raters.tolist(), owns, strict=True)):
            rated = np.arange(self._starts[rater], self._starts[rater + 1])
            few = self._few[self._clean.movie[rated]]
            if place >= _RATERS and not few.any():
                continue
            # Added, so that each has another order.
            order = np.argsort(self._hashes[self._clean.movie[rated]] + own)
            rated, few = rated[order], few[order]
            movies = self._clean.movie[rated]
            others = rated[self._compared[movies]]
            chosen.append(rated[few])
            profiles += [self._in_common_first(row, others) for row in rated[few].tolist()]
            if place < _RATERS:
                some = rated[self._some[movies] & ~few][:_EACH]
                chosen.append(some)
                profiles += [others[: _LONGEST + 1]] * len(some)
        rows = np.full((len(profiles), max(map(len, profiles), default=0)), -1)
        for row, others in zip(rows, profiles, strict=True):
            row[: len(others)] = others
        return np.concatenate(chosen), rows

    def _little_in_common(self) -> Floats:
        """Weights of little known movies, larger the less their raters can have in common.

        That is at most what all but one of them rated, without the one who rated most.
        """
        counts = self._statistics.ratings
        few = (counts >= _LITTLE_KNOWN[0]) & (counts <= _LITTLE_KNOWN[1])
        most, sums = np.zeros((2, len(counts)))
        # Theirs are a small part of all ratings.
        for rows in slices(len(self._clean)):
            theirs = few[self._clean.movie[rows]]
            movie, user = self._clean.movie[rows][theirs], self._clean.user[rows][theirs]
            rated = self._statistics.ratings_per_user[user]
            np.maximum.at(most, movie, rated)
            sums += np.bincount(movie, weights=rated, minlength=len(counts))
        return np.asarray(few / np.maximum(sums - most, 1))

    def _in_common_first(self, row: int, others: Ints) -> Ints:
        """Take what other raters of the movie of a rating rated too before all else.

        A prediction rests on nothing else, and would rest on less if only a part was looked at.
        """
        clean, starts = self._clean, self._starts
        if len(others) <= _LONGEST + 1:
            return others
        common = np.zeros(len(self._compared), dtype=bool)
        for rater in self._vectors[int(clean.movie[row])].indices.tolist():
            if rater != clean.user[row]:
                common[clean.movie[starts[rater] : starts[rater + 1]]] = True
        return others[np.argsort(~common[clean.movie[others]], kind="stable")[: _LONGEST + 1]]

    def _values(self, rows: Ints) -> Floats:
        """Values of these ratings in the vectors of their movies, same shape."""
        flat = rows.ravel()
        deviations = self._statistics.deviations(self._clean, flat)
        return np.asarray(deviations / self._lengths[self._clean.movie[flat]]).reshape(rows.shape)

    @property
    def _parts(self) -> Floats:
        return kept_parts(self._statistics.ratings, self._weighting)

    def _compare(self, target: Ints, movie: Ints) -> tuple[Floats, Floats]:
        """Cosine and shared raters of each target, shape (pairs,), with the movies of its row.

        ``movie``, and both results, have shape (pairs, longest).
        """
        compared, parts = np.flatnonzero(self._compared), self._parts
        place = np.cumsum(self._compared) - 1
        comparison = VectorComparison(
            [self._vectors[number] for number in compared.tolist()],
            parts[compared],
            users=len(self._clean.user_ids),
        )
        cosines, shared = np.zeros((2, *movie.shape))
        for number in np.unique(target).tolist():
            rows = target == number
            found = comparison.to(self._vectors[number], float(parts[number]))
            cosines[rows], shared[rows] = (whole[place[movie[rows]]] for whole in found)
        return cosines, shared

    def _levels(self, movies: Ints, stars: Floats) -> Floats:
        """Mean of all ratings and bias of each movie, without a rating of it; all same shape."""
        statistics, damping = self._statistics, self._weighting.damping
        known = statistics.ratings[movies] + damping
        sums = statistics.movie_biases[movies] * known - (stars - statistics.mean)
        return np.asarray(statistics.mean + sums / (known - 1))


def _drawn(weights: Floats, number: int) -> Mask:
    """Draw movies in proportion to their weights, shape (movies,), at most so many.

    Systematic sampling: at equal distances along the sum of the weights.
    """
    ends = np.cumsum(weights)
    drawn = np.zeros(len(ends), dtype=bool)
    if ends[-1]:
        places = (np.arange(number) + 0.5) * (ends[-1] / number)
        drawn[np.searchsorted(ends, places, side="right")] = True
    return drawn


def error_classes(variance: float, errors: Errors) -> StarErrors:
    """Tell between which errors the middle 80 % lie, by ratings of the movie and by support.

    Some people are harder to predict than others: before errors are put in order, they are divided
    by the spread of the rater (normalised conformal prediction, Papadopoulos et al. 2011).

    The ends are those of split conformal prediction: of ``n`` errors in order the one at
    ``floor(0.1 (n + 1))`` and the one at ``ceil(0.9 (n + 1))``, counted from 1, or one beyond every
    scale where there is none. A class with fewer than 50 errors is joined with the next ones, the
    last ones with those before.
    """
    # Where all stars are the same, there are neither errors nor spread.
    error = np.divide(
        errors.error, errors.spread, out=np.zeros(len(errors.error)), where=errors.spread > 0
    )
    ratings, by_ratings = _classes(errors.ratings, _RATINGS)
    support, below, above = [], [], []
    for known in range(len(ratings)):
        some = error[by_ratings == known]
        classes, by_support = _classes(errors.support[by_ratings == known], _SUPPORT)
        ends = [_ends(some[by_support == group]) for group in range(len(classes))]
        support.append(classes)
        below.append(tuple(low for low, _ in ends))
        above.append(tuple(high for _, high in ends))
    return StarErrors(
        variance=variance,
        ratings=ratings,
        support=tuple(support),
        below=tuple(below),
        above=tuple(above),
    )


def _ends(errors: Floats) -> tuple[float, float]:
    """Between which the middle 80 % of errors lie; never both on one side of 0."""
    ordered = np.sort(errors)
    tail = int(_TAIL * (len(ordered) + 1))
    if not tail:
        return -_BEYOND, _BEYOND
    return min(float(ordered[tail - 1]), 0.0), max(float(ordered[-tail]), 0.0)


def _classes(values: Ints, least: tuple[int, ...]) -> tuple[tuple[int, ...], Ints]:
    """Least value of each class, after small ones were joined, and the class of each value."""
    sizes = np.bincount(np.searchsorted(least, values, side="right"), minlength=len(least) + 1)
    starts = [0]
    for place in range(1, len(least)):
        if sizes[starts[-1] + 1 : place + 1].sum() >= _LEAST <= sizes[place + 1 :].sum():
            starts.append(place)
    joined = tuple(least[place] for place in starts)
    return joined, np.searchsorted(joined, values, side="right") - 1
