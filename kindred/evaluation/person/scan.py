"""What the methods learn from and what they are asked: one scan of an index."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Self

import numpy as np

from kindred.evaluation.questions import Questions
from kindred.evaluation.training_data import TrainingData
from recommender import InvalidInputError, Movie, Profile, Recommender, Scale
from recommender.arrays import Floats, Ints, Mask
from recommender.ranking.resolution import resolve
from recommender.storage.encoding import read_rater
from recommender.storage.index import Index

__all__ = ["MOST_RATINGS", "Scan"]

MOST_RATINGS = 2_000_000
"""Ratings an index may hold: they are all read, which Kindred itself never does."""


@dataclass(frozen=True, eq=False)
class Scan:
    """The ratings of an index, without those of the person who asks, and what the person said."""

    train: TrainingData
    """Of everybody but the person, those with too few ratings to be Kindred's neighbours too."""
    question: Questions
    """All that the person said, of one person."""
    said: Floats
    """Stars of the person, those of a mere opinion as usual for it, NaN for all other movies; shape
    (movies,)."""
    rated: Ints
    """Movies the person gave stars, ascending."""
    scale: Scale
    movies: tuple[Movie, ...]
    allowed: Mask
    """Which movies may be listed, by the rules of :meth:`Recommender.recommend`: not what was
    rated, hidden, or rated by very few; shape (movies,)."""

    @classmethod
    def of(cls, rec: Recommender, profile: Profile) -> Self:
        """Read an index.

        Raises InvalidInputError where the profile cannot be used, or the index is too large.
        """
        # Of one version from first to last: no method of the recommender hands out ratings.
        with rec._live.version() as version:
            index, catalogue = version.index, version.catalogue
            manifest = index.manifest
            if manifest.counts.ratings > MOST_RATINGS:
                raise InvalidInputError(
                    f"the index holds {manifest.counts.ratings:,} ratings, and these methods read "
                    f"them all, at most {MOST_RATINGS:,}: ask an index of fewer, or compare on the "
                    "source with `kindred evaluate SOURCE`"
                )
            resolved = resolve(profile, catalogue, manifest)
            own = None if profile.user_id is None else index.rater(profile.user_id)
            train = _everybody(index, leave_out=own and own.number)
            size = len(catalogue)
            columns = resolved.movies, resolved.stars, resolved.states
            nobody, none = np.zeros(len(resolved), dtype=np.int64), np.zeros((1, size), dtype=bool)
            stars = np.full(size, np.nan)
            stars[resolved.movies] = resolved.stars
            rated = {catalogue.resolve(key) for key in profile.stars}
            allowed = catalogue.ratings >= catalogue.least_ratings
            allowed[[*map(catalogue.resolve, profile.hidden), *resolved.movies.tolist()]] = False
            return cls(
                train=train,
                question=Questions(nobody, *columns, none.shape, str(len(resolved)), none),
                said=stars,
                rated=np.array(sorted(rated), dtype=np.int64),
                scale=manifest.scale,
                movies=tuple(map(catalogue.movie, range(size))),
                allowed=allowed,
            )


def _everybody(index: Index, leave_out: int | None) -> TrainingData:
    """Read the ratings of all stored raters but one."""
    manifest = index.manifest
    # An update may be on its way on a server, of raters later than the manifest.
    stored = itertools.takewhile(
        lambda point: point[0] < manifest.maintenance.next_user, index.user_points.scan()
    )
    raters = [read_rater(*point) for point in stored if point[0] != leave_out]
    rated = index.rated(raters)
    states = manifest.scale.unit_states(manifest.weighting)[rated.units]
    stars = manifest.scale.unpack(rated.units)
    shape = len(raters), manifest.counts.movies
    return TrainingData(rated.owner, rated.movie.astype(np.int64), stars, states, shape)
