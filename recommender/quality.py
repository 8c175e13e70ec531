"""What an evaluation found out about an index's source, and where that is kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from recommender.settings import CacheSettings, Frozen
from recommender.storage.manifest import Source

__all__ = ["Compared", "Interval", "PackScore", "Quality", "RankingScore", "StarsScore"]

Kind = Literal["ranking", "stars"]


class Interval(Frozen):
    """A figure, and where it lies in 95 % of bootstrap resamples of the people or sets asked."""

    value: float
    low: float
    high: float


class Compared(Interval):
    """A figure of a method, with its setting that is best for just this figure."""

    setting: dict[str, int | float | str]
    lead: Interval | None
    """By which part of it Kindred's figure is above this one, over the same people or sets; None
    where there is nothing to compare."""


class RankingScore(Frozen):
    """How well one method does when people have given so many ratings."""

    method: str
    length: str
    """Ratings given, such as ``10``, or the part of a person's ratings, such as ``80%``."""
    people: int
    """How many were asked."""
    ndcg_10: Compared
    debiased_10: Compared
    """NDCG@10 where a movie found gains the inverse root of its likes."""
    longtail_10: float
    """Part of the first tens outside the 3 % most liked movies, with the setting of NDCG@10."""
    overlap_10: float
    """Part of their first tens that two people have in common, mean over all pairs; likewise."""


class PackScore(Frozen):
    """How well one method finds what belongs together, in sets of movies named by somebody."""

    method: str
    sets: int
    packs_10: Compared
    """Four of a set given as likes: part of its others in the first ten, mean over sets."""
    similar_10: Compared | None
    """One given: part of its others among the ten most similar; None where the method does not
    compare movies."""


class StarsScore(Frozen):
    """How far the stars one method predicts are from those given."""

    method: str
    ratings: int
    """Ratings predicted."""
    rmse: Interval
    """Root of the mean squared error, in stars."""
    mae: Interval
    """Mean absolute error, in stars."""
    unsupported: float | None
    """Part of the predictions that no neighbour supports; None where neighbours are not asked."""
    lead: Interval | None
    """By which part of it Kindred's RMSE is below this one's; None where there is nothing to
    compare."""


class Quality(Frozen):
    """The result of an evaluation."""

    kind: Kind
    source: Source
    ratings: int
    users: int
    movies: int
    created: str
    """When, in UTC (ISO 8601)."""
    seed: int
    splits: int
    """Groups of people held out, or parts the ratings were divided into."""
    versions: dict[str, str]
    """Versions of Kindred and of the libraries compared with."""
    seconds: dict[str, float]
    """What each method took, tuning included."""
    ranking: tuple[RankingScore, ...] = ()
    packs: tuple[PackScore, ...] = ()
    stars: tuple[StarsScore, ...] = ()

    def save(self) -> Path:
        """Keep this as the latest result for its source, in the cache folder; return the file.

        Raises OSError where the file cannot be written.
        """
        path = _path(self.source.name, self.kind)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Who reads half a file takes it for none: see below.
        path.write_text(self.model_dump_json(), encoding="utf-8")
        return path

    @classmethod
    def load(cls, source: str, *, kind: Kind = "ranking") -> Quality | None:
        """Find the latest result for a source by its name, or None where there is none to read."""
        try:
            return cls.model_validate_json(_path(source, kind).read_bytes())
        except (OSError, ValidationError):
            return None


def _path(source: str, kind: Kind) -> Path:
    # A name may be a path; its digest is always a file name.
    digest = hashlib.sha256(source.encode()).hexdigest()[:32]
    return CacheSettings.read().cache / "quality" / f"{digest}-{kind}.json"
