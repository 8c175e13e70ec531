"""Append later ratings to an index in use."""

from __future__ import annotations

import json
import logging
import shlex
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ingest.cleaning import OFF_THE_SCALE, CleanRatings, clean
from ingest.points import Metadata, RatedUsers
from ingest.progress import Progress
from ingest.reading import ReadOptions, open_files, reading_of, source_name
from ingest.report import Reading, Report, speed
from ingest.sources.detected import Columns
from ingest.sources.files import SAMPLE, RatingsSource, SourceFiles
from ingest.sources.movies import MovieMetadata, read_movies
from ingest.sources.ratings import RawRatings, read_ratings
from ingest.sources.values.cells import read_id
from ingest.update.applying import apply, check_pending, update_key
from ingest.update.changes import ChangedMetadata, RatingRows, Update, compare, stored_ratings
from recommender import Opinion, SourceError
from recommender.arrays import Ints
from recommender.files.times import DateOrder
from recommender.settings import expand_path
from recommender.storage.encoding import (
    MOVIE,
    USER,
    ExternalId,
    rater_attributes,
    read_movie,
    read_rater,
)
from recommender.storage.index import Index, IndexStore
from recommender.storage.manifest import IdKind, Manifest
from recommender.storage.memory import peak_mb
from recommender.storage.open_store import opened

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Appended", "append", "check_append"]

# More ratings off the scale of the index, and a larger part, than typing errors would be.
_MANY_OFF, _PART_OFF = 10, 0.05
# Ratings that are all dislikes, from which on they may be on a smaller scale.
_MANY = 20

_log = logging.getLogger(__name__)


class Appended(Report):
    """Result of an append; ratings, users and movies are those of the source."""

    changed: int
    """Ratings that are new or differ from the stored ones."""


def append(
    source: RatingsSource,
    *,
    index: str | Path | IndexStore | None = None,
    url: str | None = None,
    name: str | None = None,
    api_key: str | None = None,
    columns: Columns | None = None,
    dates: DateOrder | None = None,
    movies: pd.DataFrame | None = None,
    progress: Progress | None = None,
    trust_checksum: bool = False,
) -> Appended:
    """Add ratings to an index: new and changed ones, also of new users and new movies.

    A rating counts once per user and movie, and the later one wins: that of the source unless its
    day is before that of the stored one. Appending the same source again changes nothing. Weights
    of movies stay the same until the next full ingest; ``docs/updates.md`` lists what else does.

    Parameters
    ----------
    source : str, Path, list of these, open file or DataFrame
        As for :func:`ingest.ingest`. Tags and users files are not read.
    index, url, name, api_key, columns, dates, movies, progress, trust_checksum
        As for :func:`ingest.ingest`.

    Raises
    ------
    SourceError
        Where the ratings cannot be read, or do not fit the index. It is then unchanged.
    IndexProblem
        Where there is no index, or it cannot be written. An index in a folder is then unchanged;
        on a server, repeating the call completes the change.
    """
    progress = progress or Progress()
    options = ReadOptions(None, columns, dates, movies, trust_checksum)
    with (
        opened(index, url=url, name=name, api_key=api_key) as store,
        closing(store.updater()) as updater,
        open_files(source, options, progress) as files,
    ):
        started = time.monotonic()
        current = updater.current
        with progress.stage("reading"):
            cleaned, found = _read(files, current, store.place, dates, progress)
        key = _key(current.manifest, cleaned, found)
        check_pending(updater, key)
        with progress.stage("comparing"):
            command = _command(source, options)
            update, thin_raters = _compare(current, cleaned, found, key, command)
        version = current.version
        # Without changes no new version is made; an interrupted change is always completed.
        if len(update.changes) or update.metadata or updater.pending:
            version = apply(updater, update, progress)
        seconds = time.monotonic() - started
    report = Appended(
        **dict(_reading(source, files, cleaned, found)),
        thin_raters=thin_raters,
        **speed(len(cleaned), seconds),
        peak_mb=peak_mb(),
        version=version,
        changed=len(update.changes),
    )
    _log.info("appended", extra=report.figures())
    return report


def check_append(
    source: RatingsSource, index: Index, place: str, options: ReadOptions, progress: Progress
) -> Reading:
    """Tell how an append would understand a source; ``place`` is that of the index."""
    with open_files(source, options, progress) as files:
        cleaned, movies = _read(files, index, place, options.dates, progress)
        return _reading(source, files, cleaned, movies)


def _reading(
    source: RatingsSource,
    files: SourceFiles,
    cleaned: CleanRatings,
    movies: Mapping[ExternalId, MovieMetadata],
) -> Reading:
    metadata = Metadata({str(movie): data for movie, data in movies.items()}, {}, {})
    return reading_of(source_name(source, files), files, cleaned, metadata)


def _command(source: RatingsSource, options: ReadOptions) -> str:
    """The command that appends this source, from any folder."""
    if not isinstance(source, str | Path) or options.movies is not None:
        return "ingest.append with the same ratings"
    path = expand_path(str(source))
    again = str(source) if source == SAMPLE or not path.exists() else str(path.absolute())
    words = ["kindred", "ingest", again, "--append"]
    if options.columns is not None:
        words += ["--columns", ",".join(f"{what}={name}" for what, name in options.columns.items())]
    if options.dates is not None:
        words += ["--dates", options.dates]
    return shlex.join(words)


def _read(
    files: SourceFiles, index: Index, place: str, dates: DateOrder | None, progress: Progress
) -> tuple[CleanRatings, dict[ExternalId, MovieMetadata]]:
    """Ratings of the source as the index would store them, and its metadata of movies."""
    if files.tags or files.users:
        progress.note("tags and users are not read by an append: the next full ingest reads them")
    manifest, scale = index.manifest, index.manifest.scale
    kinds: dict[str, IdKind] = {"user": manifest.user_ids, "movie": manifest.movie_ids}
    text = [role for role, kind in kinds.items() if kind == "str"]
    movies = _read_movies(files, manifest.movie_ids, place)
    raw = read_ratings(files.ratings, text_ids=text, dates=dates)
    for role, kind in kinds.items():
        if kind == "int":
            setattr(raw, role, _integers(getattr(raw, role), role, place))
    _check_columns(raw, manifest, place)
    known = None
    # A source with a catalogue may also rate movies that only the index has.
    if movies:
        ids = raw.movie.unique().drop_null().to_pylist()
        stored = index.movie_points.find(MOVIE, ids).values()
        known = sorted({*movies, *(payload[MOVIE] for payload in stored)})
    cleaned = clean(raw, known, scale, fixed_steps=True)
    off = cleaned.dropped.get(OFF_THE_SCALE, 0)
    if off >= _MANY_OFF and off > _PART_OFF * (len(cleaned) + off):
        # Those that lie on it would be misread too.
        raise SourceError(
            f"{off:,} ratings are off the scale {scale} of the index {place}: convert all of them "
            "to that scale, or ingest all ratings anew"
        )
    highest = cleaned.stars.max()
    if len(cleaned) >= _MANY and not scale.implicit and scale.opinion(highest) is Opinion.DISLIKE:
        warning = (
            f"all {len(cleaned):,} ratings are dislikes on the scale {scale} of the index: if "
        )
        warning += "they are on another scale, convert them to that of the index and append again"
        cleaned = replace(cleaned, warnings=(*cleaned.warnings, warning))
    # Times decide which rating of the file counts even where the index stores none.
    return cleaned if manifest.timed else replace(cleaned, day=None), movies


def _read_movies(files: SourceFiles, kind: IdKind, place: str) -> dict[ExternalId, MovieMetadata]:
    """Metadata of the source's movies, by ids of the index's kind."""
    movies: dict[ExternalId, MovieMetadata] = {}
    for text, metadata in read_movies(files.movies, files.links, files.genres).items():
        movie = read_id(text, kind)
        if movie is None:
            raise _not_an_integer("movie", text, place)
        movies.setdefault(movie, metadata)
    return movies


def _not_an_integer(what: str, value: str, place: str) -> SourceError:
    return SourceError(
        f"{what} '{value[:80]}' is no integer, as all {what} ids of the index {place} are: correct "
        "it, or ingest all ratings anew"
    )


def _integers(column: pa.Array, role: str, place: str) -> pa.Array:
    """Ids as integers; one long or malformed id in a file makes all of them be read as text."""
    if pa.types.is_integer(column.type):
        return column
    texts = column.dictionary.to_pylist()
    ids = [read_id(text, "int") for text in texts]
    if None in ids:
        raise _not_an_integer(role, texts[ids.index(None)], place)
    return pa.array(ids, pa.int64()).take(column.indices)


def _check_columns(raw: RawRatings, manifest: Manifest, place: str) -> None:
    """Require what the index stores: times, and stars, which in an index of likes are all alike."""
    likes_only = manifest.scale.implicit
    needed = {"times": (manifest.timed, raw.times), "stars": (not likes_only, raw.stars)}
    for name, (stored, column) in needed.items():
        if stored and column is None:
            raise SourceError(
                f"the ratings have no {name}, but those of the index {place} do: give a file with "
                f"{name}, or ingest all ratings anew"
            )
    if not manifest.timed and raw.times is not None:
        raw.times = raw.times._replace(reasons=None)
    if likes_only and raw.stars is not None:
        readable = np.isfinite(raw.stars)
        stars = raw.stars[readable]
        if len(stars) and stars.min() != stars.max():
            raise SourceError(
                f"the ratings run from {stars.min():g} to {stars.max():g}, but the index {place} "
                "holds likes only: give a file of likes, or ingest all ratings anew"
            )
        raw.stars = np.where(readable, 1.0, raw.stars)


def _key(
    manifest: Manifest, cleaned: CleanRatings, movies: Mapping[ExternalId, MovieMetadata]
) -> str:
    ids = json.dumps([cleaned.user_ids, cleaned.movie_ids, sorted(movies.items())]).encode()
    columns = (cleaned.user, cleaned.movie, cleaned.units, cleaned.day)
    return update_key(manifest, ids, *(np.asarray(c).tobytes() for c in columns if c is not None))


def _dense_numbers(
    ids: list[ExternalId], stored: Mapping[ExternalId, int], next_number: int
) -> Ints:
    """Dense numbers of these ids: the stored ones below ``next_number``, and new ones from there.

    New numbers follow the order of the ids, so that repeating an interrupted run, which may have
    stored some of them, assigns the same.
    """
    numbers = np.array([stored.get(user, next_number) for user in ids], dtype=np.int64)
    new = numbers >= next_number
    numbers[new] = next_number + np.arange(np.count_nonzero(new))
    return numbers


def _compare(
    index: Index,
    cleaned: CleanRatings,
    movies: Mapping[ExternalId, MovieMetadata],
    key: str,
    command: str,
) -> tuple[Update, int]:
    """All that differs from the index, and how many of the users still have too few ratings."""
    manifest, next_user = index.manifest, index.manifest.maintenance.next_user
    payloads = index.user_points.find(USER, cleaned.user_ids)
    raters = [read_rater(number, payload) for number, payload in payloads.items()]
    stored = {rater.user_id: rater.number for rater in raters}
    users = _dense_numbers(cleaned.user_ids, stored, next_user)
    movie_numbers, metadata = _compare_movies(index, cleaned, movies)
    old = stored_ratings(raters, timed=manifest.timed)
    day = np.zeros(len(cleaned.user)) if cleaned.day is None else cleaned.day
    columns = (users[cleaned.user], movie_numbers[cleaned.movie], cleaned.units, day)
    changes, after = compare(old, RatingRows(*(column.astype(np.int64) for column in columns)))
    numbers, sizes = np.unique(after.user, return_counts=True)
    ids = dict(zip(users.tolist(), cleaned.user_ids, strict=True))
    changed = RatedUsers(
        numbers,
        [ids[number] for number in numbers.tolist()],
        # Stored attributes are written back, since the point of a user is replaced as a whole.
        [rater_attributes(payloads.get(number, {})) for number in numbers.tolist()],
        sizes,
        after.movie,
        after.units.astype(np.uint8),
        after.day if manifest.timed else None,
    )
    added = int(np.count_nonzero(users >= next_user))
    update = Update(key, command, changes, changed, np.empty(0, np.int64), added, metadata)
    ratings = np.bincount(old.user, minlength=next_user + added)
    ratings[numbers] = sizes
    return update, int(np.count_nonzero(ratings[users] < manifest.weighting.min_ratings))


def _compare_movies(
    index: Index, cleaned: CleanRatings, movies: Mapping[ExternalId, MovieMetadata]
) -> tuple[Ints, ChangedMetadata]:
    """Dense numbers of the source's movies, and their metadata where it is new or differs."""
    ids, next_number = cleaned.movie_ids, index.manifest.counts.movies
    payloads = index.movie_points.find(MOVIE, ids)
    known = {payload[MOVIE]: read_movie(n, payload) for n, payload in payloads.items()}
    stored = {movie: record.number for movie, record in known.items()}
    numbers = _dense_numbers(ids, stored, next_number)
    changed: dict[int, tuple[ExternalId, MovieMetadata]] = {}
    for number, movie in zip(numbers.tolist(), ids, strict=True):
        new = movies.get(movie)
        if number >= next_number:
            changed[number] = movie, new or MovieMetadata(str(movie))
        elif new is not None:
            fields = known[movie]._asdict()
            old = MovieMetadata(**{name: fields[name] for name in MovieMetadata._fields})
            # Fields that this source leaves out may be known from another.
            merged = old._replace(**{name: value for name, value in new._asdict().items() if value})
            if merged != old:
                changed[number] = movie, merged
    return numbers, changed
