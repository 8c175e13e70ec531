"""Apply a change to the points of an index in use.

The points that a change affects are computed from what is stored and what changes; no others are
read. Movies are written before users. On an engine that changes points in place, an interrupted run
can therefore be repeated: movies that were written carry the key of the change and are skipped, and
users who were written no longer differ. The result is the same as without the interruption.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b

import numpy as np

from ingest.points import user_batches
from ingest.progress import Progress
from ingest.update.affected_movies import AffectedMovies
from ingest.update.changes import NO_RATING, Changes, Units, Update
from recommender import __version__
from recommender.arrays import Ints
from recommender.opinion import Opinion
from recommender.storage.index import IndexUpdater, PendingChange, unfinished_change
from recommender.storage.manifest import Counts, Manifest

__all__ = ["apply", "check_pending", "update_key"]


def update_key(manifest: Manifest, *content: bytes) -> str:
    """Hash the content of a change, and the state of the index that it changes."""
    made = blake2b(manifest.model_dump_json().encode(), digest_size=16)
    for part in content:
        # With its length, so that the same bytes divided otherwise make another key.
        made.update(len(part).to_bytes(8, "little") + part)
    return made.hexdigest()


def check_pending(updater: IndexUpdater, key: str) -> None:
    """Refuse to begin while another change is incomplete.

    Raises IndexProblem, which names the command that completes it.
    """
    if updater.pending is not None and updater.pending.key != key:
        raise unfinished_change(updater.pending)


def apply(updater: IndexUpdater, update: Update, progress: Progress) -> str:
    """Apply the change; return the name of the version that has it."""
    index, changed = updater.current, update.changed
    planned = _manifest(index.manifest, update)
    manifest = updater.begin(
        PendingChange(key=update.key, command=update.command, manifest=planned)
    )
    movies = AffectedMovies(index, manifest, update)
    with progress.stage("movies", len(movies.numbers)) as advance:
        for batch in movies.batches():
            updater.add_movies(batch)
            advance(len(batch))
    with progress.stage("raters", len(changed.ids) + len(update.removed)) as advance:
        states = Units(manifest).states
        for batch in user_batches(changed, states, movies.weights(), manifest.weighting):
            updater.add_users(batch)
            advance(len(batch))
        if len(update.removed):
            updater.remove_users(update.removed)
            advance(len(update.removed))
    with progress.stage("finishing"):
        return updater.publish()


def _manifest(old: Manifest, update: Update) -> Manifest:
    """The manifest after the change."""
    counts, units = old.counts, Units(old)
    by_unit = _ratings_per_unit(counts.by_unit, update.changes)
    ratings = int(by_unit.sum())
    return old.model_copy(
        update={
            "kindred": __version__,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "counts": Counts(
                ratings=ratings,
                users=counts.users + update.users,
                raters=counts.raters + _raters_added(update, old.weighting.min_ratings),
                movies=max([counts.movies, *(number + 1 for number in update.metadata)]),
                likes=int(by_unit[units.states == Opinion.LIKE.code].sum()),
                by_unit=tuple(np.trim_zeros(by_unit, "b").tolist()),
            ),
            "maintenance": old.maintenance.model_copy(
                update={
                    # Numbers of removed users are not given again.
                    "next_user": old.maintenance.next_user + max(update.users, 0),
                    "updates": old.maintenance.updates + 1,
                    # Removed users must not come back by a rollback.
                    "forgot_raters": bool(len(update.removed)),
                }
            ),
            "mean": float(by_unit @ units.stars / ratings) if ratings else old.mean,
        }
    )


def _ratings_per_unit(old: tuple[int, ...], changes: Changes) -> Ints:
    """Ratings of each stored unit of stars after the change, shape (256,)."""
    counts = np.zeros(256, np.int64)
    counts[: len(old)] = old
    counts += np.bincount(changes.after[changes.after != NO_RATING], minlength=256)
    counts -= np.bincount(changes.before[changes.before != NO_RATING], minlength=256)
    return counts


def _raters_added(update: Update, min_ratings: int) -> int:
    """Users who now have enough ratings to be neighbours, less those who no longer have."""
    changes, changed = update.changes, update.changed
    users, place = np.unique(changes.user, return_inverse=True)
    new, removed = changes.before == NO_RATING, changes.after == NO_RATING
    added = np.bincount(place, weights=new * 1.0 - removed)
    after = np.zeros(len(users))
    after[np.searchsorted(users, changed.numbers)] = changed.sizes
    return int((after >= min_ratings).sum() - (after - added >= min_ratings).sum())
