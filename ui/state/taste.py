"""What one visitor says of movies, with every step undoable. Knows nothing of Streamlit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from recommender import Profile, Scale

__all__ = ["EMPTY", "SCALE", "MovieId", "Step", "Taste", "half_stars"]

MovieId = int | str

SCALE = Scale(low=0.5, high=5)
"""The stars a visitor gives here, whatever the scale of the index."""
EMPTY = Profile(scale=(SCALE.low, SCALE.high))
"""The empty profile. Every profile of the app has its scale, or equal ones would differ."""

# Each step holds the whole profile before it, so that long profiles keep fewer steps: all steps of
# a visit hold this many films together.
_STEPS_KEPT, _FEWEST_KEPT, _FILMS_KEPT = 50, 5, 200_000


def half_stars(stars: float, scale: Scale = SCALE) -> float:
    """Bring stars onto :data:`SCALE`, to the nearest half.

    Examples
    --------
    >>> half_stars(7, Scale(low=1, high=10)), half_stars(0.1)
    (3.5, 0.5)
    """
    span = scale.high - scale.base
    part = stars / span - scale.base / span  # a number, however large the scale is
    return min(max(round(part * 10), 1), 10) / 2


class Step(NamedTuple):
    """Something that can be undone."""

    words: str
    """What it was, as in "Undo the like of Alien"."""
    profile: Profile
    """The profile before it."""
    shown: object = None
    """What was shown before it, where the step changed that."""


@dataclass
class Taste:
    """A visitor's profile, in which a movie is rated, or saved, or hidden, and how to go back."""

    profile: Profile = EMPTY
    ordered: bool = field(init=False)
    """Whether the profile lists its movies in the order in which they were clicked."""
    _before: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ordered = not self.profile.films  # an address keeps no order

    @property
    def steps_kept(self) -> int:
        """How many steps can be undone: the longer the profile, the fewer."""
        return max(min(_STEPS_KEPT, _FILMS_KEPT // max(len(self.profile.films), 1)), _FEWEST_KEPT)

    def rate(self, movie_id: MovieId, opinion: int | None, step: str) -> None:
        """Give an opinion of a movie, or with ``None`` take it back."""
        if opinion is not None and self.profile.opinions.get(movie_id) == opinion:
            return  # its stars stay, and so does its place
        # Taken out first, so that it comes last: the latest rating is the last of the profile.
        rest = self.profile.without(movie_id)
        if opinion is not None:
            rest = replace(rest, opinions={**rest.opinions, movie_id: opinion})
        self.replace(rest, step)

    def give_stars(self, movie_id: MovieId, stars: float, step: str) -> None:
        """Give a movie stars, half to five."""
        rest = self.profile.without(movie_id)
        opinions = {**rest.opinions, movie_id: SCALE.opinion(stars)}
        rated = replace(rest, opinions=opinions, stars={**rest.stars, movie_id: stars})
        self.replace(rated, step)

    def watch(self, movie_id: MovieId, step: str) -> None:
        """Save a movie for later."""
        rest = self.profile.without(movie_id)
        self.replace(replace(rest, watchlist=(*rest.watchlist, movie_id)), step)

    def hide(self, movie_id: MovieId, step: str) -> None:
        """Recommend a movie no more."""
        rest = self.profile.without(movie_id)
        self.replace(replace(rest, hidden=(*rest.hidden, movie_id)), step)

    def forget(self, movie_id: MovieId, step: str) -> None:
        """Take a movie out of the profile."""
        self.replace(self.profile.without(movie_id), step)

    def replace(self, profile: Profile, step: str) -> None:
        """Take another profile altogether; ``step`` is what undoing will offer to undo."""
        if profile == self.profile:
            return
        self.mark(step)
        self.profile = profile

    def mark(self, step: str, shown: object = None) -> None:
        """Keep a step to undo, also one that changes nothing but what is ``shown``."""
        self._before = [*self._before[1 - self.steps_kept :], Step(step, self.profile, shown)]

    def undo(self) -> Step | None:
        """Go back one step, if there is one, and give it."""
        if not self._before:
            return None
        step = self._before.pop()
        self.profile = step.profile
        return step

    def drop(self, gone: Collection[MovieId]) -> None:
        """Leave films out of the profile now and at every step."""
        self.profile = self.profile.without(*gone)
        self._before = [
            step._replace(profile=step.profile.without(*gone), shown=None) for step in self._before
        ]

    def films(self) -> set[MovieId]:
        """All films of the profile now and at every step."""
        profiles = (self.profile, *(step.profile for step in self._before))
        return {movie_id for profile in profiles for movie_id in profile.films}

    @property
    def last_step(self) -> str | None:
        """What ``undo`` would undo."""
        return self._before[-1].words if self._before else None

    @property
    def last_rating(self) -> Step | None:
        """The last step that changed ratings or what is hidden, and the profile before it."""

        def counted(profile: Profile) -> object:
            return profile.opinions, profile.hidden

        steps = reversed(self._before)
        return next((s for s in steps if counted(s.profile) != counted(self.profile)), None)
