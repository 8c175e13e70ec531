"""A wire between a client and a server that a test can cut, or let misbehave in many ways.

What is behind a cut wire looks dead. A fault answers in the place of what is behind.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Self
from urllib.parse import urlsplit

__all__ = ["Fault", "Wire", "reset", "says", "silence"]

Fault = Callable[[socket.socket], None]
"""What is done with a connection that somebody opened; it is closed afterwards."""


def silence(near: socket.socket) -> None:
    """Take everything in and never answer, until the other side goes."""
    while near.recv(1 << 16):
        pass


def says(*parts: bytes, pause: float = 0.0, broken: bool = False) -> Fault:
    """Answer with these parts, with pauses in between, and then hang up, or break off."""
    gone = threading.Event()

    def fault(near: socket.socket) -> None:
        near.recv(1 << 16)
        for part in parts:
            near.sendall(part)
            gone.wait(pause)
        if broken:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return fault


reset = says(broken=True)
"""Wait for a question and break the connection, as a server does that is killed."""


class Wire:
    """Passes on whatever comes to a port of this computer, until it is cut."""

    def __init__(self, target: tuple[str, int], *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Open it; port 0 takes any that is free.

        Raises OSError where the port, or the address, is not to be had.
        """
        self._target = target
        self._lock = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._open = False
        self._faults: Iterator[Fault] = iter(())
        self.address = host, port
        self.mend()

    @classmethod
    def to(cls, url: str) -> Self:
        """Lead to the server at an address."""
        parts = urlsplit(url)
        return cls((parts.hostname or "", parts.port or 0))

    @property
    def url(self) -> str:
        """Where it begins."""
        return f"http://{self.address[0]}:{self.address[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.cut()

    def misbehave(self, faults: Iterable[Fault]) -> None:
        """Let one fault after the other happen to the connections to come, and then none."""
        self._faults = iter(faults)

    def mend(self) -> None:
        """Let connections through again, at the same port."""
        if self._open:
            return
        self._listener = socket.create_server(self.address)
        self._listener.settimeout(0.02)
        self.address = self._listener.getsockname()[:2]
        self._open = True
        self._doorman = threading.Thread(target=self._accept, daemon=True)
        self._doorman.start()

    def cut(self) -> None:
        """Break all connections and let none through; on return that is so."""
        if not self._open:
            return
        self._open = False
        self._doorman.join()
        self._listener.close()
        with self._lock:
            for end in self._ends:
                with contextlib.suppress(OSError):  # its other side was faster
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while self._open:
            with contextlib.suppress(TimeoutError):
                near, _ = self._listener.accept()
                near.settimeout(None)
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        if fault := next(self._faults, None):
            with self._lock:
                self._ends.add(near)
            with near, contextlib.suppress(OSError):
                fault(near)
            return
        with near, contextlib.suppress(OSError), socket.create_connection(self._target) as far:
            with self._lock:
                self._ends |= {near, far}
                if not self._open:
                    return
            back = threading.Thread(target=_pass_on, args=(far, near), daemon=True)
            back.start()
            _pass_on(near, far)
            back.join()
        with self._lock:
            self._ends -= {near, far}


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Pass on what comes until nothing comes any more; then say so to both sides."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
