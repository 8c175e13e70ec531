"""What is logged, and the form in which programs show it.

The libraries log under ``recommender``, ``ingest`` and ``ui``, and leave it to programs what
becomes of it. The message of a record names the event, and its fields are attributes of the record.
They are counts, times, names of versions and classes of errors: never what somebody asked, searched
or rated, who they are, or a key.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from recommender.settings import LogSettings

__all__ = ["configure_logging", "logged"]

_OURS = "recommender", "ingest", "ui", "kindred"
# What every record has: whatever else is in one are the fields of an event.
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}


@contextmanager
def logged(log: logging.Logger, event: str, **fields: object) -> Iterator[dict[str, object]]:
    """Log an event when the block ends: what was added to its fields, and the milliseconds it took.

    A block that fails adds the class of the error, and not its message, which may quote what
    somebody asked.
    """
    started = time.perf_counter()
    try:
        yield fields
    except BaseException as error:
        fields["error"] = type(error).__name__
        raise
    finally:
        fields["milliseconds"] = round(1e3 * (time.perf_counter() - started), 3)
        log.info(event, extra=fields)


def configure_logging() -> None:
    """Show what this program logs on standard error, as ``KINDRED_LOG`` and its level say.

    Of other libraries only warnings and errors are shown: their messages about their work quote
    addresses.

    Raises
    ------
    InvalidInputError
        Where a setting cannot be used.
    """
    settings = LogSettings.read()
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines() if settings.log == "json" else _TextLines())
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)


def _fields(record: logging.LogRecord) -> dict[str, object]:
    if record.name.partition(".")[0] not in _OURS:  # what others add may be anything
        return {}
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


class _TextLines(logging.Formatter):
    """The event, and its fields behind it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Give one line."""
        pairs = (f"{name}={value}" for name, value in _fields(record).items())
        return " ".join([record.message, *pairs])


class _JsonLines(logging.Formatter):
    """One JSON object on a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Give one line."""
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
