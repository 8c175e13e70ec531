"""What one person said of movies, with every step undoable. Knows nothing of Streamlit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple, TypeVar

__all__ = ["NOTHING", "STARS", "MovieId", "Said", "Step", "Taste", "opinion_of"]

MovieId = int | str
T = TypeVar("T")

STARS = (0.5, 5.0)
"""Fewest and most stars a person gives here."""

_STEPS_KEPT, _FEWEST_KEPT = 50, 5
_FILMS_KEPT = 200_000  # in all steps: each holds everything that was said before it
# Out of five stars, as the index has it: see recommender.Weighting.
_LIKED, _DISLIKED = 4.0, 2.5


def opinion_of(stars: float) -> int:
    """Tell what stars out of five mean: 1 liked, 0 seen, -1 disliked.

    Examples
    --------
    >>> [opinion_of(stars) for stars in (4, 3.5, 2.5)]
    [1, 0, -1]
    """
    return 1 if stars >= _LIKED else -1 if stars <= _DISLIKED else 0


@dataclass(frozen=True)
class Said:
    """Everything a person said, at one moment. A movie is rated, or saved, or hidden."""

    ratings: Mapping[MovieId, int] = field(default_factory=dict)
    """1 liked, 0 seen, -1 disliked, in the order given."""
    stars: Mapping[MovieId, float] = field(default_factory=dict)
    """Half to five, for those rated movies whose stars are known."""
    watchlist: tuple[MovieId, ...] = ()
    """Saved for later, in that order."""
    hidden: tuple[MovieId, ...] = ()
    """Of no interest: not recommended, and no opinion of the movie either."""

    def __post_init__(self) -> None:
        # Copies that cannot change, for what is undone must still be as it was.
        for name in ("ratings", "stars"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __bool__(self) -> bool:
        return bool(self.ratings or self.watchlist or self.hidden)

    def __iter__(self) -> Iterator[MovieId]:
        return iter((*self.ratings, *self.watchlist, *self.hidden))

    def without(self, *movie_ids: MovieId) -> Said:
        """Leave out all that was said of some movies."""
        gone = {*movie_ids}
        return Said(
            {known: said for known, said in self.ratings.items() if known not in gone},
            {known: stars for known, stars in self.stars.items() if known not in gone},
            tuple(known for known in self.watchlist if known not in gone),
            tuple(known for known in self.hidden if known not in gone),
        )

    def changed_as(self, before: Said, now: Said) -> Said:
        """Change what is said of each movie of which ``now`` says something else than ``before``.

        Examples
        --------
        >>> mine, theirs = Said({1: 1}), Said({1: 1, 2: -1})
        >>> dict(theirs.changed_as(mine, Said({3: 0})).ratings)
        {2: -1, 3: 0}
        """
        if self == before:
            return now  # in its order
        old, new = before._by_movie(), now._by_movie()
        changed = {known for known in {*old, *new} if old.get(known) != new.get(known)}

        def mixed(mine: Mapping[MovieId, T], other: Mapping[MovieId, T]) -> dict[MovieId, T]:
            rest = {known: said for known, said in mine.items() if known not in changed}
            return rest | {known: said for known, said in other.items() if known in changed}

        def listed(mine: tuple[MovieId, ...], other: tuple[MovieId, ...]) -> tuple[MovieId, ...]:
            return tuple(mixed(dict.fromkeys(mine), dict.fromkeys(other)))

        return Said(
            mixed(self.ratings, now.ratings),
            mixed(self.stars, now.stars),
            listed(self.watchlist, now.watchlist),
            listed(self.hidden, now.hidden),
        )

    def _by_movie(self) -> dict[MovieId, object]:
        rated = {known: (said, self.stars.get(known)) for known, said in self.ratings.items()}
        return {
            **rated,
            **dict.fromkeys(self.watchlist, "saved"),
            **dict.fromkeys(self.hidden, "hidden"),
        }


NOTHING = Said()


class Step(NamedTuple):
    """Something that can be undone."""

    words: str
    """What it was, as in "Undo the like of Alien"."""
    said: Said
    """What was said before it."""
    shown: object = None
    """What was shown before it, where it changed that."""


@dataclass
class Taste:
    """What is said now, and how to go back."""

    said: Said = NOTHING
    ordered: bool = field(init=False)
    """Whether the order of what is said is that in which it was said."""
    _before: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ordered = not self.said  # an address keeps no order

    @property
    def ratings(self) -> Mapping[MovieId, int]:
        """Opinions of what was seen: 1 liked, 0 seen, -1 disliked, in the order given."""
        return self.said.ratings

    @property
    def stars(self) -> Mapping[MovieId, float]:
        """Half to five, where they are known."""
        return self.said.stars

    @property
    def steps_kept(self) -> int:
        """How many steps can be gone back: the more is said, the fewer, for memory is finite."""
        return max(min(_STEPS_KEPT, _FILMS_KEPT // max(len([*self.said]), 1)), _FEWEST_KEPT)

    @property
    def watchlist(self) -> tuple[MovieId, ...]:
        """Movies saved for later."""
        return self.said.watchlist

    @property
    def hidden(self) -> tuple[MovieId, ...]:
        """Movies of no interest."""
        return self.said.hidden

    def rate(self, movie_id: MovieId, rating: int | None, step: str) -> None:
        """Say something of a movie, or with ``None`` take it back."""
        if rating is not None and self.ratings.get(movie_id) == rating:
            return  # its stars stay, and so does its place
        rest = self.said.without(movie_id)
        if rating is not None:
            rest = replace(rest, ratings={**rest.ratings, movie_id: rating})
        self.replace(rest, step)

    def give_stars(self, movie_id: MovieId, stars: float | None, step: str) -> None:
        """Give a movie stars, half to five, or with ``None`` take its rating back."""
        rest = self.said.without(movie_id)
        if stars is not None:
            rest = replace(
                rest,
                ratings={**rest.ratings, movie_id: opinion_of(stars)},
                stars={**rest.stars, movie_id: stars},
            )
        self.replace(rest, step)

    def watch(self, movie_id: MovieId, step: str) -> None:
        """Save a movie for later."""
        rest = self.said.without(movie_id)
        self.replace(replace(rest, watchlist=(*rest.watchlist, movie_id)), step)

    def hide(self, movie_id: MovieId, step: str) -> None:
        """See no more of a movie."""
        rest = self.said.without(movie_id)
        self.replace(replace(rest, hidden=(*rest.hidden, movie_id)), step)

    def forget(self, movie_id: MovieId, step: str) -> None:
        """Take back whatever was said of a movie."""
        self.replace(self.said.without(movie_id), step)

    def replace(self, said: Said, step: str) -> None:
        """Say something else altogether; ``step`` is what undoing will offer to undo."""
        if said == self.said:
            return
        self.mark(step)
        self.said = said

    def mark(self, step: str, shown: object = None) -> None:
        """Keep a step to go back to, also one that changes nothing but what is ``shown``."""
        self._before = [*self._before[1 - self.steps_kept :], Step(step, self.said, shown)]

    def undo(self) -> Step | None:
        """Go back one step, if there is one, and give it."""
        if not self._before:
            return None
        step = self._before.pop()
        self.said = step.said
        return step

    def drop(self, gone: Collection[MovieId]) -> None:
        """Leave films out of all that is and was said."""
        self.said = self.said.without(*gone)
        self._before = [
            step._replace(said=step.said.without(*gone), shown=None) for step in self._before
        ]

    def films(self) -> set[MovieId]:
        """All films of which something is or was said."""
        return {
            known for said in (self.said, *(step.said for step in self._before)) for known in said
        }

    @property
    def last_step(self) -> str | None:
        """What ``undo`` would undo."""
        return self._before[-1].words if self._before else None

    @property
    def last_rating(self) -> Step | None:
        """The last step that changed ratings or what is hidden, and what was said before it."""
        now = (self.ratings, self.hidden)
        steps = reversed(self._before)
        return next((one for one in steps if (one.said.ratings, one.said.hidden) != now), None)
