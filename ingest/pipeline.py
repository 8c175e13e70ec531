"""The way a rating travels: read, clean, weigh, build, publish."""

from __future__ import annotations

import itertools
import logging
import re
import time
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from ingest.cleaning import CleanRatings, clean
from ingest.points import Told, movies, raters
from ingest.progress import Logged, Progress, Quiet
from ingest.sources.movies import MovieFacts, read_movies
from ingest.sources.opening import Files, open_files
from ingest.sources.raters import read_people, shared, values_of
from ingest.sources.tables import RawRatings, read_ratings
from ingest.sources.tags import read_tags
from ingest.statistics import Counted, count
from recommender import IndexNotFoundError, Scale, __version__
from recommender.settings import Weighting
from recommender.storage.encoding import ExternalId
from recommender.storage.index import IndexStore, IndexWriter
from recommender.storage.manifest import Counts, IdKind, Maintenance, Manifest, Source
from recommender.storage.memory import peak_mb
from recommender.storage.open_store import choose_store

__all__ = ["Loaded", "Report", "build", "ingest", "ingest_into", "load"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Loaded:
    """A source in memory: its ratings that count, and what is told of movies and people."""

    source: Source
    ratings: CleanRatings
    told: Told
    seconds: float
    """How long reading and cleaning took; a download is not our speed."""


class Report(BaseModel):
    """What an ingest did."""

    model_config = ConfigDict(frozen=True)

    source: str
    ratings: int
    """Ratings that count."""
    users: int
    """People who gave them."""
    movies: int
    """Movies in the catalogue."""
    dropped: dict[str, int]
    """Rows that do not count, by reason."""
    thin_raters: int
    """People with too few ratings to be neighbours."""
    seconds: float
    ratings_per_second: int
    peak_mb: float | None
    """Most memory used, in MiB, by all processes; None where the system does not tell."""
    version: str
    """Name of the version published."""


def ingest(
    source: str,
    *,
    index: str | Path | None = None,
    url: str | None = None,
    name: str | None = None,
    api_key: str | None = None,
    shards: int | None = None,
    replicas: int | None = None,
    consistency: int | None = None,
    on_disk: bool | None = None,
    scale: Scale | None = None,
    progress: Progress | None = None,
    trust_checksum: bool = False,
) -> Report:
    """Make a new index version from ratings and switch readers over to it.

    Parameters
    ----------
    source : str
        ``"sample"``, the name of a data set to download such as ``"ml-1m"``, or the path of a
        folder, zip or file.
    index : path, optional
        Folder of an embedded index.
    url, name, api_key : str, optional
        Address of a Qdrant server, name of the index there, and a key that may write. Otherwise
        ``QDRANT_URL``, ``QDRANT_NAME`` and ``QDRANT_API_KEY``. Without ``index`` and ``url`` the
        environment says which of the two, and without that it is the per-user data folder.
    shards, replicas : int, optional
        Shards of each collection on a cluster, and copies of each; one unless given.
    consistency : int, optional
        Copies that must have taken a write before it counts; half of them, rounded up, unless
        given.
    on_disk : bool, optional
        Whether the server keeps what is searched on disk, for an index larger than its memory.
    scale : Scale, optional
        Scale of the ratings; found from them unless given.
    progress : Progress, optional
        Told how far it is.
    trust_checksum : bool
        Download without a look at the other side's certificate: the pinned checksum of the data
        set says whether the bytes are right. For a host whose certificate has expired.

    Raises
    ------
    SourceError
        Where the ratings cannot be fetched or read. The index is then as it was.
    IndexProblem
        Where the index cannot be written. The index is then as it was.
    """
    chosen = choose_store(
        index,
        url=url,
        name=name,
        api_key=api_key,
        shards=shards,
        replicas=replicas,
        consistency=consistency,
        on_disk=on_disk,
    )
    with closing(chosen) as store:
        return ingest_into(store, source, scale, progress, trust_checksum)


def ingest_into(
    store: IndexStore,
    source: str,
    scale: Scale | None = None,
    progress: Progress | None = None,
    trust_checksum: bool = False,
) -> Report:
    """Do what :func:`ingest` does, in a store of any kind."""
    progress = Logged(progress)
    with suppress(IndexNotFoundError):
        store.token()  # a server that cannot be reached is better known before the work than after
    loaded = load(source, scale, progress, trust_checksum)
    started = time.monotonic()
    built = build(store, loaded, progress)
    seconds = loaded.seconds + time.monotonic() - started
    cleaned = loaded.ratings
    report = Report(
        source=source,
        ratings=len(cleaned),
        users=len(cleaned.user_ids),
        movies=len(cleaned.movie_ids),
        dropped=cleaned.dropped,
        thin_raters=len(cleaned.user_ids) - built.raters,
        seconds=round(seconds, 3),
        ratings_per_second=int(len(cleaned) / max(seconds, 1e-9)),
        peak_mb=built.peak_mb,
        version=built.version,
    )
    # Not what was ingested, which is a path, and may name somebody.
    _log.info("ingested", extra=report.model_dump(exclude={"source"}))
    return report


def load(
    source: str,
    scale: Scale | None = None,
    progress: Progress | None = None,
    trust_checksum: bool = False,
) -> Loaded:
    """Read and clean a source; arguments and errors are those of :func:`ingest`."""
    progress = progress or Quiet()
    with open_files(source, progress=progress, trust_checksum=trust_checksum) as files:
        started = time.monotonic()
        with progress.stage("reading"):
            facts = read_movies(files.movies, files.links)
            raw, known = _read(files, facts)
        with progress.stage("cleaning"):
            cleaned = clean(raw, known, scale)
            del raw
            pa.default_memory_pool().release_unused()
        told = _told(files, facts, cleaned, progress)
    return Loaded(files.source, cleaned, told, time.monotonic() - started)


def _read(files: Files, facts: dict[str, MovieFacts]) -> tuple[RawRatings, list[ExternalId] | None]:
    """Ratings, and the ids of the catalogue in the kind the ratings have."""
    if not facts:
        return read_ratings(*files.ratings), None
    whole = all(re.fullmatch(r"[+-]?[0-9]{1,18}", movie) for movie in facts)
    raw = read_ratings(*files.ratings, text_ids=() if whole else ("movie",))
    if pa.types.is_integer(raw.movie.type):
        # "0114508" and 114508 are the same integer, whichever file writes it how.
        for movie in list(facts):
            facts.setdefault(str(int(movie)), facts.pop(movie))
        return raw, sorted(int(movie) for movie in facts)
    return raw, sorted(facts)


def _told(
    files: Files, facts: dict[str, MovieFacts], cleaned: CleanRatings, progress: Progress
) -> Told:
    movies, users = _kind(cleaned.movie_ids), _kind(cleaned.user_ids)
    tags = read_tags(*files.tags, movies) if files.tags else {}
    return Told(facts, tags, read_people(*files.people, users, progress) if files.people else {})


class Built(NamedTuple):
    """A version that was written and published."""

    version: str
    """Its name."""
    raters: int
    """Neighbours there can be."""
    peak_mb: float | None
    """Most memory used, by all processes together."""


def build(store: IndexStore, loaded: Loaded, progress: Progress | None = None) -> Built:
    """Write a new version beside the old one and publish it."""
    progress, cleaned = progress or Quiet(), loaded.ratings
    weighting = Weighting()
    writer = store.writer()
    try:
        with progress.stage("weighing"):
            counted = count(cleaned, weighting)
        able = [
            cleaned.user_ids[user]
            for user in np.flatnonzero(counted.rated >= weighting.min_ratings).tolist()
        ]
        told = replace(loaded.told, raters=shared(loaded.told.raters, able))
        manifest = _manifest(loaded.source, cleaned, counted, told, weighting, len(able))
        writer.expect(manifest)
        _store(writer, cleaned, counted, told, weighting, progress)
        with progress.stage("finishing"):
            writer.finish(manifest)
        version, here = writer.publish(), peak_mb()
        return Built(version, len(able), here and round(here + writer.peak_mb, 1))
    finally:
        writer.close()


def _store(
    writer: IndexWriter,
    cleaned: CleanRatings,
    counted: Counted,
    told: Told,
    weighting: Weighting,
    progress: Progress,
) -> None:
    """Write raters and movies in turn, so that an engine with two hands has work for both."""
    points = len(cleaned.user_ids) + len(cleaned.movie_ids)
    batches = itertools.zip_longest(
        raters(cleaned, counted, told, weighting), movies(cleaned, counted, told, weighting)
    )
    with progress.stage("storing", points) as advance:
        for people, films in batches:
            for batch, add in ((people, writer.add_users), (films, writer.add_movies)):
                if batch is not None:
                    add(batch)
                    advance(len(batch))


def _manifest(
    source: Source,
    cleaned: CleanRatings,
    counted: Counted,
    told: Told,
    weighting: Weighting,
    able: int,
) -> Manifest:
    return Manifest(
        kindred=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        source=source,
        scale=cleaned.scale,
        timed=cleaned.day is not None,
        movie_ids=_kind(cleaned.movie_ids),
        user_ids=_kind(cleaned.user_ids),
        attributes=values_of(told.raters),
        weighting=weighting,
        counts=Counts(
            ratings=len(cleaned),
            users=len(cleaned.user_ids),
            raters=able,
            movies=len(cleaned.movie_ids),
            likes=int(counted.likes.sum()),
            by_unit=tuple(np.trim_zeros(counted.given, "b").tolist()),
        ),
        maintenance=Maintenance(
            counted_users=len(cleaned.user_ids),
            recent_from=counted.recent_from,
            next_user=len(cleaned.user_ids),
        ),
        mean=counted.mean,
        opinion_means=counted.state_means,
    )


def _kind(ids: list[ExternalId]) -> IdKind:
    return "int" if isinstance(ids[0], int) else "str"
