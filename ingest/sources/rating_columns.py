"""Which column of a table of users and movies is the rating, which the time, and on which scale."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from ingest.sources.detected import COLUMNS, FITTING, Detected, counts_up, headings, mostly
from ingest.sources.headings import NO_RATING, RATING, Role, normalised
from ingest.sources.tables import Table
from ingest.sources.values.cells import is_rating, is_time
from ingest.sources.values.scales import KnownScale
from recommender.errors import SourceError
from recommender.files.cells import parse_rating

__all__ = ["detect_ratings", "known_scale", "movie_column"]

# Dates of a movie, not of its rating.
_OF_MOVIES = re.compile(r"release|premiere|publi|birth|year")
# "rating (1-10)" and "4/5".
_RANGE = re.compile(r"\b(-?[0-9]+(?:\.[0-9]+)?)\s*(?:-|–|to|:)\s*([0-9]+)\b")
_OF = re.compile(r"\s*([0-9]+(?:[.,][0-9]+)?)\s*/\s*([0-9]+)\s*")


def movie_column(table: Table, roles: Mapping[Role, int]) -> Role | None:
    """The column that names the movie: an id, or else a title beside a rating."""
    order: tuple[Role, ...] = ("movie", "imdb", "tmdb")
    found = next((role for role in order if role in roles), None)
    # A name alone may be that of the user.
    rated = any(
        normalised(head) in RATING and mostly(table.values(at), is_rating)
        for at, head in enumerate(table.heads)
    )
    return found or ("title" if rated and "title" in roles else None)


def detect_ratings(table: Table, roles: dict[Role, int], movie: Role) -> Detected:
    """Tell the rating and the time in a table whose columns of users and movies are known.

    Raises SourceError where it is open which column is the rating, or whether one is.
    """
    if not table.heads[-1].strip() and table.values(table.width - 1):
        first = ", ".join(cell[:20] for cell in table.sample[0])
        raise SourceError(
            f"{table.name}: its rows have more cells than headings, such as {first}: write a comma "
            f"in a number as a point, or say which column is which with {COLUMNS}, by their numbers"
        )
    kept: dict[Role, int] = {"user": roles["user"], "movie": roles[movie]}
    rated = bool(RATING.intersection(map(normalised, table.heads)))
    # "data" is a date in some languages, and ratings in others.
    if "time" in roles and (rated or not _may_be_ratings(table, roles["time"])):
        kept["time"] = roles["time"]
    taken = {
        *kept.values(),
        *(roles[role] for role in ("title", "year", "genres") if role in roles),
    }
    stars, guessed = _rating_column(table, taken)
    if stars is not None:
        kept["stars"] = stars
    notes = [guessed] if guessed else []
    if "time" not in kept and (time := _time_column(table, {*taken, *kept.values()})) is not None:
        kept["time"] = time
        notes.append(f"'{table.heading(time)}' is read as the time, by its values")
    return Detected(
        table, "ratings", kept, known_scale=known_scale(table, kept), guessed="; ".join(notes)
    )


def _time_column(table: Table, taken: set[int]) -> int | None:
    """The only other column of dates, but for those of the movie."""
    found = [
        at
        for at in range(table.width)
        if at not in taken
        and mostly(table.values(at), is_time)
        and not _OF_MOVIES.search(normalised(table.heads[at]))
    ]
    return found[0] if len(found) == 1 else None


def _rating_column(table: Table, taken: set[int]) -> tuple[int | None, str]:
    """The column of ratings, and how it was told where its heading is unknown.

    Raises SourceError where several may be it, or one is there that cannot be read.
    """
    free = [at for at in range(table.width) if at not in taken]
    named = [at for at in free if normalised(table.heads[at]) in RATING]
    rated = [at for at in named if mostly(table.values(at), is_rating)]
    if len(rated) > 1:
        best = ("rating", "ratings", "yourrating", "userrating", "overall")
        rated = [at for at in rated if normalised(table.heads[at]) in best][:1] or rated
    guessed = ""
    if not rated:
        rated = [at for at in free if _may_be_ratings(table, at)]
        if len(rated) == 1:
            guessed = f"'{table.heading(rated[0])}' is read as the rating, by its values"
    if len(rated) > 1:
        several = " and ".join(f"'{table.heading(at)}'" for at in rated[:4])
        raise SourceError(
            f"{table.name}: the columns {several} may both be the rating: say which with {COLUMNS}"
        )
    if not rated and named:
        return _first_readable(table, named), ""
    if not rated:
        _check_no_rating(table, free)
        guessed = "no column of ratings: every row is a like"
    return (rated[0] if rated else None), guessed


def _check_no_rating(table: Table, free: list[int]) -> None:
    """Refuse to take every row for a like where a column may tell one from another.

    Raises SourceError.
    """
    for at in free:
        values = table.values(at)
        if not (_varies(table, at) and (mostly(values, is_rating) or _few_words(values))):
            continue
        one, other, *_ = sorted(set(values))
        raise SourceError(
            f"{table.name}: '{table.heading(at)}', with values such as '{one[:40]}' and "
            f"'{other[:40]}', may be the rating or not ({headings(table)}): say which column is "
            f"which with {COLUMNS}, without the rating where every row is a like"
        )


def _varies(table: Table, column: int) -> bool:
    """Whether rows differ by a column, and it does not number them."""
    return len(set(table.values(column))) > 1 and not counts_up(table, [column])


def _first_readable(table: Table, named: list[int]) -> int:
    """The column headed as the rating of which some values, or none yet, can be read.

    Raises SourceError where there is none.
    """
    for column in named:
        values = table.values(column)
        # Even above 100: on which scale is asked where it is not told.
        if not values or any(math.isfinite(parse_rating(value)) for value in values):
            return column
    column = named[0]
    raise SourceError(
        f"{table.name}: '{table.values(column)[0][:40]}' under '{table.heads[column]}' is not a "
        f"rating that can be read: write numbers, or say which column is which with {COLUMNS}"
    )


def _may_be_ratings(table: Table, column: int) -> bool:
    """Whether a column under an unknown heading has the values of ratings."""
    values = table.values(column)
    return (
        _varies(table, column)
        and not NO_RATING.search(normalised(table.heads[column]))
        and mostly(values, is_rating)
        # As many values as rows are a number of each row.
        and (len(set(values)) <= max(len(values) // 2, 5))
    )


def _few_words(values: list[str]) -> bool:
    """Whether a column tells rows apart by a few words, as opinions would."""
    words = set(values)
    return 1 < len(words) <= 5 and len(words) < len(values) and not any(map(is_rating, values))


def known_scale(table: Table, roles: Mapping[Role, int]) -> KnownScale | None:
    """Scales that data sets are known to be on."""
    names = {normalised(head) for head in table.heads}
    if "animeid" in names:
        return KnownScale(1, 10, unrated=(-1, 0))  # MyAnimeList
    if "bookrating" in names:
        return KnownScale(1, 10, unrated=(0,))  # Book-Crossing
    stars = table.values(roles["stars"]) if "stars" in roles else []
    if table.delimiter == "::" and mostly(table.values(roles["movie"]), _is_padded):
        # MovieTweetings, where 0 is a rating.
        return KnownScale(0, 10) if all(map(str.isdigit, stars)) else None
    if mostly(stars, lambda cell: cell.endswith("%")):
        return KnownScale(0, 100)
    return _told_scale(table, roles["stars"]) if "stars" in roles else None


def _told_scale(table: Table, column: int) -> KnownScale | None:
    """The scale that a heading such as ``rating (1-10)`` tells, or cells such as ``4/5``."""
    match = _RANGE.search(table.heading(column))
    # "rating 2020-01" is no scale.
    if match and float(match[1]) < float(match[2]):
        return KnownScale(float(match[1]), float(match[2]))
    cells = [match for cell in table.values(column) if (match := _OF.fullmatch(cell))]
    tops = {float(match[2]) for match in cells}
    if len(tops) != 1 or max(tops) < 2 or len(cells) < len(table.values(column)) * FITTING:
        return None
    given = [parse_rating(match[1]) for match in cells]
    whole = all(stars == int(stars) for stars in given)
    return KnownScale(0 if 0 in given else 1 if whole else 0.5, tops.pop())


def _is_padded(movie: str) -> bool:
    """Whether an id is a number of IMDb, with zeros in front of it up to seven digits."""
    return len(movie) >= 7 and movie.isdigit()
