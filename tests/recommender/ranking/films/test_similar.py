"""How alike films are; what ``similar`` makes of it is worked out by hand in test_questions.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from recommender.ranking.index_version import IndexVersion
from recommender.settings import Ranking
from recommender.storage.edge import EdgeStore
from tests.support import Titles, build_index, random_ratings

GENRES = ("Drama", "Comedy|Drama", "Horror", "War|Drama", "(no genres listed)")
FILMS: Titles = {
    movie: (f"Film {movie} (1990)", GENRES[movie % len(GENRES)]) for movie in range(1, 41)
}


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexVersion]:
    """Open 40 films that 60 people rated by chance."""
    folder: Path = tmp_path_factory.mktemp("alike")
    index = EdgeStore(build_index(folder, random_ratings(4, raters=60), FILMS)).open()
    yield IndexVersion(index, Ranking(), "here")
    index.close()


def test_films_among_each_other_are_as_alike_as_one_by_one(version: IndexVersion) -> None:
    """But for deviations that disagree, which are not looked for where one asks of all films."""
    movies = np.arange(0, 40, 3)
    among = version.likeness.among(movies)
    for row, movie in zip(among, movies.tolist(), strict=True):
        alone, others = version.likeness.of(movie)[movies], movies != movie
        cosines, _ = version.similarity.between(np.array([movie]), movies)
        agree = others & (cosines[0] > 0)
        assert agree.any()
        assert (others & ~agree).any()
        assert row[agree] == pytest.approx(alone[agree], rel=1e-5)
        assert (row[others & ~agree] <= alone[others & ~agree] + 1e-9).all()


def test_a_film_is_not_like_itself_and_none_has_less_than_nothing(version: IndexVersion) -> None:
    """Of all 40 films."""
    for movie in range(40):
        likeness = version.likeness.of(movie)
        assert likeness[movie] == 0
        assert (likeness >= 0).all()


def test_no_films_are_compared_where_there_are_none(version: IndexVersion) -> None:
    """As where nobody likes any."""
    assert version.likeness.among(np.array([], dtype=np.int64)).shape == (0, 0)
