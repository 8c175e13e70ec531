"""Tables without headings: ratings, and the files beside them in MovieLens."""

from __future__ import annotations

from ingest.sources.detected import (
    COLUMNS,
    FITTING,
    Aside,
    Detected,
    counts_up,
    headings,
    mostly,
)
from ingest.sources.headings import Role
from ingest.sources.rating_columns import known_scale
from ingest.sources.tables import Row, Table
from ingest.sources.values.cells import is_movie_first, is_rating, is_time
from recommender.errors import SourceError
from recommender.files.cells import parse_rating

__all__ = ["detect_headless"]


def detect_headless(table: Table) -> Detected | Aside:
    """Detect a table without headings: ratings, or one of the files beside them."""
    rows = table.sample
    found = _ml_100k_movies(table, rows) or _users(table, rows) or _ratings(table)
    if found:
        return found
    if table.delimiter == "::" and table.width == 4 and mostly(table.values(3), is_time):
        return Detected(table, "tags", {"user": 0, "movie": 1, "tag": 2})
    if table.delimiter == "::" and table.width == 3:
        return Detected(table, "movies", {"movie": 0, "title": 1, "genres": 2})
    if table.width < 2 or len(rows) < 2:
        return Aside(table.name, "it is no table")
    return Aside(table.name, f"it has no headings, and {headings(table)}")


def _ratings(table: Table) -> Detected | None:
    """Ratings without headings: a user, a movie, a rating and perhaps a time, in that order."""
    # Delimiters at the end of rows, or two in a row, make columns without a value.
    filled = [at for at in range(table.width) if table.values(at)]
    for columns in (filled, filled[1:] if counts_up(table, filled) else []):
        if len(columns) not in (3, 4):
            continue
        user, movie, stars, *time = columns
        if not mostly(table.values(stars), is_rating):
            continue
        if time and not mostly(table.values(time[0]), is_time):
            continue
        _check_order(table, user, movie, stars)
        order = "user, movie, rating, time"
        if is_movie_first(table.values(user), table.values(movie)):
            user, movie, order = movie, user, "movie, user, rating, time"
        roles: dict[Role, int] = {"user": user, "movie": movie, "stars": stars}
        if time:
            roles["time"] = time[0]
        guessed = f"no headings: columns are read as {order if time else order[:-6]}"
        return Detected(
            table, "ratings", roles, known_scale=known_scale(table, roles), guessed=guessed
        )
    return None


def _check_order(table: Table, user: int, movie: int, stars: int) -> None:
    """Refuse a table without headings whose columns may well be in another order.

    Raises SourceError.
    """
    ask = f"it has no headings ({headings(table)}): say which column is which with {COLUMNS}, by "
    ask += "their numbers from 1"
    if not _scattered(table, stars) and any(_scattered(table, at) for at in (user, movie)):
        raise SourceError(
            f"{table.name}: the rating may be another than column {stars + 1}, and {ask}"
        )
    titles = [
        sum(" " in cell for cell in table.values(at)) > len(table.sample) / 2
        for at in (user, movie)
    ]
    if titles == [True, False] and not is_movie_first(table.values(user), table.values(movie)):
        raise SourceError(
            f"{table.name}: column {user + 1} may have titles or names of users, and {ask}"
        )


def _scattered(table: Table, column: int) -> bool:
    """Whether a column has few small numbers, in no order, as ratings are."""
    found = [parse_rating(cell) for cell in table.values(column)]
    few = len(set(found)) <= 11 and len(found) > 20 and min(found) >= 0 and max(found) <= 10
    return few and found != sorted(found)


def _ml_100k_movies(table: Table, rows: list[Row]) -> Detected | None:
    if sum(len(row) == 24 and set(row[5:]) <= {"0", "1"} for row in rows) < FITTING * len(rows):
        return None
    flags: dict[Role, int] = {"movie": 0, "title": 1, "genres": 5}
    return Detected(table, "movies", flags, genre_flags=True)


def _users(table: Table, rows: list[Row]) -> Detected | None:
    """Detect the users of ml-1m and ml-100k, whose columns have another order."""
    gender, age = (1, 2) if table.delimiter == "::" else (2, 1)
    fitting = [
        row for row in rows if len(row) == 5 and row[gender] in ("M", "F") and row[age].isdigit()
    ]
    if len(fitting) < FITTING * len(rows) or table.delimiter not in ("::", "|"):
        return None
    attributes = {"gender": gender, "age": age, "occupation": 3, "zip": 4}
    return Detected(table, "users", {"user": 0}, attributes)
