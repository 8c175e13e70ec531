"""Errors of predicted stars: their quantiles by hand, and ratings that are left out."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from ingest import ingest, star_errors
from ingest.cleaning import CleanRatings
from ingest.points import Metadata, movie_batches
from ingest.star_errors import Errors, SampledErrors, error_classes
from ingest.statistics import count
from ingest.update.append import append
from ingest.update.forget import forget
from recommender import Profile, Recommender, Scale
from recommender.arrays import Floats
from recommender.ranking.stars import quantiles
from recommender.settings import Weighting
from recommender.storage.edge import EdgeStore
from recommender.storage.hash_order import user_hashes
from recommender.storage.manifest import StarErrors
from tests.support import Ratings, build_index, random_ratings, write_source

TABLE = random_ratings(11, raters=60, movies=25, most=20)
HALF_STARS = Scale(low=0.5, high=5)


def _errors(error: Floats, support: int = 0, ratings: int = 1, spread: float = 1.0) -> Errors:
    same = np.ones(len(error), dtype=np.int64)
    return Errors(support * same, ratings * same, np.full(len(error), spread), error)


def _joined(*some: Errors) -> Errors:
    return Errors(*map(np.concatenate, zip(*some, strict=True)))


def _stored(index: Path) -> StarErrors | None:
    version = EdgeStore(index).open()
    try:
        return version.manifest.star_errors
    finally:
        version.close()


# Quantiles


def test_the_ends_leave_a_tenth_of_the_errors_out() -> None:
    """Of -9 to 9 the second and the last but one: floor(0.1 * 20) is 2."""
    found = error_classes(0.5, _errors(np.arange(-9.0, 10.0)))
    assert (found.variance, found.support, found.ratings) == (0.5, ((0,),), (1,))
    assert (found.below, found.above) == (((-8.0,),), ((8.0,),))


def test_errors_count_as_multiples_of_the_spread() -> None:
    """Twice the errors of people who are twice as hard to predict are the same."""
    some = np.arange(-9.0, 10.0)
    assert error_classes(0.5, _errors(2 * some, spread=2.0)) == error_classes(0.5, _errors(some))


def test_too_few_errors_reach_beyond_every_scale() -> None:
    """Of eight none is a tenth; without any at all it is the same."""
    for errors in (np.arange(8.0), np.empty(0)):
        found = error_classes(0.5, _errors(errors))
        low, high = quantiles(found, 0, 1)
        assert low < -1e5
        assert high > 1e5


def test_the_interval_contains_the_prediction() -> None:
    """Though all errors are on one side, or there are none."""
    assert quantiles(error_classes(0.5, _errors(np.full(99, 2.0))), 0, 1) == (0.0, 2.0)
    assert quantiles(error_classes(0.0, _errors(np.zeros(99), spread=0.0)), 7, 7) == (0.0, 0.0)


def test_small_classes_are_joined_with_those_of_more_support() -> None:
    """50 with a support of 0, 40 with 1, 9 with 3 and 30 with 10: the last three are one."""
    sizes = {0: 50, 1: 40, 3: 9, 10: 30}
    parts = [_errors(np.full(size, 1.0), support, 20) for support, size in sizes.items()]
    assert error_classes(0.5, _joined(*parts)).support == ((0, 1),)


def test_errors_of_little_known_movies_widen_their_own_interval() -> None:
    """Of as much support they are three times as large there; too few of them widen all."""
    some = np.tile([-1.0, 1.0], 100)
    found = error_classes(0.5, _joined(_errors(3 * some, 0, 1), _errors(some, 0, 9)))
    assert found.ratings == (1, 5)
    assert quantiles(found, 0, 4) == (-3.0, 3.0)
    assert quantiles(found, 0, 5) == (-1.0, 1.0)
    found = error_classes(0.5, _joined(_errors(3 * some[:48], 0, 1), _errors(some, 0, 9)))
    assert found.ratings == (1,)
    assert quantiles(found, 0, 4) == quantiles(found, 0, 5) == (-3.0, 3.0)


# Ratings left out


def test_what_is_left_out_is_predicted_as_in_an_index_without_the_rater(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the biases of the others, in which the rater's stars still are a small part."""
    monkeypatch.setattr(star_errors, "_RATERS", 1)
    monkeypatch.setattr(star_errors, "_LITTLE_KNOWN", (0, 0))
    monkeypatch.setattr(star_errors, "_SHORT", ())
    clean = _clean(TABLE)
    user = clean.user_ids[int(np.argmin(user_hashes(np.arange(len(TABLE)))))]
    found = _sampled(clean)
    others = {rater: rated for rater, rated in TABLE.items() if rater != user}
    rated = TABLE[user]
    with Recommender.open(build_index(tmp_path, others)) as rec:
        expected = {}
        for movie, given in rated.items():
            rest = {m: stars for m, stars in rated.items() if m != movie}
            stars = rec.predict(Profile.from_stars(rest), movie).stars
            assert stars is not None
            expected[movie] = given - stars
    assert len(found.error)
    for error in found.error:
        assert min(abs(error - other) for other in expected.values()) < 0.05


def _clean(table: Ratings) -> CleanRatings:
    rows = sorted(
        (user, movie, stars) for user, rated in table.items() for movie, stars in rated.items()
    )
    users, movies = sorted(table), sorted({movie for _, movie, _ in rows})
    user = np.array([users.index(row[0]) for row in rows])
    movie = np.array([movies.index(row[1]) for row in rows])
    units = HALF_STARS.pack(np.array([row[2] for row in rows]))
    return CleanRatings(user, movie, units, None, users, movies, HALF_STARS, {})


def _sampled(clean: CleanRatings) -> Errors:
    weighting = Weighting()
    statistics = count(clean, weighting)
    sampled = SampledErrors(clean, statistics, weighting)
    for batch in movie_batches(clean, statistics, Metadata({}, {}, {}), weighting):
        sampled.add(batch)
    return sampled.errors()[1]


def test_little_known_movies_are_of_raters_with_little_in_common(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One of raters 1 and 4, who rated just two, rather than one of 20 that four raters share.

    Its weight is 1/2, and theirs 1/60 each. Of rater 4 nothing else can be compared.
    """
    monkeypatch.setattr(star_errors, "_RATERS", 0)
    monkeypatch.setattr(star_errors, "_FEW_MOVIES", 1)
    table: Ratings = {user: {m: 1.0 + (user + m) % 5 for m in range(20)} for user in (1, 2, 3, 5)}
    table[1][99] = 4.0
    table[4] = {98: 3.0, 99: 4.0}
    assert _sampled(_clean(table)).ratings.tolist() == [1]


def test_of_many_movies_those_that_others_rated_too_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 40 movies of rater 1 a single one, which is the one that rater 2 rated with movie 99."""
    monkeypatch.setattr(star_errors, "_RATERS", 0)
    monkeypatch.setattr(star_errors, "_FEW_MOVIES", 1)
    monkeypatch.setattr(star_errors, "_LONGEST", 1)
    table: Ratings = {user: {m: 1.0 + (user + m) % 5 for m in range(40)} for user in (1, 3, 4)}
    table[1][99] = 4.0
    table[2] = {7: 5.0, 99: 5.0}
    assert _sampled(_clean(table)).support.tolist() == [1, 1]


def test_a_sample_of_a_movies_raters_holds_those_who_are_left_out() -> None:
    """However few they are: the errors stay finite and as many."""
    clean, weighting = _clean(TABLE), Weighting(movie_raters=5)
    statistics = count(clean, weighting)
    sampled = SampledErrors(clean, statistics, weighting)
    for batch in movie_batches(clean, statistics, Metadata({}, {}, {}), weighting):
        sampled.add(batch)
    _, errors = sampled.errors()
    assert len(errors.error)
    assert np.isfinite(errors.error).all()


# In an index


def test_the_order_of_the_ratings_says_nothing(tmp_path: Path) -> None:
    """Neither of the raters nor of their movies."""
    raters = list(TABLE)
    random.Random(1).shuffle(raters)
    turned = {rater: dict(reversed(TABLE[rater].items())) for rater in raters}
    one, two = (
        _stored(build_index(tmp_path / name, table))
        for name, table in (("a", TABLE), ("b", turned))
    )
    assert one is not None
    assert one == two


def test_updates_keep_what_the_ingest_counted(tmp_path: Path) -> None:
    """Ratings that are appended, and raters who are forgotten."""
    index = build_index(tmp_path, TABLE)
    before = _stored(index)
    append(str(write_source(tmp_path / "more", {99: {1: 5.0, 2: 0.5}})), index=index)
    forget([99, 1], index=index)
    assert before is not None
    assert _stored(index) == before


@pytest.mark.parametrize(
    ("table", "scale"),
    [
        ({1: {1: 4.0, 2: 5.0}, 2: {1: 3.0}}, HALF_STARS),
        ({user: dict.fromkeys(range(1, 8), 4.0) for user in range(9)}, HALF_STARS),
        (
            {u: {m: 4 * s - 10 for m, s in rated.items()} for u, rated in TABLE.items()},
            Scale(low=-10, high=10, step=0.5),
        ),
        (
            {u: {m: 20 * s for m, s in rated.items()} for u, rated in TABLE.items()},
            Scale(low=0, high=100),
        ),
    ],
)
def test_any_source_has_intervals_on_its_scale(
    table: Ratings, scale: Scale, tmp_path: Path
) -> None:
    """Three ratings; ratings all alike; a scale from below zero; a long one."""
    with Recommender.open(build_index(tmp_path, table, scale=scale)) as rec:
        found = rec.predict({2: 1}, 1)
    assert found.stars is not None
    assert found.low is not None
    assert found.high is not None
    assert scale.low <= found.low <= found.stars <= found.high <= scale.high


def test_likes_have_no_errors(tmp_path: Path) -> None:
    """There is nothing to predict."""
    table: Ratings = {user: dict.fromkeys(range(1, 8), 5.0) for user in range(6)}
    ingest(str(write_source(tmp_path / "source", table)), index=tmp_path / "index")
    assert _stored(tmp_path / "index") is None
