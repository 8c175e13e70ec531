"""Predicted stars: worked out by hand, against a second implementation, and in odd cases."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import ingest
from recommender import (
    IndexProblem,
    InvalidInputError,
    MovieKey,
    Prediction,
    Profile,
    Recommender,
    Scale,
)
from recommender.ranking.stars import quantiles
from recommender.storage.manifest import StarErrors
from tests.recommender.ranking.star_oracle import StarOracle
from tests.recommender.storage.engines import ENGINES, memory
from tests.recommender.storage.stores import publish
from tests.support import Ratings, build_index, likes, open_ranked, random_ratings, write_source

MOVIES = range(1, 26)
ERRORS = StarErrors(
    variance=0.5,
    ratings=(1, 3, 4),
    support=((0,), (0, 1, 2, 3), (0,)),
    below=((-9.0,), (-9.0, -0.5, -1.0, -9.0), (-9.0,)),
    above=((9.0,), (9.0, 6.0, 0.5, 9.0), (9.0,)),
)
TABLE = random_ratings(11, raters=60, movies=25, most=20)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ingest a world by chance, in which everybody shares some movies; 26 is rated by nobody."""
    titles = {movie: (f"Film {movie} (1990)", "Drama") for movie in range(1, 27)}
    return build_index(tmp_path_factory.mktemp("stars"), TABLE, titles)


@pytest.fixture(scope="module")
def rec(path: Path) -> Iterator[Recommender]:
    """Open it."""
    with Recommender.open(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def oracle() -> StarOracle:
    """Know it once more."""
    return StarOracle(TABLE)


stars = st.integers(1, 10).map(lambda half: half / 2)
profiles = st.dictionaries(st.sampled_from(MOVIES), stars, max_size=25)


def by_stars(profile: dict[int, float]) -> Profile:
    """Make a profile of stars."""
    return Profile.from_stars(profile)


# The formula


@pytest.mark.parametrize("engine", ENGINES)
def test_stars_are_those_worked_out_by_hand_on_every_engine(engine: str, tmp_path: Path) -> None:
    """Movies have 3 ratings of 3.5 on average, where the mean of all is 4.

    So every movie's bias is 3 (3.5 - 4) / (3 + 5) = -3/16. Movie 10 has a dot product of 1 with
    movie 11 over one shared rater, of -1 with movie 12, and of 1 with movie 14 over two.
    """
    bias = Fraction(-3, 16)
    first, last = 5 - 4 - bias, 2 - 4 - bias
    person = (first + last) / (2 + 5)
    weights = Fraction(1, 1 + 50), Fraction(2, 2 + 50)
    above = weights[0] * (first - person) + weights[1] * (last - person)
    expected = 4 + person + bias
    with ENGINES[engine](tmp_path) as store:
        publish(store)
        with Recommender(store) as made:
            found = made.predict(by_stars({11: 5, 14: 2}), 10)
            alone = made.predict(by_stars({12: 5, 13: 3}), 10)
    assert found.stars == pytest.approx(expected + above / (sum(weights) + Fraction("0.05")))
    assert found.expected == pytest.approx(expected)
    assert (found.movie.movie_id, found.support) == (10, 2)
    assert found.reason.startswith(
        "rests on 2 of your ratings, most of all that of Film 4; how far"
    )
    assert (found.low, found.high) == (None, None)
    assert (alone.stars, alone.support) == (alone.expected, 0)
    assert alone.reason.startswith("rests on averages alone")


@pytest.mark.parametrize(("support", "below", "above"), [(1, -0.25, 3.0), (2, -0.5, 0.25)])
def test_the_interval_is_the_one_worked_out_by_hand(
    support: int, below: float, above: float, tmp_path: Path
) -> None:
    """Movie 10 has 3 ratings, so that its class doubles what is of the support.

    Levels are 4 - 3/16. Stars of 5 and 2 are 19/16 above and 29/16 below them, together 10/16
    below: the person is 1/11.2 below with both, and 19/96 above with the first alone.
    """
    given = {11: 5.0, 14: 2.0} if support == 2 else {11: 5.0}
    person = -1 / 11.2 if support == 2 else 19 / 96
    squares = sum((stars - 4 + 3 / 16 - person) ** 2 for stars in given.values())
    # As if of five more ratings with a variance of 0.5.
    spread = math.sqrt((squares + 5 * 0.5) / (support + 5))
    with memory() as store:
        publish(store, star_errors=ERRORS)
        with Recommender(store) as made:
            found = made.predict(by_stars(given), 10)
    assert found.support == support
    assert found.reason.endswith("Film 4" if support == 2 else "Film 1")
    assert found.stars is not None
    assert found.low == pytest.approx(found.stars + below * 2 * spread)
    assert found.high == pytest.approx(min(found.stars + above * 2 * spread, 5.0))


def test_opinions_do_not_tell_how_much_a_persons_stars_vary() -> None:
    """However many likes: the same stars stand for all, and nobody gives always the same."""
    with memory() as store:
        publish(store, star_errors=ERRORS)
        with Recommender(store) as made:
            found = made.predict({11: 1, 14: -1}, 10)
    assert found.stars is not None
    assert found.support == 2
    # As of five more ratings alone; the class of support 2 reaches one spread below.
    assert found.low == pytest.approx(found.stars - math.sqrt(0.5))


@settings(max_examples=60)
@given(profile=profiles)
def test_any_stars_get_the_oracles_prediction(
    rec: Recommender, oracle: StarOracle, profile: dict[int, float]
) -> None:
    """Movies of the profile too; the oracle knows nothing of vectors."""
    for found, movie in zip(rec.predict_many(by_stars(profile), MOVIES), MOVIES, strict=True):
        expected = oracle.predict(profile, movie)
        if found.support != expected[1]:  # a cosine of nothing but rounding
            continue
        assert found.movie.movie_id == movie
        assert found.stars == pytest.approx(expected[0], abs=1e-5)
        assert found.expected == pytest.approx(expected[2])


@pytest.mark.parametrize("neighbours", [1, 3])
def test_only_the_most_similar_movies_count(path: Path, neighbours: int) -> None:
    """However many others the person rated."""
    with open_ranked(path, predict_neighbours=neighbours) as made:
        found = made.predict_many(by_stars(dict.fromkeys(MOVIES, 3.0)), MOVIES)
    assert {prediction.support for prediction in found} == {neighbours}


# What holds for everybody


@settings(max_examples=60)
@given(profile=profiles, seed=st.integers(0, 99))
def test_stars_lie_on_the_scale_and_the_order_of_a_profile_says_nothing(
    rec: Recommender, profile: dict[int, float], seed: int
) -> None:
    """Within their interval, and there where the person rated any other movie."""
    turned = list(profile.items())
    random.Random(seed).shuffle(turned)
    found = rec.predict_many(by_stars(profile), MOVIES)
    assert found == rec.predict_many(by_stars(dict(turned)), MOVIES)
    for prediction in found:
        assert prediction.expected is not None
        assert 0.5 <= prediction.expected <= 5
        others = profile.keys() - {prediction.movie.movie_id}
        assert prediction.reason
        if not others:
            assert (prediction.stars, prediction.low, prediction.high) == (None, None, None)
            continue
        assert prediction.stars is not None
        assert prediction.low is not None
        assert prediction.high is not None
        assert 0.5 <= prediction.low <= prediction.stars <= prediction.high <= 5
        assert prediction.wide == (prediction.high - prediction.low > 4.5 / 2)
        assert prediction.support or prediction.stars == pytest.approx(prediction.expected)


@settings(max_examples=40)
@given(profile=profiles, movie=st.sampled_from(MOVIES), stars=stars)
def test_a_movie_is_no_evidence_for_itself(
    rec: Recommender, profile: dict[int, float], movie: int, stars: float
) -> None:
    """Whatever was said of it, or if nothing was."""
    without = {other: given for other, given in profile.items() if other != movie}
    plain = rec.predict(by_stars(without), movie)
    found = rec.predict(by_stars(without | {movie: stars}), movie)
    assert (found.support, found.stars, found.expected) == pytest.approx(
        (plain.support, plain.stars, plain.expected)
    )


def test_a_batch_predicts_what_single_questions_do(rec: Recommender) -> None:
    """In the order asked for, a movie asked for twice included."""
    person = by_stars({1: 5, 2: 1, 3: 4})
    asked: list[MovieKey] = [9, "Film 4", 9, 1]
    found = rec.predict_many(person, asked)
    assert found == tuple(rec.predict(person, movie) for movie in asked)
    assert [prediction.movie.movie_id for prediction in found] == [9, 4, 9, 1]
    assert rec.predict_many(person, []) == ()


def test_engines_predict_the_same_stars(rec: Recommender, tmp_path: Path) -> None:
    """Embedded and in a server's memory."""
    with memory() as store:
        ingest(str(write_source(tmp_path / "source", TABLE)), index=store)
        with Recommender(store) as other:
            for seed in range(10):
                dice = np.random.default_rng(seed)
                person = Profile(
                    {int(m): int(dice.integers(-1, 2)) for m in dice.choice(25, 8)[1:] + 1}
                )
                ours, theirs = (made.predict_many(person, MOVIES) for made in (rec, other))
                for one, two in zip(ours, theirs, strict=True):
                    assert (one.stars, one.expected) == pytest.approx((two.stars, two.expected))
                    assert one.support == two.support


# What is said in place of stars


def test_opinions_count_as_the_mean_of_such_ratings(rec: Recommender) -> None:
    """A like as the mean of all likes, and so on."""
    everything = [given for rated in TABLE.values() for given in rated.values()]
    like = mean([given for given in everything if given >= 4])
    seen = mean([given for given in everything if 2.5 < given < 4])
    dislike = mean([given for given in everything if given <= 2.5])
    said = rec.predict_many({1: 1, 2: 0, 3: -1}, MOVIES)
    given = rec.predict_many(by_stars({1: like, 2: seen, 3: dislike}), MOVIES)
    assert [p.stars for p in said] == pytest.approx([p.stars for p in given])


def test_stars_beside_an_opinion_are_taken_as_they_are(rec: Recommender) -> None:
    """And an opinion without stars as the mean of such ratings, in the same profile."""
    like = mean([given for rated in TABLE.values() for given in rated.values() if given >= 4])
    said = Profile({1: 1, 2: 1, 3: -1}, stars={3: 4, 2: 9}, scale=(0, 10))
    found = rec.predict_many(said, MOVIES)
    # 9 and 4 of 0-10 lie where 4.55 and 2.3 of 0.5-5 do.
    expected = rec.predict_many(by_stars({1: like, 2: 4.55, 3: 2.3}), MOVIES)
    assert [p.stars for p in found] == pytest.approx([p.stars for p in expected])


def test_a_state_nobody_is_in_counts_as_the_middle_of_its_range(tmp_path: Path) -> None:
    """On 0.5-5 dislikes end at 2.5; here nobody gave less than 3."""
    table: Ratings = {user: {1: 4, 2: 3.5, 3: 3 + user % 2 / 2} for user in range(9)}
    index = build_index(tmp_path, table, scale=Scale(low=0.5, high=5))
    with Recommender.open(index) as made:
        said = made.predict({1: -1, 2: -1}, 3)
        given = made.predict(by_stars({1: 1.5, 2: 1.5}), 3)
        assert (said.stars, said.expected) == pytest.approx((given.stars, given.expected))


def test_stars_on_another_scale_count_by_their_place_on_it(rec: Recommender) -> None:
    """0.5-5 and 0-10: both ends meet, and the middle."""
    ours = by_stars({1: 0.5, 2: 2.75, 3: 5, 4: 4.1})
    theirs = Profile.from_stars({1: 0, 2: 5, 3: 10, 4: 8}, scale=(0, 10))
    for one, two in zip(*(rec.predict_many(p, MOVIES) for p in (ours, theirs)), strict=True):
        assert one.stars == pytest.approx(two.stars)


def test_two_names_of_one_movie_count_as_their_mean(rec: Recommender) -> None:
    """Where both are likes; a like and a dislike of one movie are refused."""
    twice: dict[MovieKey, float] = {1: 4, "Film 1": 5}
    assert rec.predict(Profile.from_stars(twice), 2) == rec.predict(by_stars({1: 4.5}), 2)
    with pytest.raises(InvalidInputError, match="at once"):
        rec.predict(Profile.from_stars(twice | {1: 1}), 2)


# Where there are none


@pytest.mark.parametrize(
    ("profile", "movie", "reason"),
    [
        ({}, 1, "you rated nothing yet"),
        ({1: 5.0}, 1, "you rated nothing else yet"),
        ({1: 5.0, 2: 4.0}, 26, "nobody in this index rated it"),
    ],
)
def test_where_nothing_is_known_there_are_no_stars_and_a_reason(
    rec: Recommender, profile: dict[int, float], movie: int, reason: str
) -> None:
    """What is to be expected on average is told all the same."""
    found = rec.predict(by_stars(profile), movie)
    assert (found.stars, found.support, found.reason) == (None, 0, reason)
    assert found.expected is not None


def test_without_similar_movies_the_means_speak(rec: Recommender) -> None:
    """Those of the person and of the movie, and the reason says so."""
    found = rec.predict(by_stars({26: 5.0}), 1)
    assert found.support == 0
    assert found.stars == found.expected
    assert found.reason.startswith("rests on averages alone")
    assert found.low is not None


def test_likes_have_no_stars(tmp_path: Path) -> None:
    """Neither predicted nor expected ones, for whatever movie and profile."""
    table: Ratings = {user: dict.fromkeys(range(1, 8), 5.0) for user in range(6)}
    with Recommender.open(build_index(tmp_path, table)) as made:
        found = made.predict(likes(1, 2), 3)
        assert (found.stars, found.expected, found.support) == (None, None, 0)
        assert found.reason == "there are no stars in this index, which holds likes only"
        for row in made.recommend(likes(1, 2)):
            assert row.predicted_rating is None
            assert row.prediction is not None
            assert row.prediction.reason == found.reason


def test_what_cannot_be_used_is_refused_by_name(rec: Recommender) -> None:
    """Movies, opinions, stars off the scale, and a lone title as a list."""
    with pytest.raises(InvalidInputError, match="no movie 'Nowhere'"):
        rec.predict({1: 1}, "Nowhere")
    with pytest.raises(InvalidInputError, match="is 4: give 1 for a like"):
        rec.predict({1: 4}, 2)
    with pytest.raises(InvalidInputError, match="rated 9, which is not on the scale"):
        rec.predict(by_stars({1: 9}), 2)
    with pytest.raises(InvalidInputError, match=r"movies is 'Film 1': give a list"):
        rec.predict_many({1: 1}, "Film 1")


# In lists


def test_a_list_predicts_the_stars_of_its_rows(rec: Recommender) -> None:
    """What predict says of each, rated or merely liked; and so does the table."""
    for person in (by_stars({1: 5, 2: 2, 3: 4}), Profile({1: 1, 2: -1, 3: 1})):
        top = rec.recommend(person, limit=8)
        expected = [rec.predict(person, row.movie.movie_id) for row in top]
        assert [row.prediction for row in top] == expected
        shown = top.to_frame()
        for column, field in (("rating", "stars"), ("low", "low"), ("high", "high")):
            assert shown[f"predicted_{column}"].tolist() == [getattr(p, field) for p in expected]
        assert shown.notna().all(axis=None)


def test_popular_movies_have_predicted_stars_where_someone_asks(rec: Recommender) -> None:
    """Someone who dislikes one film has no kin, but ratings; nobody has none."""
    lonely = Profile({26: 1, 1: 0})
    for row in rec.recommend(lonely):
        assert row.predicted_rating == rec.predict(lonely, row.movie.movie_id).stars
    for top in (rec.recommend({}), rec.popular(), rec.similar(1)):
        assert len(top)
        assert [(row.predicted_rating, row.prediction) for row in top] == [(None, None)] * len(top)


def test_a_list_outlives_its_version(tmp_path: Path) -> None:
    """The current version predicts; one without these movies predicts nothing."""
    index = build_index(tmp_path, TABLE)
    with Recommender.open(index) as made:
        early, late = (made.recommend(likes(1, 2, 3)) for _ in range(2))
        changed = {u: {m: 5.5 - s for m, s in rated.items()} for u, rated in TABLE.items()}
        ingest(str(write_source(tmp_path / "other", changed)), index=index)
        now = made.predict_many(likes(1, 2, 3), [row.movie.movie_id for row in early])
        assert [row.predicted_rating for row in early] == [prediction.stars for prediction in now]
        other = {u: {m + 100: s for m, s in rated.items()} for u, rated in TABLE.items()}
        ingest(str(write_source(tmp_path / "third", other)), index=index)
        assert {row.predicted_rating for row in late} == {None}
        assert {row.prediction and row.prediction.reason for row in late} == {
            "the index has changed since this list was made, and lacks some of its movies"
        }


def test_a_list_of_a_closed_recommender_says_so(path: Path) -> None:
    """What was asked for before stays."""
    with Recommender.open(path) as made:
        early, late = (made.recommend(likes(1, 2, 3)) for _ in range(2))
        known = early[0].predicted_rating
    assert early[0].predicted_rating == known
    with pytest.raises(IndexProblem, match="closed"):
        _ = late[0].predicted_rating


def test_predictions_are_values(rec: Recommender) -> None:
    """Equal where everything is, and unchangeable."""
    found = rec.predict({1: 1, 2: 1}, 3)
    assert isinstance(found, Prediction)
    assert found == rec.predict({2: 1, 1: 1}, 3)
    assert rec.predict(rec.profile_of(1), 3).movie == found.movie


def test_the_class_of_an_error_is_the_last_that_begins_before() -> None:
    """By the ratings of the movie, and of these by support."""
    errors = StarErrors(
        variance=1,
        ratings=(1, 5),
        support=((0,), (0, 3)),
        below=((-8,), (-4, -1)),
        above=((7,), (3, 2)),
    )
    found = [quantiles(errors, support, ratings) for ratings in (4, 5) for support in (2, 3)]
    assert found == [(-8, 7), (-8, 7), (-4, 3), (-1, 2)]
