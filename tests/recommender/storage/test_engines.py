"""What tests do on a real server leaves nothing behind there; shown on a double."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from qdrant_client.http.exceptions import UnexpectedResponse

from recommender.settings import Layout, ServerSettings
from recommender.storage.server import ServerStore
from tests.qdrant_double import WRITE, Fault, QdrantDouble, qdrant_double, times
from tests.recommender.storage.engines import on_server
from tests.recommender.storage.stores import fill, publish


@pytest.fixture
def double() -> Iterator[QdrantDouble]:
    """Serve a server on which somebody else has an index."""
    with qdrant_double() as served:
        with contextlib.closing(ServerStore(ServerSettings.read(url=served.url))) as other:
            publish(other)
        yield served


def _settings(double: QdrantDouble, *, grpc: bool = False) -> ServerSettings:
    double.keys = True
    port = double.grpc_port
    return ServerSettings.read(url=double.url, grpc=grpc, grpc_port=port, api_key=WRITE)


def _there(double: QdrantDouble) -> list[str]:
    aliases = [found.alias_name for found in double.engine.get_aliases().aliases]
    return sorted(aliases + [found.name for found in double.engine.get_collections().collections])


OTHERS = ["kindred", "kindred-000001-movies", "kindred-000001-users"]


@pytest.mark.parametrize("grpc", [False, True])
def test_nothing_is_left_where_the_test_closed_the_store(double: QdrantDouble, grpc: bool) -> None:
    """Two versions, an alias, and one half written; what others have stays."""
    with on_server(_settings(double, grpc=grpc), Layout()) as store:
        publish(store)
        publish(store)
        writer = store.writer()
        fill(writer)
        assert len(_there(double)) == len(OTHERS) + 7
        store.close()
    assert _there(double) == OTHERS
    writer.close()


def test_where_nothing_was_made_there_is_nothing_to_clean_up(double: QdrantDouble) -> None:
    """Nor where a test deleted everything itself."""
    with on_server(_settings(double), Layout()):
        pass
    with on_server(_settings(double), Layout()) as store:
        publish(store)
        store.drop("000001")
    assert _there(double) == OTHERS


def test_cleaning_up_outlasts_what_passes(double: QdrantDouble) -> None:
    """As a server that is starting, or a cluster that elects a leader."""
    _passes(double, times(1, 503))
    assert _there(double) == OTHERS


def _passes(double: QdrantDouble, fault: Fault) -> None:
    with on_server(_settings(double), Layout()) as store:
        publish(store)
        double.fault = fault


def _fails(double: QdrantDouble, fault: Fault | None) -> None:
    with on_server(_settings(double), Layout()) as store:
        publish(store)
        double.fault = fault
        raise ZeroDivisionError


def test_a_test_that_fails_fails_with_its_own_failure(double: QdrantDouble) -> None:
    """Cleaned up or not; what could not be is told beside it."""
    with pytest.raises(ZeroDivisionError) as failed:
        _fails(double, None)
    assert not hasattr(failed.value, "__notes__")
    assert _there(double) == OTHERS
    with pytest.raises(ZeroDivisionError) as failed:
        _fails(double, times(-1, 403))
    (note,) = failed.value.__notes__
    assert note.startswith("and what is named kindred-test-")


def test_what_cannot_be_cleaned_up_is_a_failure(double: QdrantDouble) -> None:
    """Of a test that passed: somebody has to know."""
    with pytest.raises(UnexpectedResponse, match="403"):
        _passes(double, times(-1, 403))
