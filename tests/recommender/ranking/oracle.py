"""The ranking once more, in plain dictionaries, written from the formula and not from the code.

Nothing here is shared with the packages: ratings in, ranking out, one movie and one rater at a
time, so that a slip in the vectorised code or in the engine has nothing to agree with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

import numpy as np

from tests.recommender.ranking.film_oracle import EASE_SMOOTHING, Films

LIKE, NEUTRAL, DISLIKE = "like", "neutral", "dislike"

AGREEMENT = {
    (LIKE, LIKE): 1.0,
    (LIKE, NEUTRAL): 0.65,
    (LIKE, DISLIKE): 0.0,
    (NEUTRAL, LIKE): 0.65,
    (NEUTRAL, NEUTRAL): 0.55,
    (NEUTRAL, DISLIKE): 0.3,
    (DISLIKE, LIKE): -0.2,
    (DISLIKE, NEUTRAL): 0.35,
    (DISLIKE, DISLIKE): 0.5,
}
LENGTH = {LIKE: 1.0, NEUTRAL: 0.3, DISLIKE: 0.4}
VOTE = {LIKE: 1.0, NEUTRAL: 0.2, DISLIKE: 0.0}
FEWEST_RATINGS = 5
MANY = 21


# The agreement of two raters: the table made symmetric, less its negative eigenvalue.
STATES = (LIKE, NEUTRAL, DISLIKE)
_SYMMETRIC = np.array([[(AGREEMENT[a, b] + AGREEMENT[b, a]) / 2 for b in STATES] for a in STATES])
_LEAST, _ALONG = (part[..., 0] for part in np.linalg.eigh(_SYMMETRIC))
POSITIVE = (_SYMMETRIC - _LEAST * np.outer(_ALONG, _ALONG)).tolist()


@dataclass(frozen=True)
class Row:
    """A recommended movie, and the parts its score is made of."""

    movie: int
    score: float
    supporters: int
    shares: dict[int, float]


def state(stars: float, top: float = 5.0) -> str:
    """Tell likes from .8 of the top on, dislikes up to .5 of it, and what lies between."""
    if stars >= 0.8 * top:
        return LIKE
    return DISLIKE if stars <= 0.5 * top else NEUTRAL


class Oracle:
    """Ratings of a source on a scale from 0 or just above, by rater and movie."""

    def __init__(
        self,
        ratings: Mapping[int, Mapping[int, float]],
        *,
        top: float = 5.0,
        genres: Mapping[int, Set[str]] | None = None,
    ) -> None:
        self.genres = genres or {}
        self.states = {
            rater: {movie: state(stars, top) for movie, stars in rated.items()}
            for rater, rated in ratings.items()
            if rated
        }
        self.rated: dict[int, int] = {}
        self.liked: dict[int, int] = {}
        for rated in self.states.values():
            for movie, said in rated.items():
                self.rated[movie] = self.rated.get(movie, 0) + 1
                self.liked[movie] = self.liked.get(movie, 0) + (said == LIKE)
        # What is asked for over and over again.
        self._weights = {movie: self._weight(movie) for movie in self.rated}
        self._lengths = {rater: self._length(rater) for rater in self.states}
        self._alike: dict[tuple[int, int], float] = {}

    def weight(self, movie: int) -> float:
        """``w_i = max(ln(N / (c_i + 1)), 0.05) ** 0.5``."""
        return self._weights[movie]

    def _weight(self, movie: int) -> float:
        people = len(self.states)
        return math.sqrt(max(math.log(people / (self.rated[movie] + 1)), 0.05))

    def length(self, rater: int) -> float:
        """``||u|| = sqrt(sum_i w_i**2 t_i**2)``."""
        return self._lengths[rater]

    def _length(self, rater: int) -> float:
        rated = self.states[rater].items()
        return math.sqrt(sum((self.weight(i) * LENGTH[b]) ** 2 for i, b in rated))

    def terms(self, person: Mapping[int, str], rater: int) -> dict[int, float]:
        """What each shared movie adds to the similarity of a person and a rater."""
        rated = self.states[rater]
        return {
            movie: self.weight(movie)
            * AGREEMENT[said, rated[movie]]
            * (self.weight(movie) / self.length(rater) ** 1.1)
            for movie, said in person.items()
            if movie in rated
        }

    def similarities(self, person: Mapping[int, str]) -> dict[int, float]:
        """Similarity of everyone with enough ratings, where there is any above zero."""
        found = {
            rater: math.fsum(self.terms(person, rater).values())
            for rater, rated in self.states.items()
            if len(rated) >= FEWEST_RATINGS
        }
        # Rounding may leave a little of terms that cancel; the engine sums in 32 bits.
        return {rater: value for rater, value in found.items() if value > 0}

    def rows(
        self,
        person: Mapping[int, str],
        *,
        neighbours: int | None = None,
        dial: float = 0.5,
        leave_out: int | None = None,
        candidates: int | None = None,
    ) -> list[Row]:
        """Rank all movies enough neighbours vote for, best first, ties by ascending id."""
        known = sum(said != DISLIKE for said in person.values())
        many = known >= MANY
        similar = self.similarities(person)
        similar.pop(leave_out, None)  # type: ignore[arg-type]
        most = neighbours or (800 if many else 400)
        kin = sorted(similar, key=lambda rater: (-similar[rater], rater))[:most]
        if not kin:
            return []
        near = {rater: similar[rater] / similar[kin[0]] for rater in kin}
        own = self.ridge_weights(near, max(400 / known, 5)) if many else near
        sharp = 1 if many else 2.8 * (known + 1) / (known + 3) - 1
        power_of_length = 0.4 if many else 0.8
        voice = {r: own[r] * near[r] ** sharp * self.length(r) ** power_of_length for r in kin}
        loudest = max(voice.values())
        voice = {rater: value / loudest for rater, value in voice.items()}
        least = max(1, math.ceil(len(kin) / 100))
        terms = {rater: self.terms(person, rater) for rater in kin}
        found = [self._votes(movie, person, terms, voice, similar) for movie in sorted(self.rated)]
        rows = [row for row in found if row is not None and row.supporters >= least]
        scored = self._scored(rows, person, dial, leave_out, candidates)
        return sorted(scored, key=lambda row: (-row.score, row.movie))

    def _scored(
        self,
        rows: list[Row],
        person: Mapping[int, str],
        dial: float,
        leave_out: int | None,
        most: int | None,
    ) -> list[Row]:
        """Make of votes, which the rows hold for scores, the scores and the shares of them."""
        known = sum(said != DISLIKE for said in person.values())
        many, turn = known >= MANY, 2 * dial - 1
        usual_power = 0.25 if many else 0.33 * known / (known + 3)
        shift = turn * (1.0 if turn < 0 else 0.2)
        power = usual_power + shift
        factors = {row.movie: (self.liked[row.movie] + 20) ** -power for row in rows}
        if not known:
            return [replace(row, score=row.score * factors[row.movie]) for row in rows]
        usual = {film for film, rated in self.rated.items() if rated >= 5}
        if len(usual) < 100:
            usual = set(self.rated)
        raters = [
            rated
            for rater, rated in self.states.items()
            if len(rated) >= FEWEST_RATINGS and rater != leave_out
        ]
        every = {film: self.genres.get(film, set()) for film in self.rated}
        films = Films(raters, every, usual)
        lifts = {row.movie: films.lift(row.movie, person) for row in rows}
        early = {
            row.movie: row.score
            * (self.liked[row.movie] + 20) ** -usual_power
            * lifts[row.movie].lift ** 0.8
            for row in rows
            if row.movie in usual
        }
        chosen = sorted(early, key=lambda film: -early[film])[: most or (120 if many else 60)]
        likes = sum(said == LIKE for said in person.values())
        narrow = 0.0
        if likes and not many:
            narrow = films.narrowness(person)
            narrow += narrow * turn if turn < 0 else (1 - narrow) * turn**2 / 3
        narrow /= known
        company = (known / (known + 12)) ** 2
        lift_power = (0.1 + 0.2 * company) * min(1 + turn, 1) + 1.2 * max(turn, 0) + 4 * narrow
        ease_power = 6 * narrow
        parts = films.ease(person, sorted(chosen), 100)
        predicted = {film: max(math.fsum(some.values()), 0.0) for film, some in parts.items()}
        voted = {
            row.movie: row.score
            * factors[row.movie]
            * lifts[row.movie].lift ** lift_power
            * (
                (predicted.get(row.movie, 0.0) + EASE_SMOOTHING)
                / (films.value(row.movie) / len(raters) + EASE_SMOOTHING)
            )
            ** ease_power
            for row in rows
        }
        stored = sum(len(rated) >= FEWEST_RATINGS for rated in self.states.values())
        part = 0.5 * company * (1 + (min(800, stored - 1) / stored) ** 2 / 2)
        tilted = {
            film: value / (self.liked[film] + 20) ** shift for film, value in predicted.items()
        }
        spread = float(np.std([*tilted.values()])) if tilted else 0.0
        beside = float(np.std([voted[film] for film in tilted])) if tilted else 0.0
        scale = part / (1 - part) * beside / spread if spread else 0.0
        scored = []
        for row in rows:
            film, lifted = row.movie, lifts[row.movie]
            added = scale * tilted.get(film, 0.0)
            e = predicted.get(film, 0.0)
            weights = 1.0, lift_power, ease_power * e / (e + EASE_SMOOTHING)
            numerator = sum(lifted.together.values()) + sum(lifted.genres.values())
            shares = {}
            for one in person:
                ease = parts[film].get(one, 0.0) / e if e else 0.0
                lift = (lifted.together.get(one, 0.0) + lifted.genres.get(one, 0.0)) / numerator
                mean = weights[0] * row.shares[one] + weights[1] * lift + weights[2] * ease
                shares[one] = (voted[film] * mean / sum(weights) + added * ease) / (
                    voted[film] + added
                )
            scored.append(replace(row, score=voted[film] + added, shares=shares))
        return scored

    def likeness(self, one: int, other: int) -> float:
        """Similarity of two raters by the symmetric table, without its negative part."""
        pair = min(one, other), max(one, other)
        if pair not in self._alike:
            self._alike[pair] = self._likeness(*pair)
        return self._alike[pair]

    def _likeness(self, one: int, other: int) -> float:
        mine, theirs = self.states[one], self.states[other]
        total = 0.0
        for movie in mine.keys() & theirs.keys():
            both = POSITIVE[STATES.index(mine[movie])][STATES.index(theirs[movie])]
            total += self.weight(movie) ** 2 * both
        return float(total / (self.length(one) * self.length(other)) ** 1.1)

    def ridge_weights(self, near: Mapping[int, float], ridge: float) -> dict[int, float]:
        """Take four steps of conjugate gradients towards ``(K + ridge I) a = near``."""
        kin = sorted(near)
        table = np.array([[self.likeness(one, other) for other in kin] for one in kin])
        table += ridge * np.eye(len(kin))
        rest = np.array([near[rater] for rater in kin])
        answer, direction = np.zeros(len(kin)), rest.copy()
        for _ in range(4):
            if np.linalg.norm(rest) < 1e-12:
                break
            ahead = table @ direction
            step = (rest @ rest) / (direction @ ahead)
            answer, later = answer + step * direction, rest - step * ahead
            direction = later + (later @ later) / (rest @ rest) * direction
            rest = later
        return dict(zip(kin, answer.tolist(), strict=True))

    def _votes(
        self,
        movie: int,
        person: Mapping[int, str],
        terms: Mapping[int, Mapping[int, float]],
        voice: Mapping[int, float],
        similar: Mapping[int, float],
    ) -> Row | None:
        votes = {
            rater: voice[rater] * VOTE[self.states[rater][movie]]
            for rater in voice
            if movie in self.states[rater]
        }
        total = math.fsum(votes.values())
        if movie in person or total <= 0:
            return None
        shares = dict.fromkeys(person, 0.0)
        for rater, vote in votes.items():
            for reason, term in terms[rater].items():
                shares[reason] += vote * term / similar[rater] / total
        return Row(
            movie,
            total,
            sum(self.states[rater][movie] == LIKE and voice[rater] > 0 for rater in votes),
            shares,
        )
