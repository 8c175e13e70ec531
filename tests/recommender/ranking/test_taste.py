"""Whether opinions do what a person expects of them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import MovieFilter, MovieKey, Recommender, Scale
from tests.support import Ratings, Titles, build_index, likes, open_votes, random_ratings

HATED, LOVED_WITH_IT, ELSEWHERE = 50, (51, 52), (61, 62)


def camps() -> Ratings:
    """Two camps that share movies 1 to 30 in varying degrees.

    Raters 1 to 30 love movie 50, and they alone rated 51 and 52. Raters 31 to 60 dislike movie 50
    or have not seen it, and they alone rated 61 and 62.
    """
    dice = random.Random(3)
    table: Ratings = {}
    for rater in range(1, 61):
        with_it = rater <= 30
        table[rater] = {m: dice.choice([5, 4, 3, 2]) for m in dice.sample(range(1, 31), 18)}
        theirs = LOVED_WITH_IT if with_it else ELSEWHERE
        table[rater] |= {m: dice.choice([5, 4]) for m in dice.sample(theirs, dice.randint(1, 2))}
        if with_it:
            table[rater][HATED] = 5
        elif dice.random() < 0.6:
            table[rater][HATED] = 1
    return table


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open the two camps."""
    with Recommender.open(build_index(tmp_path_factory.mktemp("camps"), camps())) as rec:
        yield rec


@settings(max_examples=150, deadline=None)
@given(
    profile=st.dictionaries(
        st.integers(1, 30), st.sampled_from([1, 1, 0, -1]), min_size=1, max_size=30
    )
)
def test_a_dislike_never_raises_what_only_those_who_love_the_disliked_one_love(
    two: Recommender, profile: dict[int, int]
) -> None:
    """Neither above a movie of the other camp, nor in its part of all votes.

    Whatever else a person says, whether neighbours get ridge weights or not.
    """
    before, after = (
        {row.movie.movie_id: row.score for row in two.recommend(said, limit=100)}
        for said in (profile, {**profile, HATED: -1})
    )
    for lost in LOVED_WITH_IT:
        for kept in ELSEWHERE:
            if before.get(kept, 0.0) >= before.get(lost, 0.0) * (1 + 1e-9):
                assert after.get(kept, 0.0) >= after.get(lost, 0.0)


def test_a_click_on_dislike_turns_a_list_over(two: Recommender) -> None:
    """What goes with the disliked movie stood in front and falls behind."""
    profile = likes(*LOVED_WITH_IT[:1], 61)
    ids = [row.movie.movie_id for row in two.recommend({**profile, HATED: -1}, limit=100)]
    assert ids.index(62) < ids.index(52)
    ids = [row.movie.movie_id for row in two.recommend({**profile, HATED: 1}, limit=100)]
    assert ids.index(52) < ids.index(62)


@pytest.mark.parametrize("hated", [[HATED], [1, 2, 3], [*range(1, 26)]])
def test_who_only_dislikes_is_answered_by_votes_alone(
    tmp_path: Path, hated: list[MovieKey]
) -> None:
    """Nothing is known of what goes together with what they like."""
    index = build_index(tmp_path, camps())
    profile: dict[MovieKey, float] = dict.fromkeys(hated, -1)
    with Recommender.open(index) as rec, open_votes(index) as votes:
        for dial in (None, 0, 1):
            top = rec.recommend(profile, limit=100, adventurous=dial)
            assert top
            assert top.fallback is None
            alone = votes.recommend(profile, limit=100, adventurous=dial)
            assert [(row.movie.movie_id, row.score) for row in top] == [
                (row.movie.movie_id, row.score) for row in alone
            ]


KINDS = ("Action", "Comedy", "Horror", "War")


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open a world where each of 200 raters loves one kind of movies and hates another.

    Movies 1 to 120 take turns among four kinds.
    """
    dice = random.Random(8)
    ratings: Ratings = {}
    for rater in range(1, 201):
        loved, hated = dice.sample(range(4), 2)
        usual = {loved: 5.0, hated: 2.0}
        ratings[rater] = {
            film: min(usual.get(film % 4, 3.5) + dice.choice((-1, -0.5, 0, 0.5, 1)), 5)
            for film in dice.sample(range(1, 121), dice.randint(10, 50))
        }
    titles: Titles = {film: (f"Film {film} (2000)", KINDS[film % 4]) for film in range(1, 121)}
    with Recommender.open(build_index(tmp_path_factory.mktemp("kinds"), ratings, titles)) as rec:
        yield rec


def test_disliking_five_movies_of_a_kind_never_brings_more_of_that_kind(
    kinds: Recommender,
) -> None:
    """200 profiles by chance, none of whose first twenty holds the movies disliked."""
    lost = 0
    for seed in range(200):
        dice = random.Random(seed)
        size = dice.choice((1, 2, 3, 5, 8, 12, 25))
        said: dict[MovieKey, float] = {
            film: dice.choice((1, 1, 0)) for film in dice.sample(range(1, 121), size)
        }
        kind = dice.randrange(4)
        others = [m for m in range(1, 121) if m % 4 == kind and m not in said]
        hated: list[MovieKey] = [*dice.sample(others, 5)]
        before, after = (
            sum(
                KINDS[kind] in row.movie.genres
                for row in kinds.recommend(asked, limit=20, movies=MovieFilter(exclude=hated))
            )
            for asked in (said, {**said, **dict.fromkeys(hated, -1)})
        )
        assert after <= before, (seed, before, after)
        lost += before - after
    assert lost > 200


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open a world with far more raters than may vote."""
    ratings = random_ratings(5, raters=900, movies=300, most=60)
    with Recommender.open(build_index(tmp_path_factory.mktemp("crowd"), ratings)) as rec:
        yield rec


def chance_profile(seed: int, movies: int = 300) -> dict[MovieKey, float]:
    """Opinions of no taste at all."""
    dice = random.Random(seed)
    size = dice.choice([1, 3, 5, 10, 20, 40, 80])
    some = dice.sample(range(1, movies + 1), min(size, movies))
    return {movie: dice.choice([1, 1, 0, -1]) for movie in some}


@pytest.mark.slow
def test_nothing_is_listed_that_fewer_than_one_in_a_hundred_neighbours_like(
    crowd: Recommender,
) -> None:
    """500 profiles of no taste: four supporters of 400 neighbours, eight of 800."""
    for seed in range(500):
        top = crowd.recommend(chance_profile(seed), limit=10)
        if top.fallback is None:
            least = math.ceil(top.neighbours / 100)
            assert min(row.supporters for row in top) >= least


@pytest.mark.slow
def test_a_share_of_the_score_is_what_is_left_without_that_opinions_terms(
    crowd: Recommender,
) -> None:
    """1,000 pairs of profile and movie: shares times the score are the score, to 1e-6 of it."""
    pairs = 0
    for seed in range(1000):
        top = crowd.recommend(chance_profile(seed), limit=2)
        for row in top:
            if not top.fallback:
                parts = [reason.share * row.score for reason in row.because]
                assert math.fsum(parts) == pytest.approx(row.score, rel=1e-6)
                pairs += 1
    assert pairs >= 1000


@pytest.mark.parametrize(("low", "high", "step"), [(1, 10, 1), (0, 100, 5), (-10, 10, 0.5)])
def test_the_same_ratings_on_another_scale_get_the_same_answers(
    tmp_path: Path, low: float, high: float, step: float
) -> None:
    """A scale of half stars, stretched: the states are the same, and so is everything else."""
    halves = random_ratings(21, raters=40, movies=40, most=25)
    base, scale = min(low, 0), Scale(low=low, high=high)
    stretched: Ratings = {
        user: {movie: _stretch(stars, base, high, step) for movie, stars in rated.items()}
        for user, rated in halves.items()
    }
    with (
        Recommender.open(build_index(tmp_path / "halves", halves)) as one,
        Recommender.open(build_index(tmp_path / "other", stretched, scale=scale)) as other,
    ):
        for seed in range(20):
            profile = chance_profile(seed, 40) if seed % 7 else likes(1, 2, 3)
            mine = [(row.movie.movie_id, row.score) for row in one.recommend(profile)]
            theirs = [(row.movie.movie_id, row.score) for row in other.recommend(profile)]
            assert [movie for movie, _ in mine] == [movie for movie, _ in theirs]
            assert np.allclose([s for _, s in mine], [s for _, s in theirs])


def _stretch(stars: float, base: float, high: float, step: float) -> float:
    """Put half stars at the same place of another scale, in its own steps."""
    return base + round(stars / 5 * (high - base) / step) * step
