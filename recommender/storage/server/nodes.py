"""Connecting: to one address, or to several nodes of a cluster without a load balancer."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from qdrant_client import QdrantClient

from recommender.errors import InvalidInputError
from recommender.settings import ServerSettings
from recommender.storage.server.faults import AWAY, conceal, fault_of
from recommender.storage.server.transport import LARGEST, Transport

__all__ = ["Nodes", "connect"]

# One more try where a connection breaks, within the time of the call: what Transport does for REST.
_ONCE_MORE = {
    "maxAttempts": 2,
    "initialBackoff": "0.01s",
    "maxBackoff": "0.01s",
    "backoffMultiplier": 1,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
_GRPC = {
    # Otherwise a channel waits up to two minutes before it looks whether a server is back.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1000,
    "grpc.max_receive_message_length": LARGEST,
    "grpc.service_config": json.dumps(
        {"methodConfig": [{"name": [{}], "retryPolicy": _ONCE_MORE}]}
    ),
}
# The client's own way with a server on this computer, where keeping connections may cost delays.
_LOCAL = httpx.Limits(max_keepalive_connections=0)
# Shorter than the server's own patience, which ends idle connections after five seconds.
_IDLE = httpx.Limits(keepalive_expiry=3.0)


def connect(settings: ServerSettings, seconds: int) -> QdrantClient:
    """Prepare a client whose calls end after so many seconds; nothing is sent yet.

    Raises InvalidInputError where the environment names no usable certificates or proxy.

    With several addresses it is one that goes on to the next where a node is away.
    """
    if settings.api_key:
        conceal(settings.api_key.get_secret_value())
    try:
        clients = [_client(url, settings, seconds) for url in settings.addresses]
    except Exception as problem:  # OSError, ImportError, ValueError: whatever is wrong there
        raise InvalidInputError(
            f"no connection to {settings.url} can be set up ({problem}): mend SSL_CERT_FILE, "
            "SSL_CERT_DIR or the proxy variables"
        ) from problem
    return clients[0] if len(clients) == 1 else cast(QdrantClient, Nodes(clients))


def _client(url: str, settings: ServerSettings, seconds: int) -> QdrantClient:
    key = settings.api_key.get_secret_value() if settings.api_key else None
    local = urlsplit(url).hostname in ("localhost", "127.0.0.1")  # it knows better
    with warnings.catch_warnings():
        # That a key travels in the clear is right inside a private network; the documents say so.
        warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
        return QdrantClient(
            url=url,
            api_key=key,
            prefer_grpc=settings.grpc,
            grpc_port=settings.grpc_port,
            grpc_options=dict(_GRPC),
            timeout=seconds,
            check_compatibility=False,
            transport=Transport(url, seconds, _LOCAL if local else _IDLE),
        )


class Nodes:
    """Has the methods of a client, and makes each call to one node.

    Where that one is away the call goes to the next, and so do those that follow. Changing nodes
    for no other reason keeps a caller's own writes visible to it, since what one node has confirmed
    others may learn a moment later. Only calls that may be repeated safely are made of it.
    """

    def __init__(self, clients: Sequence[QdrantClient]) -> None:
        self._clients = tuple(clients)
        self._at = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Give a method of the client that does without nodes that are away."""

        def call(*arguments: Any, **given: Any) -> Any:
            for _ in self._clients[1:]:
                at = self._at
                try:
                    return getattr(self._clients[at], name)(*arguments, **given)
                except Exception as error:
                    fault = fault_of(error)
                    if fault is None or fault.status not in AWAY:
                        raise
                    # Not one more than what it is by now: another thread may have been faster.
                    self._at = (at + 1) % len(self._clients)
            return getattr(self._clients[self._at], name)(*arguments, **given)

        return call

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients:
            client.close()
