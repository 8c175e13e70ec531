"""A transport for REST calls with one deadline for the whole call and a limit on the answer.

httpx starts its timeout anew at every read, so that a server that sends a byte now and then would
hold a call for ever. gRPC has one deadline for a call, a limit and a retry of its own.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

__all__ = ["LARGEST", "Transport"]

LARGEST = 256 << 20
"""Bytes of an answer at most: the largest real ones hold ratings of some hundred raters."""
# Bytes written at once: the deadline is looked at between two pieces.
_PIECE = 1 << 16
_deadline: ContextVar[float] = ContextVar("_deadline")


class Transport(httpx.HTTPTransport):
    """Makes each call within so many seconds, and once more where its connection breaks.

    A server closes a connection that was idle for a while, and may do so just as the next call is
    sent. Only calls that may be repeated safely are made here.
    """

    def __init__(self, url: str, seconds: float, limits: httpx.Limits) -> None:
        super().__init__(limits=limits, proxy=_proxy(url))
        self._seconds = seconds
        self._pool._network_backend = _Backend()  # httpx offers no argument for it

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make a call and read its answer.

        Raises httpx.HTTPError where that fails, takes too long, or the answer is too large.
        """
        _deadline.set(time.monotonic() + self._seconds)
        try:
            return self._answer(request)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), max(_seconds_left(), 0.0))
        request.extensions = {**request.extensions, "timeout": timeout}
        answer = super().handle_request(request)
        read = bytearray()
        try:
            for part in answer.iter_bytes():
                read += part
                if len(read) > LARGEST:
                    raise httpx.DecodingError(f"an answer of more than {LARGEST >> 20} MiB")
        finally:
            answer.close()
        # The content is decoded and whole by now, so that these headers are no longer true.
        outdated = {"content-encoding", "content-length", "transfer-encoding"}
        headers = [(k, v) for k, v in answer.headers.multi_items() if k not in outdated]
        return httpx.Response(answer.status_code, headers=headers, content=bytes(read))


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for an address, as httpx by itself would find it."""
    parts, proxies = urlsplit(url), getproxies()
    if proxy_bypass(parts.netloc) or proxy_bypass(parts.hostname or ""):
        return None
    found = proxies.get(parts.scheme) or proxies.get("all")
    return found if found is None or "://" in found else f"http://{found}"


class _Backend(httpcore.SyncBackend):
    """Opens connections whose reads and writes end at the deadline of their call."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that answers.

        Each gets an equal part of the time that is left, so that a dead one does not use it up.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for others, (*_, address) in zip(reversed(range(len(found))), found, strict=True):
            part = _check_deadline() / (others + 1)
            try:
                return _Stream(
                    super().connect_tcp(str(address[0]), port, part, local_address, socket_options)
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not others:
                    raise
        raise httpcore.ConnectError(f"{host} has no address")


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _check_deadline())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], _check_deadline())

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, *arguments: Any, **given: Any) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(*arguments, **given | {"timeout": _check_deadline()}))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _seconds_left() -> float:
    return _deadline.get() - time.monotonic()


def _check_deadline() -> float:
    """Seconds left, more than 0; raises httpcore.ReadTimeout where there are none."""
    if (left := _seconds_left()) <= 0:
        raise httpcore.ReadTimeout("the time of the call is up")
    return left
