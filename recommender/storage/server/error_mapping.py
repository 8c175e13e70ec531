"""Mapping what qdrant-client raises to Kindred's errors.

REST and gRPC fail in different classes, and an answer that is not Qdrant's in many more. All of
them become a :class:`Failure`, and a failure becomes one error with one line of text.
"""

from __future__ import annotations

from json import JSONDecodeError
from typing import NamedTuple

import grpc
import httpx
from pydantic import ValidationError
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from recommender.errors import (
    EngineError,
    EngineUnavailableError,
    IndexBusyError,
    IndexProblem,
    VersionGoneError,
)
from recommender.settings import ServerSettings

__all__ = ["UNAVAILABLE", "Failure", "error_for", "failure_of"]

UNAVAILABLE = frozenset({500, 502, 503, 504})
"""Statuses of a node that is gone, starting, or cut off from its cluster; another may answer."""

_NOT_QDRANT, _NO_TLS = 0, -1
_BUSY = 429
# Characters of an answer that are shown.
_SHOWN = 300
_STATUS = {
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: _BUSY,
    grpc.StatusCode.INTERNAL: 500,
    grpc.StatusCode.FAILED_PRECONDITION: 500,
    grpc.StatusCode.UNKNOWN: 500,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}
_KINDS = {404: VersionGoneError, 409: IndexBusyError}
_TEXTS = {
    _NOT_QDRANT: (
        "what answers at {place} is no Qdrant server, or one too old or new: check the address "
        "and port, and whether it is http or https"
    ),
    _NO_TLS: (
        "no safe connection to {place} came about ({action}: {reason}): check whether it is http "
        "or https, and name a certificate authority of your own by SSL_CERT_FILE, or for gRPC by "
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"
    ),
    401: "{place} wants a key, or another one: set QDRANT_API_KEY ({action}: {reason})",
    403: (
        "the key for {place} does not allow {action}: ingest and roll back with one that may "
        "write, and do everything else with one that may read this index ({reason})"
    ),
    404: "a collection is gone from {place} ({action}): ask again, or ingest again",
    409: "another ingest is writing to {place}: wait for it to end, or give another name",
    _BUSY: "Qdrant at {place} is asked too much at the moment ({action}: {reason}): try again",
    503: "Qdrant cannot be reached, or is not ready, at {place} ({action}: {reason})",
    504: (
        "Qdrant at {place} did not answer in time ({action}): try again, or allow it more seconds "
        "by QDRANT_TIMEOUT"
    ),
}


class Failure(NamedTuple):
    """A failed call, whichever protocol it took."""

    status: int
    """As HTTP has it; 0 where no Qdrant answered, -1 where no safe connection came about."""
    reason: str
    after: float = 0.0
    """Seconds after which the server wants to be asked again."""
    broken: bool = False
    """Whether the connection broke."""


def failure_of(error: Exception) -> Failure | None:
    """Read what the client raised; None where the error is not the client's."""
    if isinstance(error, grpc.RpcError):
        return _failure_of_grpc(error)
    if isinstance(error, UnexpectedResponse):
        return _failure_of_status(error)
    if isinstance(error, ResponseHandlingException):
        return _failure_of_connection(error.source)
    if isinstance(error, QdrantException):
        return Failure(_BUSY, str(error), after=getattr(error, "retry_after_s", 0))
    # The answer was no JSON, of another shape, or without a result, which the client asserts.
    if isinstance(error, JSONDecodeError | UnicodeDecodeError | ValidationError | AssertionError):
        return Failure(_NOT_QDRANT, str(error))
    return None


def _failure_of_grpc(error: grpc.RpcError) -> Failure:
    # Every error of a call is a Call, which has these; the type does not say so.
    code, details = error.code(), str(error.details())
    status = _NO_TLS if "SSL" in details or "TLS" in details else _STATUS.get(code, 400)
    return Failure(status, f"{code.name} {details}", broken=code == grpc.StatusCode.UNAVAILABLE)


def _failure_of_status(error: UnexpectedResponse) -> Failure:
    text = error.content.decode("utf-8", "replace")
    # Qdrant says 408 where a call took it too long.
    status = 504 if error.status_code == 408 else error.status_code or 500
    # A redirection is never followed: it could lead the key elsewhere.
    redirection = status in range(300, 400)
    if redirection or (status == 404 and "json" not in error.headers.get("content-type", "")):
        status = _NOT_QDRANT
    return Failure(status, f"{error.status_code} {error.reason_phrase} {text}")


def _failure_of_connection(source: Exception) -> Failure:
    reason = f"{type(source).__name__} {source}"
    # The answer was of another shape, compressed wrongly, or not even HTTP.
    if isinstance(source, ValueError | httpx.DecodingError) or "illegal" in reason:
        return Failure(_NOT_QDRANT, reason)
    if isinstance(source, httpx.ConnectError) and "SSL" in reason:
        return Failure(_NO_TLS, reason)
    if isinstance(source, httpx.TimeoutException):
        return Failure(504, reason)
    broken = isinstance(source, httpx.ReadError | httpx.WriteError | httpx.RemoteProtocolError)
    return Failure(503, reason, broken=broken)


def error_for(failure: Failure, action: str, settings: ServerSettings) -> IndexProblem:
    """Describe a failure in one line: what was being done, and what to do next.

    Without the key: some servers repeat what they were asked with.
    """
    status, reason = failure.status, failure.reason
    if settings.api_key:
        reason = reason.replace(settings.api_key.get_secret_value(), "***")
    reason = " ".join(reason.split())[:_SHOWN]
    # A collection that exists may be reported as a bad request too.
    if status == 400 and "already exists" in reason:
        status = 409
    template = _TEXTS.get(status, "Qdrant at {place} failed {action}: {reason}")
    text = template.format(place=settings.url, action=action, reason=reason)
    if status == _BUSY or status in UNAVAILABLE:
        return EngineUnavailableError(text, after=failure.after)
    return _KINDS.get(status, EngineError)(text)
