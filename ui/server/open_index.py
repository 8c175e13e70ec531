"""The one open recommender of this server, and which index it is of."""

from __future__ import annotations

import logging
import threading
import zlib

from recommender import IndexNotFoundError, IndexStats, InvalidInputError, KindredError, Recommender
from recommender.health import check_health
from recommender.settings import ServerSettings
from ui.server.singleton import Singleton
from ui.server.unavailable import CircuitBreaker

__all__ = ["circuit_breaker", "recommender", "switch_index", "version_of"]

_CLOSE_AFTER = 120.0
"""Seconds after a switch until the old index is closed: pages being drawn still ask it."""


class _Choice:
    """Which index the operator chose, if any, and the recommender just opened for it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.place = ""
        self.opened: Recommender | None = None


_choice = Singleton(_Choice)


@Singleton
def circuit_breaker() -> CircuitBreaker:
    """Return the circuit breaker between all visitors and the index."""
    return CircuitBreaker(lambda: check_health(recommender()))


class _GuardedSingleton(Singleton[Recommender]):
    def __call__(self) -> Recommender:
        # Before the lock of the singleton, where others may wait for one that tries to open it.
        circuit_breaker().check()
        return super().__call__()


@_GuardedSingleton
def recommender() -> Recommender:
    """Open the index, once for all visitors; it follows a new ingest by itself.

    Raises KindredError where there is none, or it cannot be read or asked. Nothing is kept then:
    the next run tries again.
    """
    choice = _choice()
    opened, choice.opened = choice.opened, None
    if opened is not None:
        return opened
    with circuit_breaker().calling():  # whoever waited for this need not try it again
        try:
            return _open(choice.place)
        except IndexNotFoundError as problem:
            if not choice.place:
                raise
            message = "back to the index the server began with: %s"
            logging.getLogger(__name__).warning(message, problem)
            choice.place = ""
            return _open("")


def version_of(stats: IndexStats) -> str:
    """Name a version of an index so that no other index has a version of this name."""
    index = f"{stats.place} {stats.created}".encode("utf-8", "replace")
    return f"{stats.version}-{zlib.crc32(index):08x}"


def switch_index(place: str) -> None:
    """Serve all visitors from the index in another folder or on another server.

    An empty ``place`` means the index the server began with. The new index is opened first: where
    that fails, the old one goes on serving, and a KindredError says why.
    """
    choice = _choice()
    with choice.lock:
        opened = _open(place.strip())
        try:
            old = recommender()
        except KindredError:  # there was no index before
            old = None
        choice.place, choice.opened = place.strip(), opened
        circuit_breaker().close()
        recommender.clear()
        recommender()
    if old is not None:
        timer = threading.Timer(_CLOSE_AFTER, old.close)
        timer.daemon = True
        timer.start()


def _open(place: str) -> Recommender:
    if not place:
        return Recommender.open()
    if not place.isprintable():
        raise InvalidInputError(f"{place!r} names no index: give a folder or an address")
    if "://" not in place:
        return Recommender.open(place)
    # The key in our environment goes to our own servers only: an operator may type any address,
    # and its server would read the key.
    ours = place.rstrip("/") in ServerSettings.read().addresses
    return Recommender.connect(place, api_key=None if ours else "")
