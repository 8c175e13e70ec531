"""One collection on a Qdrant server, with its points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, cast

from qdrant_client import QdrantClient, models

from recommender.errors import IndexProblem
from recommender.settings import Layout
from recommender.storage.encoding import LAST, ExternalId
from recommender.storage.index import Hits, pages
from recommender.storage.rater_conditions import RaterCondition
from recommender.storage.storage_report import Part
from recommender.storage.vectors import PointBatch, SparseVector

__all__ = ["Collection", "if_allowed"]

_VECTOR = "ratings"
_SCANNED = 1000  # points asked for at once
# Points of a request at most. Servers accept 32 MB and may cap the points; with 4,096 entries each,
# the most a movie has, so many take 16 MB of JSON.
_POINTS = 128
T = TypeVar("T")


def if_allowed(call: Callable[[], T]) -> T | None:
    """Make a call that clouds and keys may refuse; None where it fails."""
    try:
        return call()
    except IndexProblem:
        return None


class Collection:
    """One collection: points with one sparse vector and a payload each."""

    def __init__(self, client: QdrantClient, name: str) -> None:
        self.name = name
        self._client = client

    def create(self, metadata: dict[str, Any], layout: Layout) -> None:
        """Create it.

        Raises IndexBusyError where there is one of this name.
        """
        # Servers from 1.19 on call this `memory`; older ones know `on_disk` alone.
        index = models.SparseIndexParams(on_disk=layout.on_disk)
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
        self._client.update_collection(self.name, metadata=metadata)

    def info(self) -> models.CollectionInfo:
        """Status, configuration and metadata; the name may be an alias."""
        return self._client.get_collection(self.name)

    def add(self, batch: PointBatch) -> None:
        """Store a batch of checked points; on return they are applied."""
        for points in pages([_point(*one) for one in batch], _POINTS):
            self._client.upsert(self.name, points, wait=True)

    def remove(self, ids: Sequence[int]) -> None:
        """Remove points; on return they are gone from every search."""
        self._client.delete(self.name, points_selector=list(ids), wait=True)

    def index_field(self, name: str, *, integer: bool) -> None:
        """Index a payload field that points are searched by."""
        kind = models.PayloadSchemaType.INTEGER if integer else models.PayloadSchemaType.KEYWORD
        self._client.create_payload_index(self.name, name, kind, wait=True)

    def count(self) -> int:
        """How many points there are."""
        return self._client.count(self.name, exact=True).count

    def part(self) -> Part:
        """Tell how it is stored."""
        info = self.info()
        params = info.config.params
        cluster = if_allowed(lambda: self._client.collection_cluster_info(self.name))
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
        self._client.delete_collection(self.name)

    def search(
        self, vector: SparseVector, limit: int, condition: RaterCondition | None = None
    ) -> Hits:
        """Points with the largest positive dot products, ties by ascending id."""
        if not len(vector):
            return Hits.of([], [])
        query = models.SparseVector(indices=vector.indices.tolist(), values=vector.values.tolist())
        found = self._client.query_points(
            self.name,
            query=query,
            using=_VECTOR,
            query_filter=_filter(condition),
            limit=limit,
            with_payload=False,
            with_vectors=False,
        )
        return Hits.of([int(hit.id) for hit in found.points], [hit.score for hit in found.points])

    def payloads(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Payloads of points by id; unknown ids are left out."""
        return dict(_with_payload(self._retrieve(ids, payload=True)))

    def vectors(self, ids: Sequence[int]) -> dict[int, SparseVector]:
        """Vectors of points by id; unknown ids and empty vectors are left out."""
        found = {}
        for record in self._retrieve(ids, payload=False):
            stored = record.vector.get(_VECTOR) if isinstance(record.vector, dict) else None
            if isinstance(stored, models.SparseVector) and stored.indices:
                found[int(record.id)] = SparseVector.sorted(stored.indices, stored.values)
        return found

    def _retrieve(self, ids: Sequence[int], *, payload: bool) -> list[models.Record]:
        """Points by id, with either their payloads or their vectors."""
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
        records, offset = self._client.scroll(
            self.name, limit=limit, with_payload=True, with_vectors=False, **which
        )
        return _with_payload(records), offset

    def close(self) -> None:
        """Do nothing: the client belongs to the store."""


def _point(
    number: int, indices: list[int], values: list[float], payload: dict[str, Any]
) -> models.PointStruct:
    # An empty vector is left out: it matches nothing, and a server may refuse it.
    vector = {_VECTOR: models.SparseVector(indices=indices, values=values)} if indices else {}
    return models.PointStruct(id=number, vector=dict(vector), payload=payload)


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
    return ((int(record.id), record.payload or {}) for record in records)
