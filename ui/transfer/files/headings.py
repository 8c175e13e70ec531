"""What the columns of a table hold, by their headings in the words of many services."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from recommender import SourceError
from recommender.catalogue.titles import folded

__all__ = ["NAMED", "Columns", "Role", "shown_heads"]

Role = Literal[
    "title", "year", "imdb", "tmdb", "rating", "date", "original", "movie_id", "status", "watched",
    "saved", "address", "kind", "episode", "user",
]  # fmt: skip
NAMED: tuple[Role, ...] = ("title", "year", "imdb", "tmdb", "rating", "date")
"""What a person can name the columns of."""

# Without accents, blanks and signs, and what says most first: where a table has several columns for
# one thing, what the person gave comes before what everybody did, and a title before the original.
_ORIGINAL = (
    "originaltitle originalname originaltitel titreoriginal titolooriginale titulooriginal "
    "оригинальноеназвание"
)
_HEADINGS: dict[Role, str] = {
    "title": "title name film movie filmname filmtitle moviename movietitle titlename primarytitle "
    "titel filmtitel titre titolo titulo tytul nimi nome nombre название タイトル 片名 "
    f"русскоязычноеназвание {_ORIGINAL} pltitle",
    "original": _ORIGINAL,
    "year": "year filmyear movieyear releaseyear yearofrelease jahr annee anno ano rok ar vuosi "
    "год releasedate released datereleased releasedatemonthdayyear",
    "imdb": "const tconst imdbid imdb imdbtitleid imdbnumber imdburl imdblink url",
    "tmdb": "tmdbid tmdb themoviedbid tmdbmovieid themoviedatabaseid",
    "movie_id": "movieid kindredid",
    "rating": "yourrating yourated myrating userrating yourscore myscore userscore personalrating "
    "yourvote myvote rating score stars starrating grade mark rate vote points "
    "bewertung meinebewertung ihrebewertung deinebewertung wertung meinewertung note manote "
    "votrenote nota minota minhanota suanota voto miovoto iltuovoto valoracion tuvaloracion "
    "puntuacion tupuntuacion calificacion tucalificacion valutazione avaliacao ocena mojaocena "
    "betyg cijfer waardering karakter arvosana hodnoceni puan мояоценка оценка 評価 评分",
    "status": "opinion watchlist status watchstatus",
    "watched": "watcheddate datewatched watchedat watchedon lastwatched lastwatchedat dateseen "
    "starttime",
    "saved": "watchlistedat",
    "date": "daterated fechadecalificacion bewertungsdatum ratedat ratedon rateddate "
    "ratingdate date datum fecha data created createdat timestamp dateadded listedat",
    "address": "url",
    "kind": "titletype tipodetitulo titeltyp typedetitre tipodititolo type mediatype kind itemtype "
    "contenttype supplementalvideotype typ tipo",
    "user": "userid user username profilename raterid reviewerid",
    "episode": "seasonnumber episodenumber season episode lastepwatched",
}
# "Rating10", "Score (0-100)", "Stars out of 5".
_SCALED = re.compile(
    r"(.*?\D)\s*(?:out\s*of|(?:0|1|0[.,]5)\s*(?:-|–|to))?\s*[(/]?(5|10|20|100)\W*", re.IGNORECASE
)
# Told by headings even where a person names columns: what is no film, and whose ratings they are.
_ALWAYS: tuple[Role, ...] = ("address", "kind", "episode", "user")
_LONGEST_CELL = 300
_MOST_SHOWN, _LONGEST_SHOWN = 8, 20


class Columns:
    """Where in the rows of a table each thing stands.

    ``named`` are the columns that a person names, by what they hold: headings, or numbers from 1.

    Raises SourceError where a column that is named is not there.
    """

    def __init__(self, heads: Sequence[str], named: Mapping[str, str] | None = None) -> None:
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
        if named is not None:
            for role in self._places.keys() - _ALWAYS:
                self._places[role] = [[_place(heads, named[role])]] if role in named else []

    def has(self, *roles: Role) -> bool:
        """Tell whether the table has a column for any of some things."""
        return any(self._places[role] for role in roles)

    def place(self, role: Role) -> int | None:
        """Return the likeliest column for a thing."""
        return next((group[0] for group in self._places[role]), None)

    def cells(self, rows: Sequence[Sequence[str]], role: Role) -> list[str]:
        """Return the cells for a thing, of each row the first that is not empty."""
        found = [""] * len(rows)
        for place in (place for group in self._places[role] for place in group):
            cells = self.column(rows, place)
            found = [one or other for one, other in zip(found, cells, strict=True)]
        return found

    def column(self, rows: Sequence[Sequence[str]], place: int) -> list[str]:
        """Return the cells of a column, each on one line and none of them endless."""
        cells = (row[place] if place < len(row) else "" for row in rows)
        return [" ".join(cell[:_LONGEST_CELL].split()) for cell in cells]

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


def _place(heads: Sequence[str], name: str) -> int:
    names = [head.casefold() for head in heads]
    if name.casefold() in names:
        return names.index(name.casefold())
    if name.isdecimal() and 1 <= int(name[:9]) <= len(heads):
        return int(name) - 1
    raise SourceError(f"it has no column “{name[:_LONGEST_SHOWN]}”: choose of {shown_heads(heads)}")


def shown_heads(heads: Sequence[str]) -> str:
    """Write headings for a message."""
    shown = ", ".join(head[:_LONGEST_SHOWN] for head in heads[:_MOST_SHOWN])
    return f"{shown}, …" if len(heads) > _MOST_SHOWN else shown
