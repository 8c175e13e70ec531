"""A profile saved by Kindred, read as one more list of films: on this index or another."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pydantic import ValidationError

from recommender import Opinion, Scale, SourceError
from recommender.catalogue.listed_films import Mention
from recommender.profile import MOST_FILMS, ProfileDocument
from ui.state.taste import SCALE, half_stars
from ui.transfer.imported_films import Film, ImportedFile, Precedence

__all__ = ["read"]

_LONGEST = 5_000_000  # characters; MOST_FILMS take some 4,000,000
_LONGEST_TITLE = 1_000


def read(name: str, text: str) -> ImportedFile:
    """Read such a file.

    Raises SourceError where it is none, or of a version that this Kindred does not know.
    """
    if len(text) > _LONGEST:
        raise SourceError(
            f"{name} has {len(text):,} characters, of {_LONGEST:,} allowed: bring the file as it "
            "was downloaded"
        )
    try:
        document = ProfileDocument.model_validate_json(text)
    except ValidationError as error:
        raise SourceError(f"{name} {_fault(error)}") from None
    if "kindred_taste" not in document.model_fields_set:
        raise SourceError(f"{name} {_NO_PROFILE}")
    try:
        films = _films(document)
    except ValueError as error:
        raise SourceError(f"{name} {_changed(str(error))}") from None
    named = [film for film in films if film.named]
    nameless = len(films) - len(named)
    return ImportedFile(
        "Kindred", named, Counter({"without a title": nameless} if nameless else {})
    )


def _films(document: ProfileDocument) -> list[Film]:
    """Read all three lists.

    Raises ValueError, with the place in the document, where a rating makes no sense.
    """
    try:
        # Files of before other scales could be written name none.
        low, high = document.scale or (SCALE.low, SCALE.high)
        scale = Scale(low=low, high=high)
    except ValidationError:
        raise ValueError("scale: it does not run from low to high") from None
    films = []
    for place, rated in enumerate(document.ratings):
        stars = None if rated.stars is None else half_stars(rated.stars, scale)
        # An opinion counts as it was written: it may differ from what the stars would say.
        if rated.opinion is not None:
            opinion = Opinion.named(rated.opinion)
        elif stars is not None:
            opinion = SCALE.opinion(stars)
        else:
            raise ValueError(f"ratings.{place}.opinion: Field required")
        if rated.stars is not None and (
            not scale.low <= rated.stars <= scale.high or (scale == SCALE and rated.stars != stars)
        ):
            raise ValueError(f"ratings.{place}.stars: {rated.stars:g} is not on the scale {scale}")
        day = (rated.when or "")[:10]
        films.append(Film(_mention(rated), Precedence.RATED, opinion, stars, day))
    films += [Film(_mention(saved), Precedence.SAVED) for saved in document.watchlist]
    films += [Film(_mention(hidden), Precedence.HIDDEN) for hidden in document.hidden]
    return films


_NO_PROFILE = "is not a taste saved by Kindred: bring the file as it was downloaded"


def _changed(what: str) -> str:
    return f"was changed since Kindred saved it ({what}): bring the file as it was downloaded"


def _fault(error: ValidationError) -> str:
    """Say what is wrong with a document, and what to do."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    version = first["input"]
    if place == "kindred_taste" and type(version) is int and 0 <= version < 10**10:
        return (
            f"was saved as version {version} by another Kindred, and this one reads version 1: "
            "bring it to a Kindred of that time"
        )
    if place in ("", "kindred_taste"):
        return _NO_PROFILE
    if first["type"] == "too_long":
        return (
            f"has more than {MOST_FILMS:,} films in its {place}, and no more can be brought at "
            "once: take some out of it"
        )
    return _changed(f"{place}: {first['msg']}")


def _mention(listed: Any) -> Mention:
    title = (listed.title or "").strip()[:_LONGEST_TITLE]
    return Mention(title, listed.year, listed.imdb_id, listed.tmdb_id, listed.movie_id)
