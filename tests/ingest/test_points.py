"""Which raters a movie's vector keeps, and how well their sample estimates similarity."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.cleaning import CleanRatings
from ingest.points import Metadata, movie_batches, sample_raters
from ingest.statistics import count
from recommender.arrays import Floats
from recommender.opinion import Scale
from recommender.ranking.films.item_similarity import VectorComparison, kept_parts
from recommender.settings import Weighting
from recommender.storage.edge import EdgeStore
from recommender.storage.index import Index
from tests.recommender.storage.stores import manifest

USERS = 4000
# Parts of the users who rate each movie.
SHARES = (0.9, 0.8, 0.8, 0.5, 0.5, 0.3, 0.2, 0.2, 0.12, 0.1)
LIMIT = 600


@given(st.lists(st.integers(0, 200), unique=True, min_size=1, max_size=100), st.integers(1, 30))
def test_movies_keep_the_same_raters_whoever_else_rated_them(users: list[int], limit: int) -> None:
    """One movie is rated by everybody, another by some: of these the first keeps no others."""
    everybody, some = np.arange(201), np.sort(np.array(users))
    movies = np.repeat([3, 7], [len(everybody), len(some)])
    raters = np.concatenate([everybody, some])
    keep = sample_raters(movies, raters, limit)
    first, second = (set(raters[keep & (movies == movie)].tolist()) for movie in (3, 7))
    assert (len(first), len(second)) == (limit, min(limit, len(some)))
    assert first & set(users) <= second


def test_the_sample_is_the_same_on_every_machine() -> None:
    """The four smallest numbers of splitmix64 among users 0 to 19, and nothing where all fit."""
    movies = np.zeros(20, dtype=np.int64)
    assert np.flatnonzero(sample_raters(movies, np.arange(20), 4)).tolist() == [2, 4, 6, 18]
    assert sample_raters(movies, np.arange(20), 20).all()
    assert sample_raters(movies[:0], movies[:0], 4).tolist() == []


def _ratings() -> CleanRatings:
    """Users of two tastes, who rate half of the movies high and the others low, with noise."""
    dice = np.random.default_rng(3)
    taste = dice.choice([-1, 1], USERS)
    user, movie = np.nonzero(dice.random((USERS, len(SHARES))) < SHARES)
    stars = 3 + taste[user] * np.where(movie % 2, 1, -1) + dice.normal(0, 1, len(user))
    scale = Scale(low=0.5, high=5)
    units = scale.pack(np.clip(stars, 0.5, 5))
    return CleanRatings(user, movie, units, None, [*range(USERS)], [*range(len(SHARES))], scale, {})


def _cosines(index: Index, weighting: Weighting) -> Floats:
    """Cosine of each two movies, shape (movies, movies)."""
    counts = np.array([movie.ratings for movie in index.movies()])
    parts = kept_parts(counts, weighting)
    vectors = index.movie_vectors(np.arange(len(SHARES)))
    assert max(map(len, vectors)) == min(weighting.movie_raters, counts.max())
    comparison = VectorComparison(vectors, parts, users=USERS)
    return np.array([comparison.to(v, p)[0] for v, p in zip(vectors, parts.tolist(), strict=True)])


def _written(folder: Path, weighting: Weighting) -> Floats:
    store, clean = EdgeStore(folder), _ratings()
    statistics, metadata = count(clean, weighting), Metadata({}, {}, {})
    described = manifest(movies=len(SHARES), users=USERS)
    with closing(store.writer()) as writer:
        writer.expect(described)
        for batch in movie_batches(clean, statistics, metadata, weighting):
            writer.add_movies(batch)
        writer.finish(described)
        writer.publish()
    with closing(store.open()) as index:
        return _cosines(index, weighting)


def test_a_sample_of_raters_gives_the_cosine_of_all(tmp_path: Path) -> None:
    """Of up to 3,600 raters 600 are kept, and no pair is off by more than chance has it."""
    whole = _written(tmp_path / "all", Weighting(movie_raters=USERS))
    sampled = _written(tmp_path / "some", Weighting(movie_raters=LIMIT))
    pairs = np.triu_indices(len(SHARES), 1)
    error = (sampled - whole)[pairs]
    # About 1 / sqrt(600) times the part of the raters that two movies share.
    assert np.abs(error).max() < 0.1
    assert abs(error.mean()) < 0.02
    assert np.abs(whole[pairs]).mean() > 0.15
