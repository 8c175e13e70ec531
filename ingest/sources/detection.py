"""Detect what each table of a source holds, and which of its columns is what."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ingest.sources.detected import (
    COLUMNS,
    FITTING,
    Aside,
    Columns,
    Detected,
    Kind,
    headings,
)
from ingest.sources.headings import RATING, Role, normalised, roles_of
from ingest.sources.layouts.headless import detect_headless
from ingest.sources.layouts.matrix import MatrixTable, is_matrix
from ingest.sources.rating_columns import detect_ratings, known_scale, movie_column
from ingest.sources.tables import Table
from recommender.errors import SourceError

__all__ = ["PERSONAL", "detect", "name_columns", "repeats"]

PERSONAL = (
    "is the list of one person, which has no neighbours in it: bring it in the app, or give it to "
    "`kindred recommend --profile FILE`"
)
"""Why an export of one person's films is not read."""
# Headings of The Movies Dataset and its relatives, in which `id` is the number of TMDB.
_TMDB_SIGNS = frozenset(
    {"voteaverage", "originallanguage", "spokenlanguages", "productioncompanies"}
)


def detect(table: Table) -> Detected | Aside:
    """Detect ratings, movies, links, genres, tags and users; anything else is left aside."""
    if not table.sample and not table.heads:
        return Aside(table.name, "it is empty, or no table")
    if table.heads:
        return _by_headings(table)
    return _of_matrix(table) if is_matrix(table) else detect_headless(table)


def name_columns(table: Table, columns: Columns) -> Detected | None:
    """Read a table as ratings with the columns that a caller named; None where it lacks one.

    Raises SourceError where a column is named twice.
    """
    names = {normalised(name): at for at, name in reversed(list(enumerate(table.heads)))}
    places: dict[str, int] = {}
    for what, name in ((what, str(name)) for what, name in columns.items()):
        at = names.get(normalised(name))
        if at is None and re.fullmatch(r"[0-9]{1,4}", name) and 0 < int(name) <= table.width:
            at = int(name) - 1
        if at is None:
            return None
        if at in places.values():
            raise SourceError(
                f"{table.name}: '{table.heading(at)}' is named twice: give {COLUMNS}, each another"
            )
        places[what] = at
    roles: dict[Role, int] = {"user": places["user"], "movie": places["movie"]}
    if "rating" in places:
        roles["stars"] = places["rating"]
    if "time" in places:
        roles["time"] = places["time"]
    return Detected(table, "ratings", roles, known_scale=known_scale(table, roles))


def _by_headings(table: Table) -> Detected | Aside:
    roles = roles_of(table.heads)
    names = {normalised(head) for head in table.heads}
    if "movie" not in roles and "title" in roles and (own := names & {"id", "malid"}):
        column = [normalised(head) for head in table.heads].index(own.pop())
        roles["tmdb" if names & _TMDB_SIGNS else "movie"] = column
    if "tag_id" in roles and "tag" not in roles:
        return Aside(table.name, "it has numbers of tags without their texts")
    tagged = "tag" in roles
    if "user" in roles and not tagged and (movie := movie_column(table, roles)):
        return detect_ratings(table, roles, movie)
    if is_matrix(table):
        return _of_matrix(table)
    if "user" in roles and not tagged and "stars" not in roles and table.width > 1:
        return _users_by_headings(table, roles["user"])
    if _is_personal(table, roles, names):
        return Aside(table.name, f"{PERSONAL} ({headings(table)})", complete=True)
    return _beside(table, roles) or Aside(
        table.name, f"{headings(table)}, with no user and movie among them"
    )


def _of_matrix(table: Table) -> Detected:
    matrix = MatrixTable(table)
    rows, columns = ("movie", "user") if matrix.heads[0] == "movie" else ("user", "movie")
    guessed = f"a matrix with a row for each {rows} and a column for each {columns}"
    return Detected(matrix, "ratings", roles_of(matrix.heads), guessed=guessed)


# Columns that are read of each kind of file beside the ratings.
_BESIDE: dict[Kind, tuple[Role, ...]] = {
    "tags": ("movie", "tag", "user"),
    "movies": ("title", "original", "movie", "imdb", "tmdb", "year", "genres"),
    "genres": ("movie", "genres"),
    "links": ("movie", "imdb", "tmdb"),
}


def _beside(table: Table, roles: dict[Role, int]) -> Detected | None:
    """One of the files beside the ratings."""
    ids = {"movie", "imdb", "tmdb"} & roles.keys()
    fitting: dict[Kind, bool] = {
        "tags": {"movie", "tag"} <= roles.keys(),
        "movies": "title" in roles and bool(ids),
        "genres": {"movie", "genres"} <= roles.keys(),
        "links": "movie" in roles and len(ids) > 1,
    }
    kind = next((kind for kind, fits in fitting.items() if fits), None)
    if kind is None:
        return None
    return Detected(table, kind, {role: roles[role] for role in _BESIDE[kind] if role in roles})


def _is_personal(table: Table, roles: Mapping[Role, int], names: set[str]) -> bool:
    """Whether this is an export of one person's films: opinions of titles, and no user."""
    listed: list[Role] = [role for role in ("imdb", "tmdb", "title") if role in roles]
    if not listed or repeats(table, roles[listed[0]]):
        return False
    services = {"letterboxduri", "yourrating", "yourated", "userrating", "daterated", "opinion"}
    # A catalogue may have a rating too, which is a mean.
    means = {"numvotes", "votecount", "members", "genres", "genre"} & names
    rated = bool(RATING & names) and ("movie" not in roles or "averagerating" in names)
    watched = roles.keys() <= {"title", "time", "year"} and "time" in roles
    return bool(services & names) or (rated and not means) or watched


def repeats(table: Table, column: int) -> bool:
    """Whether most values of a column are there before, as nobody lists a film twice."""
    values = table.values(column)
    return len(set(values)) < len(values) / 2


def _users_by_headings(table: Table, user: int) -> Detected | Aside:
    users = table.values(user)
    if len(set(users)) < FITTING * len(users):
        return Aside(table.name, f"{headings(table)}, with no movie among them")
    columns = {normalised(name, "_"): at for at, name in enumerate(table.heads) if at != user}
    attributes = {name: at for name, at in columns.items() if name not in ("", "user")}
    return Detected(table, "users", {"user": user}, attributes)
