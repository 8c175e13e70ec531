"""An index on a Qdrant server: faults, keys, several writers, and readers that fall behind."""

from __future__ import annotations

import logging
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import QdrantClient, models

from ingest import ingest
from recommender import Recommender
from recommender.errors import (
    EngineError,
    EngineUnavailableError,
    IndexBusyError,
    IndexDamagedError,
    IndexNotFoundError,
    IndexProblem,
    InvalidInputError,
    KindredError,
    VersionGoneError,
)
from recommender.settings import Layout, ServerSettings
from recommender.storage.index import PendingChange
from recommender.storage.open_store import choose_store
from recommender.storage.server import ServerStore
from tests.qdrant_double import READ, WRITE, QdrantDouble, qdrant_double, stall, times
from tests.recommender.storage.engines import memory
from tests.recommender.storage.stores import fill, manifest, points, publish
from tests.support import FILMS, THREE_RATERS, assert_one_line, likes, write_source


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.storage.server.writer.INTERVAL", 0.2)
    monkeypatch.setattr("recommender.storage.server.retries._PAUSES", (0.01, 0.01))


@pytest.fixture
def double() -> Iterator[QdrantDouble]:
    """Serve an empty server."""
    with qdrant_double() as served:
        yield served


def connected(double: QdrantDouble, **given: object) -> ServerStore:
    """Give a store on it."""
    return ServerStore(ServerSettings.read(url=double.url, **given))


def names(double: QdrantDouble) -> list[str]:
    """Names of all collections."""
    return sorted(found.name for found in double.engine.get_collections().collections)


def both(version: str, name: str = "kindred") -> list[str]:
    """Names of a version's collections."""
    return [f"{name}-{version}-movies", f"{name}-{version}-users"]


# Versions


def test_the_current_and_the_previous_version_are_kept(double: QdrantDouble) -> None:
    """A third publication deletes the first; the alias is switched in one call."""
    with closing(connected(double)) as store:
        assert [publish(store) for _ in range(3)] == ["000001", "000002", "000003"]
    assert names(double) == both("000002") + both("000003")
    aliases = double.engine.get_aliases().aliases
    assert [(a.alias_name, a.collection_name) for a in aliases] == [
        ("kindred", "kindred-000003-users")
    ]
    assert double.seen.count(("POST", "/collections/aliases")) == 3


def test_indexes_of_other_names_and_others_collections_are_left_alone(
    double: QdrantDouble,
) -> None:
    """Also one that only looks like a version of ours."""
    foreign = "kindred-000007-users"
    double.engine.create_collection(foreign, vectors_config={})
    with closing(connected(double, name="films")) as films:
        publish(films)
    with closing(connected(double)) as store:
        assert [publish(store) for _ in range(3)] == ["000008", "000009", "000010"]
    assert names(double) == sorted(
        [*both("000001", "films"), foreign, *both("000009"), *both("000010")]
    )


def test_a_collection_in_the_place_of_the_alias_is_refused(double: QdrantDouble) -> None:
    """Before anything is written."""
    double.engine.create_collection("kindred", vectors_config={})
    with closing(connected(double)) as store:
        for act in (store.token, store.open, store.writer, store.rollback):
            with pytest.raises(IndexProblem, match=r"Kindred did not make.*--name"):
                act()
    assert names(double) == ["kindred"]


def test_what_a_dead_writer_left_is_deleted_by_the_next(
    double: QdrantDouble, caplog: pytest.LogCaptureFixture
) -> None:
    """Its heartbeat stands still; the wait is announced."""
    with closing(connected(double)) as store:
        publish(store)
        dead = store.writer()
        fill(dead)
        dead._stopped.set()  # as by SIGKILL: no more heartbeats, and nothing is deleted
        dead._heartbeat.join()
        assert names(double) == both("000001") + both("000002")
        assert publish(store) == "000003"
        assert "unfinished ingest" in caplog.text
    assert names(double) == both("000001") + both("000003")


def test_a_writer_at_work_is_not_disturbed_by_one_that_publishes(double: QdrantDouble) -> None:
    """Its half-built collections are not taken for an old version."""
    with closing(connected(double)) as store:
        publish(store)
        with closing(store.writer()) as finished:
            fill(finished)
            finished.finish(manifest())
            with closing(store.writer()) as working:
                assert finished.publish() == "000002"
                assert set(both("000003")) < set(names(double))
                fill(working)
                working.finish(manifest())
                assert working.publish() == "000003"
    assert names(double) == both("000002") + both("000003")


def test_a_writer_that_is_done_before_its_next_heartbeat_is_not_taken_for_dead(
    double: QdrantDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second writer that watches its heartbeat does not delete what it has published."""
    monkeypatch.setattr("recommender.storage.server.writer.INTERVAL", 0.5)
    with closing(connected(double)) as one, closing(connected(double)) as two:
        publish(one)
        with closing(one.writer()) as first:

            def second() -> None:
                with suppress(IndexBusyError):
                    two.writer().close()

            thread = threading.Thread(target=second)
            thread.start()
            fill(first)
            first.finish(manifest())
            assert first.publish() == "000002"
            thread.join()
        with closing(one.open()) as opened:
            assert opened.version == "000002"
    assert names(double) == both("000001") + both("000002")


def test_a_server_that_answers_late_to_a_heartbeat_does_not_kill_its_writer(
    double: QdrantDouble,
) -> None:
    """Several heartbeats may be lost, as in a cluster that elects a leader."""
    lost = iter([500] * 4)

    def fault(double: QdrantDouble, method: str, path: str) -> tuple[int, dict[str, str]] | None:
        status = next(lost, None) if method == "PATCH" else None
        return (status, {}) if status else None

    with (
        closing(connected(double)) as one,
        closing(connected(double)) as two,
        closing(one.writer()) as first,
    ):
        double.fault = fault
        with pytest.raises(IndexBusyError):
            two.writer()
        fill(first)
        first.finish(manifest())
        first.publish()
    assert next(lost, None) is None


@pytest.mark.parametrize("forgot", [True, False])
def test_a_change_of_a_version_that_was_replaced_meanwhile_is_an_error(
    double: QdrantDouble, forgot: bool
) -> None:
    """By hand, or by a writer that had only to switch; the version in use is not deleted."""
    with closing(connected(double)) as store:
        publish(store)
        publish(store)
        with closing(store.updater()) as updater:
            old = updater.current.manifest
            new = old.model_copy(
                update={"maintenance": old.maintenance.model_copy(update={"forgot_raters": forgot})}
            )
            updater.begin(PendingChange(key="k", command="kindred forget 7", manifest=new))
            store.switch("000001")
            with pytest.raises(
                IndexProblem, match=r"version 000001 .*run `kindred forget 7` again"
            ):
                updater.publish()
        with closing(store.open()) as opened:
            assert opened.version == "000001"
            assert len(list(opened.user_points.scan())) == 6
    assert names(double) == both("000001") + both("000002")


def test_writers_of_other_indexes_do_not_count(double: QdrantDouble) -> None:
    """One at a time each."""
    with (
        closing(connected(double)) as one,
        closing(connected(double, name="two")) as two,
        closing(one.writer()),
        closing(two.writer()),
    ):
        assert len(names(double)) == 4


# Faults


def test_a_server_that_is_not_there_is_reported_in_one_line() -> None:
    """With the address and what to check."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    for grpc in (False, True):
        store = ServerStore(
            ServerSettings.read(url=url, grpc=grpc, grpc_port=int(url.rpartition(":")[2]))
        )
        with closing(store), pytest.raises(EngineError, match="cannot be reached") as error:
            store.open()
        assert url in str(error.value)
        assert_one_line(error.value)


def test_a_server_that_never_answers_ends_in_an_error(double: QdrantDouble) -> None:
    """At the deadline, and the error names the way to allow more."""
    double.fault = stall(2.5)
    late = pytest.raises(EngineError, match=r"did not answer in time.*QDRANT_TIMEOUT")
    with closing(connected(double, timeout=1)) as store, late:
        store.open()


def test_what_is_no_qdrant_is_reported(double: QdrantDouble) -> None:
    """Some other web server at the address."""
    double.version = None  # type: ignore[assignment]
    other = pytest.raises(EngineError, match=r"no Qdrant server.*address and port")
    with closing(connected(double)) as store, other:
        store.open()


def test_a_web_page_is_no_qdrant(tmp_path: Path) -> None:
    """Whatever it answers with."""
    greeting = b'{"title": "another", "version": "1.20.0"}'
    for status, body in ((200, b"<html>welcome</html>"), (404, b"nothing here"), (200, greeting)):

        class Page(BaseHTTPRequestHandler):
            def do_GET(self, status: int = status, body: bytes = body) -> None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            url = f"http://127.0.0.1:{server.server_port}"
            other = pytest.raises(EngineError, match="no Qdrant server")
            with closing(ServerStore(ServerSettings.read(url=url))) as store, other:
                store.open()
            server.shutdown()
            thread.join()


def test_a_server_too_old_for_metadata_is_refused(double: QdrantDouble) -> None:
    """It would lose the manifest without a word."""
    for version in ("1.15.5", "1.15-dev", "0.9\n.1"):
        double.version = version
        old = pytest.raises(EngineError, match=r"is (1\.15|0\.9).*upgrade it to 1\.16")
        with closing(connected(double)) as store, old as error:
            store.writer()
        assert_one_line(error.value)
    assert names(double) == []


def test_an_ingest_that_is_stopped_does_not_go_on_trying(
    double: QdrantDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches under way are given up, however long they would be tried."""
    monkeypatch.setattr("recommender.storage.server.retries._PAUSES", (0.01, 3600))
    with closing(connected(double)) as store:
        writer = store.writer()
        double.fault = times(-1, 503, "/points")
        fill(writer)
        writer.close()
    assert names(double) == []


@pytest.mark.parametrize("grpc", [False, True])
def test_keys_are_asked_for_and_told_apart(double: QdrantDouble, grpc: bool) -> None:
    """No key, a wrong one, one that may only read: each has its line, and no line shows a key."""
    double.keys = True
    served = {"grpc": grpc, "grpc_port": double.grpc_port}
    with closing(connected(double, api_key=WRITE, **served)) as store:
        publish(store)
    for key in (None, "a-wrong-key"):
        with closing(connected(double, api_key=key, **served)) as store:
            with pytest.raises(EngineError, match=r"wants a key.*QDRANT_API_KEY") as refused:
                store.open()
            assert "a-wrong-key" not in str(refused.value)
    with closing(connected(double, api_key=READ, **served)) as store:
        with pytest.raises(EngineError, match="one that may write") as forbidden:
            store.writer()
        assert READ not in str(forbidden.value)
    assert names(double) == both("000001")


def test_a_key_that_may_only_read_is_enough_to_ask_everything(double: QdrantDouble) -> None:
    """And nothing but reading calls are made."""
    double.keys = True
    with closing(connected(double, api_key=WRITE)) as store:
        ingest_small(store)
    double.seen.clear()
    with Recommender.connect(double.url, api_key=READ) as rec:
        assert len(rec.recommend(likes(1, 2, 3))) == 6
        assert rec.similar(1).fallback is None
        assert rec.popular()
        assert rec.profile_of(1)
        assert rec.movie("Alien").movie_id == 2
        assert rec.stats().place == f"'kindred' on {double.url}"
        assert rec.storage().users.points == 7  # thin raters too
    writing = {"PUT", "PATCH", "DELETE"}
    assert [call for call in double.seen if call[0] in writing or "aliases" in call[1]] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("grpc", "calls"),
    [
        (False, ["/points", "/count", "/index", "/aliases", "/collections", "-users", "/kindred"]),
        (True, ["Upsert", "Count", "CreateFieldIndex", "UpdateAliases", "Create", "Update"]),
    ],
)
@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_faults_while_writing_are_tried_again(
    double: QdrantDouble, grpc: bool, calls: list[str], status: int
) -> None:
    """The server restarts, elects a leader or asks for a pause; nothing is lost or doubled."""
    with closing(connected(double, grpc=grpc, grpc_port=double.grpc_port)) as store:
        publish(store)
        for place, call in enumerate(calls):
            with closing(store.writer()) as writer:
                fill(writer)
                double.fault = times(2, status, call)
                writer.finish(manifest())
                name = writer.publish()
                double.fault = None
            assert (place, double.engine.count(f"kindred-{name}-users").count) == (place, 6)


def test_a_creation_whose_answer_is_lost_is_not_taken_for_another_ingest(
    double: QdrantDouble,
) -> None:
    """It is tried again, found to be there already, and recognised as its own."""
    lost = iter([500, 500])
    double.after = lambda method, path: (
        next(lost, None) if method == "PUT" and path.endswith(("-users", "-movies")) else None
    )
    with closing(connected(double)) as store:
        assert publish(store) == "000001"
    assert names(double) == both("000001")


def test_a_fault_that_stays_ends_the_ingest_and_leaves_the_old_version(
    double: QdrantDouble,
) -> None:
    """And nothing of the new one."""
    with closing(connected(double)) as store:
        publish(store)
        double.fault = times(-1, 500, "/points")
        with pytest.raises(EngineError, match="failed writing"):
            publish(store)
        double.fault = None
        with closing(store.open()) as opened:
            assert opened.version == "000001"
    assert names(double) == both("000001")


def test_points_that_went_missing_are_noticed_before_publishing(double: QdrantDouble) -> None:
    """What the server holds is counted."""
    with closing(connected(double)) as store, closing(store.writer()) as writer:
        fill(writer)
        writer._sent[0].result()
        double.engine.delete("kindred-000001-users", points_selector=[3])
        with pytest.raises(EngineError, match="holds 5 points of 6 sent"):
            writer.finish(manifest())


# Reading on


def test_readers_follow_a_publication_elsewhere(
    double: QdrantDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within seconds; here at once."""
    monkeypatch.setattr("recommender.storage.server.versions.REFRESH", 0.0)
    with closing(connected(double)) as writer, Recommender(_filled(double)) as rec:
        assert rec.stats().version == "000001"
        publish(writer)
        assert rec.stats().version == "000002"
        assert writer.rollback() == "000001"
        assert rec.stats().version == "000001"


def test_a_reader_two_versions_behind_asks_again_and_is_answered(double: QdrantDouble) -> None:
    """Its version was deleted before it looked again."""
    with closing(connected(double)) as writer, Recommender(_filled(double)) as rec:
        before = [row.movie for row in rec.recommend(likes(1, 2, 3))]
        ingest_small(writer)
        ingest_small(writer)
        assert "kindred-000001-users" not in names(double)
        assert [row.movie for row in rec.recommend(likes(1, 2))] != []
        assert [row.movie for row in rec.recommend(likes(1, 2, 3))] == before
        assert rec.stats().version == "000003"


def test_an_index_deleted_under_a_reader_is_an_error_and_not_an_endless_search(
    double: QdrantDouble,
) -> None:
    """One retry, then the error."""
    with Recommender(_filled(double)) as rec:
        for name in names(double):
            double.engine.delete_collection(name)
        double.engine.update_collection_aliases([])
        with pytest.raises((IndexDamagedError, VersionGoneError)) as error:
            rec.recommend(likes(1, 2, 3))
        assert_one_line(error.value)


def test_a_fault_while_looking_for_a_newer_version_is_told_and_passes(
    double: QdrantDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server did not answer holds as long as an answer would; then it is asked again."""
    monkeypatch.setattr("recommender.storage.server.versions.REFRESH", 600.0)
    with Recommender(_filled(double)) as rec:
        monkeypatch.setattr("recommender.storage.server.versions.REFRESH", 0.0)
        double.fault = times(1, 503, "/collections/kindred")
        with pytest.raises(EngineUnavailableError, match="503"):
            rec.stats()
        monkeypatch.setattr("recommender.storage.server.versions.REFRESH", 600.0)
        with pytest.raises(EngineUnavailableError, match="503"):
            rec.stats()
        monkeypatch.setattr("recommender.storage.server.versions.REFRESH", 0.0)
        assert rec.stats().version == "000001"


def test_an_index_made_anew_under_an_open_reader_is_noticed(
    double: QdrantDouble, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Though its version has the same number: all was deleted by hand in between."""
    monkeypatch.setattr("recommender.storage.server.versions.REFRESH", 0.0)
    with closing(connected(double)) as store:
        small = write_source(tmp_path, {u: {1: 5, 2: 4, 3: 5, 4: 3, 5: 1} for u in (1, 2, 3)})
        ingest(str(small), index=store)
        with Recommender.connect(double.url) as rec:
            assert rec.stats().movies == 5
            store.drop("000001")
            ingest_small(store)
            assert rec.stats().version == "000001"
            assert len(rec.recommend(likes(1, 2, 3))) == 6


def test_a_server_is_verified_by_its_counts(double: QdrantDouble) -> None:
    """Points that are gone are reported, with what to do."""
    store = connected(double)
    publish(store)
    assert store.verify() == ("000001",)
    store.collection("000001", "movies").remove([0])
    with pytest.raises(IndexDamagedError, match="4 points of 5"):
        store.verify()


def test_a_rollback_finds_the_newest_whole_version(double: QdrantDouble) -> None:
    """Though somebody deleted the current one by hand, and movies of the one before."""
    with closing(connected(double)) as store:
        publish(store)
        publish(store)
        double.fault = lambda double, method, path: (403, {}) if method == "DELETE" else None
        assert publish(store) == "000003"  # which leaves all three there
        double.fault = None
        double.engine.delete_collection("kindred-000003-users")
        double.engine.delete_collection("kindred-000002-movies")
        with pytest.raises(IndexNotFoundError):
            store.open()
        assert store.rollback() == "000001"
        with closing(store.open()) as opened:
            assert opened.version == "000001"
        with pytest.raises(IndexProblem, match="no version before 000001"):
            store.rollback()


def test_without_any_version_there_is_nothing_to_go_back_to(double: QdrantDouble) -> None:
    """Though half of one is there."""
    with closing(connected(double)) as store:
        with pytest.raises(IndexNotFoundError):
            store.rollback()
        publish(store)
        double.engine.delete_collection("kindred-000001-users")
        with pytest.raises(IndexNotFoundError):
            store.rollback()


@pytest.mark.parametrize(
    ("version", "reported"),
    [
        ("1.20.4", False),
        ("1.19.0", False),
        ("1.21.0-dev", False),
        ("1.17.0", True),
        ("2.0.0", True),
        ("unknown", True),
    ],
)
def test_a_server_too_far_from_the_client_is_reported_once(
    double: QdrantDouble, caplog: pytest.LogCaptureFixture, version: str, reported: bool
) -> None:
    """More than one minor version apart; it is tried all the same."""
    double.version = version
    with closing(connected(double)) as store, caplog.at_level(logging.WARNING):
        publish(store)
        with closing(store.open()):
            pass
    assert caplog.text.count("at most one minor version away") == reported
    assert (version in caplog.text) == reported


def test_many_threads_ask_one_server(double: QdrantDouble) -> None:
    """And all get the same answer."""
    with Recommender(_filled(double)) as rec:
        answers: list[tuple[object, ...]] = []

        def ask() -> None:
            for _ in range(5):
                top = rec.recommend(likes(1, 2, 3))
                answers.append(tuple(row.movie.movie_id for row in top))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 20
    assert len(set(answers)) == 1


def test_shards_and_replicas_reach_the_server() -> None:
    """With half of the copies to acknowledge each write, unless it is said how many."""
    asked: list[dict[str, object]] = []

    class Recording(QdrantClient):
        def create_collection(self, *args: object, **given: object) -> bool:
            asked.append(given)
            return super().create_collection(*args, **given)  # type: ignore[arg-type]

    with memory(engine=Recording(":memory:")) as store:
        for layout in (
            Layout(shards=4, replicas=3),
            Layout(replicas=2),
            Layout(replicas=2, consistency=2, on_disk=True),
        ):
            store.layout = layout
            publish(store)
    copies = [
        (given["shard_number"], given["replication_factor"], given["write_consistency_factor"])
        for given in asked
    ]
    assert copies == [(4, 3, 2)] * 2 + [(1, 2, 1)] * 2 + [(1, 2, 2)] * 2
    vectors: list[Any] = [given["sparse_vectors_config"] for given in asked]
    assert [found["ratings"].index.on_disk for found in vectors] == [False] * 4 + [True] * 2


def test_vectors_without_entries_are_sent_as_none(double: QdrantDouble) -> None:
    """No server need accept an empty one."""
    with closing(connected(double)) as store, closing(store.writer()) as writer:
        writer.add_users(points({4: {}}, [{"user_id": 104}]))
        writer._sent[0].result()
        (record,) = double.engine.retrieve("kindred-000001-users", [4], with_vectors=True)
        assert record.vector == {}
        assert isinstance(record, models.Record)


# Which index


@pytest.mark.parametrize(
    ("given", "environment", "message"),
    [
        ({"path": "a", "url": "http://b"}, {}, "folder a and as the server http://b"),
        ({}, {"KINDRED_INDEX": "a", "QDRANT_URL": "http://b"}, "KINDRED_INDEX.*QDRANT_URL"),
        ({"path": "a", "name": "films"}, {}, "name is films.*on no server"),
        ({"name": "films"}, {"KINDRED_INDEX": "a"}, "name is films.*on no server"),
        ({"path": "a", "shards": 3}, {"QDRANT_URL": "http://b"}, "shards is 3"),
        ({"url": "http://b", "replicas": 2, "consistency": 3}, {}, "consistency is 3.*2 copies"),
        ({"url": "http://b", "shards": 0}, {}, "shards is 0: .*greater"),
        ({"url": "b:6333"}, {}, "url is 'b:6333'"),
        ({"url": "http://b,b:6333"}, {}, "url is 'http://b,b:6333'"),
        ({"url": "http://b,"}, {}, "url is 'http://b,'"),
        ({"url": "http://b", "name": "a/b"}, {}, "name is 'a/b'"),
    ],
)
def test_an_index_that_is_not_clear_is_refused(
    given: dict[str, str],
    environment: dict[str, str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A folder and a server at the same level, or what fits neither."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInputError, match=message) as error:
        choose_store(**given)  # type: ignore[arg-type]
    assert_one_line(error.value)


@pytest.mark.parametrize(
    ("given", "environment", "place"),
    [
        ({"path": "a"}, {"QDRANT_URL": "http://b"}, "a"),
        ({"url": "http://c"}, {"KINDRED_INDEX": "a"}, "'kindred' on http://c"),
        ({"url": "http://c"}, {"QDRANT_URL": "http://b"}, "'kindred' on http://c"),
        ({}, {"QDRANT_URL": "http://b", "QDRANT_NAME": "films"}, "'films' on http://b"),
        ({"name": "own"}, {"QDRANT_URL": "http://b", "QDRANT_NAME": "x"}, "'own' on http://b"),
        ({}, {"KINDRED_INDEX": "a"}, "a"),
        ({"url": "http://a, http://b/"}, {}, "'kindred' on http://a,http://b"),
    ],
)
def test_what_is_given_comes_before_the_environment(
    given: dict[str, str],
    environment: dict[str, str],
    place: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For the place and the name alike."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with closing(choose_store(**given)) as store:  # type: ignore[arg-type]
        assert store.place == place


def test_the_client_in_memory_serves_a_recommender(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The same code from end to end, without any network."""
    source = write_source(tmp_path_factory.mktemp("source"), THREE_RATERS, FILMS)
    with memory() as store:
        report = ingest(str(source), index=store)
        assert (report.users, report.version) == (7, "000001")
        with Recommender(store) as rec:
            assert len(rec.recommend(likes(1, 2, 3))) == 6
            with pytest.raises(KindredError, match="no movie"):
                rec.recommend(likes(99))


def ingest_small(store: ServerStore) -> None:
    """Ingest the small world that tests work out by hand."""
    with tempfile.TemporaryDirectory() as folder:
        ingest(str(write_source(Path(folder), THREE_RATERS, FILMS)), index=store)


def _filled(double: QdrantDouble) -> ServerStore:
    store = connected(double)
    ingest_small(store)
    return store
