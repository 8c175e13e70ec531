"""The only module that makes calls of qdrant-client.

Every call has a deadline, and every failure becomes one error of ours.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import grpc
import httpx
from pydantic import ValidationError
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from recommender.errors import (
    EngineError,
    EngineUnavailableError,
    IndexBusyError,
    IndexProblem,
    VersionGoneError,
)
from recommender.index import Hits, pages
from recommender.people import People
from recommender.records import LAST, ExternalId
from recommender.settings import ServerSettings
from recommender.vectors import PointBatch, SparseVector

__all__ = [
    "Collection",
    "collection_names",
    "connect",
    "patiently",
    "server_version",
    "switch_alias",
]

_VECTOR = "ratings"
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
_STATUS = {
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.INTERNAL: 500,
    grpc.StatusCode.FAILED_PRECONDITION: 500,
    grpc.StatusCode.UNKNOWN: 500,
    grpc.StatusCode.ABORTED: 503,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}
_PASSING = {429, 500, 502, 503, 504}
# Shorter than the server's own patience, which ends idle connections after five seconds.
_IDLE = httpx.Limits(keepalive_expiry=3.0)
T = TypeVar("T")


def connect(settings: ServerSettings, seconds: int) -> QdrantClient:
    """Prepare a client whose calls end after so many seconds; nothing is sent yet."""
    key = settings.api_key.get_secret_value() if settings.api_key else None
    local = urlsplit(settings.url or "").hostname in ("localhost", "127.0.0.1")  # it knows better
    with warnings.catch_warnings():
        # That a key travels in the clear is right inside a private network; the documents say so.
        warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
        return QdrantClient(
            url=settings.url,
            api_key=key,
            prefer_grpc=settings.grpc,
            grpc_port=settings.grpc_port,
            timeout=seconds,
            check_compatibility=False,
            limits=None if local else _IDLE,
        )


def server_version(client: QdrantClient, place: str) -> str:
    """Version of the server, such as ``1.20.0``.

    Raises EngineError where what answers is something else.
    """
    try:
        with _errors("saying hello", place):
            return client.info().version
    except VersionGoneError:
        raise _no_qdrant(place) from None


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


def _no_qdrant(place: str) -> EngineError:
    return EngineError(
        f"what answers at {place} is no Qdrant server, or one too old or new: check the address "
        "and port"
    )


@contextmanager
def _errors(doing: str, place: str) -> Iterator[None]:
    """Turn whatever the client raises into one line of ours."""
    try:
        yield
    except grpc.RpcError as error:
        # Every error of a call is a Call, which has these; the type does not say so.
        code, details = error.code(), error.details()
        raise _problem(_STATUS.get(code, 400), f"{code.name} {details}", doing, place) from None
    except UnexpectedResponse as error:
        text = error.content.decode("utf-8", "replace")
        reason = f"{error.status_code} {error.reason_phrase} {text}"
        raise _problem(error.status_code or 500, reason, doing, place) from None
    except ResponseHandlingException as error:
        source = error.source
        if isinstance(source, ValueError):  # the answer was no JSON, or of another shape
            raise _no_qdrant(place) from None
        status = 504 if isinstance(source, httpx.TimeoutException) else 503
        raise _problem(status, f"{type(source).__name__} {source}", doing, place) from None
    except QdrantException as error:
        raise _problem(429, str(error), doing, place) from None
    except (json.JSONDecodeError, ValidationError):
        raise _no_qdrant(place) from None
    except ValueError as error:
        # So the client in memory says what a server says by a status.
        status = 404 if "not found" in str(error) else 409 if "exists" in str(error) else 400
        raise _problem(status, str(error), doing, place) from None


def _problem(status: int, reason: str, doing: str, place: str) -> IndexProblem:
    reason = " ".join(reason.split())[:300]
    if status == 400 and "already exists" in reason:
        status = 409
    if status == 408:
        status = 504
    kind: type[IndexProblem] = EngineUnavailableError if status in _PASSING else EngineError
    text = f"Qdrant at {place} failed {doing}: {reason}"
    if status == 401:
        text = f"{place} wants a key, or another one: set QDRANT_API_KEY ({doing}: {reason})"
    elif status == 403:
        text = (
            f"the key for {place} does not allow {doing}: ingest and roll back with one that may "
            f"write, and do everything else with one that may read this index ({reason})"
        )
    elif status == 404:
        kind = VersionGoneError
        text = f"a collection is gone from {place} ({doing}): ask again, or ingest again"
    elif status == 409:
        kind = IndexBusyError
        text = f"another ingest is writing to {place}: wait for it to end, or give another name"
    elif status == 503:
        text = f"Qdrant cannot be reached, or is not ready, at {place} ({doing}: {reason})"
    elif status == 504:
        text = (
            f"Qdrant at {place} did not answer in time ({doing}): try again, or allow it more "
            "seconds by QDRANT_TIMEOUT"
        )
    return kind(text)


def patiently(call: Callable[[], T], stopped: Event | None = None) -> T:
    """Make a call that may be repeated safely, again after a pause where the failure may pass."""
    stopped = stopped or Event()
    for pause in _PAUSES:
        try:
            return call()
        except EngineUnavailableError:
            if stopped.wait(pause):
                raise
    return call()


class Collection:
    """One collection: points with one sparse vector and a payload each."""

    def __init__(self, client: QdrantClient, name: str, place: str) -> None:
        self.name = name
        self._client = client
        self._place = place

    def create(self, metadata: dict[str, Any], *, shards: int, replicas: int) -> None:
        """Create it.

        Raises IndexBusyError where there is one of this name.
        """
        with _errors("creating a collection", self._place):
            self._client.create_collection(
                self.name,
                vectors_config={},
                sparse_vectors_config={
                    _VECTOR: models.SparseVectorParams(
                        index=models.SparseIndexParams(on_disk=False)
                    )
                },
                shard_number=shards,
                replication_factor=replicas,
                # A majority: what was acknowledged outlives the loss of a minority.
                write_consistency_factor=replicas // 2 + 1,
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
        points = [
            models.PointStruct(
                id=point,
                # An empty vector is left out: it never matches, and no engine need accept it.
                vector={_VECTOR: models.SparseVector(indices=indices, values=values)}
                if indices
                else {},
                payload=payload,
            )
            for point, indices, values, payload in batch
        ]
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

    def delete(self) -> None:
        """Delete it, if it is there."""
        with _errors("deleting a collection", self._place):
            self._client.delete_collection(self.name)

    def search(self, vector: SparseVector, limit: int, people: People | None = None) -> Hits:
        """Points with the largest positive dot products, ties by ascending id."""
        if not len(vector):
            return Hits.of([])
        query = models.SparseVector(indices=vector.indices.tolist(), values=vector.values.tolist())
        with _errors("searching", self._place):
            found = self._client.query_points(
                self.name,
                query=query,
                using=_VECTOR,
                query_filter=_filter(people),
                limit=limit,
                with_payload=False,
                with_vectors=False,
            )
        return Hits.of((int(hit.id), hit.score) for hit in found.points)

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
                found[int(record.id)] = SparseVector.sorted(stored.indices, stored.values)
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

    def scan(self, page: int = 2048) -> Iterator[tuple[int, dict[str, Any]]]:
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


def _filter(people: People | None) -> models.Filter | None:
    if people is None:
        return None
    must: list[models.Condition] = [
        models.FieldCondition(key=name, match=models.MatchAny(any=list(values)))
        for name, values in people.among
    ]
    if people.since is not None:
        must.append(models.FieldCondition(key=LAST, range=models.Range(gte=people.since)))
    return models.Filter(must=must)


def _with_payload(records: Sequence[models.Record]) -> Iterator[tuple[int, dict[str, Any]]]:
    return ((int(record.id), record.payload or {}) for record in records)
