"""Tables of ratings as IMDb, Letterboxd and MovieLens export them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath

from recommender import Opinion, Scale
from recommender.catalogue.listed_films import Mention
from ui.state.taste import SCALE, half_stars
from ui.transfer.imported_films import Film, ImportedFile, Precedence
from ui.transfer.table_reader import Table

__all__ = ["choose_reader"]

Reader = Callable[[Table], ImportedFile]

_IMDB_STARS = Scale(low=1, high=10)
# Files of Letterboxd with equal headings, by how their names begin.
_BY_NAME = {
    "watchlist": Precedence.SAVED,
    "watched": Precedence.SEEN,
    "films": Precedence.LIKED,
    "likes": Precedence.LIKED,
}
# Words in IMDb's kinds of titles ("TV Mini Series", "tvEpisode", "videoGame") that are no films.
_NO_FILM = re.compile(r"series|episode|game|podcast")


def choose_reader(path: str, table: Table) -> Reader | None:
    """Choose a reader by the headings of a table, and by its name where Letterboxd's are equal."""
    heads = set(table.heads)
    if {"const", "your rating"} <= heads:
        return _imdb
    if {"letterboxd uri", "name", "year"} <= heads:
        precedence = _letterboxd_precedence(path, heads)
        return None if precedence is None else partial(_letterboxd, precedence=precedence)
    if {"movie_id", "title", "rating"} <= heads:
        return _movielens
    return None


def _letterboxd_precedence(path: str, heads: set[str]) -> Precedence | None:
    if "rating" in heads:
        return Precedence.DIARY if "watched date" in heads else Precedence.RATED
    stem = PurePosixPath(path.casefold()).stem  # a browser may have added " (1)"
    return next((level for start, level in _BY_NAME.items() if stem.startswith(start)), None)


def _imdb(table: Table) -> ImportedFile:
    file = ImportedFile("IMDb")
    for row in table.rows():
        if _NO_FILM.search(row["title type"].casefold()):
            file.left_out["TV series and games"] += 1
            continue
        mention = Mention(row["title"], _year(row["year"]), imdb_id=row["const"] or None)
        _rated(file, mention, row["your rating"], _IMDB_STARS, _day(row["date rated"]))
    return file


def _movielens(table: Table) -> ImportedFile:
    file = ImportedFile("MovieLens")
    for row in table.rows():
        mention = Mention(
            row["title"],
            # MovieLens leaves the tt and the leading zeros of IMDb out.
            imdb_id=f"tt{row['imdb_id']:0>7}" if row["imdb_id"].isdigit() else None,
            tmdb_id=_id(row["tmdb_id"]),
            movie_id=_id(row["movie_id"]),
        )
        _rated(file, mention, row["rating"], SCALE, "")
    return file


def _letterboxd(table: Table, precedence: Precedence) -> ImportedFile:
    file = ImportedFile("Letterboxd")
    for row in table.rows():
        mention = Mention(row["name"], _year(row["year"]))
        day = _day(row["watched date"] or row["date"])
        if row["rating"]:
            _rated(file, mention, row["rating"], SCALE, day, precedence)
        elif precedence is Precedence.SAVED:
            file.add(Film(mention, precedence, when=day))
        else:
            # Likes of Letterboxd are hearts, which are given beside stars or without any.
            liked = precedence is Precedence.LIKED
            level = precedence if liked else Precedence.SEEN
            opinion = Opinion.LIKE if liked else Opinion.NEUTRAL
            file.add(Film(mention, level, opinion, when=day))
    return file


def _rated(
    file: ImportedFile,
    mention: Mention,
    rating: str,
    scale: Scale,
    day: str,
    precedence: Precedence = Precedence.RATED,
) -> None:
    """Note a rating, or why there is none."""
    try:
        # Spreadsheets write a comma for the point in many countries.
        given = float(rating.replace(",", ".") or 0)
    except ValueError:
        given = math.nan
    if given == 0:
        file.left_out["without a rating"] += 1
    elif 0 < given <= scale.high:
        stars = half_stars(given, scale)
        file.add(Film(mention, precedence, SCALE.opinion(stars), stars, day))
    else:
        file.left_out[f"with a rating above {scale.high:g} or not a number"] += 1


def _year(text: str) -> int | None:
    match = re.match(r"(18|19|20|21)[0-9]{2}", text)
    return int(match[0]) if match else None


def _day(text: str) -> str:
    match = re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
    return match[0] if match else ""


def _id(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,10}", text) else None
