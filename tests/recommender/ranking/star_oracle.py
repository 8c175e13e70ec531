"""Predicted stars once more, in plain dictionaries, from the formula and not from the code."""

from __future__ import annotations

import math
from collections.abc import Mapping

DAMPING, NEIGHBOURS, DOUBT, SHRINKAGE = 5, 40, 50, 0.05

Stars = Mapping[int, float]


class StarOracle:
    """Ratings of a source on 0.5-5, by rater and movie."""

    def __init__(self, ratings: Mapping[int, Stars]) -> None:
        everything = [stars for rated in ratings.values() for stars in rated.values()]
        self.mean = math.fsum(everything) / len(everything)
        self.by_movie: dict[int, dict[int, float]] = {}
        for rater, rated in ratings.items():
            for movie, stars in rated.items():
                self.by_movie.setdefault(movie, {})[rater] = stars
        self.bias = {
            movie: math.fsum(stars - self.mean for stars in given.values()) / (len(given) + DAMPING)
            for movie, given in self.by_movie.items()
        }
        self.deviation: dict[int, dict[int, float]] = {movie: {} for movie in self.by_movie}
        for rater, rated in ratings.items():
            person = self.person(rated)
            for movie, stars in rated.items():
                self.deviation[movie][rater] = stars - self.mean - self.bias[movie] - person

    def person(self, rated: Stars) -> float:
        """How far above or below the movies' own level a person rates."""
        beyond = [stars - self.mean - self.bias[movie] for movie, stars in rated.items()]
        return math.fsum(beyond) / (len(beyond) + DAMPING)

    def weight(self, one: int, other: int) -> float:
        """Damped cosine of two movies, if positive, shrunk where few rated both."""
        left, right = self.deviation[one], self.deviation[other]
        shared = left.keys() & right.keys()
        length = math.prod(
            math.sqrt(math.fsum(d * d for d in side.values()) + DAMPING) for side in (left, right)
        )
        cosine = math.fsum(left[rater] * right[rater] for rater in shared) / length
        return max(cosine, 0.0) * len(shared) / (len(shared) + DOUBT)

    def predict(self, profile: Stars, movie: int) -> tuple[float | None, int, float]:
        """Stars, on how many movies they rest, and what the biases alone say."""
        others = {other: stars for other, stars in profile.items() if other != movie}
        person = self.person(others)
        expected = self.mean + person + self.bias[movie]
        if not others:
            return None, 0, _clipped(expected)
        weights = {other: self.weight(movie, other) for other in others}
        best = sorted((m for m in weights if weights[m] > 0), key=lambda m: (-weights[m], m))
        best = best[:NEIGHBOURS]
        above = math.fsum(
            weights[i] * (others[i] - self.mean - person - self.bias[i]) for i in best
        )
        total = math.fsum(weights[i] for i in best) + SHRINKAGE
        return _clipped(expected + above / total), len(best), _clipped(expected)


def _clipped(stars: float) -> float:
    return min(max(stars, 0.5), 5.0)
