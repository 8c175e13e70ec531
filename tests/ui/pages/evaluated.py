"""Results of an evaluation, made up."""

from __future__ import annotations

from recommender import IndexStats
from recommender.quality import Compared, Interval, Quality, RankingScore, StarsScore
from recommender.storage.manifest import Source

METHODS = {"kindred": 0.5, "popular": 0.3, "ease": 0.49, "als": 0.485, "svd": 0.0}


def ranking(method: str, length: str, value: float) -> RankingScore:
    """A score with an interval of a tenth around it."""
    ours = method == "kindred"
    found = Compared(
        value=value,
        low=value - 0.05,
        high=value + 0.05,
        setting={} if ours else {"values": "likes"},
        lead=None if ours else Interval(value=0.1, low=-0.021, high=0.2),
    )
    return RankingScore(
        method=method,
        length=length,
        people=90,
        ndcg_10=found,
        debiased_10=found,
        longtail_10=0.1,
        overlap_10=0.2,
    )


def quality(
    source: Source, kind: str = "ranking", size: tuple[int, int, int] = (1000, 600, 50)
) -> Quality:
    """A result for two lengths, or for stars; ``size`` is in ratings, users and movies."""
    ratings, users, movies = size
    off = Interval(value=0.9, low=0.85, high=0.95)
    stars = tuple(
        StarsScore(method=name, ratings=1, rmse=off, mae=off, unsupported=None, lead=None)
        for name in METHODS
    )
    scores = tuple(
        ranking(method, length, value)
        for length in ("5", "10")
        for method, value in METHODS.items()
    )
    return Quality.model_validate(
        {
            "kind": kind,
            "source": source,
            "ratings": ratings,
            "users": users,
            "movies": movies,
            "created": "2026-01-02T03:04:05+00:00",
            "seed": 0,
            "splits": 1,
            "versions": {},
            "seconds": {},
            kind: stars if kind == "stars" else scores,
        }
    )


def quality_of(stats: IndexStats, kind: str = "ranking") -> Quality:
    """A result for the source of an index."""
    return quality(stats.source, kind, (stats.ratings, stats.users, stats.movies))
