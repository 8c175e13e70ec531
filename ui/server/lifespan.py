"""What the server does when it starts, and once a day from then on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st
from starlette.concurrency import run_in_threadpool

from recommender import KindredError
from recommender.logs import configure_logging
from ui.posters.fetcher import posters
from ui.server.open_index import served_index
from ui.state.visitors import FAULTS, visitors

__all__ = ["configure_server_logging", "lifespan"]

_DAY = 24 * 3600  # seconds
_OTHER_LOGGERS = "streamlit", "uvicorn", "websockets"


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Configure logging, open index and posters, and forget old visitors while the server runs."""
    configure_server_logging()
    # Opening the store reads the disk: the first page should not wait for it. A wrong setting is
    # reported by the page.
    with suppress(KindredError):
        posters()
    served_index().check()  # likewise: it is opened meanwhile
    forgetting = asyncio.create_task(_forget_daily())
    yield
    forgetting.cancel()


def configure_server_logging() -> None:
    """Log to standard error in the form the settings ask for; from other libraries, warnings only.

    Raises InvalidInputError where a setting cannot be used.
    """
    configure_logging()
    for name in [*logging.root.manager.loggerDict]:
        if name.partition(".")[0] in _OTHER_LOGGERS:
            logger = logging.getLogger(name)
            # Streamlit gives each of its loggers a handler: with ours, lines would appear twice.
            logger.handlers.clear()
            # Below a warning, uvicorn logs each connection with the address of the visitor.
            logger.setLevel(logging.WARNING)
            logger.propagate = True


async def _forget_daily() -> None:
    # By the clock, because visitors must be forgotten in time on a server that nobody visits.
    while True:
        try:
            await run_in_threadpool(lambda: visitors().tidy())
        except (*FAULTS, KindredError) as problem:
            logging.getLogger(__name__).warning("visitors are not forgotten now: %s", problem)
        await asyncio.sleep(_DAY)
