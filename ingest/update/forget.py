"""People taken out of an index in use, for good."""

from __future__ import annotations

import json
import logging
import shlex
import time
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from ingest.progress import Logged, Progress
from ingest.update.applying import People, Update, apply, check_pending, update_key
from ingest.update.changes import NOTHING, Changes, stored
from recommender import InvalidInputError, UnknownUserError
from recommender.storage.encoding import USER, ExternalId, as_id, read_rater
from recommender.storage.index import IndexStore, IndexUpdater
from recommender.storage.manifest import IdKind
from recommender.storage.open_store import choose_store

__all__ = ["Forgotten", "forget", "forget_into"]

_log = logging.getLogger(__name__)


class Forgotten(BaseModel):
    """What forgetting people did."""

    model_config = ConfigDict(frozen=True)

    users: int
    """People who are gone."""
    ratings: int
    """Ratings of theirs that are gone."""
    seconds: float
    version: str
    """Name of the version without them."""


def forget(
    users: Collection[ExternalId],
    *,
    index: str | Path | None = None,
    url: str | None = None,
    name: str | None = None,
    api_key: str | None = None,
    progress: Progress | None = None,
) -> Forgotten:
    """Take people out of an index: their ratings, and what was counted of them.

    No version from before is kept, and in a folder nothing of them stays on the disk. The files
    that the ratings came from still have them: an ingest of those would bring them back.

    Parameters
    ----------
    users : collection of int or str
        Their ids in the source.
    index, url, name, api_key, progress
        As for :func:`ingest.ingest`.

    Raises
    ------
    UnknownUserError
        Naming those who are not in the index; nobody is forgotten then.
    IndexProblem
        Where there is no index, or it cannot be written. In a folder it is then as it was, unless
        the message says that a version from before cannot be deleted; on a server the same call,
        made again, completes what was begun.
    """
    with closing(choose_store(index, url=url, name=name, api_key=api_key)) as store:
        return forget_into(store, users, progress)


def forget_into(
    store: IndexStore, users: Collection[ExternalId], progress: Progress | None = None
) -> Forgotten:
    """Do what :func:`forget` does, in a store of any kind."""
    listed = isinstance(users, Collection) and not isinstance(users, str | bytes)
    if not listed or not len(users):
        raise InvalidInputError(f"the people to forget are {users!r:.80}: give a list of their ids")
    started = time.monotonic()
    with closing(store.updater()) as updater:
        ids = _ids(users, updater.current.manifest.user_ids)
        update = _update(updater, ids)
        version = apply(updater, update, Logged(progress))
    report = Forgotten(
        users=len(ids),
        ratings=len(update.changes),
        seconds=round(time.monotonic() - started, 3),
        version=version,
    )
    _log.info("forgotten", extra=report.model_dump())
    return report


def _ids(users: Collection[ExternalId], kind: IdKind) -> list[ExternalId]:
    """Ids of the index's kind, none twice, in order."""
    given = list(users)
    ids = [as_id(user, kind) for user in given]
    if foreign := [user for user, one in zip(given, ids, strict=True) if one is None]:
        raise _unknown(foreign)
    return sorted({one for one in ids if one is not None})


def _unknown(ids: list[ExternalId]) -> UnknownUserError:
    return UnknownUserError(
        f"nobody in this index has the id {_named(ids)}: nobody was forgotten; leave out who is "
        "not there"
    )


def _named(ids: list[ExternalId]) -> str:
    shown = ", ".join(f"'{one!s:.40}'" for one in ids[:10])
    return shown + (f" and {len(ids) - 10:,} more" if len(ids) > 10 else "")


def _command(ids: list[ExternalId]) -> str:
    """What to type to forget these."""
    texts = [str(one) for one in ids]
    options_end = ["--"] if any(text.startswith("-") for text in texts) else []
    return shlex.join(["kindred", "forget", *options_end, *texts])


def _update(updater: IndexUpdater, ids: list[ExternalId]) -> Update:
    index, manifest = updater.current, updater.current.manifest
    key = update_key(manifest, json.dumps(ids).encode())
    check_pending(updater, key)
    payloads = index.user_points.find(USER, ids)
    raters = [read_rater(number, payload) for number, payload in sorted(payloads.items())]
    there = {rater.user_id for rater in raters}
    # A run that died may have removed some of them already.
    if updater.pending is None and (unknown := [one for one in ids if one not in there]):
        raise _unknown(unknown)
    old = stored(raters, np.arange(len(raters)), timed=manifest.timed)
    numbers = np.array([rater.number for rater in raters], dtype=np.int64)
    nothing = np.full(len(old.units), NOTHING)
    return Update(
        key=key,
        command=_command(ids),
        changes=Changes(numbers[old.owner], old.movie, old.units, nothing, old.day, nothing),
        people=People.nobody(),
        gone=numbers,
        users=-len(ids),
        next_user=manifest.maintenance.next_user,
        facts={},
        movies=manifest.counts.movies,
    )
