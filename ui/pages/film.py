"""A film: what is known of it, what the visitor says of it, why it is for them, what is like it."""

from __future__ import annotations

from dataclasses import replace

from recommender import Explanation, Movie, Recommender
from ui.components import cards, chosen_film, filter_controls
from ui.components.cards import Card, Group
from ui.components.page_parts import note
from ui.components.why import grouped, in_short
from ui.state.filters import Filters
from ui.state.visit import Visit
from ui.text import count

__all__ = ["draw"]

_SIMILAR = 24


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the film that the address names, and the films most like it."""
    chosen = chosen_film.chosen(visit, recommender)
    if chosen is None:
        note("No film is chosen. Search for one above.")
        return
    filters = filter_controls.chosen(visit, recommender.stats())
    asked = (filters.movies(), filters.raters(), filters.dial)  # not all of the watchlist
    question = (visit.shown, visit.profile.hidden, asked, chosen)
    groups = visit.once("film", question, lambda: _groups(recommender, visit, filters, chosen))
    cards.draw(visit, groups, page="film")


def _groups(recommender: Recommender, visit: Visit, filters: Filters, chosen: Movie) -> list[Group]:
    movies = filters.movies(exclude=visit.profile.hidden)
    rows = recommender.similar(f"id:{chosen.movie_id}", limit=_SIMILAR, movies=movies)
    own, *alike = cards.with_stars(recommender, visit.shown, [chosen, *(row.movie for row in rows)])
    film = _explained(recommender, visit, filters, own)
    groups = [Group("film", str(chosen), [film], layout="grid", kind="one", leaves=False)]
    under = "Liked by the same people, and of the same genres. The most similar first."
    summary = filters.summary(raters=False, dial=False)
    if not alike:
        few = "Too few people rated this film to find similar ones."
        under = "No film like it is left with these filters." if summary else few
    under = f"{under} {summary}".strip()
    groups.append(Group("similar", "Similar films", alike, under, layout="grid", leaves=False))
    return groups


def _explained(recommender: Recommender, visit: Visit, filters: Filters, card: Card) -> Card:
    """Add why the film is for the visitor, or why it is not on their list."""
    profile, key = visit.shown, f"id:{card.movie.movie_id}"
    if not len(profile) or card.movie.movie_id in profile.opinions:
        return card
    found = recommender.explain(
        profile, key, adventurous=filters.adventurous, raters=filters.raters()
    )
    if found.recommended:
        asked = found.because, profile.opinions, card.movie
        stand, by_genre = f"Liked by {found.supporters:,} of {found.neighbours:,}", found.by_genre
        why = in_short(*asked, supporters=stand, by_genre=by_genre, thorough=True)
        return replace(card, supporters=stand, reasons=tuple(grouped(*asked)), **why._asdict())
    return replace(card, sentence=_why_not(found))


def _why_not(found: Explanation) -> str:
    raters = count(found.neighbours, "kindred rater")
    if not found.neighbours:
        return "Your ratings lead to no kindred raters yet. Rate one or two more films."
    if not found.votes:
        return f"None of your {raters} rated it."
    if found.total <= 0:
        return f"Of your {raters}, the votes against it outweigh those for it."
    likes = {0: "nobody likes it", 1: "only one likes it"}
    return (
        f"Of your {raters}, {likes.get(found.supporters, f'only {found.supporters:,} like it')}. "
        f"A film is recommended where at least {found.least_supporters:,} do."
    )
