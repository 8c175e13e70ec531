"""What goes wrong at a server, told as one error of ours."""

from __future__ import annotations

import json
import ssl
from functools import singledispatch
from typing import NamedTuple

import grpc
import httpx
from pydantic import ValidationError
from qdrant_client.common.client_exceptions import QdrantException, ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from recommender.errors import (
    EngineError,
    EngineUnavailableError,
    IndexBusyError,
    IndexProblem,
    VersionGoneError,
)

__all__ = ["AWAY", "Fault", "conceal", "fault_of", "no_qdrant", "problem"]

AWAY = frozenset({500, 502, 503, 504})
"""Statuses of a node that is gone, starting, or cut off from its cluster; another may answer."""

_NO_QDRANT, _NO_TLS = 0, -1
_BUSY = 429
_LATEST = 1_000_000
_LONGEST = 2_000
_secrets: set[str] = set()
_STATUS = {
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: _BUSY,
    grpc.StatusCode.INTERNAL: 500,
    grpc.StatusCode.FAILED_PRECONDITION: 500,
    grpc.StatusCode.UNKNOWN: 500,
    grpc.StatusCode.ABORTED: 503,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}


class Fault(NamedTuple):
    """A failed call, whichever protocol it took."""

    status: int
    """As HTTP has it; 0 where no Qdrant answered, -1 where no safe connection came about."""
    reason: str
    after: float = 0.0
    """Seconds after which the server wants to be asked again."""


@singledispatch
def fault_of(error: Exception) -> Fault | None:
    """Read what the client raised; None where it is nothing of the client's."""


@fault_of.register
def _(error: grpc.RpcError) -> Fault:
    # Every error of a call is a Call, which has these; the type does not say so.
    code, details = error.code(), str(error.details())
    status = _STATUS.get(code, 400)
    if "larger than max" in details:  # an answer of ours never is
        status = _NO_QDRANT
    if "SSL" in details or "TLS" in details:
        status = _NO_TLS
    return Fault(status, f"{code.name} {details}")


@fault_of.register
def _(error: UnexpectedResponse) -> Fault:
    if error.status_code in range(300, 400):  # followed nowhere, and least of all with a key
        return Fault(_NO_QDRANT, "a redirection")
    text = error.content[:_LONGEST].decode("utf-8", "replace")
    return Fault(error.status_code or 500, f"{error.status_code} {error.reason_phrase} {text}")


@fault_of.register
def _(error: ResponseHandlingException) -> Fault:
    source = error.source
    # The answer was no JSON, of another shape, packed wrongly, too large; or not even HTTP.
    wrong = (ValueError, httpx.DecodingError, httpx.LocalProtocolError)
    if isinstance(source, wrong) or "illegal" in str(source):
        return Fault(_NO_QDRANT, str(source))
    if _has_cause(source, ssl.SSLError):
        return Fault(_NO_TLS, str(source))
    late = isinstance(source, httpx.TimeoutException)
    return Fault(504 if late else 503, f"{type(source).__name__} {source}")


def _has_cause(error: BaseException | None, kind: type[Exception]) -> bool:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error is not None


@fault_of.register
def _(error: QdrantException) -> Fault:
    return Fault(_BUSY, str(error))


@fault_of.register
def _(error: ResourceExhaustedResponse) -> Fault:
    return Fault(_BUSY, str(error), float(min(error.retry_after_s, _LATEST)))


@fault_of.register(AssertionError)  # the client's own: an answer without a result
@fault_of.register(json.JSONDecodeError)
@fault_of.register(RecursionError)
@fault_of.register(UnicodeDecodeError)
@fault_of.register(ValidationError)
def _(error: Exception) -> Fault:
    return Fault(_NO_QDRANT, str(error))


@fault_of.register
def _(error: ValueError) -> Fault:
    # So the client in memory says what a server says by a status.
    status = 404 if "not found" in str(error) else 409 if "exists" in str(error) else 400
    return Fault(status, str(error))


def conceal(secret: str) -> None:
    """Let no error repeat this; some servers repeat what they were asked with."""
    _secrets.add(secret)


def no_qdrant(place: str) -> EngineError:
    """Say that something else answers."""
    return EngineError(
        f"what answers at {place} is no Qdrant server, or one too old or new: check the address "
        "and port, and whether it is http or https"
    )


def _shown(reason: str) -> str:
    """Make a short line of what a server said, without secrets."""
    for secret in _secrets:
        reason = reason.replace(secret, "***")
    # What is cut off may have been half a secret.
    signs = (sign if sign.isprintable() else " " for sign in reason[: _LONGEST // 2])
    return " ".join("".join(signs).split())[:300]


def problem(fault: Fault, doing: str, place: str) -> IndexProblem:
    """Tell a fault in one line, with what was being done and the way out."""
    status, reason = fault.status, _shown(fault.reason)
    if status == _NO_QDRANT:
        return no_qdrant(place)
    if status == _NO_TLS:
        return EngineError(
            f"no safe connection to {place} came about ({doing}: {reason}): check whether it is "
            "http or https, and name a certificate authority of your own by SSL_CERT_FILE, or for "
            "gRPC by GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"
        )
    if status == 400 and "already exists" in reason:
        status = 409
    if status == 408:
        status = 504
    kind: type[IndexProblem] = EngineError
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
    elif status == _BUSY:
        text = f"Qdrant at {place} is asked too much at the moment ({doing}: {reason}): try again"
    elif status == 503:
        text = f"Qdrant cannot be reached, or is not ready, at {place} ({doing}: {reason})"
    elif status == 504:
        text = (
            f"Qdrant at {place} did not answer in time ({doing}): try again, or allow it more "
            "seconds by QDRANT_TIMEOUT"
        )
    if status == _BUSY or status in AWAY:
        return EngineUnavailableError(text, after=fault.after)
    return kind(text)
