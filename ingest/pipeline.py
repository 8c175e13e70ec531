"""From ratings to an index version: read, clean, count, build, publish."""

from __future__ import annotations

import itertools
import logging
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from ingest.points import movie_batches, rater_batches
from ingest.progress import Progress
from ingest.reading import Loaded, ReadOptions, id_kind, load, reading_of
from ingest.report import Report, speed
from ingest.sources.detected import Columns
from ingest.sources.files import RatingsSource
from ingest.sources.users import attribute_values, without_rare_values
from ingest.star_errors import SampledErrors
from ingest.statistics import Statistics, count, density_of
from recommender import IndexNotFoundError, Scale, __version__
from recommender.errors import IndexDamagedError
from recommender.files.times import DateOrder
from recommender.settings import Weighting
from recommender.storage.index import IndexStore
from recommender.storage.manifest import Counts, Maintenance, Manifest
from recommender.storage.memory import peak_mb
from recommender.storage.open_store import opened

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["build", "ingest"]

_log = logging.getLogger(__name__)


def ingest(
    source: RatingsSource,
    *,
    index: str | Path | IndexStore | None = None,
    url: str | None = None,
    name: str | None = None,
    api_key: str | None = None,
    scale: Scale | None = None,
    columns: Columns | None = None,
    dates: DateOrder | None = None,
    movies: pd.DataFrame | None = None,
    progress: Progress | None = None,
    trust_checksum: bool = False,
) -> Report:
    """Build a new index version from ratings and publish it to readers.

    Parameters
    ----------
    source : str, Path, list of these, open file or DataFrame
        ``"sample"``, the name of a data set to download such as ``"ml-1m"``, or the path of a
        folder, zip or file; several paths of files that belong together; a file opened for reading
        bytes; or a pandas DataFrame with a row for each rating. ``docs/files.md`` lists what is
        understood.
    index : path or IndexStore, optional
        Folder of an embedded index; or a store of any kind, which stays open, such as one with a
        layout from :func:`recommender.storage.open_store.choose_store`.
    url, name, api_key : str, optional
        Address of a Qdrant server, name of the index there, and a key that may write. Otherwise
        ``QDRANT_URL``, ``QDRANT_NAME`` and ``QDRANT_API_KEY``. Without ``index`` and ``url`` the
        environment decides, and by default it is the per-user data folder.
    scale : Scale, optional
        Scale of the ratings; read from their values unless given. Ratings off it are left out.
    columns : dict, optional
        Headings of the columns of ratings, or their numbers from 1, by ``user``, ``movie``,
        ``rating`` and ``time``; for tables whose headings are not known.
    dates : {"day-first", "month-first"}, optional
        How to read dates such as 3/4/2015, where a column leaves it open.
    movies : DataFrame, optional
        A table of movies beside the ratings: their ids, titles and perhaps years and genres.
    progress : Progress, optional
        Shows each stage and how far it is.
    trust_checksum : bool
        Download without checking the host's certificate, for example one that has expired: the
        pinned checksum of the data set still proves that the bytes are right.

    Raises
    ------
    SourceError
        Where the ratings cannot be fetched or read, or leave open how they are to be read. The
        index is then as it was.
    InvalidInputError
        Where ``columns`` or ``dates`` are not as above.
    IndexProblem
        Where the index cannot be written. The index is then as it was.
    """
    progress = progress or Progress()
    options = ReadOptions(scale, columns, dates, movies, trust_checksum)
    with opened(index, url=url, name=name, api_key=api_key) as store:
        # A server that cannot be reached must fail the ingest before the work, not after it.
        with suppress(IndexNotFoundError, IndexDamagedError):
            store.token()
        report = build(store, load(source, options, progress), progress)
    # Without what is of the source: a path may contain a person's name.
    _log.info("ingested", extra=report.figures())
    return report


def build(
    store: IndexStore,
    loaded: Loaded,
    progress: Progress | None = None,
    *,
    weighting: Weighting | None = None,
) -> Report:
    """Write a new version beside the old one and publish it."""
    progress, cleaned = progress or Progress(), loaded.ratings
    started, weighting = monotonic(), weighting or Weighting()
    # An embedded index is locked by its writer: a second ingest fails here, before it counts.
    with closing(store.writer()) as writer:
        with progress.stage("counting"):
            statistics = count(cleaned, weighting)
        enough = np.flatnonzero(statistics.ratings_per_user >= weighting.min_ratings)
        raters = [cleaned.user_ids[user] for user in enough.tolist()]
        attributes = without_rare_values(loaded.metadata.attributes, raters)
        metadata = replace(loaded.metadata, attributes=attributes)
        values = attribute_values(attributes)
        manifest = _manifest(loaded, statistics, weighting, values, len(raters))
        # Fields that are indexed as points arrive save the engine a second pass over all payloads.
        writer.expect(manifest)
        errors = SampledErrors(cleaned, statistics, weighting)
        with progress.stage("storing", len(cleaned.user_ids) + len(cleaned.movie_ids)) as advance:
            # In turn, because the shards of a large index are built by two processes at once.
            for users, movies in itertools.zip_longest(
                rater_batches(cleaned, statistics, metadata, weighting),
                movie_batches(cleaned, statistics, metadata, weighting),
            ):
                for add, batch in ((writer.add_users, users), (writer.add_movies, movies)):
                    if batch is not None:
                        add(batch)
                        advance(len(batch))
                if movies is not None:
                    errors.add(movies)
        with progress.stage("finishing"):
            writer.finish(manifest.model_copy(update={"star_errors": errors.count()}))
        version, here = writer.publish(), peak_mb()
        peak = here and round(here + writer.peak_mb, 1)
    seconds = loaded.seconds + monotonic() - started
    return Report(
        **dict(reading_of(loaded.name, loaded.files, cleaned, loaded.metadata)),
        thin_raters=len(cleaned.user_ids) - len(raters),
        **speed(len(cleaned), seconds),
        peak_mb=peak,
        version=version,
    )


def _manifest(
    loaded: Loaded,
    statistics: Statistics,
    weighting: Weighting,
    attributes: dict[str, tuple[str, ...]],
    raters: int,
) -> Manifest:
    """The manifest of the new version; ``attributes`` are the values that stored raters have."""
    cleaned, users = loaded.ratings, len(loaded.ratings.user_ids)
    return Manifest(
        kindred=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        source=loaded.source,
        scale=cleaned.scale,
        timed=cleaned.day is not None,
        movie_ids=id_kind(cleaned.movie_ids),
        user_ids=id_kind(cleaned.user_ids),
        attributes=attributes,
        weighting=weighting,
        counts=Counts(
            ratings=len(cleaned),
            users=users,
            raters=raters,
            movies=len(cleaned.movie_ids),
            likes=int(statistics.likes.sum()),
            by_unit=tuple(np.trim_zeros(statistics.ratings_per_unit, "b").tolist()),
        ),
        maintenance=Maintenance(
            counted_users=users, recent_from=statistics.recent_from, next_user=users
        ),
        mean=statistics.mean,
        opinion_means=statistics.opinion_means,
        density=density_of(statistics, weighting),
    )
