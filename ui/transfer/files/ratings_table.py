"""Tables of films that one person rated, saw or saved, as services and spreadsheets write them.

What a column holds is told by its heading. A service is known by headings that no other has; what
it adds is its name, its scale, and what a film without a rating means there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from recommender import Opinion, Scale, SourceError
from recommender.catalogue.listed_films import Mention
from recommender.catalogue.titles import folded
from recommender.errors import UnknownFileError
from recommender.files.archives import printable
from recommender.files.cells import parse_rating
from recommender.profile import MOST_FILMS
from ui.state.taste import SCALE
from ui.transfer.files.cells import read_id, read_imdb_id, read_year, without_ratings
from ui.transfer.files.headings import Columns, Role, shown_heads
from ui.transfer.files.named_columns import Question, TableReading, guess_columns
from ui.transfer.files.rating_column import RatingColumn, find_ratings
from ui.transfer.files.table_reader import Table
from ui.transfer.files.title_kinds import FILM, UNKNOWN, film_kind, is_episode_title
from ui.transfer.imported_films import UNRATED, Film, ImportedFile, Precedence, too_many

__all__ = ["read"]

_OF_TEN = Scale(low=1, high=10)
Said = tuple[Precedence, Opinion | None]
_SAVED: Said = (Precedence.SAVED, None)
_SEEN: Said = (Precedence.SEEN, Opinion.NEUTRAL)
_LIKED: Said = (Precedence.LIKED, Opinion.LIKE)
# What lists of films without ratings say, by how the names of their files begin.
_BY_NAME = {"watchlist": _SAVED, "wishlist": _SAVED, "watched": _SEEN}
# Likes of Letterboxd are hearts, which are given beside stars or without any.
_BY_NAME_AT_LETTERBOXD = _BY_NAME | {"films": _LIKED, "likes": _LIKED}
# The same where a person says it.
_BY_WORD: Mapping[str, Said | None] = {**_BY_NAME_AT_LETTERBOXD, "left out": None}
# What is said in words: in Kindred's spreadsheet, and by Simkl.
_WORDS: Mapping[str, Said] = {
    **{opinion.word: (Precedence.RATED, opinion) for opinion in Opinion},
    **dict.fromkeys(("watchlist", "plantowatch", "plan to watch", "want to watch"), _SAVED),
    **dict.fromkeys(("completed", "watched"), _SEEN),
    **dict.fromkeys(("not interested", "notinteresting"), (Precedence.HIDDEN, None)),
}
# What exports of Kindred have in front of text that a spreadsheet would run.
_MARK = re.compile(r"^'(?=\s*[=+\-@＝＋－＠])")
_LONGEST_NAME = 20
_FIRST_ROWS = 5
# Rows after which films are counted: a few more than the films that can be brought.
_EARLY = MOST_FILMS * 5 // 4


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
_CRITICKER = _Service(
    "Criticker", frozenset({"filmname", "score", "imdbid"}), Scale(low=0, high=100)
)
_NETFLIX = _Service("Netflix", frozenset({"title", "date"}), alone=True)
# What people get who ask Netflix for all it knows of them.
_NETFLIX_ALL = _Service("Netflix", frozenset({"profilename", "title", "starttime"}))
# The first that fits counts.
_SERVICES = (
    _Service("Simkl", frozenset({"simklid"}), _OF_TEN),
    _LETTERBOXD,
    _Service("Kindred", frozenset({"title", "opinion", "stars"}), SCALE),
    _Service("MovieLens", frozenset({"movieid", "imdbid", "tmdbid", "rating"}), SCALE),
    _Service("TMDB", frozenset({"tmdbid", "type", "yourrating"}), _OF_TEN),
    _Service("Trakt", frozenset({"traktid"}), _OF_TEN),
    _Service("Trakt", frozenset({"watchlistedat"}), _OF_TEN),
    _IMDB,
    _CRITICKER,
    _Service("Filmweb", frozenset({"userrating", "globalrating"}), _OF_TEN),
    _FOR_LETTERBOXD,
    _NETFLIX,
    _NETFLIX_ALL,
)
_Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class _Layout:
    """How the rows of a table are read."""

    columns: Columns
    service: _Service
    ratings: RatingColumn | None
    unrated: Said | None
    """What is said of a film without a rating; None where nothing is."""


def read(
    name: str, path: str, table: Table, reading: TableReading | None = None
) -> ImportedFile | Question:
    """Read a table; ``path`` is the name of its file, by which lists without ratings are told.

    Returns a question where the table leaves open how it is read and ``reading`` does not say.

    Raises UnknownFileError where it is none of films, and SourceError where it cannot be read, or
    is that of several people.
    """
    said = reading or TableReading()
    try:
        columns = Columns(table.heads, said.columns)
    except SourceError as error:
        raise SourceError(f"{name}: {error}") from None
    lines = table.rows()
    rows = [*islice(lines, _EARLY)]

    def question(why: str, **about: Any) -> Question:
        first = rows[:_FIRST_ROWS]
        guess = guess_columns(columns, first, rated=about["about"] != "unrated")
        return Question(name, path, table, first, why=why, guess=guess, **about)

    if not columns.has("title", "imdb", "tmdb"):
        why = (
            f"none of its headings ({shown_heads(table.heads)}) is a film's title, or its IMDb "
            "or TMDB number"
        )
        if len(table.heads) > 1 and rows:
            return question(why, about="columns")
        raise UnknownFileError(f"{name} is nothing that Kindred can read: {why}")
    service = next((one for one in _SERVICES if one.wrote(columns.names)), _NOBODY)
    # As early as it can be known.
    if len(rows) == _EARLY and _count_films(columns, service, rows) > MOST_FILMS:
        raise too_many(name)
    rows += lines
    place = columns.place("rating")
    # A table without headings, in which a person names the columns all the same.
    if said.columns and place is not None and _is_rating(table.heads[place]):
        rows.insert(0, table.heads)
    _check_one_person(name, columns, rows)
    ratings = find_ratings(columns, rows, service.scale, said.scale)
    if service is _FOR_LETTERBOXD and ratings and ratings.scale.high <= SCALE.high:
        ratings = find_ratings(columns, rows, SCALE, said.scale)
    if ratings and ratings.doubt:
        top = ratings.scale.high
        scale = "likes" if not ratings.words else "0.5:5" if top == SCALE.high else f"0:{top:g}"
        return question(ratings.doubt, about="scale", scale=scale)
    unrated = _unrated(service, path, columns, ratings)
    # A film on a list of IMDb's is one to watch, or a favourite, or anything.
    is_list = service is _IMDB and (ratings is None or "position" in columns.names)
    is_list = is_list and unrated is None and said.unrated is None
    if said.unrated:
        unrated = _BY_WORD[said.unrated]
    file = ImportedFile(name, service.name)
    file.damaged, file.scale = table.damaged, ratings.words if ratings else ""
    _read_rows(file, _Layout(columns, service, ratings, unrated), rows)
    if file.left_out[UNRATED] and (is_list or not (file.films or said.columns)):
        why = "it has films without a rating, which may be seen or to watch"
        if ratings is None and not is_list:
            heads = f"none of its headings ({shown_heads(table.heads)}) is a rating"
            why = f"{heads}; films without any may be seen or to watch"
        return question(why, about="unrated", unrated="watchlist" if is_list else "left out")
    if reading and rows and not file.films:
        raise SourceError(f"{name}, read this way, has no films: {file.left_out_words}")
    return file


def _check_one_person(name: str, columns: Columns, rows: _Rows) -> None:
    """Raise SourceError where the rows are those of several people."""
    if (people := len({*columns.cells(rows, "user")} - {""})) > 1:
        raise SourceError(
            f"{name} has the ratings of {people:,} people: import those of one; a table of many is "
            "for `kindred ingest`"
        )


def _is_rating(head: str) -> bool:
    """Tell whether a heading is a rating; a word, such as "Like", is a heading."""
    return not any(map(str.isalpha, head)) and parse_rating(head) >= 0


def _unrated(
    service: _Service, path: str, columns: Columns, ratings: RatingColumn | None
) -> Said | None:
    """Tell what is said of a film without a rating, by the service and the name of the file."""
    stem = PurePosixPath(path.casefold()).stem
    for maker in ("kindred-", "movielens-"):
        stem = stem.removeprefix(maker)
    by_name = _BY_NAME_AT_LETTERBOXD if service is _LETTERBOXD else _BY_NAME
    if "lists" in PurePosixPath(path.casefold()).parts:
        by_name = {}  # lists of Letterboxd's, of any title
    # A browser may have added " (1)".
    named = next((said for start, said in by_name.items() if stem.startswith(start)), None)
    if service is _LETTERBOXD and ratings is not None:
        return _SEEN
    if service is _FOR_LETTERBOXD and ratings is not None and named is None:
        # Its recommendations, which Kindred writes in this form too, say nothing of taste.
        return _SEEN if ratings.given or stem.startswith("ratings") else None
    return _SEEN if service is _NETFLIX else named


def _count_films(columns: Columns, service: _Service, rows: _Rows) -> int:
    roles: tuple[Role, ...] = ("title", "year", "imdb", "tmdb")
    films = zip(*(columns.cells(rows, role) for role in roles), strict=True)
    reasons = _no_films(columns, service, rows)
    return len({film for film, why in zip(films, reasons, strict=True) if not why})


def _no_films(columns: Columns, service: _Service, rows: _Rows) -> list[str]:
    """Say of each row why it is left out, as that of a series; of films nothing."""
    cells = columns.cells(rows, "kind")
    if service is _CRITICKER:
        cells = ["series" if "/tv/" in url else "" for url in columns.cells(rows, "address")]
    if service is _IMDB and not columns.has("kind"):
        numbers = columns.cells(rows, "imdb")
        cells = ["person" if number.startswith("nm") else "" for number in numbers]
    kind_of = {cell: film_kind(cell) for cell in dict.fromkeys(cells) if cell}
    # Elsewhere than at IMDb a column called "Type" may hold anything.
    if "titletype" not in columns.names and {UNKNOWN}.issuperset(kind_of.values()):
        kind_of = {}
    unknown = next((cell for cell, kind in kind_of.items() if kind == UNKNOWN), "")
    words = {
        FILM: "",
        UNKNOWN: f"of an unknown kind, such as “{printable(unknown[:_LONGEST_NAME])}”",
    }
    episodes = [cell not in ("", "0") for cell in columns.cells(rows, "episode")]
    if service in (_NETFLIX, _NETFLIX_ALL):
        episodes = [is_episode_title(title) for title in columns.cells(rows, "title")]
    kinds = [kind_of.get(cell, FILM) for cell in cells]
    return [
        "listed as episode" if kind == FILM and episode else words.get(kind, f"listed as {kind}")
        for kind, episode in zip(kinds, episodes, strict=True)
    ]


def _read_rows(file: ImportedFile, layout: _Layout, rows: _Rows) -> None:
    from recommender.files.times import read_days  # noqa: PLC0415 - slow to import

    columns, ratings = layout.columns, layout.ratings
    watched, saved = columns.cells(rows, "watched"), columns.cells(rows, "saved")
    dates = zip(watched, columns.cells(rows, "date"), saved, strict=True)
    given = [next(filter(None, cells), "") for cells in dates]
    days, why = read_days(given)
    file.dayless, file.why_dayless = sum(map(bool, given)) - sum(map(bool, days)), why
    # Of Letterboxd's files those with a day are its diary.
    is_diary = layout.service is _LETTERBOXD and columns.has("watched")
    rated = Precedence.DIARY if is_diary else Precedence.RATED
    cells = columns.column(rows, ratings.place) if ratings else [""] * len(rows)
    stars = {cell: ratings.read(cell) for cell in set(cells)} if ratings else {}
    statuses = columns.cells(rows, "status")
    words = {cell: _WORDS.get(folded(cell)) for cell in set(statuses) if cell}
    mentions = _mentions(columns, rows)
    reasons = _no_films(columns, layout.service, rows)
    for place, mention in enumerate(mentions):
        word, day = words.get(statuses[place]), days[place]
        if reasons[place]:
            file.left_out[reasons[place]] += 1
        elif rating := stars.get(cells[place]):
            opinion = word[1] if word and word[0] is Precedence.RATED else None
            file.add_rated(mention, *rating, day, rated, opinion)
        elif said := (
            word or (watched[place] and _SEEN) or (saved[place] and _SAVED) or layout.unrated
        ):
            file.add(Film(mention, *said, when=day))
        else:
            file.left_out[UNRATED] += 1


def _mentions(columns: Columns, rows: _Rows) -> Iterator[Mention]:
    """Films by title, year and numbers, in the order of the rows."""
    roles: tuple[Role, ...] = ("title", "original", "year", "movie_id")
    for title, original, year, movie_id, imdb, tmdb in zip(
        *(columns.cells(rows, role) for role in roles),
        *(without_ratings(columns.cells(rows, role)) for role in ("imdb", "tmdb")),
        strict=True,
    ):
        ids = read_imdb_id(imdb), read_id(tmdb)
        # It is found by the original title where no movie has the other.
        both = title and original and not any(ids) and folded(title) != folded(original)
        yield Mention(
            _MARK.sub("", f"{title} ({original})" if both else title),
            read_year(year),
            *ids,
            read_id(movie_id) if movie_id.isdigit() else movie_id or None,
        )
