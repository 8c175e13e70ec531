"""Several addresses for one index, and retries while servers come and go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from recommender.errors import EngineError, EngineUnavailableError, VersionGoneError
from recommender.settings import ServerSettings
from recommender.storage.server import ServerStore
from recommender.storage.server.retries import with_retries
from tests.qdrant_double import QdrantDouble, qdrant_double, stall, times
from tests.recommender.storage.stores import add, fill, manifest, points, publish

DEAD = "http://127.0.0.1:1"


@pytest.fixture
def pair() -> Iterator[tuple[QdrantDouble, QdrantDouble]]:
    """Serve two servers that know nothing of each other."""
    with ExitStack() as held:
        yield held.enter_context(qdrant_double()), held.enter_context(qdrant_double())


@pytest.fixture
def double(pair: tuple[QdrantDouble, QdrantDouble]) -> QdrantDouble:
    """Give one of them."""
    return pair[0]


def connected(*addresses: str, **given: object) -> ServerStore:
    """Give a store on servers, in this order."""
    return ServerStore(ServerSettings.read(url=",".join(addresses), **given))


# Addresses


def test_the_first_node_that_is_there_answers(double: QdrantDouble) -> None:
    """A dead one before it costs nothing but the attempt."""
    with closing(connected(DEAD, double.url)) as store:
        assert publish(store) == "000001"
        assert store.place == f"'kindred' on {DEAD},{double.url}"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_node_that_is_unwell_is_passed_over_from_then_on(
    pair: tuple[QdrantDouble, QdrantDouble], status: int
) -> None:
    """Calls stay with the one that answered, as others may know less."""
    first, second = pair
    with closing(connected(second.url)) as store:
        publish(store)
    first.fault = times(1, status)
    with closing(connected(first.url, second.url)) as store:
        for _ in range(3):
            store.open().close()
    assert len(first.seen) == 1


def test_a_node_that_keeps_silent_is_passed_over(pair: tuple[QdrantDouble, QdrantDouble]) -> None:
    """When its time is up, and at the first call only."""
    first, second = pair
    first.fault = stall(1.5)
    with closing(connected(second.url)) as store:
        publish(store)
    with closing(connected(first.url, second.url, timeout=2)) as store:
        for _ in range(3):
            store.open().close()
    assert len(first.seen) == 1


@pytest.mark.parametrize(("status", "message"), [(401, "wants a key"), (429, "asked too much")])
def test_what_another_node_would_say_too_is_not_asked_of_it(
    pair: tuple[QdrantDouble, QdrantDouble], status: int, message: str
) -> None:
    """A wrong key, or too many questions."""
    first, second = pair
    first.fault = times(-1, status)
    with (
        closing(connected(first.url, second.url)) as store,
        pytest.raises(EngineError, match=message),
    ):
        store.open()
    assert second.seen == []


# Retries


def test_a_pause_is_as_long_as_the_server_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """By Retry-After; where it asks for less than we would wait, it gets more and more."""
    waited: list[float | None] = []

    class Watched(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout)
            return False

    away = [EngineUnavailableError("away") for _ in range(3)]
    faults = iter([EngineUnavailableError("busy", after=30.0), *away])

    def call() -> str:
        for fault in faults:
            raise fault
        return "done"

    assert with_retries(call, Watched()) == "done"
    assert waited == [30.0, 1.0, 2.0, 4.0]


@pytest.mark.parametrize("grpc", [False, True])
def test_a_server_with_too_many_writes_is_asked_again_later(
    double: QdrantDouble, grpc: bool
) -> None:
    """It says when, and gets everything in the end."""
    store = connected(double.url, grpc=grpc, grpc_port=double.grpc_port)
    with closing(store), closing(store.writer()) as writer:
        double.fault = times(2, 429, "Upsert" if grpc else "/points", after=1)
        fill(writer)
        writer.finish(manifest())
        writer.publish()
    assert double.engine.count("kindred-000001-users").count == 6


def test_a_collection_that_a_node_has_yet_to_hear_of_is_asked_for_again(
    double: QdrantDouble,
) -> None:
    """Of those the writer made itself; one that a reader misses is gone."""
    with closing(connected(double.url)) as store:
        with closing(store.writer()) as writer:
            double.fault = times(2, 404, "/points")
            fill(writer)
            double.fault = times(2, 404, "-users")
            writer.finish(manifest())
            double.fault = None
            writer.publish()
        with closing(store.open()) as opened:
            double.fault = times(1, 404, "/query")
            with pytest.raises(VersionGoneError):
                opened.similar_movies(0, limit=1)


# Requests


def test_points_go_a_hundred_or_so_at_a_time(double: QdrantDouble) -> None:
    """A server may be told to take no more of them at once."""
    batch = points(
        {number: {} for number in range(600)}, [{"user_id": number} for number in range(600)]
    )
    with closing(connected(double.url)) as store, closing(store.writer()) as writer:
        writer.add_users(batch)
        writer._sent[0].result()
        assert double.engine.count("kindred-000001-users").count == 600
    assert double.seen.count(("PUT", "/collections/kindred-000001-users/points")) == 5


def test_payload_fields_are_indexed_before_the_first_rater(double: QdrantDouble) -> None:
    """And those of movies, where the manifest is known in time, and once only."""
    with closing(connected(double.url)) as store, closing(store.writer()) as writer:
        writer.expect(manifest(timed=True, attributes={"age": ("25-34",)}))
        fields = {("kindred-000001-users", name) for name in ("user_id", "last_day", "is_age")}
        assert double.indexed == fields | {("kindred-000001-movies", "movie_id")}
        add(writer)
        writer.finish(manifest(timed=True, attributes={"age": ("25-34",)}))
    asked = [path for method, path in double.seen if path.endswith("/index")]
    assert len(asked) == 4
