"""The only module that makes calls of qdrant-client.

Every call has a deadline, and every failure becomes one of Kindred's errors. Calls on the server
are functions here, calls on one collection are methods of :class:`Collection`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, cast

from qdrant_client import QdrantClient, models

from recommender.errors import IndexDamagedError, VersionGoneError
from recommender.settings import Layout
from recommender.storage.encoding import LAST, ExternalId
from recommender.storage.index import Hits, pages
from recommender.storage.rater_conditions import RaterCondition
from recommender.storage.server.error_mapping import failure_of, mapped_errors, not_qdrant
from recommender.storage.storage_report import Part
from recommender.storage.vectors import PointBatch, SparseVector

__all__ = [
    "Collection",
    "collection_names",
    "count_nodes",
    "may_write",
    "server_version",
    "switch_alias",
]

_VECTOR = "ratings"
_SCANNED = 1000  # points asked for at once
# Points of a request at most: servers in strict mode may cap them.
_POINTS = 256
# Bytes of a request at most, roughly: a quarter of the 32 MB that servers accept by default.
_REQUEST = 8 << 20
T = TypeVar("T")


def server_version(client: QdrantClient, place: str) -> str:
    """Version of the server, such as ``1.20.0``; other texts as the server gives them.

    Raises EngineError where what answers is no Qdrant server.
    """
    try:
        with mapped_errors("asking for its version", place):
            version = client.info().version[:50]
            return "".join(sign for sign in version if sign.isprintable())
    except VersionGoneError:
        raise not_qdrant(place) from None


def collection_names(client: QdrantClient, place: str) -> list[str]:
    """Names of all collections on the server, whoever made them."""
    with mapped_errors("listing collections", place):
        return [found.name for found in client.get_collections().collections]


def switch_alias(client: QdrantClient, alias: str, collection: str, place: str) -> None:
    """Let an alias stand for a collection, and no longer for another, in one call."""
    changes: list[models.AliasOperations] = [
        models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias)),
        models.CreateAliasOperation(
            create_alias=models.CreateAlias(collection_name=collection, alias_name=alias)
        ),
    ]
    with mapped_errors("switching the alias", place):
        client.update_collection_aliases(changes)


def may_write(client: QdrantClient) -> bool | None:
    """Tell whether the server lets us change things; None where that is unknown."""
    try:
        # An empty list changes nothing, but the server checks the right to change aliases first.
        client.update_collection_aliases([])
    except Exception as error:  # of many kinds: what failure_of does not know is raised again
        if (failure := failure_of(error)) is None:
            raise
        return False if failure.status in (401, 403) else None
    return True


def count_nodes(client: QdrantClient) -> int | None:
    """Nodes of the cluster; None where there is no cluster, or it may not be asked."""
    status = _if_allowed(client.cluster_status)
    return len(status.peers) if isinstance(status, models.ClusterStatusOneOf1) else None


def _if_allowed(call: Callable[[], T]) -> T | None:
    """Make a call that clouds and keys may refuse; None where it fails."""
    try:
        return call()
    except NotImplementedError:  # the client in memory has no cluster
        return None
    except Exception as error:  # of many kinds: what failure_of does not know is raised again
        if failure_of(error) is None:
            raise
        return None


class Collection:
    """One collection: points with one sparse vector and a payload each."""

    def __init__(self, client: QdrantClient, name: str, place: str) -> None:
        self.name = name
        self._client = client
        self._place = place

    def create(self, metadata: dict[str, Any], layout: Layout) -> None:
        """Create it.

        Raises IndexBusyError where there is one of this name.
        """
        # Servers from 1.19 on call this `memory`; older ones know `on_disk` alone.
        index = models.SparseIndexParams(on_disk=layout.on_disk)
        with mapped_errors("creating a collection", self._place):
            self._client.create_collection(
                self.name,
                vectors_config={},
                sparse_vectors_config={_VECTOR: models.SparseVectorParams(index=index)},
                shard_number=layout.shards,
                replication_factor=layout.replicas,
                write_consistency_factor=layout.acknowledged,
                on_disk_payload=True,
                metadata=metadata,
            )

    def describe(self, metadata: dict[str, Any]) -> None:
        """Replace the values of these keys of its metadata."""
        with mapped_errors("recording metadata", self._place):
            self._client.update_collection(self.name, metadata=metadata)

    def info(self) -> models.CollectionInfo:
        """Status, configuration and metadata; the name may be an alias."""
        with mapped_errors("reading metadata", self._place):
            return self._client.get_collection(self.name)

    def add(self, batch: PointBatch) -> None:
        """Store a batch of checked points; on return they are applied."""
        for points in _requests(batch):
            with mapped_errors("writing", self._place):
                self._client.upsert(self.name, points, wait=True)

    def remove(self, ids: Sequence[int]) -> None:
        """Remove points; on return they are gone from every search."""
        with mapped_errors("deleting points", self._place):
            self._client.delete(self.name, points_selector=list(ids), wait=True)

    def index_field(self, name: str, *, integer: bool) -> None:
        """Index a payload field that points are searched by."""
        kind = models.PayloadSchemaType.INTEGER if integer else models.PayloadSchemaType.KEYWORD
        with mapped_errors("indexing", self._place), warnings.catch_warnings():
            # The client in memory warns that it needs no index.
            warnings.filterwarnings("ignore", message="Payload indexes have no effect")
            self._client.create_payload_index(self.name, name, kind, wait=True)

    def count(self) -> int:
        """How many points there are."""
        with mapped_errors("counting", self._place):
            return self._client.count(self.name, exact=True).count

    def part(self) -> Part:
        """Tell how it is stored."""
        info = self.info()
        params = info.config.params
        cluster = _if_allowed(lambda: self._client.collection_cluster_info(self.name))
        states = [shard.state for shard in cluster.local_shards] if cluster else []
        states += [shard.state for shard in cluster.remote_shards] if cluster else []
        return Part(
            points=info.points_count or 0,
            indexed=info.indexed_vectors_count,
            segments=info.segments_count,
            status=info.status.value,
            shards=params.shard_number,
            replicas=params.replication_factor,
            inactive=len(states) - states.count(models.ReplicaState.ACTIVE) if states else None,
        )

    def delete(self) -> None:
        """Delete it, if it is there."""
        with mapped_errors("deleting a collection", self._place):
            self._client.delete_collection(self.name)

    def search(
        self, vector: SparseVector, limit: int, condition: RaterCondition | None = None
    ) -> Hits:
        """Points with the largest positive dot products, ties by ascending id."""
        if not len(vector):
            return Hits.of([], [])
        query = models.SparseVector(indices=vector.indices.tolist(), values=vector.values.tolist())
        with mapped_errors("searching", self._place):
            found = self._client.query_points(
                self.name,
                query=query,
                using=_VECTOR,
                query_filter=_filter(condition),
                limit=limit,
                with_payload=False,
                with_vectors=False,
            )
        numbers = [_number(hit.id) for hit in found.points]
        return Hits.of(numbers, [hit.score for hit in found.points])

    def payloads(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Payloads of points by id; unknown ids are left out."""
        return dict(_with_payload(self._retrieve(ids, payload=True)))

    def vectors(self, ids: Sequence[int]) -> dict[int, SparseVector]:
        """Vectors of points by id; unknown ids and empty vectors are left out."""
        found = {}
        for record in self._retrieve(ids, payload=False):
            stored = record.vector.get(_VECTOR) if isinstance(record.vector, dict) else None
            if isinstance(stored, models.SparseVector) and stored.indices:
                found[_number(record.id)] = SparseVector.sorted(stored.indices, stored.values)
        return found

    def _retrieve(self, ids: Sequence[int], *, payload: bool) -> list[models.Record]:
        """Points by id, with either their payloads or their vectors."""
        with mapped_errors("reading", self._place):
            return self._client.retrieve(
                self.name, list(ids), with_payload=payload, with_vectors=not payload
            )

    def find(self, field: str, values: Sequence[ExternalId]) -> dict[int, dict[str, Any]]:
        """Payloads of the points whose payload field has one of these values, by point id."""
        found = dict[int, dict[str, Any]]()
        for page in pages(values):
            # The stubs tell lists of ints from lists of texts, and ids may be either.
            match = models.MatchAny(any=cast("list[int]", page))
            condition = models.FieldCondition(key=field, match=match)
            found |= self._scroll(len(page), scroll_filter=models.Filter(must=[condition]))[0]
        return found

    def scan(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """All points by ascending id."""
        offset = None
        while True:
            points, offset = self._scroll(_SCANNED, offset=offset)
            yield from points
            if offset is None:
                return

    def _scroll(self, limit: int, **which: Any) -> tuple[Iterator[tuple[int, dict[str, Any]]], Any]:
        """Points by ascending id with their payloads, and the offset of those that follow."""
        with mapped_errors("reading", self._place):
            records, offset = self._client.scroll(
                self.name, limit=limit, with_payload=True, with_vectors=False, **which
            )
        return _with_payload(records), offset

    def close(self) -> None:
        """Do nothing: the client belongs to the store."""


def _requests(batch: PointBatch) -> Iterator[list[models.PointStruct]]:
    """Divide the points of a batch into requests."""
    points: list[models.PointStruct] = []
    size = 0
    for point, indices, values, payload in batch:
        # An entry takes some thirty characters in JSON, and fewer by gRPC.
        needed = 32 * len(indices) + len(str(payload))
        if points and (size + needed > _REQUEST or len(points) == _POINTS):
            yield points
            points, size = [], 0
        size += needed
        # An empty vector is left out: it matches nothing, and a server may refuse it.
        vector = {_VECTOR: models.SparseVector(indices=indices, values=values)} if indices else {}
        points.append(models.PointStruct(id=point, vector=dict(vector), payload=payload))
    if points:
        yield points


def _filter(condition: RaterCondition | None) -> models.Filter | None:
    if condition is None:
        return None
    must: list[models.Condition] = [
        models.FieldCondition(key=name, match=models.MatchAny(any=list(values)))
        for name, values in condition.attributes
    ]
    if condition.active_since is not None:
        must.append(models.FieldCondition(key=LAST, range=models.Range(gte=condition.active_since)))
    return models.Filter(must=must)


def _with_payload(records: Sequence[models.Record]) -> Iterator[tuple[int, dict[str, Any]]]:
    return ((_number(record.id), record.payload or {}) for record in records)


def _number(point: object) -> int:
    if not isinstance(point, int):  # others give their points UUIDs
        raise IndexDamagedError(
            f"{str(point)[:50]!r} is no point of Kindred's: the index is damaged, ingest again"
        )
    return point
