"""Clusters whose nodes a test can lose, each behind a wire that can be cut.

A double of two nodes always; and the real one that ``QDRANT_CLUSTER_URLS``, or ``QDRANT_URL``,
names. A node behind a cut wire goes on working: it is the client that sees it dead.
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from qdrant_client import QdrantClient, models

from recommender.settings import Layout, ServerSettings
from recommender.storage.server import ServerStore, nodes
from recommender.storage.server.error_mapping import failure_of
from tests.qdrant_double import WRITE, qdrant_double
from tests.wire import Wire

__all__ = ["CLUSTERS", "GRPC", "LAYOUT", "REAL", "Cluster", "cluster", "emptied", "until", "wipe"]

# Read at import, before tests clear the environment.
REAL = ServerSettings.read(
    url=os.environ.get("QDRANT_CLUSTER_URLS") or os.environ.get("QDRANT_URL") or None
)
LAYOUT = Layout(shards=3, replicas=2) if os.environ.get("QDRANT_CLUSTER_URLS") else Layout()
GRPC = bool(os.environ.get("QDRANT_GRPC_PORT"))


def _real(protocol: str, *, there: bool, variable: str) -> object:
    reason = f"it takes a real server: set {variable}"
    marks = [pytest.mark.server, pytest.mark.skipif(not there, reason=reason)]
    return pytest.param(f"real-{protocol}", marks=marks)


CLUSTERS = [
    "double-rest",
    "double-grpc",
    _real("rest", there=REAL.url is not None, variable="QDRANT_CLUSTER_URLS or QDRANT_URL"),
    _real("grpc", there=REAL.url is not None and GRPC, variable="QDRANT_GRPC_PORT too"),
]
"""Parameters of a test: names for :func:`cluster`."""


@dataclass
class Cluster:
    """A cluster, empty under the name used here, and the wires to its nodes."""

    settings: ServerSettings
    layout: Layout
    nodes: list[list[Wire]]
    """Wires by node, one for each protocol."""

    def store(self) -> ServerStore:
        """Connect through the wires."""
        return ServerStore(self.settings, layout=self.layout)

    def lose(self, *nodes: int) -> None:
        """Let these nodes, or all, look dead."""
        self._each(nodes, Wire.cut)

    def find(self, *nodes: int) -> None:
        """Let these nodes, or all, be seen again."""
        self._each(nodes, Wire.mend)

    def _each(self, nodes: tuple[int, ...], act: Callable[[Wire], None]) -> None:
        for node in nodes or range(len(self.nodes)):
            for wire in self.nodes[node]:
                act(wire)


@contextmanager
def cluster(name: str) -> Iterator[Cluster]:
    """Give a cluster; on leaving, nothing made there is left."""
    kind, _, protocol = name.partition("-")
    with ExitStack() as held:
        if kind == "double":
            double = held.enter_context(qdrant_double())
            double.keys = True
            direct = ServerSettings.read(
                url=double.url, api_key=WRITE, grpc=protocol == "grpc", grpc_port=double.grpc_port
            )
        else:
            index = f"kindred-test-{uuid.uuid4().hex[:12]}"
            direct = REAL.model_copy(update={"name": index, "grpc": protocol == "grpc"})
        found = _wired(direct, LAYOUT if kind == "real" else Layout())
        held.callback(found.lose)
        held.enter_context(emptied(direct))
        yield found


def _wired(direct: ServerSettings, layout: Layout) -> Cluster:
    addresses = direct.addresses if len(direct.addresses) > 1 else direct.addresses * 2
    parts = [urlsplit(address) for address in addresses]
    if any(part.scheme == "https" for part in parts):
        pytest.skip("a certificate names the server, and not a wire to it")
    targets = [(part.hostname or "", part.port or 6333) for part in parts]
    # The ports of a node stand as far apart as those of the first, wherever it is.
    apart, port = direct.grpc_port - targets[0][1], _free_port()
    nodes = []
    for place, (host, rest) in enumerate(targets, 1):
        wires = [Wire((host, rest), host=f"127.0.0.{place}")]
        if direct.grpc:  # one port for all, so that each needs an address of its own
            wires.append(Wire((host, rest + apart), host=f"127.0.0.{place}", port=port))
        nodes.append(wires)
    urls = [f"http://{wires[0].address[0]}:{wires[0].address[1]}" for wires in nodes]
    changes = {"url": ",".join(urls), "grpc_port": port}
    return Cluster(direct.model_copy(update=changes), layout, nodes)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def emptied(settings: ServerSettings) -> Iterator[None]:
    """On leaving, nothing of the settings' name is left; a failure of the block comes first."""
    try:
        yield
    except BaseException as failure:
        try:
            wipe(settings)
        except Exception as error:
            failure.add_note(f"and what is named {settings.name} is left on the server: {error}")
        raise
    wipe(settings)


def wipe(settings: ServerSettings) -> None:
    """Delete every collection and alias whose name begins so, by a connection of its own.

    That nothing is there is no matter, and what may pass is waited for.
    """
    reaching = settings.model_copy(update={"grpc": False})
    # The client itself: Kindred's own makes only the calls that Kindred needs.
    with closing(nodes._client(settings.addresses[0], reaching, 60)) as client:
        for pause in (0.5, 1.0, 2.0, 4.0, 8.0, 8.0, None):
            try:
                _delete(client, settings.name)
                if not (left := _named(client, settings.name)):
                    return
            except Exception as error:
                failure = failure_of(error)
                if failure is None or failure.status in (401, 403) or pause is None:
                    raise
            else:
                assert pause is not None, f"{left} cannot be deleted"
            time.sleep(pause)


def _named(client: QdrantClient, name: str) -> list[str]:
    aliases = [found.alias_name for found in client.get_aliases().aliases]
    collections = [found.name for found in client.get_collections().collections]
    return [found for found in aliases + collections if found.startswith(name)]


def _delete(client: QdrantClient, name: str) -> None:
    aliases = {found.alias_name for found in client.get_aliases().aliases}
    for found in _named(client, name):
        if found in aliases:
            gone = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=found))
            client.update_collection_aliases([gone])
        else:
            client.delete_collection(found)


def until(happened: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for what the nodes of a cluster learn a moment after one has confirmed it."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
