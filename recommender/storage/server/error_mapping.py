"""Mapping what qdrant-client raises to Kindred's errors.

REST and gRPC fail in different classes, and an answer that is not Qdrant's in many more. All of
them become a :class:`Failure`, and a failure becomes one error with one line of text.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
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

__all__ = [
    "UNAVAILABLE",
    "Failure",
    "error_for",
    "failure_of",
    "hide_secret",
    "mapped_errors",
    "not_qdrant",
]

UNAVAILABLE = frozenset({500, 502, 503, 504})
"""Statuses of a node that is gone, starting, or cut off from its cluster; another may answer."""

_NOT_QDRANT, _NO_TLS = 0, -1
_BUSY = 429
# Seconds: a server may ask for more than a lock can be waited for.
_LONGEST_WAIT = 1_000_000
# Bytes of an answer that are read for a message.
_LONGEST_TEXT = 2_000
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


_KINDS = {404: VersionGoneError, 409: IndexBusyError}
_TEXTS = {
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


@singledispatch
def failure_of(error: Exception) -> Failure | None:
    """Read what the client raised; None where the error is not the client's."""


@failure_of.register
def _(error: grpc.RpcError) -> Failure:
    # Every error of a call is a Call, which has these; the type does not say so.
    code, details = error.code(), str(error.details())
    status = _STATUS.get(code, 400)
    if "larger than max" in details:  # no answer to Kindred's calls is
        status = _NOT_QDRANT
    if "SSL" in details or "TLS" in details:
        status = _NO_TLS
    return Failure(status, f"{code.name} {details}")


@failure_of.register
def _(error: UnexpectedResponse) -> Failure:
    if error.status_code in range(300, 400):  # never followed: it could lead the key elsewhere
        return Failure(_NOT_QDRANT, "a redirection")
    text = error.content[:_LONGEST_TEXT].decode("utf-8", "replace")
    return Failure(error.status_code or 500, f"{error.status_code} {error.reason_phrase} {text}")


@failure_of.register
def _(error: ResponseHandlingException) -> Failure:
    source = error.source
    # The answer was no JSON, of another shape, compressed wrongly, too large, or not even HTTP.
    wrong = (ValueError, httpx.DecodingError, httpx.LocalProtocolError)
    if isinstance(source, wrong) or "illegal" in str(source):
        return Failure(_NOT_QDRANT, str(source))
    if _has_cause(source, ssl.SSLError):
        return Failure(_NO_TLS, str(source))
    late = isinstance(source, httpx.TimeoutException)
    return Failure(504 if late else 503, f"{type(source).__name__} {source}")


def _has_cause(error: BaseException | None, kind: type[Exception]) -> bool:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error is not None


@failure_of.register
def _(error: QdrantException) -> Failure:
    return Failure(_BUSY, str(error))


@failure_of.register
def _(error: ResourceExhaustedResponse) -> Failure:
    return Failure(_BUSY, str(error), float(min(error.retry_after_s, _LONGEST_WAIT)))


@failure_of.register(AssertionError)  # the client's own: an answer without a result
@failure_of.register(json.JSONDecodeError)
@failure_of.register(RecursionError)
@failure_of.register(UnicodeDecodeError)
@failure_of.register(ValidationError)
def _(error: Exception) -> Failure:
    return Failure(_NOT_QDRANT, str(error))


@failure_of.register
def _(error: ValueError) -> Failure:
    # The client in memory raises this where a server answers with a status.
    status = 404 if "not found" in str(error) else 409 if "exists" in str(error) else 400
    return Failure(status, str(error))


def hide_secret(secret: str) -> None:
    """Keep a secret out of all messages; some servers repeat what they were asked with."""
    _secrets.add(secret)


def not_qdrant(place: str) -> EngineError:
    """Say that something else answers."""
    return EngineError(
        f"what answers at {place} is no Qdrant server, or one too old or new: check the address "
        "and port, and whether it is http or https"
    )


def error_for(failure: Failure, action: str, place: str) -> IndexProblem:
    """Describe a failure in one line: what was being done, and what to do next."""
    status, reason = failure.status, _one_line(failure.reason)
    if status == _NOT_QDRANT:
        return not_qdrant(place)
    # A collection that exists may be reported as a bad request too.
    if status == 400 and "already exists" in reason:
        status = 409
    if status == 408:
        status = 504
    template = _TEXTS.get(status, "Qdrant at {place} failed {action}: {reason}")
    text = template.format(place=place, action=action, reason=reason)
    if status == _BUSY or status in UNAVAILABLE:
        return EngineUnavailableError(text, after=failure.after)
    return _KINDS.get(status, EngineError)(text)


def _one_line(reason: str) -> str:
    """Make a short line of what a server answered, without secrets."""
    for secret in _secrets:
        reason = reason.replace(secret, "***")
    # A text cut at _LONGEST_TEXT may end in half a secret, which is not found above: only the first
    # half of such a text is used.
    signs = (sign if sign.isprintable() else " " for sign in reason[: _LONGEST_TEXT // 2])
    return " ".join("".join(signs).split())[:300]


@contextmanager
def mapped_errors(action: str, place: str) -> Iterator[None]:
    """Turn whatever the client raises in the block into one of Kindred's errors."""
    try:
        yield
    except Exception as error:  # of many kinds: what failure_of does not know is raised again
        if (failure := failure_of(error)) is None:
            raise
        # Not from the error: tracebacks would show what a server repeats.
        raise error_for(failure, action, place) from None
