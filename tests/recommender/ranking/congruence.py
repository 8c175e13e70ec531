"""How far the answers of two engines to the same random questions lie apart."""

from __future__ import annotations

import random
from dataclasses import dataclass

from recommender import Profile, Recommendations, Recommender

__all__ = ["Difference", "compare", "compare_similar", "compare_together", "random_profiles"]

# Engines add 32-bit floats up in orders of their own, which changes the last digits of a sum.
TOLERANCE = 1e-4


@dataclass
class Difference:
    """How far two engines' answers lie apart, at most."""

    profiles: int = 0
    other_films: int = 0
    """Questions answered by other films, or in another order."""
    score: float = 0.0
    """Relative to the score."""
    share: float = 0.0
    """Of a reason, absolute."""

    @property
    def congruent(self) -> bool:
        """Whether films and order are the same, and the rest within the tolerance."""
        return not self.other_films and max(self.score, self.share) <= TOLERANCE


def random_profiles(rec: Recommender, count: int, *, seed: int = 7) -> list[Profile]:
    """Profiles of 1 to 50 movies out of those rated most, liked, seen and disliked by chance."""
    dice = random.Random(seed)
    known = [row.movie.movie_id for row in rec.popular(limit=1000)]
    sizes = [dice.randint(1, min(50, len(known))) for _ in range(count)]
    return [
        Profile({f"id:{m}": dice.choice((1, 1, 1, 0, -1)) for m in dice.sample(known, size)})
        for size in sizes
    ]


def compare(one: Recommender, other: Recommender, profiles: list[Profile]) -> Difference:
    """Ask two recommenders the same."""
    found = Difference(len(profiles))
    for profile in profiles:
        _compare(one.recommend(profile, limit=50), other.recommend(profile, limit=50), found)
    return found


def compare_similar(one: Recommender, other: Recommender, count: int) -> Difference:
    """Ask two recommenders what is similar to the films that most people like."""
    found = Difference(count)
    for row in one.popular(limit=count):
        movie = f"id:{row.movie.movie_id}"
        _compare(one.similar(movie, limit=20), other.similar(movie, limit=20), found)
    return found


def compare_together(one: Recommender, other: Recommender, profiles: list[Profile]) -> Difference:
    """Ask two recommenders for the people of each three profiles."""
    found = Difference(len(profiles))
    for start in range(0, len(profiles) - 2, 3):
        people = dict(zip("ABC", profiles[start : start + 3], strict=True))
        left, right = (rec.recommend_together(people, limit=20) for rec in (one, other))
        if [row.movie.movie_id for row in left] != [row.movie.movie_id for row in right]:
            found.other_films += 1
            continue
        for a, b in zip(left, right, strict=True):
            found.score = max(found.score, abs(a.score - b.score) / max(abs(a.score), 1e-12))
            parts = zip(a.members, b.members, strict=True)
            found.share = max([found.share, *(abs(m.share - n.share) for m, n in parts)])
    return found


def _compare(left: Recommendations, right: Recommendations, found: Difference) -> None:
    # By id: an engine may lose the last digit of a mean.
    if [row.movie.movie_id for row in left] != [row.movie.movie_id for row in right]:
        found.other_films += 1
        return
    for a, b in zip(left, right, strict=True):
        found.score = max(found.score, abs(a.score - b.score) / max(abs(a.score), 1e-12))
        shares = {reason.movie.movie_id: reason.share for reason in b.because}
        for reason in a.because:
            apart = abs(reason.share - shares.pop(reason.movie.movie_id, 0.0))
            found.share = max(found.share, apart)
        found.share = max([found.share, *map(abs, shares.values())])
