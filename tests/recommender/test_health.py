"""Whether an index answers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recommender import IndexProblem, Recommendation, Recommender
from recommender.health import check_health
from tests.support import THREE_RATERS, build_index, random_ratings


class Answer(list[Recommendation]):
    """A list that says of itself what it is told to."""

    fallback: str | None = None
    neighbours = 400


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Recommender of an index with raters enough to find kindred ones."""
    index = build_index(tmp_path_factory.mktemp("many"), random_ratings(1, raters=200))
    with Recommender.open(index) as opened:
        yield opened


def test_an_index_that_answers_is_healthy(rec: Recommender) -> None:
    """Its version, and how much the answer held."""
    found = check_health(rec)
    assert (found.version, found.movies) == ("000001", 10)
    assert found.neighbours >= 100
    assert found.milliseconds > 0


def test_a_small_index_may_know_nobody_kindred(tmp_path: Path) -> None:
    """Three raters of nine movies: whatever it answers, there is nothing wrong with it."""
    with Recommender.open(build_index(tmp_path, THREE_RATERS)) as rec:
        assert check_health(rec).version == "000001"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda top, _: Answer(top[::-1]), "in no order"),
        (lambda top, _: Answer([replace(top[0], score=math.nan), *top[1:]]), "in no order"),
        (lambda top, _: Answer([replace(top[0], score=math.inf), *top[1:]]), "in no order"),
        (lambda top, seen: Answer([replace(top[0], movie=seen), *top[1:]]), "with what was seen"),
        (lambda top, _: Answer(), "nobody likes"),
        (lambda top, _: popular(top), "nobody likes"),
    ],
    ids=["unsorted", "nan", "infinite", "seen", "empty", "fallback"],
)
def test_an_answer_that_cannot_be_right_is_a_problem(
    wrong: Any, says: str, rec: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line that names the version and the way out."""
    ask = rec.recommend
    seen = rec.popular(limit=1)[0].movie
    monkeypatch.setattr(rec, "recommend", lambda profile: wrong(ask(profile), seen))
    with pytest.raises(IndexProblem, match=f"^version 000001 of .* answers .*{says}.*--rollback"):
        check_health(rec)


def popular(top: Any) -> Answer:
    """Call a list what it is where nobody kindred was found."""
    answer = Answer(top)
    answer.fallback = "popular"
    return answer
