"""Every engine gives the same answers: films, order, scores and reasons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from ingest import ingest
from ingest.reading import load
from ingest.statistics import count
from recommender import Recommender
from recommender.ranking.weights import rater_lengths
from recommender.settings import Weighting
from recommender.storage.edge import EdgeStore
from tests.recommender.ranking.congruence import (
    compare,
    compare_similar,
    compare_together,
    random_profiles,
)
from tests.recommender.storage.engines import ENGINES, REAL_ENGINES, SERVERS
from tests.support import random_ratings, write_source


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open the bundled sample on the embedded engine."""
    store = EdgeStore(tmp_path_factory.mktemp("sample"))
    ingest("sample", index=store)
    with Recommender(store) as rec:
        yield rec


@pytest.mark.parametrize("engine", SERVERS)
def test_a_server_answers_small_questions_as_the_embedded_engine_does(
    engine: str, tmp_path: Path
) -> None:
    """On ratings by chance, where many raters are equally like the person."""
    source = write_source(tmp_path / "source", random_ratings(5, raters=60))
    edge = EdgeStore(tmp_path / "edge")
    ingest(str(source), index=edge)
    with SERVERS[engine](tmp_path) as store, Recommender(edge) as ours:
        ingest(str(source), index=store)
        with Recommender(store) as theirs:
            found = compare(ours, theirs, random_profiles(ours, 60))
            similar = compare_similar(ours, theirs, 40)
            together = compare_together(ours, theirs, random_profiles(ours, 60, seed=8))
    assert found.profiles == 60
    assert found.congruent, found
    assert together.congruent, together
    assert similar.congruent, similar


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["memory", *REAL_ENGINES])
def test_a_server_answers_on_the_sample_as_the_embedded_engine_does(
    engine: str, sample: Recommender, tmp_path: Path
) -> None:
    """Where more raters compete than may vote, so that the cut counts.

    Behind a protocol: see test_cluster.py.
    """
    with SERVERS[engine](tmp_path) as store:
        ingest("sample", index=store)
        with Recommender(store) as theirs:
            found = compare(sample, theirs, random_profiles(sample, 20))
            similar = compare_similar(sample, theirs, 20)
            together = compare_together(sample, theirs, random_profiles(sample, 12, seed=8))
    assert found.congruent, found
    assert together.congruent, together
    assert similar.congruent, similar


@pytest.mark.parametrize("engine", ENGINES)
def test_lengths_come_back_to_the_last_bit(engine: str, tmp_path: Path) -> None:
    """As they were written, rounded: a last bit's difference would show in the scores."""
    source = str(write_source(tmp_path / "source", random_ratings(5, raters=300)))
    ratings, weighting = load(source).ratings, Weighting()
    statistics = count(ratings, weighting)
    starts = np.cumsum(statistics.ratings_per_user) - statistics.ratings_per_user
    weights = statistics.weights[ratings.movie]
    lengths = np.round(
        rater_lengths(weights, statistics.states[ratings.units], starts, weighting), 12
    )
    stored = np.flatnonzero(statistics.ratings_per_user >= weighting.min_ratings)
    with ENGINES[engine](tmp_path) as store:
        ingest(source, index=store)
        with closing(store.open()) as index:
            assert [rater.length for rater in index.raters(stored)] == lengths[stored].tolist()


def test_a_difference_would_be_noticed(tmp_path: Path) -> None:
    """Other ratings give other answers, and no tolerance hides them."""
    edge = EdgeStore(tmp_path / "edge")
    ingest(str(write_source(tmp_path / "source", random_ratings(6, raters=60))), index=edge)
    other = EdgeStore(tmp_path / "other")
    ingest(str(write_source(tmp_path / "source", random_ratings(7, raters=60))), index=other)
    with Recommender(edge) as one, Recommender(other) as two:
        found = compare(one, two, random_profiles(one, 10))
    assert found.other_films
    assert not found.congruent
