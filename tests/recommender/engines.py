"""The engines that tests of the contract and of congruence run on."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from qdrant_client import QdrantClient

from recommender.edge import EdgeStore
from recommender.errors import IndexProblem
from recommender.index import IndexStore
from recommender.server import ServerStore
from recommender.settings import ServerSettings
from tests.qdrant_double import WRITE, qdrant_double

__all__ = ["ENGINES", "SERVERS", "memory"]

Engine = Callable[[Path], AbstractContextManager[IndexStore]]

# Read at import, before tests clear the environment.
_REAL = ServerSettings.read() if os.environ.get("QDRANT_URL") else None


@contextmanager
def _edge(folder: Path) -> Iterator[IndexStore]:
    yield EdgeStore(folder / "index")


@contextmanager
def memory(folder: Path | None = None) -> Iterator[ServerStore]:
    """Give an empty server in memory."""
    client = QdrantClient(":memory:")
    yield ServerStore(ServerSettings(), client=client)
    client.close()


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


def _real(*, grpc: bool = False, shards: int = 1, replicas: int = 1) -> Engine:
    """Use the server the environment names, under a name of its own that is deleted afterwards."""

    @contextmanager
    def served(folder: Path) -> Iterator[IndexStore]:
        assert _REAL is not None
        name = f"kindred-test-{uuid.uuid4().hex[:12]}"
        store = ServerStore(
            _REAL.model_copy(update={"name": name, "grpc": grpc}), shards=shards, replicas=replicas
        )
        try:
            yield store
        finally:
            for left in {name.split("-")[-2] for name in store.names()}:
                with contextlib.suppress(IndexProblem):
                    store.drop(left)
            store.close()

    return served


SERVERS: dict[str, Engine] = {
    "memory": memory,
    "rest": _double(grpc=False),
    "grpc": _double(grpc=True),
}
if _REAL is not None:
    # A lone node makes one copy, however many are asked for.
    SERVERS |= {"server": _real(), "server-sharded": _real(shards=3, replicas=2)}
    if os.environ.get("QDRANT_GRPC_PORT"):
        SERVERS["server-grpc"] = _real(grpc=True)
ENGINES: dict[str, Engine] = {"edge": _edge, **SERVERS}
