"""A profile saved by Kindred, read as one more list of films: on this index or another."""

from __future__ import annotations

import math

from recommender import InvalidInputError, Opinion, Scale, SourceError
from recommender.catalogue.listed_films import Mention
from recommender.errors import UnknownFileError
from recommender.profile import DocumentFilm, ProfileDocument
from ui.state.taste import SCALE, half_stars
from ui.transfer.imported_films import UNRATED, Film, ImportedFile, Precedence

__all__ = ["read"]

_LONGEST_TITLE = 1_000


def read(name: str, text: str) -> ImportedFile:
    """Read such a file.

    Raises UnknownFileError where it is none, and SourceError where it cannot be used, or is of a
    version that this Kindred does not know.
    """
    try:
        document = ProfileDocument.read(text)
        if "kindred_taste" in document.model_fields_set:
            return _films(name, document)
    except InvalidInputError as error:
        raise SourceError(f"{name}: {error}") from None
    raise UnknownFileError(
        f"{name}: this is not a file exported by Kindred: import one as it was downloaded"
    )


def _films(name: str, document: ProfileDocument) -> ImportedFile:
    """Read all three lists.

    Raises InvalidInputError where stars are not on their scale.
    """
    # Files of before other scales could be written name none.
    low, high = document.scale or (SCALE.low, SCALE.high)
    if not -math.inf < low < high < math.inf:
        raise InvalidInputError(f"its scale runs from {low:g} to {high:g}: give the low end first")
    scale = Scale(low=low, high=high)
    file = ImportedFile(name, "Kindred")
    for rated in document.ratings:
        stars, opinion = None, rated.opinion and Opinion.named(rated.opinion)
        if rated.stars is not None:
            scale.check(rated.stars, rated.title)
            stars = half_stars(rated.stars, scale)
            # An opinion counts as it was written: it may differ from what the stars would say.
            opinion = SCALE.opinion(stars) if opinion is None else opinion
        if opinion is None:
            file.left_out[UNRATED] += 1
        else:
            day = (rated.when or "")[:10]
            file.add(Film(_mention(rated), Precedence.RATED, opinion, stars, day))
    for saved in document.watchlist:
        file.add(Film(_mention(saved), Precedence.SAVED))
    for hidden in document.hidden:
        file.add(Film(_mention(hidden), Precedence.HIDDEN))
    return file


def _mention(listed: DocumentFilm) -> Mention:
    title = (listed.title or "").strip()[:_LONGEST_TITLE]
    return Mention(title, listed.year, listed.imdb_id, listed.tmdb_id, listed.movie_id)
