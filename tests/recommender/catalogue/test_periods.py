"""What is little known, and how many ratings a film needs to be shown."""

from __future__ import annotations

import pytest

from recommender.catalogue.movies import Catalogue
from recommender.catalogue.summary import Periods
from recommender.storage.encoding import MovieRecord


def catalogue_of(*ratings: int) -> Catalogue:
    """Films with so many ratings, all of them likes."""
    films = [
        MovieRecord(n, n + 1, "Film", 1990, (), None, None, many, many, 4.0, 0, (), many, 1.0)
        for n, many in enumerate(ratings)
    ]
    return Catalogue(iter(films), movie_ids="int")


@pytest.mark.parametrize(
    ("ratings", "everywhere", "in_rows"),
    [
        ((9, 1), 1, 1),
        ((5,) * 99 + (4,), 1, 1),
        ((5,) * 100 + (4,), 5, 5),
        # A hundredth of the root of 4,000,000 and of 100 million ratings.
        ((40_000,) * 100, 5, 20),
        ((1_000_000,) * 100, 5, 100),
    ],
)
def test_a_film_needs_more_ratings_where_there_are_more(
    ratings: tuple[int, ...], everywhere: int, in_rows: int
) -> None:
    """Five where a hundred films have them; more in rows of little known and similar films."""
    catalogue = catalogue_of(*ratings)
    assert catalogue.least_ratings == everywhere
    assert Periods.of(catalogue).least == in_rows
