"""Which column of a table holds a person's ratings, and on which scale they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from recommender import Scale, SourceError
from ui.state.taste import SCALE
from ui.transfer.cells import read_rating
from ui.transfer.headings import Columns

__all__ = ["RatingColumn", "find_ratings"]

# The highest rating of scales in use, of which the first that holds all ratings is taken.
_TOPS = (5.0, 10.0, 20.0, 100.0)
_THUMBS = {-1.0, 0.0, 1.0}
_LONGEST_NAME = 30


@dataclass(frozen=True)
class RatingColumn:
    """A column of ratings, and how they are read."""

    place: int
    scale: Scale
    given: bool
    """Whether it holds anything."""
    words: str = ""
    """The scale in words, where nothing but the ratings themselves says it."""

    def read(self, row: Sequence[str]) -> tuple[float, Scale] | None:
        """Read the rating of a row with its scale; None where the cell is empty."""
        cell = row[self.place] if self.place < len(row) else ""
        if not cell:
            return None
        rating, top = read_rating(cell)
        return rating, self.scale if top is None else _out_of(top)


def find_ratings(
    name: str, columns: Columns, rows: Sequence[Sequence[str]], known: Scale | None
) -> RatingColumn | None:
    """Find the column of ratings, if there is one; ``known`` is the scale of the service.

    Where neither heading, cells nor service tell the scale, it is the smallest in use that holds
    all ratings.

    Raises SourceError where they may be thumbs as well as stars.
    """
    groups = columns.ratings()
    if not groups:
        return None
    # "Note" is a rating in one language and some words in another.
    read = (_values(rows, places) for places in groups)
    useful = (values for values in read if not all(map(_words_alone, values.values())))
    group = next(useful, None) or _values(rows, groups[0])
    # "Rating10" before "Rating": its scale is certain.
    place = max(group, key=lambda place: (len(group[place]), columns.top(place) is not None))
    top, given = columns.top(place), bool(group[place])
    if top is not None:
        return RatingColumn(place, _out_of(top), given)
    if known is not None:
        return RatingColumn(place, known, given)
    plain = [rating for rating, top in group[place] if top is None and not math.isnan(rating)]
    return _by_values(name, columns.heads[place], place, plain, given)


def _values(
    rows: Sequence[Sequence[str]], places: Sequence[int]
) -> dict[int, list[tuple[float, float | None]]]:
    """Read what columns hold, by place; of more than two with one heading, the first two."""
    return {
        place: [read_rating(row[place]) for row in rows if any(row[place : place + 1])]
        for place in places[:2]
    }


def _words_alone(ratings: Sequence[tuple[float, float | None]]) -> bool:
    return bool(ratings) and all(math.isnan(rating) for rating, _ in ratings)


def _by_values(
    name: str, heading: str, place: int, ratings: Sequence[float], given: bool
) -> RatingColumn:
    if ratings and _THUMBS.issuperset(ratings):
        values = " and ".join(f"{value:g}" for value in sorted({*ratings}))
        raise SourceError(
            f"{name} has nothing but {values} under “{heading[:_LONGEST_NAME]}”, which may be "
            "thumbs or stars: bring a file with ratings on a scale"
        )
    # Larger numbers are years and the like, in rows whose cells slipped.
    likely = [rating for rating in ratings if 0 < rating <= _TOPS[-1]]
    if not likely:
        return RatingColumn(place, SCALE, given)
    top = next(top for top in _TOPS if max(likely) <= top)
    words = f"rated out of {top:g} under “{heading[:_LONGEST_NAME]}”"
    return RatingColumn(place, _out_of(top), given, words)


def _out_of(top: float) -> Scale:
    return Scale(low=top / 10, high=top)
