"""What everybody together said."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest import append
from recommender import Recommender, Scale
from tests.support import FILMS, THREE_RATERS, Ratings, build_index, write_source


def test_stars_genres_and_decades_are_counted(tmp_path: Path) -> None:
    """Every movie of the hand-worked world has three ratings, all likes, ten of them 4 stars."""
    with Recommender.open(build_index(tmp_path, THREE_RATERS, FILMS)) as rec:
        seen = rec.overview()
    assert seen.stars == ((4.0, 10), (5.0, 17))
    assert seen.genres == {
        "Action": (6, 2, 6),
        "Comedy": (3, 1, 3),
        "Crime": (3, 1, 3),
        "Fantasy": (3, 1, 3),
        "Horror": (9, 3, 9),
        "Romance": (6, 2, 6),
        "Sci-Fi": (9, 3, 9),
    }
    assert list(seen.genres) == sorted(seen.genres)
    # Of Eva no year is known.
    assert seen.decades == {
        1940: (3, 1, 3),
        1960: (3, 1, 3),
        1970: (3, 1, 3),
        1980: (3, 1, 3),
        1990: (9, 3, 9),
        2000: (3, 1, 3),
    }
    assert (seen.decades[1990].ratings, seen.decades[1990].movies) == (9, 3)


def test_stars_that_go_below_zero_are_told_as_they_were_given(tmp_path: Path) -> None:
    """Stored units count from the low end of such a scale."""
    ratings: Ratings = {user: {1: -2.5, 2: 6, 3: 6, 4: 0} for user in (1, 2)}
    index = build_index(tmp_path, ratings, scale=Scale(low=-10, high=10))
    with Recommender.open(index) as rec:
        assert rec.overview().stars == ((-2.5, 2), (0.0, 2), (6.0, 4))
        assert not rec.overview().genres
        assert not rec.overview().decades


def test_an_index_of_likes_has_no_stars(tmp_path: Path) -> None:
    """An empty tuple, and genres and decades all the same."""
    ratings: Ratings = {user: dict.fromkeys(rated, 1.0) for user, rated in THREE_RATERS.items()}
    with Recommender.open(build_index(tmp_path, ratings, FILMS)) as rec:
        assert rec.overview().stars == ()
        assert rec.overview().genres["Horror"] == (9, 3, 9)


@pytest.mark.parametrize("stars", [1.0, 4.0])
def test_appended_stars_are_counted_and_replaced_ones_are_not(tmp_path: Path, stars: float) -> None:
    """Rater 1 gave movie 5 four stars before, and someone new gives it one."""
    index = build_index(tmp_path, THREE_RATERS | {20: {1: 1.0}})
    more: Ratings = {1: {5: stars}, 99: {5: 1.0}}
    append(str(write_source(tmp_path / "more", more)), index=index)
    with Recommender.open(index) as rec:
        expected = {1.0: 2, 4.0: 9, 5.0: 17}
        expected[stars] += 1
        assert rec.overview().stars == tuple(sorted(expected.items()))
