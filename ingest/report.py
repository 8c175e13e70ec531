"""What an ingest read and did, as a caller gets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recommender.settings import Frozen
from recommender.storage.encoding import ExternalId

__all__ = ["FileRead", "Reading", "Report", "RowRead", "speed", "warnings_of"]

# More than this part of the rows left out for one reason is worth a warning.
_NOTABLE = 0.05
# Where another rating counts it is no loss, unless most rows are repeats: then users or movies may
# be another column.
_REPEATED, _MOST = "rated again later", 0.5


class FileRead(Frozen):
    """How a file of the source was taken."""

    name: str
    kind: str
    """``ratings``, ``movies``, ``links``, ``genres``, ``tags``, ``users`` or ``left aside``."""
    columns: dict[str, str]
    """Heading of each column that is read, by what it holds."""
    note: str
    """How columns without a known heading were told, or why the file is left aside."""


class RowRead(Frozen):
    """A rating as it was understood."""

    user: ExternalId
    movie: ExternalId
    title: str | None
    """None where the source has no titles."""
    rating: float | None
    """None where the source has likes only."""
    opinion: str
    """``like``, ``seen`` or ``dislike``."""
    day: str | None
    """Such as ``2004-11-09``; None where the source has no times."""


class Reading(Frozen):
    """How a source was understood."""

    source: str
    ratings: int
    """Ratings that count."""
    users: int
    """Users who gave them."""
    movies: int
    """Movies in the catalogue."""
    dropped: dict[str, int]
    """Rows left out, by reason."""
    scale: str
    """Scale of the ratings, such as ``0.5-5``, or ``likes only``."""
    like_from: float | None
    """Fewest stars that are a like; None where all ratings are."""
    dislike_to: float | None
    """Most stars that are a dislike; None where none are."""
    files: tuple[FileRead, ...]
    first: tuple[RowRead, ...]
    """The first ratings of the source."""
    warnings: tuple[str, ...]
    """What may be wrong with the source, a sentence each."""


class Report(Reading):
    """Result of an ingest."""

    thin_raters: int
    """Users with too few ratings to be neighbours."""
    seconds: float
    ratings_per_second: int
    peak_mb: float | None
    """Most memory used, in MiB, by all processes; None where the system does not tell."""
    version: str
    """Name of the version published."""

    def figures(self) -> dict[str, Any]:
        """What may stand in a log: nothing of the source itself."""
        return self.model_dump(exclude={"source", "files", "first", "warnings"})


def warnings_of(ratings: int, dropped: Mapping[str, int], examples: Mapping[str, str]) -> list[str]:
    """Warn of each reason for which more than a twentieth of the rows was left out."""
    total = ratings + sum(dropped.values())
    return [
        f"left out are {rows:,} of {total:,} rows ({rows / total:.0%}): {reason}"
        + (f", such as {examples[reason]}" if reason in examples else "")
        for reason, rows in dropped.items()
        if rows > (_MOST if reason == _REPEATED else _NOTABLE) * total
    ]


def speed(ratings: int, seconds: float) -> dict[str, Any]:
    """Fields of a report on the time that so many ratings took."""
    return {
        "seconds": round(seconds, 3),
        "ratings_per_second": int(ratings / max(seconds, 1e-9)),
    }
