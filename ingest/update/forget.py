"""Remove users from an index in use, for good."""

from __future__ import annotations

import json
import logging
import shlex
import time
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import numpy as np

from ingest.points import RatedUsers
from ingest.progress import Progress
from ingest.update.applying import apply, check_pending, update_key
from ingest.update.changes import NO_RATING, Changes, Update, stored_ratings
from recommender import InvalidInputError, UnknownUserError
from recommender.settings import Frozen
from recommender.storage.encoding import USER, ExternalId, as_id, read_rater
from recommender.storage.index import IndexStore, IndexUpdater
from recommender.storage.manifest import IdKind
from recommender.storage.open_store import opened

__all__ = ["Forgotten", "forget"]

_log = logging.getLogger(__name__)


class Forgotten(Frozen):
    """Result of forgetting users."""

    users: int
    """Users removed."""
    ratings: int
    """Ratings removed with them."""
    seconds: float
    version: str
    """Name of the version without them."""


def forget(
    users: Collection[ExternalId],
    *,
    index: str | Path | IndexStore | None = None,
    url: str | None = None,
    name: str | None = None,
    api_key: str | None = None,
    progress: Progress | None = None,
) -> Forgotten:
    """Remove users from an index: their ratings, and what was counted from them.

    No earlier version is kept, and in a folder nothing of them stays on the disk. The files that
    the ratings came from still contain them: ingesting those again would bring them back.

    Parameters
    ----------
    users : collection of int or str
        Their ids in the source.
    index, url, name, api_key, progress
        As for :func:`ingest.ingest`.

    Raises
    ------
    UnknownUserError
        Where some are not in the index; it names them, and nobody is forgotten.
    IndexProblem
        Where there is no index, or it cannot be written. An index in a folder is then unchanged,
        unless the message says that an earlier version cannot be deleted; on a server, repeating
        the call completes the change.
    """
    # A string is a collection too, and would forget the users named by its letters.
    listed = isinstance(users, Collection) and not isinstance(users, str | bytes)
    if not listed or not len(users):
        raise InvalidInputError(f"the people to forget are {users!r:.80}: give a list of their ids")
    with opened(index, url=url, name=name, api_key=api_key) as store:
        started = time.monotonic()
        with closing(store.updater()) as updater:
            ids = _ids(users, updater.current.manifest.user_ids)
            update = _update(updater, ids)
            version = apply(updater, update, progress or Progress())
        seconds = round(time.monotonic() - started, 3)
    report = Forgotten(
        users=len(ids), ratings=len(update.changes), seconds=seconds, version=version
    )
    _log.info("forgotten", extra=report.model_dump())
    return report


def _ids(users: Collection[ExternalId], kind: IdKind) -> list[ExternalId]:
    """Ids of the index's kind, without repeats, in order."""
    ids = [(user, as_id(user, kind)) for user in users]
    if wrong_kind := [user for user, user_id in ids if user_id is None]:
        raise _unknown(wrong_kind)
    return sorted({user_id for _, user_id in ids if user_id is not None})


def _unknown(ids: list[ExternalId]) -> UnknownUserError:
    shown = ", ".join(f"'{user!s:.40}'" for user in ids)
    return UnknownUserError(
        f"nobody in this index has the id {shown}: nobody was forgotten; leave out who is not there"
    )


def _command(ids: list[ExternalId]) -> str:
    """The command that forgets these users, to repeat it."""
    texts = [str(user) for user in ids]
    # An id such as -1 would be read as an option.
    options_end = ["--"] if any(text.startswith("-") for text in texts) else []
    return shlex.join(["kindred", "forget", *options_end, *texts])


def _update(updater: IndexUpdater, ids: list[ExternalId]) -> Update:
    index, manifest = updater.current, updater.current.manifest
    key = update_key(manifest, json.dumps(ids).encode())
    check_pending(updater, key)
    payloads = index.user_points.find(USER, ids)
    raters = [read_rater(number, payload) for number, payload in sorted(payloads.items())]
    found = {rater.user_id for rater in raters}
    # An interrupted run may have removed some of them already.
    if updater.pending is None and (unknown := [user for user in ids if user not in found]):
        raise _unknown(unknown)
    old = stored_ratings(raters, timed=manifest.timed)
    numbers = np.array([rater.number for rater in raters], dtype=np.int64)
    none = np.full(len(old.units), NO_RATING)
    return Update(
        key=key,
        command=_command(ids),
        changes=Changes(old.user, old.movie, old.units, none, old.day, none),
        changed=RatedUsers.none(),
        removed=numbers,
        users=-len(ids),
        metadata={},
    )
