"""What Streamlit and its server log, in the form of what we log ourselves."""

from __future__ import annotations

import logging

from recommender.logs import configure_logging

__all__ = ["begin_logging"]

_OTHERS = "streamlit", "uvicorn", "websockets"


def begin_logging() -> None:
    """Show on standard error what is logged here, as the settings say; only warnings of others.

    Streamlit gives each of its loggers a handler of its own. What uvicorn tells of connections
    names the address of a visitor.

    Raises InvalidInputError where a setting cannot be used.
    """
    configure_logging()
    for name in [*logging.root.manager.loggerDict]:
        if name.partition(".")[0] in _OTHERS:
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.setLevel(logging.WARNING)
            logger.propagate = True
