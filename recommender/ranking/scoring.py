"""Votes, lift and EASE combined: the score of every film for a question, and how it splits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.opinion import Opinion
from recommender.ranking.films.ease import Ease
from recommender.ranking.films.lift import Lift
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.neighbours import Neighbours
from recommender.ranking.votes import Scores, best, count_votes, vote_shares
from recommender.storage.cache import cached_property

__all__ = ["Factors", "FilmScores", "Question", "Shares", "middle"]


def middle(adventurous: float | None) -> float:
    """Place on the dial; its middle where none was given."""
    return 0.5 if adventurous is None else adventurous


class Factors(NamedTuple):
    """What the votes for one movie are multiplied by, and what is added."""

    discount: float
    lift: float = 1.0
    lift_power: float = 0.0
    ease: float = 1.0
    ease_power: float = 0.0
    added: float = 0.0

    @property
    def product(self) -> float:
        """All that the votes are multiplied by, but for the popularity discount."""
        return float(self.lift**self.lift_power * self.ease**self.ease_power)


class Shares(NamedTuple):
    """What parts of the scores of some movies come from each movie of the profile."""

    parts: Floats
    """By movie and movie of the profile, shape (n, movies of the profile); rows sum to 1."""
    by_genre: Floats
    """What of that comes from genres in common, shape (n,)."""


class Question:
    """What the scores of a question are made of, wherever its list stands on the dial."""

    def __init__(
        self, version: IndexVersion, neighbours: Neighbours, also: int | None = None
    ) -> None:
        """Count the votes; ``also`` is a film to be scored whether enough neighbours like it or
        not, and changes nothing for the others."""
        catalogue, profile, ranking = version.catalogue, neighbours.profile, version.ranking
        self.neighbours, self.ranking, self.known = neighbours, ranking, profile.known
        self._likes = bool((profile.states == Opinion.LIKE.code).any())
        self._raters = max(version.index.manifest.counts.raters, 1)
        self.votes = count_votes(neighbours)
        enough = self.votes.enough
        self.films = enough if also is None else np.union1d(enough, also)
        """Films that are scored, dense numbers, ascending, shape (films,)."""
        self.likes = catalogue.likes[self.films] + ranking.pseudo_likes
        """Likes of each of them with the pseudo-likes, shape (films,)."""
        self.totals = self.votes.totals[self.films]
        """Votes for each of them, shape (films,)."""
        usual = catalogue.ratings[enough] >= catalogue.least_ratings
        # Places, among them, of those that may be recommended.
        self._usual = np.searchsorted(self.films, enough[usual])
        self.lift: Lift | None = None
        """What is rated together with what the person likes; None where they like nothing."""
        if self.known:
            panel = neighbours.panel
            self.lift = Lift.of(panel, version.genres, profile, self.films, ranking)

    @cached_property
    def narrowness(self) -> float:
        """How narrow a taste the liked films show, 0 as by chance to 1; 0 where many are known."""
        if self.lift is None or not self._likes or self.ranking.many(self.known):
            return 0.0
        low, high = self.ranking.narrow
        return min(max((self.lift.narrowness() - low) / (high - low), 0.0), 1.0)

    @cached_property
    def candidates(self) -> Ints:
        """Places, among the films, of those that EASE compares; chosen before any filter."""
        if self.lift is None:
            return self._usual[:0]
        at, ranking = self._usual, self.ranking
        most = ranking.many_candidates if ranking.many(self.known) else ranking.candidates
        if len(at) <= most:
            return at
        early = (
            np.log(self.totals[at])
            - ranking.discount(self.known, 0.5) * np.log(self.likes[at])
            + ranking.candidate_lift * self.lift.log[at]
        )
        return np.sort(at[np.argsort(-early, kind="stable")[:most]])

    @cached_property
    def ease(self) -> Ease | None:
        """EASE on the person's films and the candidates; None where nothing is there to predict
        from."""
        if self.lift is None:
            return None
        return Ease.solve(
            self.neighbours.panel,
            self.lift.films,
            self.lift.worth,
            self.films[self.candidates],
            ridge=self.ranking.ease_ridge,
            dropout=self.ranking.ease_dropout,
        )

    def scores(self, adventurous: float | None) -> FilmScores:
        """Score the films at a place on the dial, 0 to 1; None is the middle."""
        dial = middle(adventurous)
        ranking, ease = self.ranking, self.ease
        discount = ranking.discount(self.known, dial)
        voted = self.totals / self.likes**discount
        added = np.zeros_like(voted)
        if self.lift is None or ease is None:
            return FilmScores(self, discount, 0.0, 0.0, voted, added)
        turn = 2 * dial - 1
        narrow = self.narrowness
        if self._likes and not ranking.many(self.known):
            narrow += narrow * turn if turn < 0 else (1 - narrow) * turn**2 / 3
        narrow /= self.known
        lift_power = ranking.lift_power(self.known) * min(1 + turn, 1.0)
        lift_power += ranking.dial_lift * max(turn, 0.0) + ranking.narrow_lift * narrow
        ease_power = ranking.narrow_ease * narrow
        voted *= np.exp(lift_power * self.lift.log + ease_power * self.ease_log)
        part, at = ranking.ease_part(self.known, self._raters), self.candidates
        predicted = ease.predicted / self.likes[at] ** ranking.dial_shift(dial)
        # Where all predictions are equal, their spread is what rounding has left of nothing.
        spread = float(predicted.std()) if len(at) else 0.0
        if spread > 1e-9 * float(predicted.max(initial=0.0)):
            added[at] = predicted * (part / (1 - part) * float(voted[at].std()) / spread)
        return FilmScores(self, discount, lift_power, ease_power, voted, added)

    @cached_property
    def predicted(self) -> Floats:
        """What EASE predicts, 0 for films that are no candidates, shape (films,)."""
        predicted = np.zeros(len(self.films))
        if self.ease is not None:
            predicted[self.candidates] = self.ease.predicted
        return predicted

    @cached_property
    def ease_log(self) -> Floats:
        """Logarithm of that over what popularity lets expect, shape (films,)."""
        panel, smoothing = self.neighbours.panel, self.ranking.ease_smoothing
        expected = panel.sums[self.films] / max(panel.size, 1)
        return np.asarray(np.log((self.predicted + smoothing) / (expected + smoothing)))


@dataclass(frozen=True, eq=False)
class FilmScores:
    """Scores of the films of a question at one place on the dial.

    ::

        score_j = v_j + c e_j
        v_j = votes_j / likes_j ** discount * lift_j ** lift_power * ease_j ** ease_power

    with ``e_j`` what EASE predicts, 0 for all but its candidates, ``ease_j`` that over what
    popularity lets expect, and ``c`` such that the two sums spread in a fixed proportion.
    """

    question: Question
    discount: float
    lift_power: float
    ease_power: float
    voted: Floats
    """``v_j``, shape (films,)."""
    added: Floats
    """``c e_j``, shape (films,)."""

    def best(self, allowed: Mask, limit: int, min_supporters: int) -> Scores:
        """Return the best of the allowed movies."""
        films, supporters = self.question.films, self.question.votes.supporters
        scores = Scores(films, self.voted + self.added, supporters[films])
        return best(scores.at(scores.supporters >= min_supporters), allowed, limit)

    def factors(self, movie: int) -> Factors:
        """Tell what makes the votes for one of the films, by dense number, its score."""
        if self.question.lift is None:
            return Factors(self.discount)
        place = int(np.searchsorted(self.question.films, movie))
        lift = float(np.exp(self.question.lift.log[place]))
        ease = float(np.exp(self.question.ease_log[place]))
        added = float(self.added[place])
        return Factors(self.discount, lift, self.lift_power, ease, self.ease_power, added)

    def shares(self, movies: Ints) -> Shares:
        """Split the scores of films with votes above zero among the movies of the profile.

        Shares are those of the derivative of ``ln score_j`` by the logarithms of what the movies of
        the profile add to votes, to the numerator of the lift, and to what EASE predicts. In ``v``,
        a product of powers, their exponents weigh the three, over the sum of them all.
        """
        question = self.question
        parts = vote_shares(question.neighbours, movies)
        lift, ease = question.lift, question.ease
        if lift is None or ease is None:
            return Shares(parts, np.zeros(len(movies)))
        at = np.searchsorted(question.neighbours.profile.movies, lift.films)
        together, genres = lift.parts(movies)
        by_ease = ease.shares(movies)
        place = np.searchsorted(question.films, movies)
        predicted = question.predicted[place]
        # Of `e + smoothing` in the logarithm only `e` comes from the movies of the profile.
        power = self.ease_power * predicted / (predicted + question.ranking.ease_smoothing)
        parts[:, at] += self.lift_power * (together + genres) + power[:, None] * by_ease
        voted, added = self.voted[place], self.added[place]
        weight = voted / (voted + added) / (1 + self.lift_power + power)
        parts *= weight[:, None]
        parts[:, at] += (added / (voted + added))[:, None] * by_ease
        return Shares(parts, weight * self.lift_power * genres.sum(axis=1))
