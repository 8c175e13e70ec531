"""Clusters: the same answers as from a folder, and none missing while nodes come and go."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from ingest import append, ingest
from recommender import Recommender
from recommender.errors import EngineUnavailableError
from recommender.storage.edge import EdgeStore
from tests.recommender.ranking.congruence import compare, random_profiles
from tests.recommender.storage.stores import MOVIES, RATERS, add, manifest, publish, vector
from tests.server.clusters import CLUSTERS, REAL, Cluster, cluster, until
from tests.support import FILMS, THREE_RATERS, assert_one_line, likes, write_source

pytestmark = pytest.mark.slow

# Read at import, before tests clear the environment.
DATA = os.environ.get("KINDRED_TEST_DATA", "sample")
"""What answers are compared on, such as the folder of ml-latest-small."""


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let writers prove faster that they live, and readers look more often."""
    monkeypatch.setattr("recommender.storage.server.writer.INTERVAL", 0.5)
    monkeypatch.setattr("recommender.storage.server.versions.REFRESH", 0.1)


@pytest.fixture(params=CLUSTERS)
def nodes(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Give an empty cluster."""
    with cluster(request.param) as given:
        yield given


@pytest.fixture
def source(tmp_path: Path) -> str:
    """Give the small world as files."""
    return str(write_source(tmp_path / "source", THREE_RATERS, FILMS))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open the data on the embedded engine."""
    store = EdgeStore(tmp_path_factory.mktemp("edge"))
    ingest(DATA, index=store)
    with Recommender(store) as rec:
        yield rec


def films(rec: Recommender) -> list[object]:
    """Films for somebody of the small world."""
    return [row.movie.movie_id for row in rec.recommend(likes(1, 2, 3))]


@pytest.mark.parametrize("name", [name for name in CLUSTERS if name != "double-grpc"])
def test_a_cluster_answers_as_the_embedded_engine_does(name: str, ours: Recommender) -> None:
    """The same films in the same order, with scores and reasons within 1e-4."""
    with cluster(name) as there, closing(there.store()) as writing:
        ingest(DATA, index=writing)
        with Recommender(there.store()) as theirs:
            found = compare(ours, theirs, random_profiles(ours, 20))
    assert found.congruent, found


def test_the_storage_report_of_a_cluster_is_true(nodes: Cluster, source: str) -> None:
    """Raters and movies are all there, shards and nodes as many as asked for."""
    with closing(nodes.store()) as writing:
        ingest(source, index=writing)
    with Recommender(nodes.store()) as rec:
        found, movies = rec.storage(), rec.stats().movies
    assert found.engine.startswith("Qdrant 1.")
    assert (found.users.points, found.movies.points) == (7, movies)
    if nodes.layout.replicas > 1:  # a real cluster
        assert found.nodes == len(REAL.addresses)
        for part in (found.users, found.movies):
            asked = nodes.layout.shards, nodes.layout.replicas, 0
            assert (part.shards, part.replicas, part.inactive) == asked


def test_readers_are_answered_while_the_index_is_made_anew(nodes: Cluster, source: str) -> None:
    """Twice, so that the version they had at first is deleted under them."""
    done, answers, faults = threading.Event(), list[list[object]](), list[Exception]()

    def read(rec: Recommender) -> None:
        try:
            while not done.is_set():
                answers.append(films(rec))
        except Exception as error:
            faults.append(error)

    with closing(nodes.store()) as writing:
        ingest(source, index=writing)
        with Recommender(nodes.store()) as rec:
            first = films(rec)
            readers = [threading.Thread(target=read, args=(rec,)) for _ in range(2)]
            for reader in readers:
                reader.start()
            try:
                last = [ingest(source, index=writing).version for _ in range(2)][-1]
                until(lambda: rec.stats().version == last)
            finally:
                done.set()
                for reader in readers:
                    reader.join()
    assert faults == []
    assert answers
    assert all(found == first for found in answers)


def test_questions_are_answered_though_a_node_is_lost(nodes: Cluster, source: str) -> None:
    """Whichever it is, and though the connection was open; without any there is one line.

    By gRPC it may take a second, as a channel to a node that is back looks once a second.
    """
    with closing(nodes.store()) as writing:
        ingest(source, index=writing)
    with Recommender(nodes.store()) as rec:
        first = films(rec)
        for lost in range(len(nodes.nodes)):
            nodes.lose(lost)
            until(lambda: _answered(rec) == first)
            with Recommender(nodes.store()) as another:
                assert films(another) == first
            nodes.find(lost)
        nodes.lose()
        with pytest.raises(EngineUnavailableError, match="cannot be reached") as error:
            films(rec)
        assert_one_line(error.value)
        nodes.find()
        until(lambda: _answered(rec) == first)


def _answered(rec: Recommender) -> list[object]:
    try:
        return films(rec)
    except EngineUnavailableError:
        return []


def test_an_ingest_goes_on_though_a_node_is_lost(nodes: Cluster) -> None:
    """In the middle of an upload, and again before it is published; no rater is missing."""
    with closing(nodes.store()) as store, closing(store.writer()) as writer:
        writer.expect(manifest())
        nodes.lose(0)
        add(writer)
        writer.finish(manifest())
        nodes.find(0)
        nodes.lose(1)
        version = writer.publish()
        nodes.find(1)
        _check(nodes, version)


def test_later_ratings_arrive_though_a_node_is_lost(
    nodes: Cluster, source: str, tmp_path: Path
) -> None:
    """What is changed in place is the same on every node afterwards."""
    with closing(nodes.store()) as writing:
        ingest(source, index=writing)
    for lost, rater in enumerate((21, 22)):
        later = write_source(tmp_path / str(rater), {rater: {1: 5, 2: 5, 8: 5}})
        nodes.lose(lost)
        with closing(nodes.store()) as writing:
            append(str(later), index=writing)
        nodes.find(lost)
    for lost in range(len(nodes.nodes)):
        nodes.lose(lost)
        with Recommender(nodes.store()) as rec:
            until(partial(_has_users, rec, 9))
            assert [len(rec.profile_of(rater)) for rater in (1, 21, 22)] == [5, 3, 3]
        nodes.find(lost)


def _has_users(rec: Recommender, count: int) -> bool:
    return rec.stats().users == count


def test_an_upload_goes_on_when_the_servers_are_back(nodes: Cluster) -> None:
    """All were away for a while in the middle of it, as when they are restarted."""
    with closing(nodes.store()) as store, closing(store.writer()) as writer:
        writer.expect(manifest())
        nodes.lose()
        back = threading.Timer(1.5, nodes.find)
        back.start()
        try:
            add(writer)
            writer.finish(manifest())
        finally:
            back.join()
        _check(nodes, writer.publish())


def test_an_ingest_that_loses_all_nodes_ends_and_leaves_the_old_version(
    nodes: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line; the next ingest deletes what it had begun."""
    with closing(nodes.store()) as store:
        first = publish(store)
        with monkeypatch.context() as hurried:
            hurried.setattr("recommender.storage.server.retries._GIVE_UP", 0.3)
            with closing(store.writer()) as writer:
                writer.expect(manifest())
                nodes.lose()
                add(writer)
                with pytest.raises(EngineUnavailableError) as error:
                    writer.finish(manifest())
        assert_one_line(error.value)
        nodes.find()
        until(lambda: _current(nodes) == first)
        _check(nodes, publish(store))


def _current(nodes: Cluster) -> str:
    try:
        with closing(nodes.store()) as store, closing(store.open()) as opened:
            return opened.version
    except EngineUnavailableError:
        return ""


def _check(nodes: Cluster, version: str) -> None:
    """See that every node answers from this version, complete."""
    for lost in range(len(nodes.nodes)):
        nodes.lose(lost)
        until(lambda: _current(nodes) == version)
        with closing(nodes.store()) as store, closing(store.open()) as opened:
            assert opened.neighbours(vector({0: 1.0}), limit=10).ids.tolist() == [1, 0, 3]
            assert all(opened.rater(100 + number) for number in RATERS)
            assert [movie.number for movie in opened.movies()] == list(MOVIES)
        nodes.find(lost)
