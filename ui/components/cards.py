"""Cards of films, in rows and grids: one component of our own for all of a page.

A hundred of Streamlit's widgets take longer to draw than everything else on the page. ``cards.js``
draws, and sends back what was clicked; nothing is decided there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote_plus

from recommender import Movie, Prediction, Profile, Recommendation, Recommender
from ui.components import click_component
from ui.components.why import ReasonGroup, in_short
from ui.posters.fetcher import posters
from ui.state.taste import SCALE
from ui.state.visit import Visit
from ui.text import count

__all__ = [
    "Card",
    "Group",
    "MemberWords",
    "draw",
    "links",
    "recommended",
    "stars_words",
    "with_stars",
]


@dataclass(frozen=True)
class Card:
    """A film on the page."""

    movie: Movie
    prediction: Prediction | None = None
    """Stars predicted for this person."""
    supporters: str = ""
    """Who likes it, in words."""
    short: str = ""
    """Why it is recommended, in few letters, where reasons can be given."""
    sentence: str = ""
    """Of the film that a page is about, why it is recommended, or why not."""
    reasons: tuple[ReasonGroup, ...] = ()
    """Of that film, all that this rests on."""
    members: tuple[MemberWords, ...] = ()
    """What it is to each of several people."""


@dataclass(frozen=True)
class MemberWords:
    """What a film is to one of several people. The fields are those that card.js reads."""

    name: str
    colour: int
    bar: int
    """How good a match it is, in percent of their best one."""
    stand: str
    """That in a word or two."""
    why: str


@dataclass(frozen=True)
class Group:
    """Films under a heading. The fields are those that cards.js reads."""

    name: str
    """A key that stays the same; a click on one of the buttons is reported with it."""
    title: str
    cards: Sequence[Card]
    under: str = ""
    layout: Literal["row", "grid", "list"] = "row"
    buttons: tuple[tuple[str, str], ...] = ()
    """Name, which :class:`ui.state.visit.Visit` knows, and label."""
    pips: tuple[int, int] | None = None
    """Steps done, and steps in all."""
    kind: Literal["film", "starter", "one"] = "film"
    """Whether these are films to begin with, which can be passed over, or the one of the page."""
    leaves: bool = True
    """Whether a film leaves the group when it is disliked or of no interest."""
    counted: bool = False
    """Whether the browser keeps which of these films were in sight."""


def recommended(rows: Iterable[Recommendation], neighbours: int, profile: Profile) -> list[Card]:
    """Make cards of recommendations for a profile that rest on so many kindred raters.

    Reasons and stars are worked out here, and not when a card is drawn: the page may be drawn again
    when the index of the recommendations is closed. Of a hundred cards' reasons, each of them all
    of the profile, the words alone are kept.
    """
    return [_recommended(row, neighbours, profile) for row in rows]


def _recommended(row: Recommendation, neighbours: int, profile: Profile) -> Card:
    because = row.because
    if not because:
        return Card(row.movie, row.prediction)
    stand = f"Liked by {row.supporters:,} of {neighbours:,}"
    why = in_short(because, profile.opinions, row.movie, supporters=stand)
    return Card(row.movie, row.prediction, stand, short=why.short)


def with_stars(recommender: Recommender, profile: Profile, movies: Sequence[Movie]) -> list[Card]:
    """Make cards of films, with stars predicted for a person of those that are not rated."""
    if not len(profile):
        return [Card(movie) for movie in movies]
    keys = [f"id:{movie.movie_id}" for movie in movies]
    predicted = recommender.predict_many(profile, keys)
    rated = profile.opinions
    return [
        Card(movie, None if movie.movie_id in rated else prediction)
        for movie, prediction in zip(movies, predicted, strict=True)
    ]


def draw(visit: Visit, groups: Sequence[Group], *, page: str) -> None:
    """Draw groups of films as the cards of a page; a page has them once."""
    data = {
        "posters": posters() is not None,
        # In a list Streamlit would look for a table, and import for it what takes seconds.
        "groups": tuple(
            {**vars(group), "cards": [_card(card, visit, group.kind) for card in group.cards]}
            for group in groups
        ),
        "scale": {"like": SCALE.like_from, "dislike": SCALE.dislike_to},
        "version": visit.version,
        "tab": visit.tab_state(),
    }
    click_component.draw(visit, "cards", data, key=f"cards-{page}")


def _card(card: Card, visit: Visit, kind: str) -> dict[str, object]:
    movie, profile = card.movie, visit.profile
    return {
        "id": str(movie.movie_id),
        "title": movie.title,
        "other": " · ".join(movie.other_titles),
        "year": movie.year,
        "genres": ", ".join(movie.genres),
        "known": _known(movie),
        "imdb": movie.imdb_id or "",
        "tmdb": movie.tmdb_id,
        **stars_words(card.prediction, listed=bool(card.short)),
        "stand": card.supporters,
        # The names are those that cards.js reads.
        "said": profile.opinions.get(movie.movie_id),
        "own": profile.stars.get(movie.movie_id),
        "saved": movie.movie_id in profile.watchlist,
        "hidden": movie.movie_id in profile.hidden,
        "short": card.short,
        **({"members": [vars(member) for member in card.members]} if card.members else {}),
        **(_about(card) if kind == "one" else {}),
    }


def _about(card: Card) -> dict[str, object]:
    """Write what is said of the film that a page is about, and of no other."""
    reasons = [
        {**group._asdict(), "films": [film._asdict() for film in group.films]}
        for group in card.reasons
    ]
    return {"why": reasons, "sentence": card.sentence, "links": links(card.movie)}


def stars_words(found: Prediction | None, *, listed: bool = False) -> dict[str, str | None]:
    """Write predicted stars as cards.js reads them, or why there are none.

    ``stars`` with the interval as ``range``, where it is wide, or ``no_stars`` instead; ``rests``
    says what they rest on, or why there are none. All are empty where nothing was to be predicted.
    ``listed`` is whether the film stands in a list that is not ordered by stars.
    """
    words: dict[str, str | None] = {"stars": None, "range": "", "no_stars": "", "rests": ""}
    if found is None:
        return words
    reason = f"{found.reason[:1].upper()}{found.reason[1:]}."
    if found.stars is None:
        # In an index of likes this goes for every film: there is not even a mean to expect.
        few = "" if found.expected is None else "Too few ratings for stars"
        return {**words, "no_stars": few, "rests": reason}
    if found.low is not None and found.high is not None:
        interval = f"{found.low:.1f} to {found.high:.1f}"
        words["range"] = interval if found.wide else ""
        reason = f"Four in five such ratings are from {interval}. {reason}"
    if listed:
        # Without it the order would seem to be wrong.
        reason += " Lists are ordered by what kindred raters love, not by stars."
    return {**words, "stars": f"{found.stars:.1f}", "rests": reason}


def links(movie: Movie) -> tuple[tuple[str, str], ...]:
    """Give the pages that others have of a film, by name, and a search for where it is shown."""
    found = []
    if movie.imdb_id:
        found.append(("IMDb", f"https://www.imdb.com/title/{movie.imdb_id}/"))
    if movie.tmdb_id:
        found.append(("TMDB", f"https://www.themoviedb.org/movie/{movie.tmdb_id}"))
    if movie.imdb_id or movie.tmdb_id:
        where = f"imdb/{movie.imdb_id}" if movie.imdb_id else f"tmdb/{movie.tmdb_id}"
        found.append(("Letterboxd", f"https://letterboxd.com/{where}/"))
    wanted = quote_plus(f"{movie.title} {movie.year or ''}".strip())
    return (*found, ("Where to watch", f"https://www.justwatch.com/us/search?q={wanted}"))


def _known(movie: Movie) -> str:
    if movie.mean is None:
        return ""
    return f"{count(movie.ratings, 'rating')}, {movie.mean:.1f} stars on average"
