"""Results of an evaluation, kept for the app."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.quality import Compared, Quality, RankingScore
from recommender.settings import CacheSettings
from recommender.storage.manifest import Source


def quality(name: str, seed: int = 0) -> Quality:
    """A result with one score."""
    some = Compared(value=0.5, low=0.4, high=0.6, setting={}, lead=None)
    score = RankingScore(
        method="kindred",
        length="5",
        people=10,
        ndcg_10=some,
        debiased_10=some,
        longtail_10=0.1,
        overlap_10=0.2,
    )
    return Quality(
        kind="ranking",
        source=Source(name=name, title="ratings"),
        ratings=100,
        users=10,
        movies=20,
        created="2026-01-01T00:00:00+00:00",
        seed=seed,
        splits=1,
        versions={},
        seconds={},
        ranking=(score,),
    )


@pytest.mark.parametrize(
    "name", ["sample", "/some/where/ratings.csv", "../..", "a\x00b", "ä" * 300]
)
def test_the_latest_result_is_found_by_the_source(name: str) -> None:
    """Whatever characters are in its name; other sources and kinds have none."""
    quality(name, 1).save()
    path = quality(name, 2).save()
    assert path.parent == CacheSettings.read().cache / "quality"
    assert Quality.load(name) == quality(name, 2)
    assert Quality.load(name, kind="stars") is None
    assert Quality.load("another") is None
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("text", ["", "{}", '{"kind": "ranking"}', "\x00"])
def test_what_cannot_be_read_is_no_result(text: str) -> None:
    """A result of another version, or half a file, is as none."""
    path = quality("sample").save()
    Path(path).write_text(text, encoding="utf-8")
    assert Quality.load("sample") is None
