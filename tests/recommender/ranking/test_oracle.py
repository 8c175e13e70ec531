"""The recommender against a second implementation of its formula, on worlds made by chance."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import MovieKey, Profile, Recommendations, Recommender
from recommender.ranking.weights import movie_weights, query_vector
from recommender.settings import Ranking
from recommender.storage.edge import EdgeStore
from tests.recommender.ranking.oracle import DISLIKE, LIKE, NEUTRAL, Oracle, Row
from tests.support import Ratings, Titles, build_index, open_ranked, random_ratings

SEEDS = (1, 2, 3)
# The films' table of co-ratings that EASE is solved from is in 32 bits.
NEAR = 1e-6
GENRES = ("Comedy", "Drama", "Horror", "Western", "War")
OPINION = {LIKE: 1.0, NEUTRAL: 0.0, DISLIKE: -1.0}


class World:
    """One table of ratings, open through the real engine and known to the oracle."""

    def __init__(self, folder: Path, seed: int, ratings: Ratings) -> None:
        self.seed = seed
        table = {int(u): {int(m): s for m, s in rated.items()} for u, rated in ratings.items()}
        dice = random.Random(f"genres {seed}")
        genres = {
            movie: set(dice.sample(GENRES, dice.randint(0, 3)))
            for movie in sorted({movie for rated in table.values() for movie in rated})
        }
        titles: Titles = {m: (f"Film {m}", "|".join(sorted(some))) for m, some in genres.items()}
        self.path = build_index(folder, ratings, titles)
        self.rec = Recommender.open(self.path)
        self.oracle = Oracle(table, genres=genres)
        self.movies = sorted(self.oracle.rated)

    def person(self, seed: int, most: int = 12) -> dict[int, str]:
        """Opinions by chance."""
        dice = random.Random(f"{self.seed} {seed}")
        some = dice.sample(self.movies, dice.randint(1, most))
        return {movie: dice.choice([LIKE, LIKE, NEUTRAL, DISLIKE]) for movie in some}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    """Three worlds by chance."""
    folder = tmp_path_factory.mktemp("worlds")
    made = [World(folder / str(seed), seed, random_ratings(seed)) for seed in SEEDS]
    yield made
    for world in made:
        world.rec.close()


def opinions(person: dict[int, str]) -> dict[MovieKey, float]:
    """Say what a person thinks in the words of a profile."""
    return {movie: OPINION[said] for movie, said in person.items()}


def assert_same(top: Recommendations, rows: list[Row]) -> None:
    """Compare two rankings, allowing near-equal scores to swap."""
    got = {row.movie.movie_id: row for row in top}
    assert set(got) == {row.movie for row in rows}
    for place, expected in enumerate(rows):
        row = got[expected.movie]
        assert row.score == pytest.approx(expected.score, rel=NEAR)
        assert row.supporters == expected.supporters
        assert top[place].score == pytest.approx(expected.score, rel=NEAR)


def assert_same_shares(top: Recommendations, rows: list[Row]) -> None:
    """Compare where scores come from."""
    expected = {row.movie: row.shares for row in rows}
    for row in top:
        shares = {reason.movie.movie_id: reason.share for reason in row.because}
        assert math.fsum(shares.values()) == pytest.approx(1)
        for movie, share in expected[int(row.movie.movie_id)].items():
            assert shares.get(movie, 0.0) == pytest.approx(share, rel=NEAR, abs=NEAR)


@pytest.mark.parametrize("seed", range(25))
def test_ranking_scores_supporters_and_shares_are_the_oracles(
    worlds: list[World], seed: int
) -> None:
    """Whoever asks, all rows, scores and shares agree with the plain formula."""
    for world in worlds:
        person = world.person(seed)
        top = world.rec.recommend(opinions(person), limit=1000)
        rows = world.oracle.rows(person)
        if not rows:
            assert top.fallback == "popular"
            continue
        assert top.fallback is None
        assert top.neighbours == len(world.oracle.similarities(person))
        assert_same(top, rows)
        assert_same_shares(top, rows)


@pytest.mark.parametrize("neighbours", [1, 2, 5])
def test_with_few_neighbours_the_same_ones_vote_as_in_the_oracle(
    worlds: list[World], neighbours: int
) -> None:
    """Only the most similar raters count, however many others share a movie."""
    for world in worlds:
        with open_ranked(world.path, neighbours=neighbours) as rec:
            for seed in range(10):
                person = world.person(seed)
                rows = world.oracle.rows(person, neighbours=neighbours)
                if rows:
                    top = rec.recommend(opinions(person), limit=1000)
                    assert top.neighbours <= neighbours
                    assert_same(top, rows)


@pytest.mark.parametrize("seed", range(15))
def test_the_engine_finds_the_oracles_neighbours(worlds: list[World], seed: int) -> None:
    """Qdrant's own scores are the formula's similarities, to 32 bits."""
    for world in worlds:
        person = world.person(seed)
        index = EdgeStore(world.path).open()
        try:
            number = {record.movie_id: record.number for record in index.movies()}
            counts = np.array([record.ratings for record in index.movies()])
            manifest = index.manifest
            weights = movie_weights(counts, manifest.counts.users, manifest.weighting)
            rated = sorted(person, key=number.__getitem__)
            places = np.array([number[movie] for movie in rated])
            states = np.array([(LIKE, NEUTRAL, DISLIKE).index(person[m]) for m in rated])
            question = query_vector(places, states.astype(np.uint8), weights[places], Ranking())
            hits = index.neighbours(question, limit=1000)
            found = {
                int(rater.user_id): float(score)
                for rater, score in zip(index.raters(hits.ids), hits.scores, strict=True)
            }
        finally:
            index.close()
        expected = world.oracle.similarities(person)
        # Terms that cancel out leave a remainder of rounding on one side only.
        for rater in set(found) ^ set(expected):
            assert found.get(rater, expected.get(rater)) == pytest.approx(0, abs=1e-6)
        for rater in set(found) & set(expected):
            assert found[rater] == pytest.approx(expected[rater], rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("rater", range(1, 31))
def test_a_stored_rater_gets_the_oracles_ranking_without_themselves(
    worlds: list[World], rater: int
) -> None:
    """Asking as a stored rater leaves that rater out of the neighbours, and nobody else."""
    for world in worlds:
        said = world.oracle.states[rater]
        if len(said) < 5:
            continue
        top = world.rec.recommend(world.rec.profile_of(rater), limit=1000)
        rows = world.oracle.rows(said, leave_out=rater)
        if rows:
            assert_same(top, rows)
            assert_same_shares(top, rows)
        else:
            assert top.fallback == "popular"


@pytest.mark.parametrize("adventurous", [0.0, 0.25, 0.75, 1.0])
@pytest.mark.parametrize("seed", [7, 8, 9])
def test_the_dial_turns_as_in_the_oracle(
    worlds: list[World], adventurous: float, seed: int
) -> None:
    """At every place, with scores and shares."""
    for world in worlds:
        person = world.person(seed)
        top = world.rec.recommend(opinions(person), limit=1000, adventurous=adventurous)
        rows = world.oracle.rows(person, dial=adventurous)
        if rows:
            assert_same(top, rows)
            assert_same_shares(top, rows)


@pytest.mark.parametrize("candidates", [1, 2, 7])
def test_films_that_are_no_candidates_are_scored_by_the_same_formula(
    worlds: list[World], candidates: int
) -> None:
    """EASE predicts nothing of them, and they stay in the list."""
    for world in worlds:
        with open_ranked(world.path, candidates=candidates) as rec:
            for seed in range(5):
                person = world.person(seed)
                rows = world.oracle.rows(person, candidates=candidates)
                if rows:
                    assert_same(rec.recommend(opinions(person), limit=1000), rows)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Make a world in which people rated enough for their neighbours to get ridge weights."""
    ratings = random_ratings(7, raters=60, movies=90, most=70)
    world = World(tmp_path_factory.mktemp("wide"), 7, ratings)
    yield world
    world.rec.close()


@pytest.mark.parametrize("said", [21, 28, 40, 80])
def test_many_opinions_get_the_oracles_ridge_weighted_answer(wide: World, said: int) -> None:
    """From 21 liked or seen on neighbours vote with what they alone tell, some against."""
    for seed in range(5):
        dice = random.Random(seed)
        person = {
            movie: dice.choice([LIKE, LIKE, NEUTRAL, DISLIKE])
            for movie in dice.sample(wide.movies, said)
        }
        top = wide.rec.recommend(opinions(person), limit=1000)
        rows = wide.oracle.rows(person)
        assert rows
        assert_same(top, rows)
        assert_same_shares(top, rows)


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Make a world of few movies, in which everybody shares some."""
    ratings = random_ratings(99, raters=25, movies=15, most=15)
    world = World(tmp_path_factory.mktemp("dense"), 99, ratings)
    yield world
    world.rec.close()


@settings(max_examples=60)
@given(
    person=st.dictionaries(
        st.integers(1, 15), st.sampled_from([LIKE, NEUTRAL, DISLIKE]), min_size=1, max_size=15
    )
)
def test_any_opinions_get_the_oracles_answer(dense: World, person: dict[int, str]) -> None:
    """Whatever a person says of whichever movies, both implementations agree."""
    top = dense.rec.recommend(Profile(opinions(person)), limit=1000)
    rows = dense.oracle.rows(person)
    if top.fallback is None:
        assert_same(top, rows)
        assert_same_shares(top, rows)
    else:
        # Terms that cancel exactly may leave a remainder in one of the two sums.
        assert all(value < 1e-6 for value in dense.oracle.similarities(person).values())
