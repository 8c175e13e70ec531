"""The engines that tests of the contract and of congruence run on."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from qdrant_client import QdrantClient

from recommender.errors import IndexProblem
from recommender.settings import Layout, ServerSettings
from recommender.storage.edge import EdgeStore
from recommender.storage.index import IndexStore
from recommender.storage.server import ServerStore
from tests.qdrant_double import WRITE, qdrant_double
from tests.server.clusters import GRPC, REAL

__all__ = ["ENGINES", "REAL_ENGINES", "SERVERS", "memory"]

Engine = Callable[[Path], AbstractContextManager[IndexStore]]


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


def _real(layout: Layout, *, grpc: bool = False) -> Engine:
    """Use the server the environment names, under a name of its own that is deleted afterwards."""

    @contextmanager
    def served(folder: Path) -> Iterator[IndexStore]:
        name = f"kindred-test-{uuid.uuid4().hex[:12]}"
        store = ServerStore(REAL.model_copy(update={"name": name, "grpc": grpc}), layout=layout)
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
REAL_ENGINES: dict[str, Engine] = {}
if REAL.url is not None:
    # A lone node makes one copy, however many are asked for.
    sharded = Layout(shards=6, replicas=2)
    REAL_ENGINES |= {"real": _real(Layout()), "real-sharded": _real(sharded)}
    if GRPC:
        REAL_ENGINES["real-grpc"] = _real(sharded, grpc=True)
SERVERS |= REAL_ENGINES
ENGINES: dict[str, Engine] = {"edge": _edge, **SERVERS}
