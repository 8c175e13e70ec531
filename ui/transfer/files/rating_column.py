"""Which column of a table holds a person's ratings, and on which scale they are."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from recommender import Scale
from recommender.files.cells import rating_and_top
from ui.state.taste import SCALE
from ui.transfer.files.headings import Columns

__all__ = ["RatingColumn", "find_ratings"]

# The highest rating of scales in use, of which the first that holds all ratings is taken; and the
# rating below which nobody's best film is likely to stay there.
_TOPS = {5.0: 4.5, 10.0: 0.0, 20.0: 17.0, 100.0: 0.0}
_HIGHEST = max(_TOPS)
_THUMBS = {-1.0, 0.0, 1.0}
_DIGIT = re.compile("[0-9]")
_LONGEST_NAME = 30
_Ratings = list[tuple[float, float | None]]


@dataclass(frozen=True)
class RatingColumn:
    """A column of ratings, and how they are read."""

    place: int
    given: bool
    """Whether it holds any."""
    scale: Scale
    words: str = ""
    """The scale in words, where nothing but the ratings themselves says it."""
    doubt: str = ""
    """Why it may be another, in words."""

    def read(self, cell: str) -> tuple[float, Scale] | None:
        """Read a rating with its scale; None where there is none."""
        rating, top = rating_and_top(cell)
        if rating == -math.inf:
            return None
        return rating, _out_of(top) if top else self.scale


def find_ratings(
    columns: Columns,
    rows: Sequence[Sequence[str]],
    known: Scale | None,
    said: Scale | Literal["likes"] | None,
) -> RatingColumn | None:
    """Find the column of ratings, if there is one.

    ``known`` is the scale of the service, and ``said`` what a person says it is. Where neither
    these nor heading or cells tell it, it is the smallest in use that holds all ratings.
    """
    groups = columns.ratings()
    if not groups:
        return None
    # "Note" is a rating in one language and some words in another.
    read = (_values(columns, rows, places) for places in groups)
    useful = (values for values in read if not all(map(_words_alone, values.values())))
    group = next(useful, None) or _values(columns, rows, groups[0])
    # "Rating10" before "Rating": its scale is certain.
    place = max(group, key=lambda place: (len(group[place]), columns.top(place) is not None))
    plain = [rating for rating, top in group[place] if top is None and not math.isnan(rating)]
    given, top = bool(group[place]), columns.top(place)
    if isinstance(said, Scale):
        return RatingColumn(place, given, said, f"rated from {said.low:g} to {said.high:g}")
    if said or not any(map(_DIGIT.search, columns.column(rows, place))):
        # Words; or numbers such as Netflix's, which has 1 for a thumb down and 2 for one up.
        high = max([1.0, *plain])
        low = min([0.0 if high == 1 else 1.0, *plain])
        return RatingColumn(place, given, Scale(low=low, high=high))
    scale = _out_of(top) if top else known
    if scale or not plain:
        return RatingColumn(place, given, scale or SCALE)
    return _by_values(columns.heads[place], place, plain)


def _values(
    columns: Columns, rows: Sequence[Sequence[str]], places: Sequence[int]
) -> dict[int, _Ratings]:
    """Read what columns hold, by place; of more than two with one heading, the first two."""
    found = {}
    for place in places[:2]:
        cells = columns.column(rows, place)
        ratings = {cell: rating_and_top(cell) for cell in set(cells)}
        read = (ratings[cell] for cell in cells)
        found[place] = [rating for rating in read if rating[0] != -math.inf]
    return found


def _words_alone(ratings: _Ratings) -> bool:
    return bool(ratings) and all(math.isnan(rating) for rating, _ in ratings)


def _by_values(heading: str, place: int, ratings: Sequence[float]) -> RatingColumn:
    heading = f"“{heading[:_LONGEST_NAME]}”"
    if _THUMBS.issuperset(ratings):
        values = " and ".join(f"{value:g}" for value in sorted({*ratings}))
        doubt = f"it has nothing but {values} under {heading}, which may be thumbs or stars"
        return RatingColumn(place, True, Scale(low=min(*ratings, 0), high=1), doubt=doubt)
    # Larger numbers are years and the like, in rows whose cells slipped.
    likely = [rating for rating in ratings if 0 < rating <= _HIGHEST]
    if not likely:
        return RatingColumn(place, True, SCALE)
    top, most = next(top for top in _TOPS if max(likely) <= top), max(likely)
    doubt = (
        f"ratings under {heading} go up to {most:g}, so the scale may end at {top:g} or elsewhere"
    )
    words = f"rated out of {top:g} under {heading}"
    return RatingColumn(place, True, _out_of(top), words, doubt if most < _TOPS[top] else "")


def _out_of(top: float) -> Scale:
    return Scale(low=top / 10, high=top)
