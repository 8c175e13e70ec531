"""What a file from elsewhere says of a film, and which of two statements counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from recommender.catalogue.listed_films import Mention
from ui.text import count

__all__ = ["MOST_FILMS", "Film", "Sheet", "Strength", "stronger"]

MOST_FILMS = 20_000
"""Films that can be brought at once."""


class Strength(IntEnum):
    """How much a statement says. Of two about one film, the stronger counts."""

    SAVED = 0
    """To be seen some day."""
    HIDDEN = 1
    """Of no interest."""
    SEEN = 2
    LIKED = 3
    DIARY = 4
    """Stars given on one of the days it was seen."""
    RATED = 5


@dataclass(frozen=True, slots=True)
class Film:
    """A film as a file names it, and what the person said of it."""

    mention: Mention
    strength: Strength
    opinion: int | None = None
    """1 liked, 0 seen, -1 disliked; None where it is only saved or hidden."""
    stars: float | None = None
    """Half to five."""
    when: str = ""
    """Day on which it was said, such as ``2024-01-31``; empty where the file does not say."""

    @property
    def named(self) -> bool:
        """Whether there is anything it can be found by; the id of an index alone is not enough."""
        return bool(self.mention.title or self.mention.imdb_id or self.mention.tmdb_id)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells films of files apart, before any is looked up."""
        if self.mention.movie_id is not None:
            return (self.mention.movie_id, self.mention.title)
        if self.mention.imdb_id:
            return (self.mention.imdb_id,)
        if not self.mention.title:
            return (self.mention.tmdb_id,)
        return (self.mention.title.casefold(), self.mention.year)


def stronger(one: Film, other: Film) -> Film:
    """Choose what counts of two statements about one film; of equals the later, then ``other``."""
    return one if (one.strength, one.when) > (other.strength, other.when) else other


@dataclass
class Sheet:
    """What was read of one file."""

    service: str
    films: list[Film] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """Rows that say nothing of use, by what they are."""

    def told(self, name: str) -> str:
        """Tell what was read, in one line."""
        films = len({film.key for film in self.films})
        line = f"{name} ({self.service}): {count(films, 'film')}"
        rest = ", ".join(_reasons(self.left_out))
        return f"{line}. Left out: {rest}." if rest else f"{line}."


def _reasons(left_out: Counter[str]) -> Iterator[str]:
    for reason, number in left_out.most_common():
        yield f"{number:,} {reason}"
