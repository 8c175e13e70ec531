"""Repeating calls to a server whose failure may pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from recommender.errors import EngineUnavailableError, VersionGoneError

__all__ = ["with_retries"]

# The pause after each failure, in seconds. Enough of them to fill _GIVE_UP.
_PAUSES = (0.5, 1.0, 2.0, 4.0, *[8.0] * 30)
# Seconds after which a call is not repeated: a server may take two minutes to restart. Limiting
# time and not attempts, because a call that hangs takes long itself.
_GIVE_UP = 120.0
# Seconds within which all nodes of a cluster learn what one of them has confirmed.
_PROPAGATION = 10.0

T = TypeVar("T")


def with_retries(call: Callable[[], T], stopped: Event | None = None, *, exists: bool = False) -> T:
    """Make a call that may be repeated safely, again after a pause where the failure may pass.

    The pauses grow, and are longer where the server asks for that; where it asks for more time than
    is left, the error is raised at once.

    ``stopped`` ends the waiting when set. With ``exists`` the call is about a collection that is
    known to exist: an answer that it is not there then comes from a node that has yet to hear of
    it, and is retried for a few seconds.

    Raises the error of the last call.
    """
    stopped, began = stopped or Event(), time.monotonic()
    for pause in _PAUSES:
        try:
            return call()
        except EngineUnavailableError as error:
            longer = max(pause, error.after)
            if time.monotonic() - began + longer >= _GIVE_UP or stopped.wait(longer):
                raise
        except VersionGoneError:
            if not exists or time.monotonic() - began >= _PROPAGATION or stopped.wait(pause):
                raise
    return call()
