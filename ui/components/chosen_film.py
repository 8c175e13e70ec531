"""The one film that a page is about."""

from __future__ import annotations

from recommender import Movie, Recommender
from ui.state.visit import Visit

__all__ = ["chosen"]


def chosen(visit: Visit, recommender: Recommender) -> Movie | None:
    """Return the film that the page is about, None where none was chosen."""
    if visit.chosen is None:
        return None
    (movie,) = recommender.find([f"id:{visit.chosen}"])
    return movie
