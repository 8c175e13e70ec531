"""The one open recommender of this server."""

from __future__ import annotations

import logging
import threading
import zlib

from recommender import IndexNotFoundError, IndexStats, InvalidInputError, KindredError, Recommender
from recommender.health import check_health
from recommender.settings import ServerSettings
from ui.server.shared import Single
from ui.server.unavailable import Circuit

__all__ = ["circuit", "place", "recommender", "switch", "version_of"]

_STILL_ASKED = 120.0
"""Seconds for which pages that are being drawn may go on asking an index that was switched from."""


class _Choice:
    """Which index the operator chose, if any, and the recommender just opened for it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.place = ""
        self.opened: Recommender | None = None


@Single
def _choice() -> _Choice:
    return _Choice()


@Single
def circuit() -> Circuit:
    """Return what stands between all visitors and the index."""
    return Circuit(lambda: check_health(recommender()))


class _Served(Single[Recommender]):
    def __call__(self) -> Recommender:
        circuit().check()
        return super().__call__()


@_Served
def recommender() -> Recommender:
    """Open the index, once for all visitors; it follows a new ingest by itself.

    Raises KindredError where there is none, or it cannot be read or asked. Nothing is kept then:
    the next run tries again.
    """
    choice = _choice()
    opened, choice.opened = choice.opened, None
    if opened is not None:
        return opened
    with circuit().guard():  # whoever waited for this need not try it again
        try:
            return _open(choice.place)
        except IndexNotFoundError as problem:
            if not choice.place:
                raise
            message = "back to the index the server began with: %s"
            logging.getLogger(__name__).warning(message, problem)
            choice.place = ""
            return _open("")


def place() -> str:
    """Name the folder or server that visitors are served from."""
    return recommender().stats().place


def version_of(stats: IndexStats) -> str:
    """Name a version of an index so that no other index has one of this name."""
    which = f"{stats.place} {stats.created}".encode("utf-8", "replace")
    return f"{stats.version}-{zlib.crc32(which):08x}"


def switch(to: str) -> None:
    """Serve all visitors from the index in another folder or on another server.

    An empty text means the index the server began with. The new index is opened first: where that
    fails, the old one goes on serving, and a KindredError says why.
    """
    choice = _choice()
    with choice.lock:
        opened = _open(to.strip())
        try:
            old = recommender()
        except KindredError:  # there was nothing to serve from
            old = None
        choice.place, choice.opened = to.strip(), opened
        circuit().close()
        recommender.clear()
        recommender()
    if old is not None:
        timer = threading.Timer(_STILL_ASKED, old.close)
        timer.daemon = True
        timer.start()


def _open(chosen: str) -> Recommender:
    if not chosen:
        return Recommender.open()
    if not chosen.isprintable():
        raise InvalidInputError(f"{chosen!r} names no index: give a folder or an address")
    if "://" not in chosen:
        return Recommender.open(chosen)
    # Our key is for our own servers, wherever an operator may point.
    ours = chosen.rstrip("/") in ServerSettings.read().addresses
    return Recommender.connect(chosen, api_key=None if ours else "")
