"""Questions to the recommender, and answers a page can be drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from recommender import Movie, Profile, Reason, Recommender
from ui.taste import MovieId

__all__ = ["Answer", "Pick", "Question", "Wishes", "ask"]


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

    version: str
    ratings: tuple[tuple[MovieId, int], ...]
    wishes: Wishes
    limit: int
    exclude: tuple[MovieId, ...] = ()


@dataclass(frozen=True)
class Pick:
    """One recommended movie with what stands behind it."""

    movie: Movie
    supporters: int
    because: tuple[Reason, ...]
    stars: float | None
    """Predicted ones, where something supports a prediction."""


@dataclass(frozen=True)
class Answer:
    """Recommendations, free of the index they came from."""

    picks: tuple[Pick, ...]
    popular: bool
    neighbours: int


def ask(recommender: Recommender, question: Question) -> Answer:
    """Put a question to the recommender."""
    wishes = question.wishes
    top = recommender.recommend(
        Profile(dict(question.ratings)),
        limit=question.limit,
        genres=set(wishes.genres) or None,
        exclude_genres=set(wishes.without) or None,
        years=wishes.years,
        min_ratings=wishes.min_ratings,
        adventurous=wishes.adventurous,
        exclude=question.exclude,
    )
    picks = tuple(Pick(row.movie, row.supporters, row.because, row.predicted_rating) for row in top)
    return Answer(picks, top.fallback is not None, top.neighbours)
