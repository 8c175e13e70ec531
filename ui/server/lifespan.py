"""What the server does when it starts."""

from __future__ import annotations

import gc
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st

from recommender import KindredError
from recommender.logs import configure_logging
from recommender.settings import CacheSettings
from ui.posters.fetcher import posters
from ui.server.open_index import served_index

__all__ = ["configure_server_logging", "lifespan"]

# New objects after which Python looks for garbage, in which time nobody is served. Most is freed
# without it; after 700, as usual, it would look several times at every click.
_COLLECTED = 20_000
_OTHER_LOGGERS = "streamlit", "uvicorn", "websockets"


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Configure logging, and open index and posters, before the first page."""
    configure_server_logging()
    # Opening the store reads the disk: the first page should not wait for it. A wrong setting is
    # reported by the page.
    with suppress(KindredError):
        posters()
        # Servers used to remember visitors who asked for it. Browsers do so now.
        shutil.rmtree(CacheSettings.read().cache / "visitors", ignore_errors=True)
    gc.set_threshold(_COLLECTED)
    # What is loaded by now stays as long as the server, and need not be looked through again.
    gc.collect()
    gc.freeze()
    served_index().check()  # likewise: it is opened meanwhile
    yield


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
