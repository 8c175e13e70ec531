"""Changing an index in use: ratings that are new, changed or gone, taken over into its points.

What a change touches is computed anew from what is stored and what changes, and nothing else is
looked at. Movies are written before people. Where points are changed in place, a run that died can
so be made again: a movie that has the change already says so and is passed over, and people who
have it already differ in nothing any more. Everything comes out as without the interruption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Self

import numpy as np

from ingest.blocks import batches
from ingest.points import Rated, rater_points
from ingest.progress import Progress
from ingest.update.affected_movies import Facts, Touched
from ingest.update.changes import NOTHING, Changes, Units
from recommender import __version__
from recommender.arrays import Floats, Ints
from recommender.storage.encoding import ExternalId
from recommender.storage.index import IndexUpdater, Pending, half_done
from recommender.storage.manifest import Counts, Manifest
from recommender.storage.vectors import PointBatch

__all__ = ["People", "Update", "apply", "check_pending", "update_key"]


@dataclass(frozen=True, eq=False)
class People:
    """People whose ratings change, and all that they rate from then on."""

    numbers: Ints
    """Dense numbers, shape (people,)."""
    ids: list[ExternalId]
    about: Sequence[Mapping[str, str]]
    """What is told of each."""
    rated: Rated

    @classmethod
    def nobody(cls) -> Self:
        """Give nobody."""
        none, bytes_ = np.empty(0, np.int64), np.empty(0, np.uint8)
        return cls(none, [], [], Rated(none, none, bytes_, bytes_, None))


@dataclass(frozen=True, eq=False)
class Update:
    """Everything that one change does to an index."""

    key: str
    """Tells it from every other."""
    command: str
    """What made it, for messages."""
    changes: Changes
    people: People
    gone: Ints
    """Dense numbers of people to remove."""
    users: int
    """How many more people there are then; below zero where some go."""
    next_user: int
    """Dense number of whoever is new after that."""
    facts: Facts
    movies: int
    """Movies in the catalogue after that."""


def update_key(manifest: Manifest, *content: bytes) -> str:
    """Make an id of what a change is, and of the state of the index that it changes."""
    made = blake2b(manifest.model_dump_json().encode(), digest_size=16)
    for part in content:
        made.update(len(part).to_bytes(8, "little") + part)
    return made.hexdigest()


def check_pending(updater: IndexUpdater, key: str) -> None:
    """Refuse to begin while another change is half done.

    Raises IndexProblem naming what to do.
    """
    if updater.pending is not None and updater.pending.key != key:
        raise half_done(updater.pending)


def apply(updater: IndexUpdater, update: Update, progress: Progress) -> str:
    """Make the change; return the name of the version that has it."""
    index, people, rated = updater.current, update.people, update.people.rated
    change = Pending(
        key=update.key, command=update.command, manifest=_manifest(index.manifest, update)
    )
    manifest = updater.begin(change)
    touched = Touched(index, manifest, update.key, update.changes, rated, update.facts)
    with progress.stage("movies", len(touched.numbers)) as advance:
        for batch in touched.points(people.numbers, rated):
            updater.add_movies(batch)
            advance(len(batch))
    with progress.stage("raters", len(people.ids) + len(update.gone)) as advance:
        weights = touched.weights()
        for first, end in batches(rated.sizes):
            updater.add_users(_points(people, first, end, weights, manifest))
            advance(end - first)
        if len(update.gone):
            updater.remove_users(update.gone)
            advance(len(update.gone))
    with progress.stage("finishing"):
        return updater.publish()


def _points(
    people: People, first: int, end: int, weights: Floats, manifest: Manifest
) -> PointBatch:
    """Points of people who follow one another."""
    starts = np.append(0, np.cumsum(people.rated.sizes))
    rows = slice(starts[first], starts[end])
    whole = people.rated
    rated = Rated(
        whole.sizes[first:end],
        whole.movie[rows],
        whole.units[rows],
        whole.states[rows],
        None if whole.day is None else whole.day[rows],
    )
    return rater_points(
        people.numbers[first:end],
        people.ids[first:end],
        rated,
        weights,
        manifest.weighting,
        people.about[first:end],
    )


def _manifest(old: Manifest, update: Update) -> Manifest:
    """What the index says of itself after the change."""
    changes, counts, scale = update.changes, old.counts, old.scale
    units = Units(old)
    added = int(np.count_nonzero(changes.before == NOTHING))
    removed = int(np.count_nonzero(changes.after == NOTHING))
    ratings = counts.ratings + added - removed
    # Whole units: counting goes on without rounding.
    total = np.rint((old.mean - scale.base) / scale.step * counts.ratings)
    total += np.maximum(changes.after, 0).sum() - np.maximum(changes.before, 0).sum()
    likes = units.likes(changes.after).sum() - units.likes(changes.before).sum()
    return old.model_copy(
        update={
            "kindred": __version__,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "counts": Counts(
                ratings=ratings,
                users=counts.users + update.users,
                raters=counts.raters + _more_raters(update, old.weighting.min_ratings),
                movies=update.movies,
                likes=counts.likes + int(likes),
                by_unit=_by_unit(counts.by_unit, changes),
            ),
            "maintenance": old.maintenance.model_copy(
                update={
                    "next_user": update.next_user,
                    "updates": old.maintenance.updates + 1,
                    "forgot_raters": bool(len(update.gone)),
                }
            ),
            "mean": float(scale.base + scale.step * total / ratings) if ratings else old.mean,
        }
    )


def _by_unit(old: tuple[int, ...], changes: Changes) -> tuple[int, ...]:
    """Ratings by stored unit of stars after the change."""
    counts = np.zeros(256, np.int64)
    counts[: len(old)] = old
    counts += np.bincount(changes.after[changes.after != NOTHING], minlength=256)
    counts -= np.bincount(changes.before[changes.before != NOTHING], minlength=256)
    return tuple(np.trim_zeros(counts, "b").tolist())


def _more_raters(update: Update, least: int) -> int:
    """How many more people have enough ratings to be neighbours."""
    changes, people = update.changes, update.people
    users, place = np.unique(changes.user, return_inverse=True)
    more = np.bincount(
        place,
        weights=(changes.before == NOTHING) * 1.0 - (changes.after == NOTHING),
        minlength=len(users),
    )
    after = np.zeros(len(users))
    after[np.searchsorted(users, people.numbers)] = people.rated.sizes
    return int(np.count_nonzero(after >= least) - np.count_nonzero(after - more >= least))
