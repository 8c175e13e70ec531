"""Hostile questions of every kind: answers that hold what is promised, or a documented error."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest import ingest
from recommender import InvalidInputError, MovieFilter, Profile, Recommender
from recommender.storage.edge import EdgeStore
from recommender.validation import shown
from tests.recommender.ranking.adversary import (
    BAD,
    HUGE,
    KINDS,
    LONG,
    STARLESS,
    Question,
    World,
    as_filters,
    check,
    rich_source,
)
from tests.recommender.storage.engines import ENGINES, REAL_ENGINES
from tests.support import assert_one_line

ASKED = {"edge": 150, "memory": 60, **dict.fromkeys(REAL_ENGINES, 2000)}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ratings of 60 people with days, genres, tags, links and attributes."""
    return rich_source(tmp_path_factory.mktemp("source"), raters=60, seed=3)


@pytest.fixture(scope="module")
def rec(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open them on the embedded engine."""
    store = EdgeStore(tmp_path_factory.mktemp("edge"))
    ingest(str(source), index=store)
    with Recommender(store) as opened:
        yield opened


@pytest.mark.timeout(900)  # of a real server, over a network
@pytest.mark.parametrize("engine", ASKED)
def test_hostile_questions_get_answers_that_hold_or_a_documented_error(
    engine: str, source: Path, tmp_path: Path
) -> None:
    """Each is asked twice, and every row of its answer is judged."""
    seen: Counter[str] = Counter()
    with ENGINES[engine](tmp_path) as store:
        ingest(str(source), index=store)
        with Recommender(store) as opened:
            world = World(opened, seed=1)
            for number in range(ASKED[engine]):
                check(world, world.question(number), seen)
    assert seen.total() == ASKED[engine]
    assert any(name.endswith("kindred") for name in seen)
    assert any(name.endswith("popular") for name in seen)


def test_every_kind_of_profile_is_asked_with(rec: Recommender) -> None:
    """By the rarest kinds, too, which a short run may not come to."""
    world, seen = World(rec, seed=2), Counter[str]()
    found: dict[str, Question] = {}
    for number in itertools.count():
        question = world.question(number)
        found.setdefault(question.kind, question)
        if len(found) == len(KINDS):
            break
    for question in found.values():
        check(world, question, seen)
    assert seen.total() == len(KINDS)


def test_a_question_can_be_asked_again_by_its_number(rec: Recommender) -> None:
    """The same seed and number make the same question, so that a finding can be looked into."""
    one, other = World(rec, seed=1).question(77), World(rec, seed=1).question(77)
    assert (one.kind, one.said, repr(one.arguments)) == (
        other.kind,
        other.said,
        repr(other.arguments),
    )


def test_the_judge_notices_a_movie_that_was_rated(rec: Recommender) -> None:
    """An answer that breaks a promise does not pass."""
    world = World(rec, seed=1)
    question = next(
        asked
        for asked in map(world.question, range(1000))
        if asked.kind == "few" and asked.said
        if not asked.arguments
    )
    top = question.ask(rec)
    question.said[top[0].movie.movie_id] = 1
    with pytest.raises(AssertionError):
        check(world, question, Counter())


@pytest.mark.parametrize("argument", BAD)
def test_whatever_is_refused_is_named_in_one_line(rec: Recommender, argument: str) -> None:
    """Numbers of more digits than Python prints, and texts without end and of many lines, too."""
    for value in BAD[argument]:
        with pytest.raises(InvalidInputError) as refused:
            rec.recommend({1: 1}, **as_filters({argument: value}))
        assert_one_line(refused.value)


def test_stars_of_any_type_are_refused_in_one_line(rec: Recommender) -> None:
    """Off the scale or not finite, and whatever kind of number."""
    for stars in STARLESS:
        with pytest.raises(InvalidInputError) as refused:
            rec.recommend(Profile.from_stars({1: stars}))
        assert_one_line(refused.value)


def test_stars_and_genres_may_be_arrays_and_their_numbers(rec: Recommender) -> None:
    """As they come out of a table; 32-bit floats bring no warning."""
    stars = dict(zip(np.arange(1, 4), np.array([5, 4, 1], dtype=np.float32), strict=True))
    plain = rec.recommend(
        Profile.from_stars({1: 5, 2: 4, 3: 1}), movies=MovieFilter(genres={"Drama", "War"})
    )
    top = rec.recommend(
        Profile.from_stars(stars), movies=MovieFilter(genres=np.array(["Drama", "War"]))
    )
    assert [row.movie for row in top] == [row.movie for row in plain]
    assert len(rec.recommend({1: 1}, movies=MovieFilter(genres=np.array([])))) == 10


def test_what_is_shown_of_a_value_is_short_and_on_one_line() -> None:
    """Lists and arrays as well."""
    for value in (LONG, [LONG], np.zeros((50, 50)), {"a": HUGE}, "a\nb\u2028c"):
        assert len(shown(value)) <= 80
        assert len(shown(value).splitlines()) == 1
