"""The only module that makes calls of qdrant-client.

Every call has a deadline, and every failure becomes one error of ours.
"""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any, TypeVar, cast

from qdrant_client import QdrantClient, models

from recommender.errors import EngineUnavailableError, IndexDamagedError, VersionGoneError
from recommender.settings import Layout
from recommender.storage.encoding import LAST, ExternalId
from recommender.storage.index import Hits, pages
from recommender.storage.rater_conditions import RaterCondition
from recommender.storage.server.faults import fault_of, no_qdrant, problem
from recommender.storage.server.state import describe
from recommender.storage.storage_report import Part
from recommender.storage.vectors import PointBatch, SparseVector

__all__ = [
    "Collection",
    "collection_names",
    "may_write",
    "patiently",
    "server_version",
    "switch_alias",
]

_VECTOR = "ratings"
_PAUSES = (0.5, 1.0, 2.0, 4.0, *[8.0] * 30)
_PATIENCE = 120.0
"""Seconds after which a call is not tried again, since one that hangs takes long itself."""
_LAG = 10.0
"""Seconds within which all nodes of a cluster learn what one of them has confirmed."""
_POINTS = 256
"""Points of a request at most."""
_REQUEST = 8 << 20
"""Bytes of a request at most, roughly: a quarter of what servers accept unless told otherwise."""
T = TypeVar("T")


def server_version(client: QdrantClient, place: str) -> str:
    """Version of the server, such as ``1.20.0``, in whichever way it says it.

    Raises EngineError where what answers is something else.
    """
    try:
        with _errors("saying hello", place):
            version = client.info().version[:50]
            return "".join(sign for sign in version if sign.isprintable())
    except VersionGoneError:
        raise no_qdrant(place) from None


def collection_names(client: QdrantClient, place: str) -> list[str]:
    """Names of all collections on the server, whoever made them."""
    with _errors("listing collections", place):
        return [found.name for found in client.get_collections().collections]


def switch_alias(client: QdrantClient, alias: str, collection: str, place: str) -> None:
    """Let an alias stand for a collection, and no longer for another, in one call."""
    changes: list[models.AliasOperations] = [
        models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias)),
        models.CreateAliasOperation(
            create_alias=models.CreateAlias(collection_name=collection, alias_name=alias)
        ),
    ]
    with _errors("switching the alias", place):
        client.update_collection_aliases(changes)


def may_write(client: QdrantClient) -> bool | None:
    """Tell whether the server lets us change things; None where it does not say.

    No change of aliases at all changes nothing, but takes the right to.
    """
    try:
        client.update_collection_aliases([])
    except Exception as error:
        if (fault := fault_of(error)) is None:
            raise
        return False if fault.status in (401, 403) else None
    return True


@contextmanager
def _errors(doing: str, place: str) -> Iterator[None]:
    """Turn whatever the client raises into one line of ours."""
    try:
        yield
    except Exception as error:
        if (fault := fault_of(error)) is None:
            raise
        raise problem(fault, doing, place) from None


def patiently(call: Callable[[], T], stopped: Event | None = None, *, of_ours: bool = False) -> T:
    """Make a call that may be repeated safely, again after a pause where the failure may pass.

    A server may take two minutes to restart. It is asked after longer pauses where it says so, and
    not at all where that would be later than it is waited for. The pauses grow and are partly left
    to chance, so that those who wait do not all come back at once: "equal jitter" of
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/. With ``of_ours`` the
    call is about a collection that is known to be there: where it is not found, a node has yet to
    hear of it.
    """
    stopped, began = stopped or Event(), time.monotonic()
    for longest in _PAUSES:
        pause = random.uniform(longest / 2, longest)  # noqa: S311 - no secret
        try:
            return call()
        except EngineUnavailableError as error:
            pause = max(pause, error.after)
            if time.monotonic() - began + pause >= _PATIENCE or stopped.wait(pause):
                raise
        except VersionGoneError:
            if not of_ours or time.monotonic() - began >= _LAG or stopped.wait(pause):
                raise
    return call()


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
        # The older name of what 1.19 calls memory, which servers before that do not know.
        index = models.SparseIndexParams(on_disk=layout.on_disk)
        with _errors("creating a collection", self._place):
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
        """Replace what is recorded of it under these keys."""
        with _errors("recording metadata", self._place):
            self._client.update_collection(self.name, metadata=metadata)

    def info(self) -> models.CollectionInfo:
        """State and metadata; the name may be an alias."""
        with _errors("reading metadata", self._place):
            return self._client.get_collection(self.name)

    def add(self, batch: PointBatch) -> None:
        """Store a batch of checked points; on return they are applied."""
        for points in _requests(batch):
            with _errors("writing", self._place):
                self._client.upsert(self.name, points, wait=True)

    def remove(self, ids: Sequence[int]) -> None:
        """Remove points; on return they are gone from every search."""
        with _errors("deleting points", self._place):
            self._client.delete(self.name, points_selector=list(ids), wait=True)

    def index_field(self, name: str, *, integer: bool) -> None:
        """Make points findable by a payload field."""
        kind = models.PayloadSchemaType.INTEGER if integer else models.PayloadSchemaType.KEYWORD
        with _errors("indexing", self._place), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Payload indexes have no effect")
            self._client.create_payload_index(self.name, name, kind, wait=True)

    def count(self) -> int:
        """How many points there are."""
        with _errors("counting", self._place):
            return self._client.count(self.name, exact=True).count

    def part(self) -> Part:
        """Tell how it is stored."""
        return describe(self._client, self.name, self.info())

    def delete(self) -> None:
        """Delete it, if it is there."""
        with _errors("deleting a collection", self._place):
            self._client.delete_collection(self.name)

    def search(
        self, vector: SparseVector, limit: int, condition: RaterCondition | None = None
    ) -> Hits:
        """Points with the largest positive dot products, ties by ascending id."""
        if not len(vector):
            return Hits.of([], [])
        query = models.SparseVector(indices=vector.indices.tolist(), values=vector.values.tolist())
        with _errors("searching", self._place):
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
        with _errors("reading", self._place):
            records = self._client.retrieve(
                self.name, list(ids), with_payload=True, with_vectors=False
            )
        return dict(_with_payload(records))

    def vectors(self, ids: Sequence[int]) -> dict[int, SparseVector]:
        """Vectors of points by id; unknown ids and empty vectors are left out."""
        with _errors("reading", self._place):
            records = self._client.retrieve(
                self.name, list(ids), with_payload=False, with_vectors=True
            )
        found = {}
        for record in records:
            stored = record.vector.get(_VECTOR) if isinstance(record.vector, dict) else None
            if isinstance(stored, models.SparseVector) and stored.indices:
                found[_number(record.id)] = SparseVector.sorted(stored.indices, stored.values)
        return found

    def find(self, field: str, values: Sequence[ExternalId]) -> dict[int, dict[str, Any]]:
        """Payloads of the points whose payload field has one of these values, by point id."""
        found = dict[int, dict[str, Any]]()
        for some in pages(values):
            condition = models.FieldCondition(
                key=field, match=models.MatchAny(any=cast("list[int]", some))
            )
            with _errors("reading", self._place):
                records, _ = self._client.scroll(
                    self.name,
                    scroll_filter=models.Filter(must=[condition]),
                    limit=len(some),
                    with_payload=True,
                    with_vectors=False,
                )
            found |= _with_payload(records)
        return found

    def scan(self, page: int = 1000) -> Iterator[tuple[int, dict[str, Any]]]:
        """All points by ascending id."""
        offset = None
        while True:
            with _errors("reading", self._place):
                records, offset = self._client.scroll(
                    self.name, offset=offset, limit=page, with_payload=True, with_vectors=False
                )
            yield from _with_payload(records)
            if offset is None:
                return

    def close(self) -> None:
        """Nothing is held open: the client belongs to the store."""


def _requests(batch: PointBatch) -> Iterator[list[models.PointStruct]]:
    """Points of a batch, as many at a time as fit a request."""
    points: list[models.PointStruct] = []
    size = 0
    for point, indices, values, payload in batch:
        # An entry takes some thirty characters in JSON, and less by gRPC.
        needed = 32 * len(indices) + len(str(payload))
        if points and (size + needed > _REQUEST or len(points) == _POINTS):
            yield points
            points, size = [], 0
        size += needed
        # An empty vector is left out: it never matches, and no engine need accept it.
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
