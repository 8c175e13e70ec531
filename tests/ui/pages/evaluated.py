"""Results of an evaluation, made up."""

from __future__ import annotations

from collections.abc import Iterator

from recommender import IndexStats
from recommender.quality.result import Figure, Interval, Quality
from recommender.storage.manifest import Source

METHODS = {"kindred": 0.5, "popular": 0.3, "ease": 0.49, "als": 0.485, "svd": 0.0}
FOLDS = ("all folds", "fold 1", "fold 2")


def figure(method: str, metric: str, asked: str, value: float) -> Figure:
    """A figure with an interval of a tenth around it."""
    ours = method == "kindred"
    return Figure(
        method=method,
        metric=metric,
        asked=asked,
        count=90,
        value=value,
        low=value - 0.05,
        high=value + 0.05,
        setting={} if ours else {"values": "likes"},
        lead=None if ours else Interval(value=0.1, low=-0.021, high=0.2),
    )


def lists() -> Iterator[Figure]:
    """Figures for two lengths; less is better in the last metric, and a part is written so."""
    for metric in ("ndcg_10", "coverage_10", "calibration_10"):
        for length in ("5", "10"):
            for method, value in METHODS.items():
                yield figure(method, metric, length, value)


def stars() -> Iterator[Figure]:
    """Errors in two folds, and intervals that hold what they should."""
    for metric in ("rmse", "mae"):
        for place, fold in enumerate(FOLDS):
            for number, method in enumerate(METHODS):
                yield figure(method, metric, fold, 0.8 + 0.01 * number + 0.02 * place)
    yield figure("kindred", "inside_80", "support 1-2", 0.79)


def together() -> Iterator[Figure]:
    """Figures for pairs, of which some have lists of their own."""
    for metric in ("group_mean_10", "group_least_10", "group_spread_10"):
        for kind in ("2 random", "2 alike"):
            for method, value in {**METHODS, "own": 0.9}.items():
                yield figure(method, metric, kind, value)


FIGURES = {"ranking": lists, "stars": stars, "together": together}


def quality(
    source: Source, kind: str = "ranking", size: tuple[int, int, int] = (1000, 600, 50)
) -> Quality:
    """A result for two lengths, stars or pairs; ``size`` is in ratings, users and movies."""
    ratings, users, movies = size
    return Quality.model_validate(
        {
            "kind": kind,
            "source": source,
            "digest": "",
            "ratings": ratings,
            "users": users,
            "movies": movies,
            "created": "2026-01-02T03:04:05+00:00",
            "seed": 0,
            "splits": 2 if kind == "stars" else 1,
            "people": 1000,
            "versions": {},
            "seconds": {},
            "figures": tuple(FIGURES[kind]()),
        }
    )


def quality_of(stats: IndexStats, kind: str = "ranking") -> Quality:
    """A result for the source of an index."""
    return quality(stats.source, kind, (stats.ratings, stats.users, stats.movies))
