"""The engines that tests of the contract and of congruence run on."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from qdrant_client import QdrantClient

from recommender.settings import Layout, ServerSettings
from recommender.storage.edge import EdgeStore
from recommender.storage.index import IndexStore
from recommender.storage.server import ServerStore
from tests.qdrant_double import WRITE, qdrant_double
from tests.server.clusters import GRPC, REAL, emptied

__all__ = ["CONTRACT", "ENGINES", "REAL_ENGINES", "SERVERS", "memory", "on_server"]

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
