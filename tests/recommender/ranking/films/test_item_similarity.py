"""Likeness of pairs: that of the vectors, whether remembered or not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from recommender import Recommender
from recommender.arrays import Ints
from recommender.ranking.films.item_similarity import ItemSimilarity
from recommender.storage.edge import EdgeStore
from recommender.storage.index import Index
from recommender.storage.vectors import SparseVector
from tests.support import build_index, random_ratings


class Counting:
    """An index that tells which movies' vectors were asked for."""

    def __init__(self, index: Index) -> None:
        self.manifest = index.manifest
        self.asked: list[int] = []
        self._index = index

    def movie_vectors(self, numbers: Ints) -> list[SparseVector]:
        """Vectors of movies."""
        self.asked += numbers.tolist()
        return self._index.movie_vectors(numbers)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Open 25 movies that 40 people rated by chance."""
    ratings = random_ratings(3, raters=40, movies=25, most=20)
    path = build_index(tmp_path_factory.mktemp("pairs"), ratings)
    opened = EdgeStore(path).open()
    yield opened
    opened.close()


def pairs_of(index: Index | Counting, **limit: int) -> ItemSimilarity:
    """Make an empty memory."""
    counts = np.full(index.manifest.counts.movies, 10)
    return ItemSimilarity(index, counts, **limit)  # type: ignore[arg-type]


def by_hand(index: Index, movies: Ints, others: Ints) -> list[list[tuple[float, int]]]:
    """Dot products and numbers of shared raters, one pair after the other."""
    table = []
    for one in index.movie_vectors(movies):
        left = dict(zip(one.indices.tolist(), one.values.tolist(), strict=True))
        row = []
        for two in index.movie_vectors(others):
            right = dict(zip(two.indices.tolist(), two.values.tolist(), strict=True))
            both = sorted(left.keys() & right.keys())
            row.append((sum(left[u] * right[u] for u in both), len(both)))
        table.append(row)
    return table


def check(index: Index, pairs: ItemSimilarity, movies: list[int], others: list[int]) -> None:
    """Compare with what comes out by hand."""
    one, two = np.array(movies, dtype=np.int64), np.array(others, dtype=np.int64)
    cosines, shared = pairs.between(one, two)
    expected = np.array(by_hand(index, one, two)).reshape(len(movies), len(others), 2)
    assert cosines == pytest.approx(expected[:, :, 0])
    assert shared.tolist() == expected[:, :, 1].tolist()


@pytest.mark.parametrize("limit", [250_000, 30, 1])
def test_pairs_are_those_of_the_vectors_whatever_was_asked_before(index: Index, limit: int) -> None:
    """Nothing, some or all of them, in either order, twice, with themselves; however few fit."""
    pairs, dice = pairs_of(index, limit=limit), np.random.default_rng(limit)
    check(index, pairs, [], [])
    check(index, pairs, [1, 2], [])
    check(index, pairs, [], [3])
    check(index, pairs, [4, 4, 0], [0, 4])
    for _ in range(30):
        sizes = dice.integers(1, 12, size=2)
        check(index, pairs, *(dice.integers(0, 25, size=size).tolist() for size in sizes))


def test_only_what_is_new_is_looked_up(index: Index) -> None:
    """One more movie rated, one more to predict; the other way round nothing is new at all."""
    counting = Counting(index)
    pairs = pairs_of(counting)
    movies, others = np.arange(10), np.arange(10, 20)
    pairs.between(movies, others)
    counting.asked.clear()
    pairs.between(others, movies)
    assert counting.asked == []
    pairs.between(movies, np.append(others, 20))
    assert sorted(counting.asked) == [*range(10), 20]
    counting.asked.clear()
    pairs.between(np.append(movies, 21), others)
    assert sorted(counting.asked) == [*range(10, 20), 21]


def test_threads_may_ask_at_once(index: Index) -> None:
    """And all of them get the same, while much is forgotten."""
    pairs, wrong = pairs_of(index, limit=20), []

    def ask(seed: int) -> None:
        dice = np.random.default_rng(seed)
        for _ in range(20):
            try:
                check(index, pairs, *(dice.integers(0, 25, size=4).tolist() for _ in range(2)))
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_stars_do_not_depend_on_what_was_predicted_before(tmp_path: Path) -> None:
    """By one recommender asked a lot, and by one asked for the first time."""
    index = build_index(tmp_path, random_ratings(4, raters=40, movies=25, most=20))
    with Recommender.open(index) as asked:
        for movie in range(1, 20):
            asked.predict({movie: 1, movie + 1: -1, movie + 3: 0}, movie + 2)
        with Recommender.open(index) as fresh:
            person = dict.fromkeys(range(1, 25, 2), 1)
            movies = list(range(1, 26))
            assert asked.predict_many(person, movies) == fresh.predict_many(person, movies)


def test_a_rater_is_taken_out_of_what_is_compared(index: Index) -> None:
    """Vectors without an entry, made as long as they were without it; others stay what they are."""
    every = np.arange(25)
    (rater,) = index.movie_vectors(np.array([3]))[0].indices[:1].tolist()
    vectors = []
    for vector in index.movie_vectors(every):
        kept = vector.indices != rater
        left = 1 - float((vector.values[~kept].astype(float) ** 2).sum())
        vectors.append(
            dict(zip(vector.indices[kept].tolist(), vector.values[kept] / left**0.5, strict=True))
        )
    cosines, shared = pairs_of(index).without(rater, every, every)
    for one in every:
        for two in every:
            both = vectors[one].keys() & vectors[two].keys()
            dot = sum(float(vectors[one][user]) * float(vectors[two][user]) for user in both)
            assert cosines[one, two] == pytest.approx(dot, abs=1e-6)
            assert shared[one, two] == len(both)
    usual, _ = pairs_of(index).between(every, every)
    assert (usual != cosines).any()
    nobody, _ = pairs_of(index).without(10**6, every, every)
    assert nobody == pytest.approx(usual)
