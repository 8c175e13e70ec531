"""The tags of a source: what people wrote on movies, folded, counted and cut to the commonest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ingest.sources.detection import Layout
from ingest.sources.movies import read_whole
from ingest.sources.tables import read_id
from recommender.archives import Member
from recommender.catalogue.titles import folded
from recommender.storage.encoding import ExternalId
from recommender.storage.manifest import IdKind

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MOST", "Tags", "read_tags"]

Tags = Mapping[ExternalId, tuple[str, ...]]
"""Tags of each movie by its id."""

MOST = 20
"""Tags kept of a movie."""


def read_tags(member: Member, layout: Layout, ids: IdKind) -> Tags:
    """Read who wrote what on which movie; ``ids`` is the kind of movie ids the source has.

    Tags that differ by case, accents or signs only are one, shown as it is most often written. Of a
    movie's tags those of the most people come first; ties by text.

    Raises SourceError where the file cannot be read.
    """
    import pandas as pd  # noqa: PLC0415 - slow to import, and few sources have tags

    given = read_whole(member, layout)
    rows = pd.DataFrame({name: given.column(name).to_pylist() for name in given.column_names})
    if "user" not in rows:
        rows["user"] = range(len(rows))
    rows = rows.dropna(subset=["movie", "tag"])
    rows["movie"] = rows["movie"].map({text: read_id(text, ids) for text in rows["movie"].unique()})
    rows["tag"] = rows["tag"].map({text: " ".join(text.split()) for text in rows["tag"].unique()})
    rows["key"] = rows["tag"].map({text: folded(text) for text in rows["tag"].unique()})
    rows = rows[rows["movie"].notna() & (rows["key"] != "")]
    shown = _most_written(rows)
    found: dict[ExternalId, list[tuple[int, str]]] = {}
    for movie, key, count in _counts(
        rows.drop_duplicates(["movie", "key", "user"]), "movie", "key"
    ):
        found.setdefault(movie, []).append((-count, shown[key]))
    return {
        movie: tuple(tag for _, tag in sorted(counted)[:MOST]) for movie, counted in found.items()
    }


def _counts(rows: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Values of these columns, and how often they occur together."""
    counts = rows.value_counts(list(columns)).reset_index()
    return zip(*(counts[name].tolist() for name in counts), strict=True)


def _most_written(rows: pd.DataFrame) -> dict[str, str]:
    """How each folded tag is written most often, ties by text."""
    shown: dict[str, tuple[int, str]] = {}
    for key, tag, count in _counts(rows, "key", "tag"):
        shown[key] = min(shown.get(key, (0, "")), (-count, tag))
    return {key: tag for key, (_, tag) in shown.items()}
