"""The engines that tests of the contract and of congruence run on."""

from __future__ import annotations

import threading
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from qdrant_client import QdrantClient
from qdrant_client.http.exceptions import UnexpectedResponse

from recommender.settings import Layout, ServerSettings
from recommender.storage.edge import EdgeStore
from recommender.storage.index import IndexStore
from recommender.storage.server import ServerStore, nodes
from tests.qdrant_double import WRITE, qdrant_double
from tests.server.clusters import GRPC, REAL, emptied

__all__ = ["CONTRACT", "ENGINES", "REAL_ENGINES", "SERVERS", "memory", "on_server"]

Engine = Callable[[Path], AbstractContextManager[IndexStore]]


@contextmanager
def _edge(folder: Path) -> Iterator[IndexStore]:
    yield EdgeStore(folder / "index")


class _InMemory:
    """qdrant-client's engine in memory, one call at a time, which fails as a server does."""

    def __init__(self, engine: QdrantClient) -> None:
        self._engine, self._lock = engine, threading.Lock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **given: Any) -> Any:
            with self._lock, warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Payload indexes have no effect")
                try:
                    return getattr(self._engine, name)(*arguments, **given)
                except NotImplementedError as error:
                    raise _refusal(501, error) from None
                except ValueError as error:
                    known = {"not found": 404, "exists": 409}
                    status = next((n for text, n in known.items() if text in str(error)), 400)
                    raise _refusal(status, error) from None

        return call

    def close(self) -> None:
        """Do nothing: what is in memory outlives a connection."""


def _refusal(status: int, error: Exception) -> UnexpectedResponse:
    headers = httpx.Headers({"Content-Type": "application/json"})
    return UnexpectedResponse(status, "refused", str(error).encode(), headers)


_in_memory: dict[str, _InMemory] = {}


@contextmanager
def memory(
    folder: Path | None = None, *, engine: QdrantClient | None = None
) -> Iterator[ServerStore]:
    """Give a server in memory, empty unless there is an ``engine``."""
    url = f"http://memory-{uuid.uuid4().hex}"
    connect = nodes._client
    with (
        closing(engine or QdrantClient(":memory:")) as served,
        pytest.MonkeyPatch.context() as patch,
    ):
        _in_memory[url] = _InMemory(served)
        patch.setattr(
            nodes, "_client", lambda url, *given: _in_memory.get(url) or connect(url, *given)
        )
        yield ServerStore(ServerSettings.read(url=url))
        del _in_memory[url]


def _double(*, grpc: bool) -> Engine:
    @contextmanager
    def served(folder: Path) -> Iterator[IndexStore]:
        with qdrant_double() as double:
            double.keys = True
            settings = ServerSettings.read(
                url=double.url, grpc=grpc, grpc_port=double.grpc_port, api_key=WRITE
            )
            store = ServerStore(settings)
            yield store
            store.close()

    return served


@contextmanager
def on_server(settings: ServerSettings, layout: Layout) -> Iterator[ServerStore]:
    """Use a server under a name of its own; on leaving, nothing of that name is there.

    Whether the block closed the store or not: cleaning up takes a connection of its own.
    """
    own = settings.model_copy(update={"name": f"kindred-test-{uuid.uuid4().hex[:12]}"})
    with emptied(own), closing(ServerStore(own, layout=layout)) as store:
        yield store


def _real(layout: Layout, *, grpc: bool = False) -> Engine:
    """Use the server the environment names."""
    return lambda _: on_server(REAL.model_copy(update={"grpc": grpc}), layout)


SERVERS: dict[str, Engine] = {
    "memory": memory,
    "rest": _double(grpc=False),
    "grpc": _double(grpc=True),
}
REAL_ENGINES: dict[str, Engine] = {}
if REAL.url is not None:
    # A lone node makes one copy, however many are asked for.
    sharded = Layout(shards=6, replicas=2)
    REAL_ENGINES |= {"real": _real(Layout()), "real-sharded": _real(sharded)}
    if GRPC:
        REAL_ENGINES["real-grpc"] = _real(sharded, grpc=True)
SERVERS |= REAL_ENGINES
ENGINES: dict[str, Engine] = {"edge": _edge, **SERVERS}
CONTRACT = ["edge", "rest", *REAL_ENGINES]
"""Those on which all is shown that an index must do. What is in memory is behind "rest", and "grpc"
leads to the same by the same store: of each kind of call, these two are shown one."""
