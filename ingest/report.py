"""The report of an ingest."""

from __future__ import annotations

from typing import Any

from ingest.cleaning import CleanRatings
from recommender.settings import Frozen

__all__ = ["Report", "ratings_report"]


class Report(Frozen):
    """Result of an ingest."""

    source: str
    ratings: int
    """Ratings that count."""
    users: int
    """Users who gave them."""
    movies: int
    """Movies in the catalogue."""
    dropped: dict[str, int]
    """Dropped rows by reason."""
    thin_raters: int
    """Users with too few ratings to be neighbours."""
    scale: str
    """Scale of the stars, such as ``0.5-5``, or ``likes only``."""
    seconds: float
    ratings_per_second: int
    peak_mb: float | None
    """Most memory used, in MiB, by all processes; None where the system does not tell."""
    version: str
    """Name of the version published."""


def ratings_report(source: str, cleaned: CleanRatings, seconds: float) -> dict[str, Any]:
    """Fields of a report that follow from the ratings and the time they took."""
    return {
        "source": source,
        "ratings": len(cleaned),
        "users": len(cleaned.user_ids),
        "movies": len(cleaned.movie_ids),
        "dropped": cleaned.dropped,
        "scale": str(cleaned.scale),
        "seconds": round(seconds, 3),
        "ratings_per_second": int(len(cleaned) / max(seconds, 1e-9)),
    }
