"""Lift, narrowness and EASE once more, one film at a time, written from the formula."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

LIKE, NEUTRAL, DISLIKE = "like", "neutral", "dislike"
VALUE = {LIKE: 1.0, NEUTRAL: 0.5, DISLIKE: 0.2}
SHRINKAGE, FLOOR, EASE_SMOOTHING = 8.0, 0.1, 0.5
NARROW = 0.50, 0.66

Said = Mapping[int, str]


@dataclass
class Lifted:
    """The lift of a film, and what its numerator is made of."""

    lift: float
    together: dict[int, float]
    genres: dict[int, float]


class Films:
    """Which films the raters of a panel rated together."""

    def __init__(
        self, raters: Sequence[Said], genres: Mapping[int, Set[str]], usual: Set[int]
    ) -> None:
        self.raters, self.genres, self.usual = raters, genres, usual
        self._both: dict[tuple[int, int], float] = {}
        counts: dict[str, int] = {}
        for some in genres.values():
            for genre in some:
                counts[genre] = counts.get(genre, 0) + 1
        self.weight = {genre: math.log(len(genres) / many) for genre, many in counts.items()}

    def both(self, one: int, other: int) -> float:
        """``G``."""
        pair = min(one, other), max(one, other)
        if pair not in self._both:
            self._both[pair] = math.fsum(
                VALUE[rated[one]] * VALUE[rated[other]]
                for rated in self.raters
                if one in rated and other in rated
            )
        return self._both[pair]

    def value(self, film: int) -> float:
        """``s``."""
        return math.fsum(VALUE[rated[film]] for rated in self.raters if film in rated)

    def jaccard(self, one: int, other: int) -> float:
        """Weighted Jaccard index of genres."""
        mine, theirs = self.genres.get(one, set()), self.genres.get(other, set())
        either = math.fsum(self.weight[genre] for genre in mine | theirs)
        return math.fsum(self.weight[genre] for genre in mine & theirs) / either if either else 0.0

    def mean_affinity(self, liked: Sequence[int]) -> float:
        """Mean of the affinity of usual films."""
        found = [self.jaccard(film, one) for film in self.usual for one in liked]
        return math.fsum(found) / len(found) if found else 0.0

    def lift(self, film: int, person: Said) -> Lifted:
        """``(O + shrinkage rho) / (E + shrinkage)``."""
        worth = worths(person)
        liked = likes_of(person)
        mean = self.mean_affinity(liked) + FLOOR
        together = {one: q * self.both(one, film) for one, q in worth.items()}
        genres = {
            one: SHRINKAGE * (self.jaccard(film, one) + FLOOR) / len(liked) / mean for one in liked
        }
        chance = math.fsum(q * self.value(one) for one, q in worth.items())
        chance *= self.value(film) / len(self.raters) if self.raters else 0.0
        found = math.fsum(together.values()) + math.fsum(genres.values())
        return Lifted(found / (chance + SHRINKAGE), together, genres)

    def narrowness(self, person: Said) -> float:
        """How narrow a taste is, 0 to 1."""
        liked, raters = likes_of(person), max(len(self.raters), 1)
        if LIKE not in person.values():
            return 0.0
        mean = self.mean_affinity(liked) + FLOOR
        found = []
        for one, other in itertools.combinations(liked, 2):
            counted = self.both(one, other) + 0.5 * ((self.jaccard(one, other) + FLOOR) / mean) ** 2
            expected = self.value(one) * self.value(other) / raters + 0.5
            rarity = max(-math.log(counted / raters), 0.1)
            found.append(math.log(counted / expected) / math.sqrt(rarity))
        found = sorted(found)[len(found) // 2 :]
        found += [0.4, 0.4, *(0.4 for said in person.values() if said == NEUTRAL)]
        low, high = NARROW
        return min(max((math.fsum(found) / len(found) - low) / (high - low), 0.0), 1.0)

    def ease(
        self, person: Said, candidates: Sequence[int], ridge: float
    ) -> dict[int, dict[int, float]]:
        """What each of the person's films adds to the prediction of each candidate.

        The ridge regression of a film on all others, with a ridge that grows with their values.
        """
        worth = worths(person)
        films = [*worth, *candidates]
        table = np.array([[self.both(one, other) for other in films] for one in films])
        table += np.diag(ridge + 0.3 * np.diag(table))
        terms: dict[int, dict[int, float]] = {}
        for place, film in enumerate(candidates, len(worth)):
            rest = [at for at in range(len(films)) if at != place]
            slopes = np.linalg.solve(table[np.ix_(rest, rest)], table[rest, place])
            terms[film] = {
                one: float(slope) * q
                for (one, q), slope in zip(worth.items(), slopes, strict=False)
            }
        predicted = math.fsum(max(math.fsum(parts.values()), 0.0) for parts in terms.values())
        usual = math.fsum(self.value(film) for film in candidates) / max(len(self.raters), 1)
        scale = usual / predicted if predicted else 1.0
        return {
            film: {one: part * scale for one, part in parts.items()}
            for film, parts in terms.items()
        }


def worths(person: Said) -> dict[int, float]:
    """What each film liked or seen counts."""
    spoken = {film: VALUE[said] for film, said in sorted(person.items()) if said != DISLIKE}
    return {film: value / sum(spoken.values()) for film, value in spoken.items()}


def likes_of(person: Said) -> list[int]:
    """The films liked; where there are none, those seen."""
    liked = sorted(film for film, said in person.items() if said == LIKE)
    return liked or sorted(film for film, said in person.items() if said == NEUTRAL)
