"""How much films have in common by genre, on tables to check by hand."""

from __future__ import annotations

from math import log
from pathlib import Path

import numpy as np
import pytest

from recommender.ranking.films.genre_similarity import Genres
from recommender.ranking.index_version import IndexVersion
from recommender.settings import Ranking
from recommender.storage.edge import EdgeStore
from tests.support import Titles, build_index

FILMS: Titles = {
    1: ("One (1991)", "Drama|War"),
    2: ("Two (1992)", "Drama"),
    3: ("Three (1993)", "War"),
    4: ("Four (1994)", "(no genres listed)"),
}


def genres_of(folder: Path, films: Titles) -> Genres:
    """Ingest these films, all rated by one person, and compare them."""
    index = EdgeStore(build_index(folder, {1: dict.fromkeys(films, 5)}, films)).open()
    try:
        return IndexVersion(index, Ranking(), "here").genres
    finally:
        index.close()


def test_what_is_shared_over_what_either_has(tmp_path: Path) -> None:
    """Two of four films are dramas and two are of war, so that both genres weigh the same."""
    table = genres_of(tmp_path, FILMS).jaccard(np.array([0, 3]))
    assert table[0].tolist() == pytest.approx([1.0, 0.5, 0.5, 0.0])
    assert not table[1].any()


def test_a_rare_genre_weighs_more(tmp_path: Path) -> None:
    """Three of four films are dramas, one of them a western."""
    films: Titles = {
        1: ("One (1991)", "Drama|Western"),
        2: ("Two (1992)", "Drama"),
        3: ("Three (1993)", "Drama"),
        4: ("Four (1994)", "Horror"),
    }
    (row,) = genres_of(tmp_path, films).jaccard(np.array([1]))
    drama, western = log(4 / 3), log(4)
    assert row.tolist() == pytest.approx([drama / (drama + western), 1.0, 1.0, 0.0])


@pytest.mark.parametrize("genres", ["Drama", "(no genres listed)"])
def test_nothing_is_shared_where_genres_tell_nothing(tmp_path: Path, genres: str) -> None:
    """All films have the one genre there is, or none has any."""
    films: Titles = {movie: (f"Film {movie} (1990)", genres) for movie in (1, 2, 3)}
    assert not genres_of(tmp_path, films).jaccard(np.arange(3)).any()
