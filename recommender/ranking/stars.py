"""How many stars a person would give a movie."""

from __future__ import annotations

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.catalogue.movies import Movie
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.resolution import ResolvedProfile
from recommender.results import Prediction

__all__ = ["predict_stars"]


def predict_stars(
    version: IndexVersion, profile: ResolvedProfile, movies: Ints
) -> tuple[Prediction, ...]:
    """Predict a person's stars for movies, by dense number, in their order.

    Item neighbours around damped biases (Koren 2010, section 2.2)::

        b_j = n_j (mean_j - mu) / (n_j + damping)
        b_u = sum_i (r_ui - mu - b_i) / (n_u + damping)
        w_ij = max(cos_ij, 0) n_ij / (n_ij + shrinkage)
        e_i = r_ui - mu - b_u - b_i
        stars_j = mu + b_u + b_j + sum_i w_ij e_i / (sum_i w_ij + bias_weight)

    over the ``predict_neighbours`` movies ``i`` of the profile with the largest weights, clipped to
    the scale. The cosine is that of the movies' vectors over raters, of whom ``n_ij`` rated both.
    ``shrinkage`` and ``bias_weight`` are the ranking's ``predict_shrinkage`` and
    ``predict_bias_weight``. The person's own opinion of ``j`` is left out.
    """
    catalogue = version.catalogue
    if version.index.manifest.scale.implicit:
        reason = "there are no stars in this index, which holds likes only"
        return tuple(Prediction(catalogue.movie(n), None, 0, reason, None) for n in movies.tolist())
    predictor = _Predictor(version, profile)
    cosines, shared = version.similarity.between(movies, profile.movies)
    weights = np.maximum(cosines, 0.0) * shared / (shared + version.ranking.predict_shrinkage)
    return tuple(map(predictor.predict, movies.tolist(), weights))


class _Predictor:
    """Everything about one person that does not depend on the movie."""

    def __init__(self, version: IndexVersion, profile: ResolvedProfile) -> None:
        manifest = version.index.manifest
        self._catalogue, self._profile, self._ranking = version.catalogue, profile, version.ranking
        self._scale, self._mean = manifest.scale, manifest.mean
        self._damping = manifest.weighting.damping
        biases = [self._bias(number) for number in profile.movies.tolist()]
        self._beyond = profile.stars - self._mean - np.array(biases)

    def _bias(self, number: int) -> float:
        movie = self._catalogue.movie(number)
        if movie.mean is None:  # nobody rated it
            return 0.0
        return movie.ratings * (movie.mean - self._mean) / (movie.ratings + self._damping)

    def predict(self, number: int, weights: Floats) -> Prediction:
        """Predict the stars of a movie, with a weight for each of the profile's."""
        movie = self._catalogue.movie(number)
        # The person's stars for the movie itself must not predict themselves.
        others = self._profile.movies != number
        person = float(self._beyond[others].sum() / (others.sum() + self._damping))
        expected = self._mean + person + self._bias(number)
        weights = weights * others
        # Stable, so that of equal weights those of lower movie numbers count.
        best = np.argsort(-weights, kind="stable")[: self._ranking.predict_neighbours]
        best = best[weights[best] > 0]
        stars, reason = None, self._without(movie, others)
        if len(best):
            weight = weights[best]
            above = weight @ (self._beyond[best] - person)
            total_weight = float(weight.sum()) + self._ranking.predict_bias_weight
            stars = self._clip(expected + float(above) / total_weight)
            reason = self._resting_on(best)
        return Prediction(movie, stars, len(best), reason, self._clip(expected))

    def _clip(self, stars: float) -> float:
        return min(max(stars, self._scale.low), self._scale.high)

    def _resting_on(self, best: Ints) -> str:
        first = self._catalogue.movie(int(self._profile.movies[best[0]]))
        if len(best) == 1:
            return f"rests on one of the rated movies, {first}"
        return f"rests on {len(best)} of the rated movies, most of all {first}"

    def _without(self, movie: Movie, others: Mask) -> str:
        if not movie.ratings:
            return "nobody in this index rated it"
        if others.any():
            return "the people who rated it saw none of the rated movies in the same light"
        return "no other movie is rated yet" if len(others) else "no movie is rated yet"
