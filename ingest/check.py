"""Tell how a source would be understood, writing nothing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.progress import Progress
from ingest.reading import ReadOptions, load, reading_of
from ingest.report import Reading
from ingest.sources.detected import Columns
from ingest.sources.files import RatingsSource
from ingest.update.append import check_append
from recommender import Scale
from recommender.files.times import DateOrder
from recommender.storage.index import IndexStore
from recommender.storage.open_store import opened

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check"]


def check(
    source: RatingsSource,
    *,
    scale: Scale | None = None,
    columns: Columns | None = None,
    dates: DateOrder | None = None,
    movies: pd.DataFrame | None = None,
    append_to: str | Path | IndexStore | None = None,
    progress: Progress | None = None,
    trust_checksum: bool = False,
) -> Reading:
    """Tell how a source is understood: its files, columns and scale, and what is left out and why.

    Nothing is written. With ``append_to``, the folder or store of an index, it is what appending to
    that index would make of the source. The other parameters and the errors are those of
    :func:`ingest.ingest`.
    """
    progress, options = (
        progress or Progress(),
        ReadOptions(scale, columns, dates, movies, trust_checksum),
    )
    if append_to is None:
        loaded = load(source, options, progress)
        return reading_of(loaded.name, loaded.files, loaded.ratings, loaded.metadata)
    with opened(append_to) as store, closing(store.open()) as index:
        return check_append(source, index, store.place, options, progress)
