"""Options that commands share, and what their text means."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recommender import InvalidInputError, MovieKey, Profile, Recommender
from recommender.profile import Opinions

__all__ = [
    "Dial",
    "Dislike",
    "Exclude",
    "Index",
    "Json",
    "Like",
    "Limit",
    "Movies",
    "Name",
    "Raters",
    "Seen",
    "Since",
    "Url",
    "User",
    "VotesSince",
    "profile_for",
    "read_opinions",
    "read_raters",
    "read_years",
]

Index = Annotated[
    Path | None,
    typer.Option(
        "--index",
        metavar="DIR",
        help="Folder of the index; otherwise $KINDRED_INDEX, or the per-user data folder.",
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Qdrant server of the index instead, or nodes of a cluster, with commas; otherwise "
        "$QDRANT_URL.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option(help="Name of the index there; otherwise $QDRANT_NAME, or 'kindred'."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Limit = Annotated[int, typer.Option(help="At most this many movies, 1 to 1000.")]
Movies = list[str]
Like = Annotated[Movies, typer.Option(metavar="MOVIE", help="A movie you like.")]
Dislike = Annotated[Movies, typer.Option(metavar="MOVIE", help="One you dislike.")]
Seen = Annotated[Movies, typer.Option(metavar="MOVIE", help="One you have seen, no more.")]
User = Annotated[str | None, typer.Option(metavar="ID", help="For a rater of the source instead.")]
Dial = Annotated[float | None, typer.Option(help="0 for familiar movies to 1 for the least known.")]
Exclude = Annotated[Movies, typer.Option(metavar="MOVIE", help="Not this movie.")]
Since = Annotated[
    str | None,
    typer.Option(metavar="DAY", help="Only raters still there on this day, as 2015-12-31."),
]
VotesSince = Annotated[
    str | None, typer.Option(metavar="DAY", help="Count only ratings given since this day.")
]
Raters = Annotated[
    list[str], typer.Option(metavar="NAME=VALUE", help="Only such raters, as age=25-34.")
]


def read_opinions(
    like: Movies, dislike: Movies, seen: Movies, user: str | None
) -> dict[MovieKey, float]:
    """Opinions by movie; none where those of a ``user`` are asked for.

    Raises BadParameter where both are given, or InvalidInputError where two contradict.
    """
    if user is not None and (like or dislike or seen):
        raise typer.BadParameter("give --user or your own --like, --dislike, --seen, not both")
    opinions: dict[MovieKey, float] = {}
    for opinion, movies in ((1, like), (-1, dislike), (0, seen)):
        for movie in movies:
            if opinions.setdefault(movie, opinion) != opinion:
                raise InvalidInputError(f"movie '{movie}' is given with two opinions: choose one")
    return opinions


def profile_for(rec: Recommender, opinions: Opinions, user: str | None) -> Profile:
    """What a person said, or what a stored rater did."""
    return Profile(opinions) if user is None else rec.profile_of(user)


def read_years(text: str | None) -> tuple[int | None, int | None] | None:
    """Read ``FIRST:LAST``, where either may be left out.

    Raises InvalidInputError where it is something else.
    """
    if text is None:
        return None
    try:
        first, last = (int(year) if year else None for year in text.split(":"))
        return first, last
    except ValueError:
        raise InvalidInputError(
            f"'{text}' is no range of years: write FIRST:LAST, such as 1980:1999 or 1980:"
        ) from None


def read_raters(pairs: list[str]) -> dict[str, list[str]]:
    """Values by attribute; one given twice allows either value.

    Raises InvalidInputError where a pair has no ``=``.
    """
    raters: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InvalidInputError(
                f"'{pair}' is no attribute: write NAME=VALUE, such as age=25-34"
            )
        raters.setdefault(name.strip().casefold(), []).append(value)
    return raters
