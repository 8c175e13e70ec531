"""What a file of another service says of a film, and which of two entries counts."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

from recommender import Opinion, Scale, SourceError
from recommender.catalogue.listed_films import Mention
from recommender.profile import MOST_FILMS
from ui.state.taste import Said, half_stars
from ui.text import count

__all__ = ["UNRATED", "Film", "ImportedFile", "Precedence", "preferred", "too_many"]

UNRATED = "without a rating"
"""Why a film is left out, where nothing tells what it is without one."""
# A scale with no more than two steps is of thumbs, not of stars.
_MOST_THUMBS = 2


class Precedence(IntEnum):
    """How much an entry says. Of two about one film, the higher counts."""

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
    """A film as a file names it, and the opinion of it there."""

    mention: Mention
    precedence: Precedence
    opinion: Opinion | None = None
    """None where it is only saved or hidden."""
    stars: float | None = None
    """Half to five."""
    when: str = ""
    """Day of the opinion, such as ``2024-01-31``; empty where the file does not say."""

    @property
    def said(self) -> Said:
        """What it says of the film."""
        if self.opinion is not None:
            return Said(self.opinion, self.stars)
        return Said(listed="hidden" if self.precedence is Precedence.HIDDEN else "watchlist")

    @property
    def title(self) -> str:
        """The title, or else the number the film has elsewhere."""
        mention = self.mention
        return mention.title or mention.imdb_id or f"TMDB {mention.tmdb_id}"

    @property
    def opinion_words(self) -> str:
        """The opinion in words."""
        if self.opinion is None:
            return "not interested" if self.precedence is Precedence.HIDDEN else "to watch"
        stars = "" if self.stars is None else f", {self.stars:g} star{'s' * (self.stars != 1)}"
        return f"{self.opinion.past}{stars}"

    def __str__(self) -> str:
        year = self.mention.year
        return self.title if year is None else f"{self.title} ({year})"

    @property
    def key(self) -> tuple[object, ...]:
        """What tells films of files apart, before any is looked up."""
        mention = self.mention
        if mention.movie_id is not None:
            return (mention.movie_id, mention.title)
        if mention.imdb_id:
            return (mention.imdb_id,)
        return (mention.tmdb_id,) if mention.tmdb_id else (mention.title.casefold(), mention.year)


def preferred(one: Film, other: Film) -> Film:
    """Choose which of two entries of one film counts; of equals the later, then ``other``."""
    return one if (one.precedence, one.when) > (other.precedence, other.when) else other


@dataclass
class ImportedFile:
    """What was read of one file."""

    name: str
    service: str = ""
    """Empty where it is nobody's in particular."""
    films: dict[tuple[object, ...], Film] = field(default_factory=dict)
    """Each film once, by its key, with the entry that counts."""
    repeated: set[tuple[object, ...]] = field(default_factory=set)
    """Keys of films with several entries."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Rows that were left out, by the reason."""
    damaged: int = 0
    """Cells with a letter that could not be decoded."""
    scale: str = ""
    """How ratings were read, in words, where nothing but they themselves says it."""
    dayless: int = 0
    """Entries with a day that was not read."""
    why_dayless: str = ""

    def add(self, film: Film) -> None:
        """Add a film, if it can be found by anything but the id of an index.

        Raises SourceError where it is one too many.
        """
        if not (film.mention.title or film.mention.imdb_id or film.mention.tmdb_id):
            self.left_out["without a title"] += 1
            return
        key = film.key
        if key in self.films:
            self.repeated.add(key)
            film = preferred(self.films[key], film)
        self.films[key] = film
        if len(self.films) > MOST_FILMS:
            raise too_many(self.name)

    def add_rated(
        self,
        mention: Mention,
        rating: float,
        scale: Scale,
        day: str = "",
        precedence: Precedence = Precedence.RATED,
        opinion: Opinion | None = None,
    ) -> None:
        """Add a film with a rating, or note why that is none.

        An ``opinion`` counts as it was given: it may differ from what the rating would say.
        """
        if rating == 0 and scale.low > 0:
            self.left_out[UNRATED] += 1
        elif scale.base <= rating <= scale.high:
            said, stars = _opinion(rating, scale)
            self.add(Film(mention, precedence, said if opinion is None else opinion, stars, day))
        elif math.isnan(rating):
            self.left_out["with a rating that is not a number"] += 1
        else:
            self.left_out[f"with a rating above {scale.high:g} or below {scale.base:g}"] += 1

    @property
    def left_out_words(self) -> str:
        """How many rows were left out for which reason."""
        return ", ".join(f"{number:,} {why}" for why, number in self.left_out.most_common())

    def summary(self) -> str:
        """Describe what was read, in one line."""
        saved = sum(film.precedence is Precedence.SAVED for film in self.films.values())
        line = f"{self.name} ({self.service}): " if self.service else f"{self.name}: "
        line += count(len(self.films), "film")
        if saved:
            line += " to watch" if saved == len(self.films) else f", {saved:,} of them to watch"
        line += f", {self.scale}." if self.scale else "."
        if self.repeated:
            films = count(len(self.repeated), "film")
            line += f" More than once: {films}, of which the latest rating counts."
        if self.dayless:
            rows = count(self.dayless, "row")
            line += f" Kept without a day: {rows}, as {self.why_dayless}."
        if self.left_out:
            line += f" Left out: {self.left_out_words}."
        if self.damaged:
            cells = count(self.damaged, "cell")
            line += f" Damaged, with a letter that cannot be read: {cells}."
        return line


def too_many(name: str) -> SourceError:
    """Make the error of a file with more films than can be brought."""
    return SourceError(
        f"{name} has more than {MOST_FILMS:,} films, the most that can be imported at once: import "
        "a part of it"
    )


@lru_cache(maxsize=1 << 12)
def _opinion(rating: float, scale: Scale) -> tuple[Opinion, float | None]:
    """Tell what a rating says, and its stars, if it is no thumb."""
    if scale.high - scale.low <= _MOST_THUMBS:
        ends = {scale.high: Opinion.LIKE, scale.low: Opinion.DISLIKE}
        return ends.get(rating, Opinion.NEUTRAL), None
    # By the rating as it was given: 75 of 100 is no like, though nearest to four stars.
    return scale.opinion(rating), half_stars(rating, scale)
