"""What a server tells of how it stores a collection; clouds and keys may keep some of it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from qdrant_client import QdrantClient, models

from recommender.storage.server.faults import fault_of
from recommender.storage.storage_report import Part

__all__ = ["count_nodes", "describe"]

T = TypeVar("T")


def count_nodes(client: QdrantClient) -> int | None:
    """Nodes of the cluster, or None where that is not told."""
    status = _told(client.cluster_status)
    return len(status.peers) if isinstance(status, models.ClusterStatusOneOf1) else None


def describe(client: QdrantClient, name: str, info: models.CollectionInfo) -> Part:
    """Tell how a collection is stored."""
    params = info.config.params
    copies = _told(lambda: client.collection_cluster_info(name))
    states: list[models.ReplicaState] = []
    if copies is not None:
        states = [here.state for here in copies.local_shards]
        states += [there.state for there in copies.remote_shards]
    return Part(
        points=info.points_count or 0,
        indexed=info.indexed_vectors_count,
        segments=info.segments_count,
        status=info.status.value,
        shards=params.shard_number,
        replicas=params.replication_factor,
        inactive=len(states) - states.count(models.ReplicaState.ACTIVE) if states else None,
    )


def _told(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except NotImplementedError:  # the client in memory has no cluster
        return None
    except Exception as error:
        if fault_of(error) is None:
            raise
        return None
