"""A server just started: nothing is open, known or chosen yet."""

from __future__ import annotations

from typing import Any

from ui.pages import first_run, operator
from ui.posters import fetcher
from ui.server import health, open_index
from ui.server.shared import Single
from ui.state import tickets, visitors

__all__ = ["SINGLES", "fresh"]

SINGLES: tuple[Single[Any], ...] = (
    open_index.recommender,
    open_index._choice,
    open_index.circuit,
    first_run.ingest,
    health._watch,
    operator._gate,
    fetcher.posters,
    tickets.tickets,
    visitors.visitors,
)


def fresh() -> None:
    """Forget what there is one of."""
    for one in SINGLES:
        one.clear()
