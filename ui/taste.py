"""What one person said of movies, with every step undoable. Knows nothing of Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["MovieId", "Taste"]

MovieId = int | str

_STEPS_KEPT = 50


@dataclass
class Taste:
    """Ratings in the order they were given, 1 liked, 0 seen, -1 disliked, and how to go back."""

    ratings: dict[MovieId, int] = field(default_factory=dict)
    _before: list[tuple[str, dict[MovieId, int]]] = field(default_factory=list)

    def rate(self, movie_id: MovieId, rating: int | None, step: str) -> None:
        """Say something of a movie, or with ``None`` take it back."""
        ratings = {known: said for known, said in self.ratings.items() if known != movie_id}
        if rating is not None:
            ratings[movie_id] = rating
        self.replace(ratings, step)

    def replace(self, ratings: Mapping[MovieId, int], step: str) -> None:
        """Take other ratings; ``step`` is what undoing will offer to undo."""
        if ratings == self.ratings:
            return
        self._before = [*self._before[1 - _STEPS_KEPT :], (step, self.ratings)]
        self.ratings = dict(ratings)

    def undo(self) -> None:
        """Go back one step, if there is one."""
        if self._before:
            _, self.ratings = self._before.pop()

    @property
    def last_step(self) -> str | None:
        """What ``undo`` would undo."""
        return self._before[-1][0] if self._before else None
