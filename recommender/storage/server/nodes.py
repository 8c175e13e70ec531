"""Connecting: to one address, or to several nodes of a cluster without a load balancer."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, cast

from qdrant_client import QdrantClient

from recommender.errors import InvalidInputError
from recommender.settings import ServerSettings
from recommender.storage.server.error_mapping import UNAVAILABLE, error_for, failure_of

__all__ = ["Nodes", "connect"]

# Without these a channel waits up to two minutes before it looks whether a server is back.
_GRPC = {"grpc.initial_reconnect_backoff_ms": 100, "grpc.max_reconnect_backoff_ms": 1000}
# What the calls of the client are for, in messages. Those that read are made again where their
# connection breaks.
_READING = {
    "cluster_status": "asking for its nodes",
    "collection_cluster_info": "asking for its shards",
    "count": "counting",
    "get_collection": "reading metadata",
    "get_collections": "listing collections",
    "info": "asking for its version",
    "query_points": "searching",
    "retrieve": "reading",
    "scroll": "reading",
}
_WRITING = {
    "create_collection": "creating a collection",
    "create_payload_index": "indexing",
    "delete": "deleting points",
    "delete_collection": "deleting a collection",
    "update_collection": "recording metadata",
    "update_collection_aliases": "switching the alias",
    "upsert": "writing",
}


def connect(settings: ServerSettings) -> QdrantClient:
    """Prepare a client of all nodes of a server; nothing is sent yet.

    Raises InvalidInputError where the environment names no usable certificates or proxy.
    """
    return cast(QdrantClient, Nodes(settings))


def _client(url: str, settings: ServerSettings, seconds: int) -> QdrantClient:
    with warnings.catch_warnings():
        # Inside a private network a key may travel unencrypted: see docs/production.md.
        warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
        return QdrantClient(
            url=url,
            api_key=settings.api_key.get_secret_value() if settings.api_key else None,
            prefer_grpc=settings.grpc,
            grpc_port=settings.grpc_port,
            grpc_options=dict(_GRPC),
            timeout=seconds,
            check_compatibility=False,
        )


class Nodes:
    """A client of one node or several, which makes each call to one of them.

    Where that one is unavailable, this call and those that follow go to the next. There is no other
    reason to change nodes: what one node has confirmed others may learn a moment later, and a
    caller shall see its own writes. Only calls that may be repeated safely are made here.
    """

    def __init__(self, settings: ServerSettings) -> None:
        """Prepare the clients, as :func:`connect` does."""
        self._settings = settings
        # The client takes whole seconds. All nodes together get no more than the time of a call.
        seconds = max(1, int(settings.timeout / len(settings.addresses)))
        self._waits = int(settings.timeout / seconds)
        self._at = 0
        try:
            self._clients = [_client(url, settings, seconds) for url in settings.addresses]
        except Exception as problem:  # OSError, ImportError, InvalidURL: by what is set wrongly
            raise InvalidInputError(
                f"no connection to {settings.url} can be set up ({problem}): mend SSL_CERT_FILE, "
                "SSL_CERT_DIR or the proxy variables"
            ) from problem

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A method of the client that passes over unavailable nodes.

        Raises IndexProblem for whatever the client raises.
        """
        action = _READING.get(name) or _WRITING[name]

        def call(*arguments: Any, **given: Any) -> Any:
            waits = self._waits
            for left in reversed(range(len(self._clients))):
                at = self._at
                try:
                    return _ask(self._clients[at], name, arguments, given)
                except Exception as error:  # what is not the client's is raised again
                    found = failure_of(error)
                    if found is None:
                        raise
                    failure = found
                unavailable = failure.status in UNAVAILABLE
                if unavailable:
                    # Counted from the node that failed: another thread may have gone on already.
                    self._at = (at + 1) % len(self._clients)
                waits -= failure.status == 504
                if not (unavailable and left and waits):
                    break
            # Out of the handler: a traceback would show the error, with what a server repeats.
            raise error_for(failure, action, self._settings)

        return call

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients:
            client.close()


def _ask(client: QdrantClient, name: str, arguments: Any, given: Any) -> Any:
    """Call a method of a client; once more where it reads and its connection breaks.

    A server closes a connection that was idle for a while, and may do so just as a call is sent.
    """
    method = getattr(client, name)
    try:
        return method(*arguments, **given)
    except Exception as error:  # of many kinds, of which one is mended here
        failure = failure_of(error)
        if name not in _READING or failure is None or not failure.broken:
            raise
    return method(*arguments, **given)
