"""Questions to the recommender, and answers a page can be drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from recommender import Movie, MovieFilter, Profile, Reason, Recommendations, Recommender
from ui.state.taste import STARS, MovieId, Said

__all__ = [
    "IN_A_ROW",
    "Answer",
    "Pick",
    "Question",
    "Strip",
    "Wishes",
    "ask",
    "picks_of",
    "profile_of",
]

IN_A_ROW = 12
"""Films in each row."""
_MOST = 1_000  # that the recommender gives


@dataclass(frozen=True)
class Wishes:
    """What the person wants to see."""

    genres: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    min_ratings: int = 0
    adventurous: float | None = None

    def active(self) -> dict[str, str]:
        """Name each filter that leaves films out, in words."""
        words = {
            "genres": " or ".join(self.genres),
            "without": "no " + " or ".join(self.without) if self.without else "",
            "years": "–".join(str(year) for year in dict.fromkeys(self.years or ())),
            "min_ratings": f"at least {self.min_ratings:,} ratings" if self.min_ratings else "",
        }
        return {name: text for name, text in words.items() if text}


@dataclass(frozen=True)
class Question:
    """Everything an answer depends on, so that an unchanged question is not asked again."""

    said: Said
    wishes: Wishes
    more: int = 0
    """How many films the first row has beyond the usual number."""
    exclude: tuple[MovieId, ...] = ()
    """Films that are not wanted, beside those the person hid."""


@dataclass(frozen=True)
class Pick:
    """One recommended movie with what stands behind it."""

    movie: Movie
    supporters: int
    because: tuple[Reason, ...]
    stars: float | None
    """Predicted ones, where something supports a prediction."""


@dataclass(frozen=True)
class Strip:
    """A row of movies."""

    name: str
    title: str
    picks: tuple[Pick, ...]
    more: bool
    """Whether there are further ones."""


@dataclass(frozen=True)
class Answer:
    """Rows, free of the index they came from."""

    strips: tuple[Strip, ...]
    neighbours: int
    """How many kindred raters they rest on; none for someone new."""


def profile_of(said: Said) -> Profile:
    """Give what the recommender is asked with: opinions, and stars where they are known."""
    return Profile(dict(said.ratings), stars=dict(said.stars), scale=STARS if said.stars else None)


def ask(recommender: Recommender, question: Question) -> Answer:
    """Put a question to the recommender."""
    wishes, said = question.wishes, question.said
    rows = recommender.rows(
        profile_of(said),
        limit=min(IN_A_ROW + question.more + 1, _MOST),
        movies=MovieFilter(
            genres=set(wishes.genres) or None,
            exclude_genres=set(wishes.without) or None,
            years=wishes.years,
            min_ratings=wishes.min_ratings,
            exclude=(*said.hidden, *question.exclude),
        ),
        adventurous=wishes.adventurous,
    )
    strips = []
    for at, row in enumerate(rows):
        size = min(IN_A_ROW + (question.more if at == 0 else 0), _MOST)
        shown = picks_of(row.movies, size)
        strips.append(Strip(row.name, row.title, shown, len(row.movies) > size))
    return Answer(tuple(strips), max((row.movies.neighbours for row in rows), default=0))


def picks_of(top: Recommendations, limit: int = 1_000) -> tuple[Pick, ...]:
    """Read the rows of a list, with what is worked out only when it is asked for."""
    return tuple(
        Pick(row.movie, row.supporters, row.because, row.predicted_rating) for row in top[:limit]
    )
