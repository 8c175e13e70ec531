"""What follows the votes, by numpy and scipy alone: the lift, and EASE on the best candidates.

From the formulas in ``docs/how-it-works.md``, in the middle of the dial. The panel is one sparse
table, and how alike films are by genre is known for all combinations of genres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from recommender.arrays import Floats, Ints
from recommender.opinion import Opinion
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.resolution import ResolvedProfile

__all__ = ["FilmFloor", "Scored"]


@dataclass
class Scored:
    """Scores of films, and what they are made of; arrays of shape (n,) unless told otherwise."""

    films: Ints
    """Dense numbers, ascending."""
    voted: Floats
    """Votes, divided and multiplied."""
    added: Floats
    spoken: Ints
    """Places in the profile of the m movies liked or seen, shape (m,)."""
    lift_power: float
    ease_power: Floats
    """Power of the prediction, by how much of what is raised to it is predicted."""
    panel: sparse.csc_matrix
    own: sparse.csc_matrix
    """Columns of the panel that are about the m movies."""
    worth: Floats
    """What each of these movies counts, shape (m,)."""
    numerator: Floats
    """Numerators of the lifts."""
    genres: Floats
    """What of them comes from genres, shape (m, n)."""
    predicted: Floats
    """Parts of the predictions, shape (m, n)."""

    def shares(self, votes: Floats, at: Ints) -> Floats:
        """Parts of the scores of films at some places, given those of their votes.

        Both are of shape (places, movies of the profile).
        """
        counted = (self.own.T @ self.panel[:, self.films[at]]).toarray() * self.worth[:, None]
        lift = (counted + self.genres[:, at]) / self.numerator[at]
        ease = self.predicted[:, at]
        powers = 1 + self.lift_power + self.ease_power[at]
        of_added = self.added[at] / (self.voted[at] + self.added[at])
        parts = votes.T.copy()
        parts[self.spoken] += self.lift_power * lift + self.ease_power[at] * ease
        parts *= (1 - of_added) / powers
        parts[self.spoken] += of_added * ease
        return np.asarray(parts.T)


class FilmFloor:
    """A panel of raters by films, each rating worth what its state says."""

    def __init__(self, panel: sparse.csr_matrix, version: IndexVersion) -> None:
        catalogue, ranking = version.catalogue, version.ranking
        self._ranking, self._raters, self._films = ranking, panel, panel.tocsc()
        self._first = panel[: ranking.ease_raters].astype(np.float32).tocsc()
        self._sums = np.asarray(panel.sum(axis=0)).ravel()
        self._usual = catalogue.ratings >= catalogue.least_ratings
        self._neighbours = max(version.index.manifest.counts.raters, 1)
        self._likes = catalogue.likes + ranking.pseudo_likes
        every = [catalogue.movie(number).genres for number in range(len(catalogue))]
        kinds = {genres: number for number, genres in enumerate(dict.fromkeys(every))}
        self._kind = np.array([kinds[genres] for genres in every])
        has = np.array([[float(genre in some) for genre in catalogue.genres] for some in kinds])
        both = has * -np.log(has[self._kind].mean(axis=0)) @ has.T
        either = both.diagonal()[:, None] + both.diagonal() - both
        self._alike = both / np.where(either > 0, either, 1)

    def scores(self, profile: ResolvedProfile, films: Ints, votes: Floats) -> Scored | None:
        """Score films with votes; None where there is nothing but the votes to go by."""
        ranking, known, size = self._ranking, profile.known, self._raters.shape[0]
        likes = self._likes[films]
        spoken = np.flatnonzero(profile.states != Opinion.DISLIKE.code)
        usual = np.flatnonzero(self._usual[films])
        if not len(spoken) or not len(usual):
            return None
        own, states = profile.movies[spoken], profile.states[spoken]
        worth = np.asarray(ranking.film_values)[states]
        worth /= worth.sum()
        likes_some = bool((states == Opinion.LIKE.code).any())
        liked = (states == Opinion.LIKE.code) | (not likes_some)
        # The lift, its numerator by movie of the profile.
        alike = self._alike[self._kind[own]] + ranking.genre_floor
        mean = alike[liked].mean(axis=0)[self._kind][self._usual].mean()
        genres = alike[:, self._kind[films]] * (ranking.lift_shrinkage / liked.sum() / mean)
        genres[~liked] = 0
        columns = self._films[:, own]
        counted = (self._raters.T @ (columns @ worth))[films]
        chance = self._sums[films] * (self._sums[own] @ worth / size)
        numerator = counted + genres.sum(axis=0)
        lift = np.log(numerator / (chance + ranking.lift_shrinkage))
        narrow, many = 0.0, ranking.many(known)
        if likes_some and not many:
            prior = (alike[liked] / mean)[:, self._kind[own[liked]]]
            narrow = self._narrowness(own[liked], prior, 2 + len(own) - liked.sum()) / known
        # EASE on the most promising films.
        divided = votes / likes ** ranking.discount(known, 0.5)
        early = (np.log(divided) + ranking.candidate_lift * lift)[usual]
        most = ranking.many_candidates if many else ranking.candidates
        chosen = usual[np.argsort(-early, kind="stable")[:most]]
        terms = self._ease(own, worth, films[chosen])
        predicted = np.zeros(len(films))
        predicted[chosen] = np.maximum(terms.sum(axis=0), 0)
        expected = self._sums[films] / size
        scale = expected[chosen].sum() / (predicted.sum() or 1)
        predicted *= scale
        # Both together.
        smooth, ease_power = ranking.ease_smoothing, ranking.narrow_ease * narrow
        lift_power = ranking.lift_power(known) + ranking.narrow_lift * narrow
        ease = np.log((predicted + smooth) / (expected + smooth))
        voted = divided * np.exp(lift_power * lift + ease_power * ease)
        part, spread = ranking.ease_part(known, self._neighbours), predicted[chosen].std()
        # Where all predictions are equal, their spread is what rounding has left of nothing.
        flat = spread <= 1e-9 * predicted.max()
        weight = 0 if flat else part / (1 - part) * voted[chosen].std() / spread
        parts = np.zeros((len(own), len(films)))
        parts[:, chosen] = terms * scale / np.where(predicted[chosen] > 0, predicted[chosen], 1)
        parts[:, predicted == 0] = 0
        return Scored(
            films,
            voted,
            weight * predicted,
            spoken,
            lift_power,
            ease_power * predicted / (predicted + smooth),
            self._films,
            columns,
            worth,
            numerator,
            genres,
            parts,
        )

    def _narrowness(self, films: Ints, prior: Floats, doubts: int) -> float:
        """How narrow a taste these films show, 0 to 1; ``prior`` is what genres say, by pair."""
        low, high = self._ranking.narrow
        pairs, size = np.triu_indices(len(films), 1), self._raters.shape[0]
        columns, sums = self._films[:, films], self._sums[films]
        counted = (columns.T @ columns).toarray()[pairs] + prior[pairs] ** 2 / 2
        expected = np.outer(sums, sums)[pairs] / size + 0.5
        found = np.log(counted / expected) / np.sqrt(np.maximum(-np.log(counted / size), 0.1))
        found = np.sort(found)[len(found) // 2 :]
        mean = (found.sum() + 0.4 * doubts) / (len(found) + doubts)
        return float(np.clip((mean - low) / (high - low), 0, 1))

    def _ease(self, own: Ints, worth: Floats, candidates: Ints) -> Floats:
        """What each of a person's films adds to the prediction of each candidate, unscaled."""
        ranking = self._ranking
        table = self._first[:, np.concatenate([own, candidates])].toarray()
        gram = (table.T @ table).astype(np.float64) * (self._raters.shape[0] / len(table))
        diagonal = gram.diagonal()
        gram += np.diag(ranking.ease_ridge + ranking.ease_dropout * diagonal)
        inverse = np.linalg.inv(gram)
        most = len(own)
        slopes = inverse[:most, most:] / inverse.diagonal()[most:]
        return np.asarray(-worth[:, None] * slopes)
