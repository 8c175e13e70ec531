"""Cards of films, in rows and grids: one component of our own for all of a page.

A hundred of Streamlit's widgets take longer to draw than everything else on the page. ``cards.js``
draws, and sends back what was clicked; nothing is decided there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from recommender import Movie
from ui.components import click_component
from ui.posters.fetcher import posters
from ui.state.questions import Pick
from ui.state.taste import MovieId, Said
from ui.state.visit import Visit
from ui.text import count, reasons, sentence

__all__ = ["Card", "Group", "draw", "picked"]

_REASONS = 8

Layout = Literal["row", "grid"]


@dataclass(frozen=True)
class Card:
    """A film on the page."""

    movie: Movie
    stars: float | None = None
    """Predicted for this person."""
    stand: str = ""
    """Who is behind it, in words."""
    pick: Pick | None = None
    """What it was recommended with, where reasons can be given."""


@dataclass(frozen=True)
class Group:
    """Films under a heading."""

    name: str
    """A key that stays the same; a click on one of the buttons is reported with it."""
    title: str
    cards: Sequence[Card]
    under: str = ""
    layout: Layout = "row"
    buttons: tuple[tuple[str, str], ...] = ()
    """Name, which :class:`ui.state.visit.Visit` knows, and label."""
    pips: tuple[int, int] | None = None
    """How many of how many steps are done."""
    starters: bool = False
    """Whether these are films to begin with: they stay when rated, and can be passed over."""
    stays: bool = False
    """Whether a film stays when disliked."""


def picked(picks: Iterable[Pick], neighbours: int) -> list[Card]:
    """Make cards of recommendations, out of so many kindred raters."""
    cards = []
    for pick in picks:
        stand = f"Liked by {pick.supporters:,} of {neighbours:,}" if pick.because else ""
        cards.append(Card(pick.movie, pick.stars, stand, pick if pick.because else None))
    return cards


def draw(visit: Visit, groups: Sequence[Group], *, page: str) -> None:
    """Draw groups of films as the cards of a page; a page has them once."""
    data = {
        "posters": posters() is not None,
        # In a list Streamlit would look for a table, and import for it what takes seconds.
        "groups": tuple(_group(group, visit) for group in groups),
    }
    click_component.draw(visit, "cards", data, key=f"cards-{page}")


def _group(group: Group, visit: Visit) -> dict[str, object]:
    return {
        "name": group.name,
        "title": group.title,
        "under": group.under,
        "layout": group.layout,
        "buttons": group.buttons,
        "pips": group.pips,
        "kind": "starter" if group.starters else "film",
        "leaves": not (group.starters or group.stays),
        "cards": [_card(card, visit) for card in group.cards],
    }


def _card(card: Card, visit: Visit) -> dict[str, object]:
    movie, said = card.movie, visit.taste.said
    return {
        "id": str(movie.movie_id),
        "name": str(movie),
        "title": movie.title,
        "facts": " · ".join(filter(None, (str(movie.year or ""), ", ".join(movie.genres)))),
        "known": _known(movie),
        # The version, because another one may have another film of that id.
        "picture": f"drawn/{quote(str(movie.movie_id), safe='')}?v={visit.version}",
        "imdb": movie.imdb_id or "",
        "stars": None if card.stars is None else f"{card.stars:.1f}",
        "stand": card.stand,
        "said": said.ratings.get(movie.movie_id),
        "saved": movie.movie_id in said.watchlist,
        "hidden": movie.movie_id in said.hidden,
        **_why(card, said),
    }


def _known(movie: Movie) -> str:
    if movie.mean is None:
        return ""
    return f"{count(movie.ratings, 'rating')}, {movie.mean:.1f} stars on average"


def _why(card: Card, said: Said) -> dict[str, object]:
    if card.pick is None:
        return {"why": [], "sentence": ""}
    rated: dict[MovieId, int] = dict(said.ratings)
    lines = reasons(card.pick.because, rated, _REASONS)
    return {
        "why": [
            {"percent": line.percent, "figure": line.figure, "why": line.why, "title": line.title}
            for line in lines
        ],
        "sentence": sentence(lines, card.stand),
    }
