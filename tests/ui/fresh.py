"""A server just started: nothing is open, known or chosen yet."""

from __future__ import annotations

from typing import Any

from ui.pages import first_run, operator
from ui.posters import fetcher
from ui.server import open_index
from ui.server.singleton import Singleton
from ui.state import tickets, visitors

__all__ = ["SINGLETONS", "fresh"]

SINGLETONS: tuple[Singleton[Any], ...] = (
    open_index.served_index,
    first_run.sample_ingest,
    operator._gate,
    fetcher.posters,
    tickets.tickets,
    visitors.visitors,
)


def fresh() -> None:
    """Have every singleton made anew."""
    for singleton in SINGLETONS:
        singleton.clear()
