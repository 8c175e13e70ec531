"""Movies to rate first: well known, and each informative in another way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.catalogue.movies import Catalogue
from recommender.ranking.films.item_similarity import beyond_chance, correction, kept_parts
from recommender.storage.index import Index

__all__ = ["StarterPool", "pick_starters"]

# How many of the best known movies starters are chosen from.
_POOL = 200
# Cosine of their raters' deviations from which on the second of two movies adds nothing.
_SAME = 0.5
# Similarity of two movies of the same genres and decade where their ratings say nothing.
_GENRE_WEIGHT = 0.3


@dataclass(frozen=True, eq=False)
class StarterPool:
    """The movies with most likes, and how much of what one shows of a taste another shows too."""

    movies: Ints
    """Dense numbers, most likes first, shape (n,)."""
    similarity: Floats
    """From 0 to 1, shape (n, n)."""

    @classmethod
    def of(cls, index: Index, catalogue: Catalogue) -> Self:
        """Compare the movies of a version.

        Two are alike where the same people rate them above and below expectation, or the opposite.
        Where few rated both, as in a small index, what they have in common counts: the Jaccard
        index of the genres, a shared decade counting as one more genre.
        """
        movies = catalogue.popular[:_POOL]
        by_raters = np.abs(_cosines(index, catalogue, movies)) / _SAME
        similarity = np.maximum(by_raters, _GENRE_WEIGHT * _genre_similarity(catalogue, movies))
        return cls(movies, np.minimum(similarity, 1.0))


def _cosines(index: Index, catalogue: Catalogue, movies: Ints) -> Floats:
    """Cosine of the deviations of each two, shape (n, n)."""
    vectors = index.movie_vectors(movies)
    raters = np.unique(np.concatenate([np.empty(0, np.uint32), *(v.indices for v in vectors)]))
    table = np.zeros((len(movies), len(raters)), dtype=np.float32)
    for row, vector in zip(table, vectors, strict=True):
        row[np.searchsorted(raters, vector.indices)] = vector.values
    rated = catalogue.ratings[movies]
    parts = kept_parts(rated, index.manifest.weighting)
    cosines = (table @ table.T).astype(np.float64) * correction(parts[:, None], parts)
    return beyond_chance(cosines, rated[:, None], rated, index.manifest)


def _genre_similarity(catalogue: Catalogue, movies: Ints) -> Floats:
    """What each two have in common of genres and decade, shape (n, n)."""
    decades = catalogue.years[movies] // 10
    groups = [np.isin(movies, members) for members in catalogue.genres.values()]
    groups += [decades == decade for decade in np.unique(decades)]
    traits = np.array(groups, dtype=np.float64).reshape(len(groups), len(movies)).T
    shared, sizes = traits @ traits.T, traits.sum(axis=1)
    return np.asarray(shared / (sizes[:, None] + sizes - shared))


def pick_starters(
    pool: StarterPool, catalogue: Catalogue, allowed: Mask, rated: Ints, limit: int
) -> list[int]:
    """Pick popular movies, each unlike those picked before it and those ``rated``.

    One by one the movie with the largest ``likes_j (1 - max similarity_ij)``. To ask for what is
    popular and varied at once goes back to Rashid et al. (2002), "Getting to know you", where
    variety is the entropy of a movie's ratings; here, as in Golbandi, Koren and Lempel (2011), it
    depends on what was answered before. At most ``limit`` dense movie numbers are returned; once
    the pool is used up, what is popular beyond it.

    ``allowed`` has shape (movies,); ``rated`` are dense numbers.
    """
    worth = np.where(allowed[pool.movies], catalogue.likes[pool.movies], 0).astype(np.float64)
    known = np.isin(pool.movies, rated)
    nearest = pool.similarity[known].max(axis=0, initial=0.0)
    picked: list[int] = []
    for _ in range(min(limit, int(np.count_nonzero(worth)))):
        # As many as asked for are returned, even if they add nothing.
        choice = int(np.argmax(np.where(worth > 0, worth * (1 - nearest), -1.0)))
        worth[choice] = 0.0
        picked.append(int(pool.movies[choice]))
        nearest = np.maximum(nearest, pool.similarity[choice])
    beyond = catalogue.popular[len(pool.movies) :]
    return [*picked, *beyond[allowed[beyond]][: limit - len(picked)].tolist()]
