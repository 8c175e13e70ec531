"""A server just started: nothing is open, known or chosen yet."""

from __future__ import annotations

from typing import Any

from ui.pages import first_run
from ui.posters import fetcher
from ui.server import open_index
from ui.server.singleton import Singleton

__all__ = ["SINGLETONS", "fresh"]

SINGLETONS: tuple[Singleton[Any], ...] = (
    open_index.served_index,
    first_run.sample_ingest,
    fetcher.posters,
)


def fresh() -> None:
    """Have every singleton made anew."""
    for singleton in SINGLETONS:
        singleton.clear()
