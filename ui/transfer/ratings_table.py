"""Tables of films that one person rated, saw or saved, as services and spreadsheets write them.

What a column holds is told by its heading. A service is known by headings that no other has; what
it adds is its name, its scale, and what a film without a rating means there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from recommender import Opinion, Scale, SourceError
from recommender.catalogue.listed_films import Mention
from recommender.catalogue.titles import folded
from recommender.errors import UnknownFileError
from recommender.files.archives import printable
from ui.state.taste import SCALE
from ui.transfer.cells import read_day, read_id, read_imdb_id, read_year
from ui.transfer.headings import Columns
from ui.transfer.imported_films import Film, ImportedFile, Precedence
from ui.transfer.rating_column import RatingColumn, find_ratings
from ui.transfer.table_reader import Table
from ui.transfer.title_kinds import FILM, UNKNOWN, film_kind, is_episode_title

__all__ = ["read"]

_OF_TEN = Scale(low=1, high=10)
Said = tuple[Precedence, Opinion | None]
_SAVED: Said = (Precedence.SAVED, None)
_SEEN: Said = (Precedence.SEEN, Opinion.NEUTRAL)
_LIKED: Said = (Precedence.LIKED, Opinion.LIKE)
# What lists of films without ratings say, by how the names of their files begin.
_BY_NAME = {"watchlist": _SAVED, "watched": _SEEN}
# Likes of Letterboxd are hearts, which are given beside stars or without any.
_BY_NAME_AT_LETTERBOXD = _BY_NAME | {"films": _LIKED, "likes": _LIKED}
# What is said in words: in Kindred's spreadsheet, and by Simkl.
_WORDS: Mapping[str, Said] = {
    **{opinion.word: (Precedence.RATED, opinion) for opinion in Opinion},
    **dict.fromkeys(("watchlist", "plantowatch", "plan to watch"), _SAVED),
    **dict.fromkeys(("completed", "watched"), _SEEN),
    **dict.fromkeys(("not interested", "notinteresting"), (Precedence.HIDDEN, None)),
}
# What exports of Kindred have in front of text that a spreadsheet would run.
_MARK = re.compile(r"^'(?=\s*[=+\-@＝＋－＠])")
_MOST_NAMED, _LONGEST_NAME = 8, 20


@dataclass(frozen=True)
class _Service:
    name: str
    heads: frozenset[str]
    """Headings that tell its files from others, as in :attr:`Columns.names`."""
    scale: Scale | None = None
    """None where its ratings are on several, or it has none."""
    alone: bool = False
    """Whether its files have no other headings."""

    def wrote(self, heads: set[str]) -> bool:
        return self.heads == heads if self.alone else self.heads <= heads


_NOBODY = _Service("", frozenset())
_LETTERBOXD = _Service("Letterboxd", frozenset({"letterboxduri", "name", "year"}), SCALE)
# What Letterboxd imports, which many write; its Rating may be on another scale there.
_FOR_LETTERBOXD = _Service("for Letterboxd", frozenset({"title", "watcheddate"}))
_IMDB = _Service("IMDb", frozenset({"const"}), _OF_TEN)
_NETFLIX = _Service("Netflix", frozenset({"title", "date"}), alone=True)
# The first that fits counts.
_SERVICES = (
    _Service("Simkl", frozenset({"simklid"}), _OF_TEN),
    _LETTERBOXD,
    _Service("Kindred", frozenset({"title", "opinion", "stars"}), SCALE),
    _Service("MovieLens", frozenset({"movieid", "imdbid", "tmdbid", "rating"}), SCALE),
    _Service("TMDB", frozenset({"tmdbid", "type", "yourrating"}), _OF_TEN),
    _Service("Trakt", frozenset({"traktid", "rating"}), _OF_TEN),
    _IMDB,
    _Service(
        "Criticker",
        frozenset({"filmname", "score", "daterated", "imdbid"}),
        Scale(low=0, high=100),
    ),
    _Service("Filmweb", frozenset({"userrating", "globalrating"}), _OF_TEN),
    _FOR_LETTERBOXD,
    _NETFLIX,
)


@dataclass(frozen=True)
class _Layout:
    """How the rows of a table are read."""

    columns: Columns
    service: _Service
    ratings: RatingColumn | None
    unrated: Said | None
    """What is said of a film without a rating; None where nothing is."""


def read(name: str, path: str, table: Table) -> ImportedFile:
    """Read a table; ``path`` is the name of its file, by which lists without ratings are told.

    Raises UnknownFileError where the headings tell no film or nothing of it, and SourceError where
    the table cannot be read, or is that of several people.
    """
    columns = Columns(table.heads)
    if not columns.has("title", "imdb", "tmdb"):
        raise UnknownFileError(
            f"{name} is nothing that Kindred can read: none of its headings ({_heads(table)}) is "
            "that of a film's title, or of its number at IMDb or TMDB"
        )
    service = next((one for one in _SERVICES if one.wrote(columns.names)), _NOBODY)
    rows = list(table.rows())
    if (people := len({columns.cell(row, "user") for row in rows} - {""})) > 1:
        raise SourceError(
            f"{name} holds what {people:,} people said: bring that of one; a table of many is for "
            "`kindred ingest`"
        )
    ratings = find_ratings(name, columns, rows, service.scale)
    unrated = _unrated(service, path, columns, ratings)
    if ratings is None and unrated is None and not columns.has("status", "watched"):
        raise UnknownFileError(
            f"{name} is nothing that Kindred can read: it has films but no ratings (headings: "
            f"{_heads(table)}); call it watchlist.csv or watched.csv if it is that"
        )
    file = ImportedFile(service.name, damaged=table.damaged)
    file.scale = ratings.words if ratings else ""
    layout = _Layout(columns, service, ratings, unrated)
    for row, why in zip(rows, _no_films(layout, rows), strict=True):
        if why:
            file.left_out[why] += 1
        else:
            _add(file, layout, row)
    return file


def _heads(table: Table) -> str:
    heads = ", ".join(head[:_LONGEST_NAME] for head in table.heads[:_MOST_NAMED])
    return f"{heads}, …" if len(table.heads) > _MOST_NAMED else heads


def _unrated(
    service: _Service, path: str, columns: Columns, ratings: RatingColumn | None
) -> Said | None:
    """Tell what is said of a film without a rating, by the service and the name of the file."""
    stem = PurePosixPath(path.casefold()).stem.removeprefix("kindred-")
    by_name = _BY_NAME_AT_LETTERBOXD if service is _LETTERBOXD else _BY_NAME
    # A browser may have added " (1)".
    named = next((said for start, said in by_name.items() if stem.startswith(start)), None)
    if service is _IMDB and (ratings is None or "position" in columns.names):
        return _SAVED  # it is a list, and a film on it is to be seen, unless it is rated
    if service is _LETTERBOXD and ratings is not None:
        return _SEEN
    if service is _FOR_LETTERBOXD and ratings is not None and named is None:
        # Its recommendations, which Kindred writes in this form too, say nothing of taste.
        return _SEEN if ratings.given or stem.startswith("ratings") else None
    return _SEEN if service is _NETFLIX else named


def _no_films(layout: _Layout, rows: Sequence[Sequence[str]]) -> list[str]:
    """Say of each row why it is left out, as that of a series; of films nothing."""
    columns = layout.columns
    cells = [columns.cell(row, "kind") for row in rows]
    kind_of = {cell: film_kind(cell) for cell in dict.fromkeys(cells) if cell}
    # Elsewhere than at IMDb a column called "Type" may hold anything.
    if "titletype" not in columns.names and {UNKNOWN}.issuperset(kind_of.values()):
        kind_of = {}
    unknown = next((cell for cell, kind in kind_of.items() if kind == UNKNOWN), "")
    words = {
        FILM: "",
        UNKNOWN: f"of an unknown kind, such as “{printable(unknown[:_LONGEST_NAME])}”",
    }
    reasons = []
    for row, cell in zip(rows, cells, strict=True):
        kind = kind_of.get(cell, FILM)
        episode = kind == FILM and _is_episode(layout, row)
        reasons.append("listed as episode" if episode else words.get(kind, f"listed as {kind}"))
    return reasons


def _is_episode(layout: _Layout, row: Sequence[str]) -> bool:
    if layout.service is _NETFLIX and is_episode_title(layout.columns.cell(row, "title")):
        return True
    return layout.columns.cell(row, "episode") not in ("", "0")


def _add(file: ImportedFile, layout: _Layout, row: Sequence[str]) -> None:
    columns = layout.columns
    movie_id = columns.cell(row, "movie_id")
    mention = Mention(
        _MARK.sub("", columns.cell(row, "title")),
        read_year(columns.cell(row, "year")),
        read_imdb_id(columns.cell(row, "imdb")),
        read_id(columns.cell(row, "tmdb")),
        read_id(movie_id) if movie_id.isdigit() else movie_id or None,
    )
    watched = columns.cell(row, "watched")
    day = read_day(watched or columns.cell(row, "day"))
    status = columns.cell(row, "status")
    word = _WORDS.get(folded(status)) if status else None
    if layout.ratings and (given := layout.ratings.read(row)):
        # Of Letterboxd's files those with a day are its diary.
        diary = layout.service is _LETTERBOXD and columns.has("watched")
        precedence = Precedence.DIARY if diary else Precedence.RATED
        opinion = word[1] if word and word[0] is Precedence.RATED else None
        file.add_rated(mention, *given, day, precedence, opinion)
    elif said := word or (_SEEN if watched else layout.unrated):
        file.add(Film(mention, *said, when=day))
    else:
        file.left_out["without a rating"] += 1
