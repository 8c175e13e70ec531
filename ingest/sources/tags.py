"""Read the tags of a source: normalised, counted by users, the most frequent of each movie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ingest.sources.detected import Detected
from ingest.sources.values.cells import read_id
from recommender.catalogue.titles import folded
from recommender.storage.encoding import ExternalId
from recommender.storage.manifest import IdKind

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MOST", "Tags", "read_tags"]

Tags = Mapping[ExternalId, tuple[str, ...]]
"""Tags of each movie by its id."""

MOST = 20
"""Tags stored of a movie."""


def read_tags(file: Detected, ids: IdKind) -> Tags:
    """Read the tags of movies; ``ids`` is the kind of movie ids the source has.

    Tags that differ only by case, accents or signs are one tag, in its most frequent spelling. A
    movie's tags are in descending order of users who gave them; ties are ordered by text.

    Raises SourceError where the file cannot be read.
    """
    import pandas as pd  # noqa: PLC0415 - slow to import, and few sources have tags

    rows = pd.DataFrame(file.table.texts(file.roles), columns=list(file.roles))
    # Without users each row counts as one.
    if "user" not in rows:
        rows["user"] = range(len(rows))
    rows = rows.dropna(subset=["movie", "tag"])
    # Each distinct text is converted once: a source repeats its tags and movies many times.
    rows["movie"] = rows["movie"].map({text: read_id(text, ids) for text in rows["movie"].unique()})
    rows["tag"] = rows["tag"].map({text: " ".join(text.split()) for text in rows["tag"].unique()})
    rows["key"] = rows["tag"].map({text: folded(text) for text in rows["tag"].unique()})
    rows = rows[rows["movie"].notna() & (rows["key"] != "")]
    spelling = _spellings(rows)
    found: dict[ExternalId, list[tuple[int, str]]] = {}
    for movie, key, count in _counts(
        rows.drop_duplicates(["movie", "key", "user"]), "movie", "key"
    ):
        found.setdefault(movie, []).append((-count, spelling[key]))
    return {movie: tuple(tag for _, tag in sorted(tags)[:MOST]) for movie, tags in found.items()}


def _counts(rows: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Values of these columns that occur together, and how often."""
    counts = rows.value_counts(list(columns)).reset_index()
    return zip(*(counts[name].tolist() for name in counts), strict=True)


def _spellings(rows: pd.DataFrame) -> dict[str, str]:
    """Most frequent spelling of each normalised tag; of equally frequent ones the first by text."""
    best: dict[str, tuple[int, str]] = {}
    for key, tag, count in _counts(rows, "key", "tag"):
        best[key] = min(best.get(key, (0, "")), (-count, tag))
    return {key: tag for key, (_, tag) in best.items()}
