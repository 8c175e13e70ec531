"""Settings that follow how much raters say: those of films fit no books and no jokes."""

from __future__ import annotations

from recommender.settings import Ranking
from recommender.storage.manifest import Density

__all__ = ["suited"]

# With a larger panel, opening an index would take seconds.
_LARGEST_PANEL = 4


def suited(ranking: Ranking, density: Density | None) -> Ranking:
    """Suit a ranking to the density of an index; what is tuned on films stays as it is for films.

    Where raters say less than ``usual_known``, little is much to know of a person: what films are
    rated together counts as much sooner (``company_half``), and the panel holds more raters, so
    that it holds about as many ratings. Where any two raters share many movies, the neighbours
    repeat each other, and ridge weights come sooner (``many_ratings``): as soon as a person shares
    ``many_shared`` movies with a rater taken at random.
    """
    if density is None:
        return ranking
    said = min(density.known / ranking.usual_known, 1.0)
    more = min(1 / max(said, 1e-9), _LARGEST_PANEL)
    many = round(ranking.many_shared / max(density.shared, 1e-9))
    return ranking.model_copy(
        update={
            "company_half": ranking.company_half * said,
            "panel": round(ranking.panel * more),
            "ease_raters": round(ranking.ease_raters * more),
            "many_ratings": min(max(many, 1), ranking.many_ratings),
        }
    )
