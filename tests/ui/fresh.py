"""A server just started: nothing is open, known or chosen yet."""

from __future__ import annotations

from typing import Any

from ui import engine, first_run, health, operator_access, posters, tickets, visitors
from ui.single import Single

__all__ = ["SINGLES", "fresh"]

SINGLES: tuple[Single[Any], ...] = (
    engine.recommender,
    engine._choice,
    engine.circuit,
    first_run.ingest,
    health._watch,
    operator_access._gate,
    posters.posters,
    tickets.tickets,
    visitors.visitors,
)


def fresh() -> None:
    """Forget what there is one of."""
    for one in SINGLES:
        one.clear()
