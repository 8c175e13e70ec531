"""What the filters of the Home page hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from recommender import MovieFilter

__all__ = ["FilterChoice"]


@dataclass(frozen=True)
class FilterChoice:
    """Which films a visitor wants to see, and how adventurous the list is to be."""

    movies: MovieFilter = field(default_factory=MovieFilter)
    adventurous: float | None = None

    def active(self) -> dict[str, str]:
        """Describe each filter that leaves films out, by its name in the address."""
        # The names are those of the parameters: saved links have them.
        movies = self.movies
        words = {
            "genres": " or ".join(movies.genres or ()),
            "without": "no " + " or ".join(movies.exclude_genres) if movies.exclude_genres else "",
            "years": "–".join(str(year) for year in dict.fromkeys(movies.years or ())),
            "min_ratings": (
                f"at least {movies.min_ratings:,} ratings" if movies.min_ratings else ""
            ),
        }
        return {name: text for name, text in words.items() if text}
