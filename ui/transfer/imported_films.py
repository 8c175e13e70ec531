"""What a file of another service says of a film, and which of two entries counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum

from recommender import Opinion, Scale
from recommender.catalogue.listed_films import Mention
from ui.state.taste import Said, half_stars
from ui.text import count

__all__ = ["Film", "ImportedFile", "Precedence", "preferred"]


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
        stars = "" if self.stars is None else f", {self.stars:g} stars"
        return f"{self.opinion.past}{stars}"

    def __str__(self) -> str:
        year = self.mention.year
        return self.title if year is None else f"{self.title} ({year})"

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


def preferred(one: Film, other: Film) -> Film:
    """Choose which of two entries of one film counts; of equals the later, then ``other``."""
    return one if (one.precedence, one.when) > (other.precedence, other.when) else other


@dataclass
class ImportedFile:
    """What was read of one file."""

    service: str = ""
    """Empty where it is nobody's in particular."""
    films: list[Film] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """Rows that were left out, by the reason."""
    damaged: int = 0
    """Cells with a letter that could not be decoded."""
    scale: str = ""
    """How ratings were read, in words, where nothing but they themselves says it."""

    def add(self, film: Film) -> None:
        """Add a film, if it can be found by anything but the id of an index."""
        if film.mention.title or film.mention.imdb_id or film.mention.tmdb_id:
            self.films.append(film)
        else:
            self.left_out["without a title"] += 1

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
            self.left_out["without a rating"] += 1
        elif 0 <= rating <= scale.high:
            # By the rating as it was given: 75 of 100 is no like, though nearest to four stars.
            opinion = scale.opinion(rating) if opinion is None else opinion
            self.add(Film(mention, precedence, opinion, half_stars(rating, scale), day))
        else:
            self.left_out[f"with a rating above {scale.high:g} or not a number"] += 1

    def summary(self, name: str) -> str:
        """Describe what was read, in one line."""
        films = {film.key: film for film in self.films}.values()
        saved = sum(film.precedence is Precedence.SAVED for film in films)
        line = f"{name} ({self.service}): " if self.service else f"{name}: "
        line += count(len(films), "film")
        if saved:
            line += " to watch" if saved == len(films) else f", {saved:,} of them to watch"
        line += f", {self.scale}." if self.scale else "."
        if self.left_out:
            rest = (f"{number:,} {why}" for why, number in self.left_out.most_common())
            line += f" Left out: {', '.join(rest)}."
        if self.damaged:
            cells = count(self.damaged, "cell")
            line += f" Damaged, with a letter that cannot be read: {cells}."
        return line
