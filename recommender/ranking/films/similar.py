"""Which films are similar: liked by the same people, of the same genres, loved and hated alike.

For films ``i`` and ``j``, ::

    likeness_ij = (co_ij + 0.01 (J_ij known_j + max(d_ij, 0))) (1 + g_i J_ij) max(1 + 8 d_ij, 0.1)

    co_ij   = G_ij / sqrt((n_i + 5) (n_j + 5))          liked by the same people of the panel,
              times ((G_ij + 1) / (E_ij + 1)) ** 0.2    a little more so if more than by chance
    g_i     = 0.3 + 25 / (n_i + 25)                     the fewer of them, the more genres count
    d_ij    = cos_ij known_i known_j                    rated above and below expectation alike
    known_j = r_j / (r_j + 100)                         by how many ratings ``r_j`` a film has

``G_ij = sum_u x_ui x_uj`` and ``n_i = G_ii`` are counted over the ``P`` raters of the panel,
``E_ij = s_i s_j / P`` with ``s_i = sum_u x_ui`` is what chance would count, ``J_ij`` the weighted
Jaccard index of the genres, and ``cos_ij`` the cosine of the deviations. Co-liking tells most. Two
films that the same people rate above and below expectation have more in common than being known to
the same people, but only many ratings show it. The small second term of the sum orders films that
nobody of the panel rated together. Films that fewer like together than by chance, by more than one
like, are not alike at all. All constants were chosen on sets of films that belong together,
by how many of a set are among the ten films most similar to one of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.catalogue.movies import Catalogue
from recommender.ranking.films.genre_similarity import Genres
from recommender.ranking.films.item_similarity import beyond_chance, correction, kept_parts
from recommender.ranking.films.panel import Panel
from recommender.settings import Ranking
from recommender.storage.index import Index

__all__ = ["Likeness"]

# Added to the squared length of a film's ratings in the panel: films with few come last.
_DAMPING = 5.0
# What genres add where many in the panel rated the film, and the squared length at which they add
# half of one more.
_GENRES, _FEW = 0.3, 25.0
# Power of how much more often two films are rated together than by chance.
_LIFT = 0.2
_DEVIATIONS, _LEAST = 8.0, 0.1
# Weight of what genres and deviations say by themselves, beside a cosine.
_ALONE = 0.01
# Likeness of two films from which on the second adds nothing: twice or three times that of two
# known ones. With half of it the first starters were liked by a third fewer people.
_SAME = 2.5


@dataclass(frozen=True, eq=False)
class Likeness:
    """Compares the films of one version."""

    index: Index
    catalogue: Catalogue
    panel: Panel
    genres: Genres
    ranking: Ranking

    def of(self, movie: int) -> Floats:
        """Likeness of a film to every other, shape (films,); 0 to itself.

        Costs one call of the engine, which finds the films that deviate most alike; all others
        count as not deviating alike.
        """
        hits = self.index.similar_movies(movie, limit=self.ranking.similar_pool)
        one, every = np.array([movie]), np.arange(len(self.catalogue))
        dots = np.zeros((1, len(every)))
        dots[0, hits.ids] = hits.scores
        together = self.panel.weighted(self.panel.table(one)[0], every)[None]
        (likeness,) = self._joined(one, every, together, dots)
        likeness[movie] = 0.0
        return np.asarray(likeness)

    def among(self, movies: Ints) -> Floats:
        """Likeness of each two of some films, dense numbers of shape (n,); shape (n, n)."""
        vectors = self.index.movie_vectors(movies)
        # Flags are found several times as fast as by sorting, and take a byte for each rater.
        held = np.zeros(self.index.manifest.maintenance.next_user, dtype=bool)
        for vector in vectors:
            held[vector.indices] = True
        column = np.cumsum(held, dtype=np.int32) - 1
        table = np.zeros((len(movies), np.count_nonzero(held)), dtype=np.float32)
        for row, vector in zip(table, vectors, strict=True):
            row[column[vector.indices]] = vector.values
        dots = (table @ table.T).astype(np.float64)
        return self._joined(movies, movies, self.panel.cross(movies, movies), dots)

    def similarity(self, movies: Ints) -> Floats:
        """Part of what one film shows that another of them shows too, from 0 to 1.

        Dense numbers of shape (n,) give shape (n, n): their likeness over 2.5, and at most 1.
        """
        return np.minimum(self.among(movies) / _SAME, 1.0)

    def _joined(self, movies: Ints, others: Ints, together: Floats, dots: Floats) -> Floats:
        """Apply the formula to ``G`` and the dot products of the films' vectors of deviations.

        Both, and the result, have shape (movies, others).
        """
        manifest, rated, squares = self.index.manifest, self.catalogue.ratings, self.panel.squares
        parts = kept_parts(rated, manifest.weighting)
        cosines = dots * correction(parts[movies][:, None], parts[others])
        cosines = beyond_chance(cosines, rated[movies][:, None], rated[others], manifest)
        known = rated / (rated + self.ranking.similar_shrinkage)
        deviations = cosines * known[movies][:, None] * known[others]
        genres = self.genres.jaccard(movies, others)
        n = squares[movies][:, None]
        liked = together / np.sqrt((n + _DAMPING) * (squares[others] + _DAMPING))
        sums = self.panel.sums
        chance = sums[movies][:, None] * sums[others] / max(self.panel.size, 1)
        liked *= ((together + 1.0) / (chance + 1.0)) ** _LIFT
        alone = _ALONE * (genres * known[others] + np.maximum(deviations, 0.0))
        by_genres = 1.0 + (_GENRES + _FEW / (n + _FEW)) * genres
        by_deviations = np.maximum(1.0 + _DEVIATIONS * deviations, _LEAST)
        likeness = (liked + alone) * by_genres * by_deviations
        return np.where(together + 1.0 >= chance, likeness, 0.0)
