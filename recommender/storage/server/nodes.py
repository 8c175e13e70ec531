"""Connecting: to one address, or to several nodes of a cluster without a load balancer."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from qdrant_client import QdrantClient

from recommender.errors import InvalidInputError
from recommender.settings import ServerSettings
from recommender.storage.server.error_mapping import UNAVAILABLE, failure_of, hide_secret
from recommender.storage.server.transport import LARGEST, Transport

__all__ = ["Nodes", "connect"]

# One retry where a connection breaks, within the time of the call: what Transport does for REST.
_RETRY = {
    "maxAttempts": 2,
    "initialBackoff": "0.01s",
    "maxBackoff": "0.01s",
    "backoffMultiplier": 1,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
_GRPC = {
    # By default a channel waits up to two minutes before it looks whether a server is back.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1000,
    "grpc.max_receive_message_length": LARGEST,
    "grpc.service_config": json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": _RETRY}]}),
}
# What qdrant-client does with a server on this computer, where kept connections may cost delays.
_LOCAL = httpx.Limits(max_keepalive_connections=0)
# Less than the five seconds after which the server closes idle connections.
_REMOTE = httpx.Limits(keepalive_expiry=3.0)


def connect(settings: ServerSettings, seconds: float) -> QdrantClient:
    """Prepare a client whose calls end after so many seconds; nothing is sent yet.

    With several addresses it is one that goes on to the next where a node is unavailable.

    Raises InvalidInputError where the environment names no usable certificates or proxy.
    """
    if settings.api_key:
        hide_secret(settings.api_key.get_secret_value())
    try:
        clients = [_client(url, settings, seconds) for url in settings.addresses]
    except Exception as problem:  # OSError, ImportError, InvalidURL: by what is set wrongly
        raise InvalidInputError(
            f"no connection to {settings.url} can be set up ({problem}): mend SSL_CERT_FILE, "
            "SSL_CERT_DIR or the proxy variables"
        ) from problem
    return clients[0] if len(clients) == 1 else cast(QdrantClient, Nodes(clients))


def _client(url: str, settings: ServerSettings, seconds: float) -> QdrantClient:
    key = settings.api_key.get_secret_value() if settings.api_key else None
    local = urlsplit(url).hostname in ("localhost", "127.0.0.1")
    with warnings.catch_warnings():
        # Inside a private network a key may travel unencrypted: see docs/production.md.
        warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
        return QdrantClient(
            url=url,
            api_key=key,
            prefer_grpc=settings.grpc,
            grpc_port=settings.grpc_port,
            grpc_options=dict(_GRPC),
            timeout=math.ceil(seconds),
            check_compatibility=False,
            transport=Transport(url, seconds, _LOCAL if local else _REMOTE),
        )


class Nodes:
    """A client of several nodes, which makes each call to one of them.

    Where that one is unavailable, this call and those that follow go to the next. There is no other
    reason to change nodes: what one node has confirmed others may learn a moment later, and a
    caller shall see its own writes. Only calls that may be repeated safely are made here.
    """

    def __init__(self, clients: Sequence[QdrantClient]) -> None:
        self._clients = tuple(clients)
        self._at = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A method of the client that passes over unavailable nodes."""

        def call(*arguments: Any, **given: Any) -> Any:
            for _ in self._clients[1:]:
                at = self._at
                try:
                    return getattr(self._clients[at], name)(*arguments, **given)
                except Exception as error:  # what no other node can mend is raised again
                    failure = failure_of(error)
                    if failure is None or failure.status not in UNAVAILABLE:
                        raise
                    # Counted from the node that failed: another thread may have gone on already.
                    self._at = (at + 1) % len(self._clients)
            return getattr(self._clients[self._at], name)(*arguments, **given)

        return call

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients:
            client.close()
