"""What the columns of a table hold, by their headings in the words of many services."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from recommender.catalogue.titles import folded

__all__ = ["Columns", "Role"]

Role = Literal[
    "title", "year", "imdb", "tmdb", "movie_id", "rating", "status", "watched", "day", "kind",
    "episode", "user",
]  # fmt: skip

# Without accents, blanks and signs, and what says most first: where a table has several columns for
# one thing, what the person gave comes before what everybody did, and a title before the original.
_HEADINGS: dict[Role, str] = {
    "title": "title name film movie filmname filmtitle moviename movietitle titlename primarytitle "
    "titel filmtitel titre titolo titulo tytul nimi nome nombre название タイトル 片名 "
    "originaltitle originalname originaltitel titreoriginal titolooriginale titulooriginal pltitle "
    "русскоязычноеназвание оригинальноеназвание",
    "year": "year filmyear movieyear releaseyear yearofrelease jahr annee anno ano rok ar vuosi "
    "год releasedate released datereleased releasedatemonthdayyear",
    "imdb": "const tconst imdbid imdb imdbtitleid imdbnumber imdburl imdblink url",
    "tmdb": "tmdbid tmdb themoviedbid tmdbmovieid",
    "movie_id": "movieid",
    "rating": "yourrating yourated myrating userrating yourscore myscore userscore personalrating "
    "yourvote myvote rating score stars starrating grade mark rate vote points "
    "bewertung meinebewertung wertung note manote nota minota minhanota voto miovoto valoracion "
    "puntuacion calificacion valutazione avaliacao ocena mojaocena betyg cijfer waardering "
    "karakter arvosana hodnoceni puan мояоценка оценка 評価 评分",
    "status": "opinion watchlist status watchstatus",
    "watched": "watcheddate datewatched watchedat watchedon lastwatched lastwatchedat dateseen",
    "day": "daterated ratedat ratedon rateddate ratingdate date datum fecha data created createdat "
    "timestamp dateadded",
    "kind": "titletype type mediatype kind itemtype contenttype typ tipo",
    "user": "userid user username profilename raterid reviewerid",
    "episode": "seasonnumber episodenumber season episode lastepwatched",
}
# "Rating10", "Score (0-100)", "Stars out of 5".
_SCALED = re.compile(
    r"(.*?\D)\s*(?:out\s*of|(?:0|1|0[.,]5)\s*(?:-|–|to))?\s*[(/]?(5|10|20|100)\W*", re.IGNORECASE
)


class Columns:
    """Where in the rows of a table each thing stands."""

    def __init__(self, heads: Sequence[str]) -> None:
        self.heads = heads
        """The headings as they are written."""
        self.names = {_plain(head) for head in heads}
        """The headings, in lower case and without accents, blanks and signs."""
        tops = [_split_scale(head) for head in heads]
        places: dict[str, list[int]] = {}
        for place, (name, _) in enumerate(tops):
            places.setdefault(name, []).append(place)
        self._places = {
            role: [places[name] for name in names.split() if name in places]
            for role, names in _HEADINGS.items()
        }
        self._tops = [top for _, top in tops]

    def has(self, *roles: Role) -> bool:
        """Tell whether the table has a column for any of some things."""
        return any(self._places[role] for role in roles)

    def cell(self, row: Sequence[str], role: Role) -> str:
        """Return the first cell for a thing that is not empty."""
        places = (place for group in self._places[role] for place in group)
        return next((row[place] for place in places if place < len(row) and row[place]), "")

    def ratings(self) -> list[list[int]]:
        """Places of columns of ratings: likeliest first, and together what says the same twice."""
        return self._places["rating"]

    def top(self, place: int) -> float | None:
        """Return the highest rating there is, where a heading such as ``Rating10`` says it."""
        return self._tops[place]


def _plain(head: str) -> str:
    return folded(head).replace(" ", "")


def _split_scale(head: str) -> tuple[str, float | None]:
    """Split a heading of ratings from the scale that it names.

    Examples
    --------
    >>> _split_scale("Rating10"), _split_scale("My Score (0-100)"), _split_scale("Release Date")
    (('rating', 10.0), ('myscore', 100.0), ('releasedate', None))
    """
    match = _SCALED.fullmatch(head)
    if match and (name := _plain(match[1])) in _HEADINGS["rating"].split():
        return name, float(match[2])
    return _plain(head), None
