"""Filters only take movies out: what passes stands in the same order, with the same scores."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from recommender import MovieFilter, MovieKey, Recommendations, Recommender
from tests.support import Id, Titles, build_index, random_ratings

FILMS = 240


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open a world of more movies than EASE compares, however long a profile is."""
    ratings = random_ratings(9, raters=120, movies=FILMS, most=80)
    titles: Titles = {
        film: (f"Film {film} ({1761 + film})", ("Drama", "Comedy|War", "Horror")[film % 3])
        for film in range(1, FILMS + 1)
    }
    with Recommender.open(build_index(tmp_path_factory.mktemp("many"), ratings, titles)) as made:
        yield made


def scored(top: Recommendations) -> list[tuple[Id, float]]:
    """Ids and scores in order."""
    assert top.fallback is None
    return [(row.movie.movie_id, row.score) for row in top]


@pytest.mark.parametrize("size", [1, 3, 12, 21, 60])
@pytest.mark.parametrize("dial", [None, 0.9])
def test_what_passes_keeps_its_order_and_score(
    many: Recommender, size: int, dial: float | None
) -> None:
    """Whatever the filter leaves, be it eight movies or all but eight."""
    dice = random.Random(size)
    profile: dict[MovieKey, float] = {
        film: dice.choice([1, 1, 1, 0, -1]) for film in dice.sample(range(1, FILMS + 1), size)
    }
    profile[next(iter(profile))] = 1
    whole = scored(many.recommend(profile, adventurous=dial, limit=500))
    assert len(whole) > 120
    eight = dict(dice.sample(whole, 8))
    late = {film for film, _ in whole if int(film) % 3 == 2 and int(film) > 100}
    for movies, left in (
        (MovieFilter(only=eight), eight),
        (MovieFilter(exclude=eight), {film for film, _ in whole} - set(eight)),
        (MovieFilter(genres={"Horror"}, years=(1862, None)), late),
    ):
        expected = [pair for pair in whole if pair[0] in left]
        for limit in (3, 500):
            top = many.recommend(profile, adventurous=dial, limit=limit, movies=movies)
            assert scored(top) == expected[:limit]
