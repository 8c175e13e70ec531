"""A Qdrant server for tests: the real protocols in front of qdrant-client's engine in memory.

REST and gRPC alike, with a key that may write, one that may only read, and faults on demand.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from qdrant_client import QdrantClient, models
from qdrant_client import grpc as pb
from qdrant_client.conversions.conversion import GrpcToRest, RestToGrpc

READ, WRITE = "a-key-that-reads", "a-key-that-writes"
VERSION = "1.20.1"

_READING = ("/query", "/scroll", "/count")
Fault = Callable[["QdrantDouble", str, str], tuple[int, dict[str, str]] | None]


class QdrantDouble:
    """The server behind the REST and gRPC interfaces, and the calls it has seen."""

    def __init__(self) -> None:
        self.engine = QdrantClient(":memory:")
        self.lock = threading.Lock()
        self.keys = False
        """Whether a key is asked for."""
        self.version = VERSION
        self.nodes = 1
        """Nodes that the cluster reports; the last holds a dead copy of each shard."""
        self.fault: Fault | None = None
        """Called with method and path before anything is done; may give a status to answer with."""
        self.after: Callable[[str, str], int | None] | None = None
        """Called with method and path when all is done; may give a status to answer with."""
        self.indexed: set[tuple[str, str]] = set()
        """Payload indexes, by collection and field."""
        self.seen: list[tuple[str, str]] = []
        """Methods and paths, in order."""
        self.url = ""
        self.grpc_port = 0

    def refused(self, key: str | None, *, writes: bool) -> int | None:
        """Status to answer with for a key that does not suffice; None where it does."""
        if not self.keys or key == WRITE:
            return None
        if key != READ:
            return 401
        return 403 if writes else None

    def check(self, name: str, condition: models.Filter | None) -> None:
        """Refuse to filter by a field without an index, as a server in strict mode does."""
        must: Any = condition.must if condition else []
        for field in must:
            if (name, field.key) not in self.indexed:
                raise ValueError(f"index required but missing for {field.key}")

    def copies(self, name: str) -> models.CollectionClusterInfo:
        """Report one shard, complete on the first node."""
        here = models.LocalShardInfo(
            shard_id=0,
            points_count=self.engine.count(name, exact=True).count,
            state=models.ReplicaState.ACTIVE,
        )
        dead = [
            models.RemoteShardInfo(shard_id=0, peer_id=self.nodes, state=models.ReplicaState.DEAD)
        ]
        return models.CollectionClusterInfo(
            peer_id=1,
            shard_count=1,
            local_shards=[here],
            remote_shards=dead if self.nodes > 1 else [],
            shard_transfers=[],
        )

    def cluster(self) -> models.ClusterStatus:
        """Report the nodes."""
        if self.nodes == 1:
            return models.ClusterStatusOneOf(status="disabled")
        raft = models.RaftInfo(
            term=1, commit=1, pending_operations=0, leader=1, role=None, is_voter=True
        )
        return models.ClusterStatusOneOf1(
            status="enabled",
            peer_id=1,
            peers={
                str(peer): models.PeerInfo(uri=f"http://node-{peer}:6335")
                for peer in range(1, self.nodes + 1)
            },
            raft_info=raft,
            consensus_thread_status=models.ConsensusThreadStatusOneOf1(
                consensus_thread_status="stopped"
            ),
            message_send_failures={},
        )


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


Act = Callable[[str, Any], Any]


def _rest_methods(double: QdrantDouble) -> dict[str, Act]:
    """Give what each method and path does with a collection's name and the body."""
    engine = double.engine
    done = models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED)

    def create(name: str, body: Any) -> Any:
        config = models.CreateCollection(**body)
        return engine.create_collection(
            name,
            vectors_config=config.vectors,
            sparse_vectors_config=config.sparse_vectors,
            metadata=config.metadata,
        )

    def alias(name: str, body: Any) -> Any:
        return engine.update_collection_aliases(models.ChangeAliasesOperation(**body).actions)

    def index(name: str, body: Any) -> Any:
        engine.get_collection(name)
        double.indexed.add((name, body["field_name"]))
        return done

    def retrieve(name: str, body: Any) -> Any:
        r: Any = models.PointRequest(**body)
        return engine.retrieve(name, r.ids, with_payload=r.with_payload, with_vectors=r.with_vector)

    def query(name: str, body: Any) -> Any:
        r: Any = models.QueryRequest(**body)
        double.check(name, r.filter)
        return engine.query_points(
            name,
            query=r.query.nearest,
            using=r.using,
            query_filter=r.filter,
            limit=r.limit,
            with_payload=r.with_payload,
            with_vectors=r.with_vector,
        )

    def scroll(name: str, body: Any) -> Any:
        r: Any = models.ScrollRequest(**body)
        double.check(name, r.filter)
        points, following = engine.scroll(
            name,
            scroll_filter=r.filter,
            limit=r.limit,
            offset=r.offset,
            with_payload=r.with_payload,
            with_vectors=r.with_vector,
        )
        return {"points": _plain(points), "next_page_offset": following}

    return {
        "GET /collections": lambda name, body: engine.get_collections(),
        "GET /cluster": lambda name, body: double.cluster(),
        "GET /collections/NAME/cluster": lambda name, body: double.copies(name),
        "GET /aliases": lambda name, body: engine.get_aliases(),
        "POST /collections/aliases": alias,
        "GET /collections/NAME": lambda name, body: engine.get_collection(name),
        "PUT /collections/NAME": create,
        "PATCH /collections/NAME": lambda name, body: engine.update_collection(
            name, metadata=body["metadata"]
        ),
        "DELETE /collections/NAME": lambda name, body: engine.delete_collection(name),
        "PUT /collections/NAME/points": lambda name, body: engine.upsert(
            name, models.PointsList(**body).points
        ),
        "POST /collections/NAME/points/delete": lambda name, body: engine.delete(
            name, models.PointIdsList(**body)
        ),
        "PUT /collections/NAME/index": index,
        "POST /collections/NAME/points": retrieve,
        "POST /collections/NAME/points/query": query,
        "POST /collections/NAME/points/scroll": scroll,
        "POST /collections/NAME/points/count": lambda name, body: engine.count(name, exact=True),
    }


class _Handler(BaseHTTPRequestHandler):
    double: QdrantDouble
    protocol_version = "HTTP/1.1"

    def _answer(self, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _serve(self) -> None:
        double, path = self.double, self.path.split("?")[0]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        double.seen.append((self.command, path))
        writes = self.command != "GET" and not (
            path.endswith(_READING) or (self.command == "POST" and path.endswith("/points"))
        )
        fault = double.fault(double, self.command, path) if double.fault else None
        status = double.refused(self.headers.get("api-key"), writes=writes)
        if path == "/" and not fault:  # needs no key
            self._answer(200, {"title": "qdrant", "version": double.version})
            return
        if fault or status:
            number, headers = fault or (status or 0, {})
            self._answer(number, {"status": {"error": "refused"}, "time": 0.0}, headers)
            return
        try:
            with double.lock:
                acts = _rest_methods(double)
                name = path.split("/")[2] if path.count("/") > 1 else ""
                act = (
                    acts.get(f"{self.command} {path}")
                    or acts[f"{self.command} {path.replace(f'/{name}', '/NAME', 1)}"]
                )
                result = _plain(act(name, json.loads(body or b"{}")))
        except ValueError as error:
            known = {"not found": 404, "exists": 409}
            number = next((n for text, n in known.items() if text in str(error)), 400)
            self._answer(number, {"status": {"error": str(error)}, "time": 0.0})
            return
        lost = double.after(self.command, path) if double.after else None
        self._answer(lost or 200, {"result": result, "status": "ok", "time": 0.0})

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


def _grpc_methods(double: QdrantDouble) -> dict[str, dict[str, tuple[Any, Callable[[Any], Any]]]]:
    """Give what each method of each service does, with the type of its request."""
    engine = double.engine
    done = pb.CollectionOperationResponse(result=True)
    stored = pb.PointsOperationResponse(
        result=pb.UpdateResult(operation_id=0, status=pb.UpdateStatus.Completed)
    )

    def filter_of(request: Any) -> models.Filter | None:
        if not request.HasField("filter"):
            return None
        condition = GrpcToRest.convert_filter(request.filter)
        double.check(request.collection_name, condition)
        return condition

    def vectors_of(request: Any) -> bool:
        return bool(request.with_vectors.enable)

    def get_collection(r: Any) -> Any:
        info = engine.get_collection(r.collection_name)
        return pb.GetCollectionInfoResponse(result=RestToGrpc.convert_collection_info(info))

    def copies(r: Any) -> Any:
        return RestToGrpc.convert_collection_cluster_info(double.copies(r.collection_name))

    def create(r: Any) -> Any:
        engine.create_collection(
            r.collection_name,
            vectors_config={},
            sparse_vectors_config=GrpcToRest.convert_sparse_vector_config(r.sparse_vectors_config),
            metadata=GrpcToRest.convert_payload(r.metadata),
        )
        return done

    def update(r: Any) -> Any:
        engine.update_collection(r.collection_name, metadata=GrpcToRest.convert_payload(r.metadata))
        return done

    def delete(r: Any) -> Any:
        engine.delete_collection(r.collection_name)
        return done

    def aliases(r: Any) -> Any:
        engine.update_collection_aliases(
            [GrpcToRest.convert_alias_operations(action) for action in r.actions]
        )
        return done

    def names(r: Any) -> Any:
        found = engine.get_collections().collections
        return pb.ListCollectionsResponse(
            collections=[pb.CollectionDescription(name=one.name) for one in found]
        )

    def upsert(r: Any) -> Any:
        engine.upsert(
            r.collection_name, [GrpcToRest.convert_point_struct(point) for point in r.points]
        )
        return stored

    def remove(r: Any) -> Any:
        engine.delete(r.collection_name, [point.num for point in r.points.points.ids])
        return stored

    def index(r: Any) -> Any:
        double.indexed.add((r.collection_name, r.field_name))
        return stored

    def count(r: Any) -> Any:
        found = engine.count(r.collection_name, exact=True)
        return pb.CountResponse(result=pb.CountResult(count=found.count))

    def get(r: Any) -> Any:
        ids = [GrpcToRest.convert_point_id(point) for point in r.ids]
        found = engine.retrieve(
            r.collection_name,
            ids,
            with_payload=r.with_payload.enable,
            with_vectors=vectors_of(r),
        )
        # The conversion of a record requires a payload.
        filled = [one.model_copy(update={"payload": one.payload or {}}) for one in found]
        return pb.GetResponse(result=[RestToGrpc.convert_record(record) for record in filled])

    def query(r: Any) -> Any:
        asked: Any = GrpcToRest.convert_query(r.query)
        found = engine.query_points(
            r.collection_name,
            query=asked.nearest,
            using=r.using,
            query_filter=filter_of(r),
            limit=r.limit,
            with_payload=False,
        )
        filled = [one.model_copy(update={"payload": {}}) for one in found.points]
        return pb.QueryResponse(result=[RestToGrpc.convert_scored_point(one) for one in filled])

    def scroll(r: Any) -> Any:
        points, following = engine.scroll(
            r.collection_name,
            scroll_filter=filter_of(r),
            limit=r.limit,
            offset=GrpcToRest.convert_point_id(r.offset) if r.HasField("offset") else None,
            with_payload=True,
        )
        answer = pb.ScrollResponse(result=[RestToGrpc.convert_record(one) for one in points])
        if following is not None:
            answer.next_page_offset.CopyFrom(RestToGrpc.convert_extended_point_id(following))
        return answer

    def health(r: Any) -> Any:
        return pb.HealthCheckReply(title="qdrant", version=double.version)

    return {
        "qdrant.Qdrant": {"HealthCheck": (pb.HealthCheckRequest, health)},
        "qdrant.Collections": {
            "Get": (pb.GetCollectionInfoRequest, get_collection),
            "List": (pb.ListCollectionsRequest, names),
            "CollectionClusterInfo": (pb.CollectionClusterInfoRequest, copies),
            "Create": (pb.CreateCollection, create),
            "Update": (pb.UpdateCollection, update),
            "Delete": (pb.DeleteCollection, delete),
            "UpdateAliases": (pb.ChangeAliases, aliases),
        },
        "qdrant.Points": {
            "Upsert": (pb.UpsertPoints, upsert),
            "Delete": (pb.DeletePoints, remove),
            "CreateFieldIndex": (pb.CreateFieldIndexCollection, index),
            "Count": (pb.CountPoints, count),
            "Get": (pb.GetPoints, get),
            "Query": (pb.QueryPoints, query),
            "Scroll": (pb.ScrollPoints, scroll),
        },
    }


_WRITING = {"Create", "Update", "Delete", "UpdateAliases", "Upsert", "CreateFieldIndex"}
_CODES = {
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.ALREADY_EXISTS,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    500: grpc.StatusCode.INTERNAL,
    503: grpc.StatusCode.UNAVAILABLE,
}


def _grpc_server(double: QdrantDouble) -> grpc.Server:
    def method(service: str, name: str, request: Any, act: Callable[[Any], Any]) -> Any:
        def serve(message: Any, context: Any) -> Any:
            double.seen.append(("GRPC", f"{service}/{name}"))
            fault = double.fault(double, "GRPC", name) if double.fault else None
            key = dict(context.invocation_metadata()).get("api-key")
            refused = name != "HealthCheck" and double.refused(key, writes=name in _WRITING)
            if fault:
                context.set_trailing_metadata(
                    [(name.lower(), text) for name, text in fault[1].items()]
                )
            if fault or refused:
                context.abort(_CODES[fault[0] if fault else refused or 0], "refused")
            try:
                with double.lock:
                    return act(message)
            except ValueError as error:
                known = {"not found": 404, "exists": 409}
                number = next((n for text, n in known.items() if text in str(error)), 404)
                return context.abort(_CODES[number], str(error))

        return grpc.unary_unary_rpc_method_handler(
            serve,
            request_deserializer=request.FromString,
            response_serializer=lambda message: message.SerializeToString(),
        )

    server = grpc.server(futures.ThreadPoolExecutor(4))
    for service, methods in _grpc_methods(double).items():
        handlers = {name: method(service, name, *parts) for name, parts in methods.items()}
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, handlers)])
    double.grpc_port = server.add_insecure_port("127.0.0.1:0")
    return server


@contextmanager
def qdrant_double(*, tls: ssl.SSLContext | None = None) -> Iterator[QdrantDouble]:
    """Serve on this computer until the block ends; REST by https with ``tls``."""
    double = QdrantDouble()
    handler = type("Handler", (_Handler,), {"double": double})
    rest = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    rest.daemon_threads = True
    if tls is not None:
        rest.socket = tls.wrap_socket(rest.socket, server_side=True)
    double.url = f"http{'s' if tls else ''}://127.0.0.1:{rest.server_port}"
    thread = threading.Thread(target=rest.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    grpc_server = _grpc_server(double)
    grpc_server.start()
    try:
        yield double
    finally:
        grpc_server.stop(0).wait()
        rest.shutdown()
        thread.join()
        rest.server_close()
        double.engine.close()


def times(count: int, status: int, on: str = "", *, after: int | str = 0) -> Fault:
    """Answer so many calls of paths that end with ``on`` with a status, and none after that.

    ``after`` are the seconds of the Retry-After header; an empty text leaves it out.
    """
    left = count

    def fault(double: QdrantDouble, method: str, path: str) -> tuple[int, dict[str, str]] | None:
        nonlocal left
        if not path.endswith(on) or left == 0:
            return None
        left -= 1
        return status, {} if after == "" else {"Retry-After": str(after)}

    return fault


def stall(seconds: float, on: str = "") -> Fault:
    """Delay calls of paths that end with ``on``."""

    def fault(double: QdrantDouble, method: str, path: str) -> tuple[int, dict[str, str]] | None:
        if path.endswith(on):
            time.sleep(seconds)
        return None

    return fault
