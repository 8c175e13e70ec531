"""From ratings to an index version: read, clean, count, build, publish."""

from __future__ import annotations

import itertools
import logging
import re
import time
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingest.cleaning import CleanRatings, clean
from ingest.points import Metadata, movie_batches, rater_batches
from ingest.progress import Progress
from ingest.report import Report, ratings_report
from ingest.sources.files import SourceFiles, open_source_files
from ingest.sources.movies import MovieMetadata, read_movies
from ingest.sources.ratings import RawRatings, read_ratings
from ingest.sources.tags import read_tags
from ingest.sources.users import attribute_values, read_users, without_rare_values
from ingest.statistics import Statistics, count
from recommender import IndexNotFoundError, Scale, __version__
from recommender.errors import IndexDamagedError
from recommender.settings import Weighting
from recommender.storage.encoding import ExternalId
from recommender.storage.index import IndexStore
from recommender.storage.manifest import Counts, IdKind, Maintenance, Manifest, Source
from recommender.storage.memory import peak_mb
from recommender.storage.open_store import opened

__all__ = ["Loaded", "build", "ingest", "load"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Loaded:
    """A source in memory: its cleaned ratings, and metadata of movies and users."""

    name: str
    """The source as the caller named it."""
    source: Source
    ratings: CleanRatings
    metadata: Metadata
    seconds: float
    """How long reading and cleaning took, without a download."""


def ingest(
    source: str,
    *,
    index: str | Path | IndexStore | None = None,
    url: str | None = None,
    name: str | None = None,
    api_key: str | None = None,
    scale: Scale | None = None,
    progress: Progress | None = None,
    trust_checksum: bool = False,
) -> Report:
    """Build a new index version from ratings and publish it to readers.

    Parameters
    ----------
    source : str
        ``"sample"``, the name of a data set to download such as ``"ml-1m"``, or the path of a
        folder, zip or file.
    index : path or IndexStore, optional
        Folder of an embedded index; or a store of any kind, which stays open, such as one with a
        layout from :func:`recommender.storage.open_store.choose_store`.
    url, name, api_key : str, optional
        Address of a Qdrant server, name of the index there, and a key that may write. Otherwise
        ``QDRANT_URL``, ``QDRANT_NAME`` and ``QDRANT_API_KEY``. Without ``index`` and ``url`` the
        environment decides, and by default it is the per-user data folder.
    scale : Scale, optional
        Scale of the ratings; detected unless given.
    progress : Progress, optional
        Shows each stage and how far it is.
    trust_checksum : bool
        Download without checking the host's certificate, for example one that has expired: the
        pinned checksum of the data set still proves that the bytes are right.

    Raises
    ------
    SourceError
        Where the ratings cannot be fetched or read. The index is then as it was.
    IndexProblem
        Where the index cannot be written. The index is then as it was.
    """
    progress = progress or Progress()
    with opened(index, url=url, name=name, api_key=api_key) as store:
        # A server that cannot be reached must fail the ingest before the work, not after it.
        with suppress(IndexNotFoundError, IndexDamagedError):
            store.token()
        report = build(store, load(source, scale, progress, trust_checksum), progress)
    # Without the source: it is a path, which may contain a person's name.
    _log.info("ingested", extra=report.model_dump(exclude={"source"}))
    return report


def load(
    source: str,
    scale: Scale | None = None,
    progress: Progress | None = None,
    trust_checksum: bool = False,
) -> Loaded:
    """Read and clean a source; arguments and errors are those of :func:`ingest`."""
    progress = progress or Progress()
    with open_source_files(source, progress=progress, trust_checksum=trust_checksum) as files:
        started = time.monotonic()
        with progress.stage("reading"):
            movies = read_movies(files.movies, files.links)
            raw, known = _read_ratings(files, movies)
        with progress.stage("cleaning"):
            cleaned = clean(raw, known, scale)
            # Arrow keeps freed memory for itself; the engine needs it next.
            del raw
            pa.default_memory_pool().release_unused()
        movie_ids, user_ids = _id_kind(cleaned.movie_ids), _id_kind(cleaned.user_ids)
        tags = read_tags(*files.tags, movie_ids) if files.tags else {}
        attributes = read_users(*files.users, user_ids, progress) if files.users else {}
    metadata = Metadata(movies, tags, attributes)
    return Loaded(source, files.source, cleaned, metadata, time.monotonic() - started)


def _read_ratings(
    files: SourceFiles, movies: dict[str, MovieMetadata]
) -> tuple[RawRatings, list[ExternalId] | None]:
    """Ratings, and the ids of the catalogue in the kind that the ratings have.

    Where these are integers, ``movies`` gets their plain texts as keys, in place.
    """
    if not movies:
        return read_ratings(*files.ratings), None
    integers = all(re.fullmatch(r"[+-]?[0-9]{1,18}", movie) for movie in movies)
    raw = read_ratings(*files.ratings, text_ids=() if integers else ("movie",))
    if pa.types.is_integer(raw.movie.type):
        # "0114508" and 114508 are the same movie, however the two files write it.
        for movie in list(movies):
            movies.setdefault(str(int(movie)), movies.pop(movie))
        return raw, sorted(int(movie) for movie in movies)
    return raw, sorted(movies)


def build(store: IndexStore, loaded: Loaded, progress: Progress | None = None) -> Report:
    """Write a new version beside the old one and publish it."""
    progress, cleaned = progress or Progress(), loaded.ratings
    started, weighting = time.monotonic(), Weighting()
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
        with progress.stage("finishing"):
            writer.finish(manifest)
        version, here = writer.publish(), peak_mb()
        peak = here and round(here + writer.peak_mb, 1)
    return Report(
        **ratings_report(loaded.name, cleaned, loaded.seconds + time.monotonic() - started),
        thin_raters=len(cleaned.user_ids) - len(raters),
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
        movie_ids=_id_kind(cleaned.movie_ids),
        user_ids=_id_kind(cleaned.user_ids),
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
    )


def _id_kind(ids: list[ExternalId]) -> IdKind:
    """Whether these ids are integers or text."""
    # Reading makes all ids of a source of one kind, so the first tells it.
    return "int" if isinstance(ids[0], int) else "str"
