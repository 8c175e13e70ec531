"""How much more often than by chance a film is rated together with what a person likes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.opinion import Opinion
from recommender.ranking.films.genre_similarity import Genres
from recommender.ranking.films.panel import Panel
from recommender.ranking.resolution import ResolvedProfile
from recommender.settings import Ranking

__all__ = ["Lift"]


@dataclass(frozen=True, eq=False)
class Lift:
    """The lift (Brin, Motwani, Ullman and Tsur 1997) of films, given what a person likes.

    ``lift_j = (O_j + shrinkage rho_j) / (E_j + shrinkage)``: how often film ``j`` is rated together
    with what the person likes, ``O_j = sum_i worth_i G_ij``, over how often it would be by chance,
    ``E_j = s_j sum_i worth_i s_i / raters``, drawn towards what its genres alone would say,
    ``rho_j``. Where there is little to count genres speak, where there is much they fall silent. A
    dislike takes no part, so that it never speaks for its kind.
    """

    panel: Panel
    genres: Genres
    films: Ints
    """Dense numbers of the movies liked or seen, shape (n,)."""
    worth: Floats
    """What each counts, with sum 1, shape (n,)."""
    liked: Mask
    """Which of them are liked, or all where none is, shape (n,)."""
    log: Floats
    """Logarithm of the lift of each film that was asked for, shape (films,)."""
    shrinkage: float
    genre_floor: float
    mean_affinity: float
    """Mean, over films that may be recommended, of the mean similarity of genres with the liked."""

    @classmethod
    def of(
        cls,
        panel: Panel,
        genres: Genres,
        profile: ResolvedProfile,
        asked: Ints,
        ranking: Ranking,
    ) -> Self:
        """Count for a profile with at least one movie liked or seen, and the films ``asked`` for.

        These are dense numbers, ascending, shape (films,).
        """
        spoken = profile.states != Opinion.DISLIKE.code
        films, states = profile.movies[spoken], profile.states[spoken]
        values = np.asarray(ranking.film_values)[states]
        worth = values / values.sum()
        liked = states == Opinion.LIKE.code
        liked = liked if liked.any() else ~liked
        affinity, mean = genres.affinity(films[liked], asked)
        # Rounded, as products give films that are rated alike other last digits, which would order
        # them.
        found = np.round(panel.together(films, worth, asked), 10)
        chance = panel.sums[asked] * (float(panel.sums[films] @ worth) / max(panel.size, 1))
        shrinkage, floor = ranking.lift_shrinkage, ranking.genre_floor
        # What the genres say: the affinity over its mean, each with a floor added.
        prior = shrinkage * (affinity + floor) / (mean + floor)
        log = np.log((found + prior) / (chance + shrinkage))
        return cls(panel, genres, films, worth, liked, log, shrinkage, floor, mean)

    def parts(self, movies: Ints) -> tuple[Floats, Floats]:
        """Split the numerator of the lift of movies, of shape (m,), as parts of it.

        The first result is what comes from being rated together with each of ``films``, the second
        what comes from its genres, both of shape (m, n); together each row sums to 1.
        """
        together = self.panel.cross(movies, self.films) * self.worth
        floor = self.genre_floor
        by_genre = (self.genres.jaccard(self.films, movies).T + floor) * self.liked
        by_genre *= self.shrinkage / self.liked.sum() / (self.mean_affinity + floor)
        whole = together.sum(axis=1) + by_genre.sum(axis=1)
        return together / whole[:, None], by_genre / whole[:, None]

    def narrowness(self) -> float:
        """Tell how closely the liked films belong together: .4 by chance, .5 and more if of a kind.

        Mean over the larger half of the pairs of ``ln((G_ab + rho_ab ** 2 / 2) / (E_ab + 1 / 2)) /
        sqrt(-ln((G_ab + rho_ab ** 2 / 2) / raters))``: pointwise mutual information, partly
        normalised (Bouma 2009), drawn towards what the genres of a pair say. The larger half, so
        that one film of another kind does not hide the rest. Two values of .4, and one for each
        movie merely seen, are added, so that few films say little.
        """
        films, floor = self.films[self.liked], self.genre_floor
        pairs = np.triu_indices(len(films), 1)
        raters, sums = max(self.panel.size, 1), self.panel.sums[films]
        by_genre = (self.genres.jaccard(films, films) + floor) / (self.mean_affinity + floor)
        counted = self.panel.cross(films, films)[pairs] + by_genre[pairs] ** 2 / 2
        expected = np.outer(sums, sums)[pairs] / raters + 0.5
        rarity = np.maximum(-np.log(counted / raters), 0.1)
        information = np.sort(np.log(counted / expected) / np.sqrt(rarity))
        information = information[len(information) // 2 :]
        doubts = 2 + np.count_nonzero(~self.liked)
        return float((information.sum() + 0.4 * doubts) / (len(information) + doubts))
