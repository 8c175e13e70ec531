"""On which films a visitor and their kindred raters agree, and on which they do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recommender import Movie, Neighbour, Opinion, Profile, Recommender
from ui.state.visit import Visit
from ui.text import cite, count, percent

__all__ = [
    "ASKED",
    "Shared",
    "agreed_and_disputed",
    "describe_nearest",
    "html_of",
    "name_of",
    "nearest_raters",
    "shared_films",
]

ASKED = 100
"""How many of the nearest kindred raters are looked at; a list rests on more."""

_SHOWN = 5


@dataclass(frozen=True)
class Shared:
    """A film the visitor likes or dislikes, and how many kindred raters agree."""

    movie: Movie
    agree: int
    disagree: int


def nearest_raters(
    profile: Profile, visit: Visit, recommender: Recommender
) -> tuple[Neighbour, ...]:
    """Find the kindred raters nearest to a profile, unless they are known."""
    return visit.once(
        "neighbours",
        profile.opinions,
        lambda: recommender.neighbours(profile, limit=ASKED) if len(profile) else (),
    )


def name_of(user_id: int | str, place: int | None) -> str:
    """Name a rater, nobody in person: what is no number might be a name or an address.

    ``place`` counts from 1, the nearest; None is for who is not near.
    """
    if isinstance(user_id, int):
        return f"Rater {user_id}"
    return f"Rater no. {place}" if place else "Another rater"


def shared_films(neighbours: Sequence[Neighbour]) -> tuple[Shared, ...]:
    """Count for each film who agrees with the visitor, and who does not; most agreement first."""
    # By id, as there may be a hundred thousand opinions to count.
    agree = Counter(movie.movie_id for one in neighbours for movie in one.agree)
    disagree = Counter(movie.movie_id for one in neighbours for movie in one.disagree)
    known = {movie.movie_id: movie for one in neighbours for movie in (*one.agree, *one.disagree)}
    shared = (Shared(movie, agree[one], disagree[one]) for one, movie in known.items())
    return tuple(sorted(shared, key=lambda film: -film.agree))


def agreed_and_disputed(shared: Sequence[Shared]) -> tuple[tuple[Shared, ...], tuple[Shared, ...]]:
    """Choose the films most agree on, and those more disagree on than agree."""
    best = tuple(film for film in shared if film.agree > film.disagree)[:_SHOWN]
    apart = sorted(shared, key=lambda film: film.agree - film.disagree)
    return best, tuple(film for film in apart if film.disagree > film.agree)[:_SHOWN]


def describe_nearest(neighbours: Sequence[Neighbour]) -> str:
    """Describe in a few sentences how close the nearest are, and who differs most; not escaped."""
    return " ".join(_sentences(neighbours))


def _sentences(neighbours: Sequence[Neighbour]) -> Iterator[str]:
    agree = sum(len(one.agree) for one in neighbours)
    disagree = sum(len(one.disagree) for one in neighbours)
    who = (
        f"your {len(neighbours):,} nearest raters"
        if len(neighbours) > 1
        else "your one kindred rater"
    )
    if not agree + disagree:
        yield f"You and {who} saw the same films, without liking or disliking the same ones."
        return
    yield (
        f"Where you and {who} both like or dislike a film, you agree in "
        f"{percent(agree / (agree + disagree))} of cases."
    )
    if first := neighbours[0].agree:
        nearest = name_of(neighbours[0].user_id, 1)
        yield f"{nearest}, the nearest, agrees with you on {count(len(first), 'film')}."
    place, most = max(enumerate(neighbours, start=1), key=lambda one: len(one[1].disagree))
    if most.disagree:
        yield (
            f"{name_of(most.user_id, place)} differs most: on "
            f"{count(len(most.disagree), 'film')}, such as {most.disagree[0]}."
        )


def html_of(shared: Sequence[Shared], profile: Profile, among: int) -> str:
    """Write films with a bar each: how many raters agree, and how many do not, of ``among``."""
    return f'<ul class="k-shared">{"".join(_bar(film, profile, among) for film in shared)}</ul>'


def _bar(film: Shared, profile: Profile, among: int) -> str:
    liked = profile.opinions.get(film.movie.movie_id) == Opinion.LIKE
    also, other = ("like it too", "dislike it") if liked else ("dislike it too", "like it")
    parts = "".join(
        f'<i class="{kind}" style="width:{100 * part / among:.1f}%"></i>'
        for kind, part in (("k-with", film.agree), ("k-against", film.disagree))
    )
    return (
        f"<li>{cite(film.movie)} <span>{film.agree:,} {also}, "
        f'{film.disagree:,} {other}</span><b class="k-bar" aria-hidden="true">{parts}</b></li>'
    )
