"""Tables of ratings as IMDb, Letterboxd and MovieLens write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath

from recommender.catalogue.listed_films import Mention
from ui.state.taste import opinion_of
from ui.transfer.imported_films import Film, Sheet, Strength
from ui.transfer.table_reader import Table

__all__ = ["choose_reader"]

Reader = Callable[[Table], Sheet]

# Words in IMDb's kinds of titles ("TV Mini Series", "tvEpisode", "videoGame") that are no films.
_NO_FILM = re.compile(r"series|episode|game|podcast")


def choose_reader(path: str, table: Table) -> Reader | None:
    """Tell by its headings whose table it is; where Letterboxd's are the same, by its name."""
    heads = set(table.heads)
    if {"const", "your rating"} <= heads:
        return _imdb
    if {"letterboxd uri", "name", "year"} <= heads:
        strength = _letterboxd_strength(path, heads)
        return None if strength is None else partial(_letterboxd, strength=strength)
    if {"movie_id", "title", "rating"} <= heads:
        return _movielens
    return None


def _letterboxd_strength(path: str, heads: set[str]) -> Strength | None:
    if "rating" in heads:
        return Strength.DIARY if "watched date" in heads else Strength.RATED
    stem = PurePosixPath(path.casefold()).stem  # a browser may have added " (1)"
    for start, strength in (
        ("watchlist", Strength.SAVED),
        ("watched", Strength.SEEN),
        ("films", Strength.LIKED),
        ("likes", Strength.LIKED),
    ):
        if stem.startswith(start):
            return strength
    return None


def _imdb(table: Table) -> Sheet:
    sheet = Sheet("IMDb")
    for row in table.rows():
        if _NO_FILM.search(row["title type"].casefold()):
            sheet.left_out["TV series and games"] += 1
            continue
        title = Mention(row["title"], _year(row["year"]), imdb_id=row["const"] or None)
        _rated(sheet, title, row["your rating"], 10, _day(row["date rated"]))
    return sheet


def _movielens(table: Table) -> Sheet:
    sheet = Sheet("MovieLens")
    for row in table.rows():
        title = Mention(
            row["title"],
            imdb_id=f"tt{row['imdb_id']:0>7}" if row["imdb_id"].isdigit() else None,
            tmdb_id=_id(row["tmdb_id"]),
            movie_id=_id(row["movie_id"]),
        )
        _rated(sheet, title, row["rating"], 5, "")
    return sheet


def _letterboxd(table: Table, strength: Strength) -> Sheet:
    sheet = Sheet("Letterboxd")
    for row in table.rows():
        title = Mention(row["name"], _year(row["year"]))
        day = _day(row["watched date"] or row["date"])
        if row["rating"]:
            _rated(sheet, title, row["rating"], 5, day, strength)
        elif not title.title:
            sheet.left_out["without a title"] += 1
        elif strength is Strength.SAVED:
            sheet.films.append(Film(title, strength, when=day))
        else:
            liked = strength is Strength.LIKED
            level = strength if liked else Strength.SEEN
            sheet.films.append(Film(title, level, int(liked), when=day))
    return sheet


def _rated(
    sheet: Sheet,
    title: Mention,
    rating: str,
    top: int,
    day: str,
    strength: Strength = Strength.RATED,
) -> None:
    """Note a rating of 1 to ``top``, or why there is none."""
    try:
        stars = _stars(rating, top)
    except ValueError:
        sheet.left_out[f"with a rating above {top} or not a number"] += 1
        return
    if not title.title and title.imdb_id is None:
        sheet.left_out["without a title"] += 1
    elif stars is None:
        sheet.left_out["without a rating"] += 1
    else:
        sheet.films.append(Film(title, strength, opinion_of(stars), stars, day))


def _stars(rating: str, top: int) -> float | None:
    """Half to five stars, or None for an empty rating or 0.

    Raises ValueError where it is not on the scale.
    """
    number = float(rating.replace(",", ".") or 0)
    if number == 0:
        return None
    if not 0 < number <= top:
        raise ValueError(rating)
    return max(1, round(number / top * 10)) / 2


def _year(text: str) -> int | None:
    match = re.match(r"(18|19|20|21)[0-9]{2}", text)
    return int(match[0]) if match else None


def _day(text: str) -> str:
    match = re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
    return match[0] if match else ""


def _id(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,10}", text) else None
