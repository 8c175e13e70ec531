"""What one visitor says of movies, each with its time, and how to take steps back.

A taste is kept in several places at once: here, in the visitor's browser and in other tabs of it.
They are merged film by film, of which the later word counts. So every change has a time later than
all that is known here, whatever the clocks say (Kulkarni et al., Logical Physical Clocks, 2014).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

from recommender import Movie, Opinion, Profile, Recommender, Scale

__all__ = ["EMPTY", "SCALE", "MovieId", "Said", "Taste", "half_stars", "movies_of", "said_in"]

MovieId = int | str

SCALE = Scale(low=0.5, high=5)
"""The stars a visitor gives here, whatever the scale of the index."""
EMPTY = Profile(scale=(SCALE.low, SCALE.high))
"""The empty profile. Every profile of the app has its scale, or equal ones would differ."""

_STEPS_KEPT = 50


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


class Said(NamedTuple):
    """What is said of a film: it is rated, or in one of the lists, or nothing is said of it."""

    opinion: Opinion | None = None
    stars: float | None = None
    listed: Literal["watchlist", "hidden"] | None = None


_NOTHING = Said()


class _Step(NamedTuple):
    """Something that can be undone."""

    words: str
    """What it was, as in "Undo the like of Alien"."""
    before: dict[MovieId, Said]
    """What was said before it of the films it changed."""
    shown: object
    """What was shown before it, where the step changed that."""


class Taste:
    """A visitor's profile, in which a movie is rated, or saved, or hidden."""

    def __init__(self, profile: Profile = EMPTY) -> None:
        self._said = said_in(profile)  # the latest last
        self._times: dict[MovieId, int] = {}  # of films taken back, too
        self._latest = 0
        self._steps: deque[_Step] = deque(maxlen=_STEPS_KEPT)
        self._profile: Profile | None = None
        self.cleared = 0
        """When everything was cleared last, in milliseconds since 1970."""
        self.unsent: dict[MovieId, None] = {}
        """Films changed here of which the browser does not know yet."""
        self.number = 0
        """Number of the last change that was made here and not in the browser."""
        self.known = 0
        """Number of the last of these changes that the browser has."""

    @property
    def profile(self) -> Profile:
        """Everything that is said now, in the order in which it was said."""
        if self._profile is None:
            self._profile = _profile_of(self._said)
        return self._profile

    def part(self, movies: Iterable[MovieId]) -> Profile:
        """Return the profile of some films alone."""
        return _profile_of({one: self._said[one] for one in movies if one in self._said})

    def time_of(self, movie_id: MovieId) -> int:
        """Return when something was said of a film, or taken back, in milliseconds since 1970."""
        return self._times.get(movie_id, 0)

    def rate(
        self, movie_id: MovieId, opinion: int | None, step: str, at: int | None = None
    ) -> None:
        """Give an opinion of a movie, or with ``None`` take it back.

        ``at`` is the time of a click that the browser has written down already, here as below.
        """
        now = self._said.get(movie_id, _NOTHING)
        if opinion is not None and now.opinion == opinion:
            self.say({movie_id: now}, step)  # its stars stay, and so does its place
        else:
            self.say({movie_id: Said(None if opinion is None else Opinion(opinion))}, step, at)

    def watch(self, movie_id: MovieId, step: str, at: int | None = None) -> None:
        """Save a movie for later."""
        self.say({movie_id: Said(listed="watchlist")}, step, at)

    def hide(self, movie_id: MovieId, step: str, at: int | None = None) -> None:
        """Recommend a movie no more."""
        self.say({movie_id: Said(listed="hidden")}, step, at)

    def forget(self, movie_id: MovieId, step: str, at: int | None = None) -> None:
        """Take a movie out of the profile."""
        self.say({movie_id: _NOTHING}, step, at)

    def clear(self, step: str) -> None:
        """Forget everything; of films that are known elsewhere alone, too."""
        before = dict(self._said)
        self.cleared = self._now()
        self.number += 1
        self._drop_cleared()
        self._steps.append(_Step(step, before, None))

    def say(self, said: Mapping[MovieId, Said], step: str, at: int | None = None) -> None:
        """Say something of films; what is said already is no step, nor is a click of before."""
        changed = {
            movie_id: new
            for movie_id, new in said.items()
            if self._said.get(movie_id, _NOTHING) != new
            if at is None or at > max(self.time_of(movie_id), self.cleared)
        }
        if changed:
            before = {movie_id: self._said.get(movie_id, _NOTHING) for movie_id in changed}
            self._steps.append(_Step(step, before, None))
            self._change(changed, at)

    def mark(self, step: str, shown: object) -> None:
        """Keep a step to undo that changes nothing but what is ``shown``."""
        self._steps.append(_Step(step, {}, shown))

    def undo(self) -> object:
        """Go back one step, if there is one, and return what was shown before it."""
        if not self._steps:
            return None
        step = self._steps.pop()
        if step.before:
            self._change(step.before, None)
        return step.shown

    def merge(self, said: Iterable[tuple[MovieId, Said, int]], cleared: int = 0) -> None:
        """Take over what the browser knows: films, what is said of them, and since when.

        Of each film the later word counts. It is no step: whoever said it can undo it there, and
        undoing what was said here before it would take it back.
        """
        if cleared > self.cleared:
            self.cleared = cleared
            self._drop_cleared()
            self._steps.clear()
        for movie_id, new, at in sorted(said, key=lambda one: one[2]):
            if at > max(self.time_of(movie_id), self.cleared):
                self._put(movie_id, new, at)
                for step in self._steps:
                    step.before.pop(movie_id, None)
        left = [step for step in self._steps if step.before or step.shown is not None]
        self._steps = deque(left, maxlen=_STEPS_KEPT)

    def drop(self, gone: Collection[MovieId]) -> None:
        """Leave films out that are not in the index any more, now and at every step."""
        for movie_id in gone:
            for mapping in (self._said, *(step.before for step in self._steps)):
                mapping.pop(movie_id, None)
            self._times.pop(movie_id, None)
            self.unsent.pop(movie_id, None)
        self._profile = None

    def films(self) -> set[MovieId]:
        """All films of the profile now and at every step."""
        return {*self._said}.union(*(step.before for step in self._steps))

    def know(self, number: int) -> None:
        """Take note that the browser has all changes up to one of this number."""
        self.known = max(self.known, min(number, self.number))
        if self.known == self.number:
            self.unsent = {}

    @property
    def last_step(self) -> str | None:
        """What ``undo`` would undo."""
        return self._steps[-1].words if self._steps else None

    @property
    def last_rating(self) -> tuple[str, Profile] | None:
        """The last step that changed ratings or what is hidden, and the profile before it."""
        now, said = self.profile, dict(self._said)
        for step in reversed(self._steps):
            for movie_id, before in step.before.items():
                _say(said, movie_id, before)
            profile = _profile_of(said)
            if (profile.opinions, profile.hidden) != (now.opinions, now.hidden):
                return step.words, profile
        return None

    def _change(self, said: Mapping[MovieId, Said], at: int | None) -> None:
        when = self._now() if at is None else at
        for movie_id, new in said.items():
            self._put(movie_id, new, when)
        if at is None:
            self.unsent |= dict.fromkeys(said)
            self.number += 1

    def _now(self) -> int:
        """Return a time later than all that is known."""
        self._latest = max(time.time_ns() // 1_000_000, self._latest + 1)
        return self._latest

    def _put(self, movie_id: MovieId, said: Said, at: int) -> None:
        self._times[movie_id] = at
        self._latest = max(self._latest, at)
        _say(self._said, movie_id, said)
        self._profile = None

    def _drop_cleared(self) -> None:
        for movie_id in [one for one in self._said if self.time_of(one) <= self.cleared]:
            del self._said[movie_id]
            self.unsent.pop(movie_id, None)
        self._profile = None


def said_in(profile: Profile) -> dict[MovieId, Said]:
    """Return what a profile says of each film."""
    return {
        **{
            movie_id: Said(Opinion(int(opinion)), profile.stars.get(movie_id))
            for movie_id, opinion in profile.opinions.items()
        },
        **dict.fromkeys(profile.watchlist, Said(listed="watchlist")),
        **dict.fromkeys(profile.hidden, Said(listed="hidden")),
    }


def movies_of(movie_ids: Iterable[MovieId], recommender: Recommender) -> dict[MovieId, Movie]:
    """Look movies up by id; those that the index does not know are left out."""
    found = recommender.find(f"id:{movie_id}" for movie_id in movie_ids)
    return {movie.movie_id: movie for movie in found if movie is not None}


def _say(everything: dict[MovieId, Said], movie_id: MovieId, said: Said) -> None:
    # Taken out first, so that it comes last: the latest rating is the last of the profile.
    everything.pop(movie_id, None)
    if said != _NOTHING:
        everything[movie_id] = said


def _profile_of(everything: Mapping[MovieId, Said]) -> Profile:
    films = everything.items()
    return replace(
        EMPTY,
        opinions={one: said.opinion for one, said in films if said.opinion is not None},
        stars={one: said.stars for one, said in films if said.stars is not None},
        watchlist=tuple(one for one, said in films if said.listed == "watchlist"),
        hidden=tuple(one for one, said in films if said.listed == "hidden"),
    )
