"""Ratings that come later, taken over into an index in use."""

from __future__ import annotations

import json
import logging
import shlex
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingest.cleaning import CleanRatings, clean
from ingest.pipeline import Report
from ingest.progress import Logged, Progress
from ingest.sources.movies import MovieFacts, read_movies
from ingest.sources.opening import SAMPLE, Files, expanded, open_files
from ingest.sources.tables import RawRatings, read_id, read_ratings
from ingest.update.affected_movies import Facts
from ingest.update.applying import People, Update, apply, check_pending, update_key
from ingest.update.changes import Ratings, compare, stored
from recommender import SourceError
from recommender.arrays import Ints
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
from recommender.storage.open_store import choose_store

__all__ = ["Appended", "append", "append_into"]

_log = logging.getLogger(__name__)


class Appended(Report):
    """What an append did; ratings, users and movies are those of what was appended."""

    changed: int
    """Ratings that are new or differ from those that were there."""


def append(
    source: str,
    *,
    index: str | Path | None = None,
    url: str | None = None,
    name: str | None = None,
    api_key: str | None = None,
    progress: Progress | None = None,
    trust_checksum: bool = False,
) -> Appended:
    """Add ratings to an index: new ones, changed ones, of new people and of new movies.

    A rating counts once per person and movie, and the later one wins: that of the source unless its
    day is before that of the stored one. Appending the same once more changes nothing. Movies'
    weights, and what little else is said in ``docs/updates.md``, stay what they are until the next
    full ingest.

    Parameters
    ----------
    source : str
        As for :func:`ingest.ingest`. Tags and people are not read.
    index, url, name, api_key, progress, trust_checksum
        As for :func:`ingest.ingest`.

    Raises
    ------
    SourceError
        Where the ratings cannot be read, or do not fit the index. It is then as it was.
    IndexProblem
        Where there is no index, or it cannot be written. In a folder it is then as it was; on a
        server the same call, made again, completes what was begun.
    """
    with closing(choose_store(index, url=url, name=name, api_key=api_key)) as store:
        return append_into(store, source, progress, trust_checksum)


def append_into(
    store: IndexStore,
    source: str,
    progress: Progress | None = None,
    trust_checksum: bool = False,
) -> Appended:
    """Do what :func:`append` does, in a store of any kind."""
    progress = Logged(progress)
    with (
        closing(store.updater()) as updater,
        open_files(source, progress=progress, trust_checksum=trust_checksum) as files,
    ):
        started = time.monotonic()
        index = updater.current
        with progress.stage("reading"):
            cleaned, told = _read(files, index, store.place, progress)
        key = _key(index.manifest, cleaned, told)
        check_pending(updater, key)
        with progress.stage("comparing"):
            update, thin = _compare(index, cleaned, told, key, _command(source))
        version = index.version
        if len(update.changes) or update.facts or updater.pending:
            version = apply(updater, update, progress)
        seconds = time.monotonic() - started
    report = Appended(
        source=source,
        ratings=len(cleaned),
        users=len(cleaned.user_ids),
        movies=len(cleaned.movie_ids),
        dropped=cleaned.dropped,
        thin_raters=thin,
        seconds=round(seconds, 3),
        ratings_per_second=int(len(cleaned) / max(seconds, 1e-9)),
        peak_mb=peak_mb(),
        version=version,
        changed=len(update.changes),
    )
    _log.info("appended", extra=report.model_dump(exclude={"source"}))
    return report


def _command(source: str) -> str:
    """What to type to append this, in whatever folder."""
    path = expanded(source)
    again = source if source == SAMPLE or not path.exists() else str(path.absolute())
    return shlex.join(["kindred", "ingest", again, "--append"])


def _read(
    files: Files, index: Index, place: str, progress: Progress
) -> tuple[CleanRatings, dict[ExternalId, MovieFacts]]:
    """Ratings of the source as the index would have them, and what it tells of movies."""
    if files.tags or files.people:
        progress.note("tags and people are not read by an append: the next full ingest reads them")
    manifest, scale = index.manifest, index.manifest.scale
    kinds: dict[str, IdKind] = {"user": manifest.user_ids, "movie": manifest.movie_ids}
    text = [role for role, kind in kinds.items() if kind == "str"]
    told = _facts(files, manifest.movie_ids, place)
    raw = read_ratings(*files.ratings, text_ids=text)
    for role, kind in kinds.items():
        if kind == "int":
            setattr(raw, role, _integers(getattr(raw, role), role, place))
    _check_times(raw, manifest, place)
    _check_stars(raw, place, likes=scale.implicit)
    known = None
    if told:
        ids = raw.movie.unique().drop_null().to_pylist()
        known = sorted({*told, *_numbers(index, ids)})
    cleaned = clean(raw, known, scale, exactly=True)
    # Times tell which rating of the file counts, also where the index has none.
    return cleaned if manifest.timed else replace(cleaned, day=None), told


def _facts(files: Files, kind: IdKind, place: str) -> dict[ExternalId, MovieFacts]:
    """What the source tells of movies, by their ids as the index has them."""
    facts: dict[ExternalId, MovieFacts] = {}
    for text, fact in read_movies(files.movies, files.links).items():
        movie = read_id(text, kind)
        if movie is None:
            raise _misfit("movie", text, place)
        facts.setdefault(movie, fact)
    return facts


def _misfit(what: str, value: str, place: str) -> SourceError:
    return SourceError(
        f"{what} '{value[:80]}' is no integer, as all {what} ids of the index {place} are: correct "
        "it, or ingest all ratings anew"
    )


def _integers(column: pa.Array, role: str, place: str) -> pa.Array:
    """Ids as integers, also those that were read as text for their length or what is beside."""
    if pa.types.is_integer(column.type):
        return column
    texts = column.dictionary.to_pylist()
    ids = [read_id(text, "int") for text in texts]
    if None in ids:
        raise _misfit(role, texts[ids.index(None)], place)
    return pa.array(ids, pa.int64()).take(column.indices)


def _check_times(raw: RawRatings, manifest: Manifest, place: str) -> None:
    """Make sure of times where the index has them; they need not be understood where not."""
    if not manifest.timed:
        raw.bad_time = None
    elif raw.time is None:
        raise SourceError(
            f"the ratings carry no times, but those of the index {place} do: give a file with a "
            "column of times, or ingest all ratings anew"
        )


def _check_stars(raw: RawRatings, place: str, *, likes: bool) -> None:
    """Make sure of stars where the index has them; else take rows as likes, if they can be."""
    if raw.stars is None and not likes:
        raise SourceError(
            f"there are no stars, but the index {place} has some: give a file with a column of "
            "ratings, or ingest all ratings anew"
        )
    if raw.stars is None or not likes:
        return
    read = np.isfinite(raw.stars)
    stars = raw.stars[read]
    if len(stars) and stars.min() != stars.max():
        raise SourceError(
            f"the ratings run from {stars.min():g} to {stars.max():g}, but the index {place} holds "
            "likes only: give a file of likes, or ingest all ratings anew"
        )
    raw.stars = np.where(read, 1.0, np.nan)


def _key(manifest: Manifest, cleaned: CleanRatings, told: Mapping[ExternalId, MovieFacts]) -> str:
    ids = json.dumps([cleaned.user_ids, cleaned.movie_ids, sorted(told.items())]).encode()
    columns = (cleaned.user, cleaned.movie, cleaned.units, cleaned.day)
    return update_key(manifest, ids, *(np.asarray(c).tobytes() for c in columns if c is not None))


def _numbers(index: Index, ids: list[ExternalId]) -> dict[ExternalId, int]:
    """Dense numbers of the movies that are in the index, by id."""
    found = index.movie_points.find(MOVIE, ids)
    return {payload[MOVIE]: number for number, payload in found.items()}


def _numbered(ids: list[ExternalId], there: Mapping[ExternalId, int], free: int) -> Ints:
    """Dense numbers of these ids; those not ``there``, or only since a run that died, get new ones.

    In the order of their ids, so that the same are given where that run is made again.
    """
    old = np.array([there.get(one, free) for one in ids], dtype=np.int64)
    new = old >= free
    old[new] = free + np.arange(np.count_nonzero(new))
    return old


def _compare(
    index: Index,
    cleaned: CleanRatings,
    told: Mapping[ExternalId, MovieFacts],
    key: str,
    command: str,
) -> tuple[Update, int]:
    """Everything that differs from the index; and how many people have too few ratings then."""
    manifest, timed = index.manifest, index.manifest.timed
    payloads = index.user_points.find(USER, cleaned.user_ids)
    raters = {payload[USER]: read_rater(n, payload) for n, payload in payloads.items()}
    next_user = manifest.maintenance.next_user
    users = _numbered(cleaned.user_ids, {one: r.number for one, r in raters.items()}, next_user)
    movies, facts = _movies(index, cleaned, told)
    there = [place for place, one in enumerate(cleaned.user_ids) if one in raters]
    old = stored(
        [raters[cleaned.user_ids[place]] for place in there],
        np.array(there, dtype=np.int64),
        timed=timed,
    )
    day = np.zeros(len(cleaned.user)) if cleaned.day is None else cleaned.day
    columns = (cleaned.user, movies[cleaned.movie], cleaned.units, day)
    new = Ratings(*(column.astype(np.int64) for column in columns))
    changes, places, rated = compare(old, new, users, manifest)
    ids = [cleaned.user_ids[place] for place in places.tolist()]
    about = [rater_attributes(payloads.get(number, {})) for number in users[places].tolist()]
    many = np.bincount(old.owner, minlength=len(users))
    many[places] = rated.sizes
    added = int(np.count_nonzero(users >= next_user))
    update = Update(
        key=key,
        command=command,
        changes=changes,
        people=People(users[places], ids, about, rated),
        gone=np.empty(0, np.int64),
        users=added,
        next_user=next_user + added,
        facts=facts,
        movies=max([manifest.counts.movies, *(number + 1 for number in facts)]),
    )
    return update, int(np.count_nonzero(many < manifest.weighting.min_ratings))


def _movies(
    index: Index, cleaned: CleanRatings, told: Mapping[ExternalId, MovieFacts]
) -> tuple[Ints, Facts]:
    """Dense numbers of the movies of the source, and what is new of them."""
    ids, free = cleaned.movie_ids, index.manifest.counts.movies
    payloads = index.movie_points.find(MOVIE, ids)
    known = {payload[MOVIE]: read_movie(n, payload) for n, payload in payloads.items()}
    numbers = _numbered(ids, {one: record.number for one, record in known.items()}, free)
    facts: dict[int, tuple[ExternalId, MovieFacts]] = {}
    for number, movie in zip(numbers.tolist(), ids, strict=True):
        says = told.get(movie)
        if number >= free:
            facts[number] = movie, says or MovieFacts(str(movie))
        elif says is not None:
            fields = known[movie]._asdict()
            had = MovieFacts(**{name: fields[name] for name in MovieFacts._fields})
            # What the source leaves out may be known from another.
            now = had._replace(**{name: new for name, new in says._asdict().items() if new})
            if now != had:
                facts[number] = movie, now
    return numbers, facts
