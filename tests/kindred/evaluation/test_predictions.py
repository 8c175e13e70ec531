"""Stars by the formulas of the textbooks: by hand, by their definitions, and as in Surprise."""

from __future__ import annotations

import numpy as np
import pytest

from kindred.evaluation.person.predictions import (
    by_item_cosine,
    by_means,
    by_user_cosine,
    by_user_pearson,
)
from kindred.evaluation.training_data import Array
from recommender.arrays import Floats
from tests.kindred.evaluation.tables import Table, train

NO = np.nan


def said(*stars: float) -> Floats:
    """Stars of a person by movie."""
    return np.array(stars, dtype=np.float64)


def shown(found: Floats) -> list[float | None]:
    """Stars by movie, rounded, None where there are none."""
    return [None if np.isnan(stars) else round(float(stars), 6) for stars in found]


def test_means_are_those_of_all_who_rated_a_movie() -> None:
    """Nobody rated the last one."""
    found = by_means(train([[5, 2, 0], [4, 0, 0]]))
    assert shown(found) == [4.5, 2, None]


def test_user_cosine_weighs_deviations_from_means() -> None:
    """Both raters of the second movie share one of the person's two.

    Their cosines are 20 / sqrt(34 x 41) and 12 / sqrt(34 x 25), and they are .5 above and .5 below
    their means. Without what is to be predicted nobody is left who shares anything.
    """
    given = train([[4, 5, 0], [0, 3, 4]])
    one, two = 20 / (34 * 41) ** 0.5, 12 / (34 * 25) ** 0.5
    found = by_user_cosine(given, said(5, NO, 3), neighbours=2)
    expected = 4 + 0.5 * (one - two) / (one + two)
    assert shown(found) == [None, round(expected, 6), None]
    assert shown(by_user_cosine(given, said(5, NO, 3), neighbours=1)) == [None, 4.5, None]


def test_user_pearson_correlates_over_what_both_rated() -> None:
    """The first rater agrees over three movies, the second disagrees, the third agrees over two.

    The first is 1.5 above their mean at the last movie, the third is at it. Three movies count in
    full, two for two thirds: 3 + 1.5 / (1 + 2 / 3).
    """
    given = train([[4, 2, 3, 5], [1, 5, 3, 1], [0, 1, 3, 2]])
    person = said(5, 1, 3, NO)
    found = by_user_pearson(given, person, neighbours=9, significance=3)
    assert shown(found)[3] == 3.9
    alone = by_user_pearson(given, person, neighbours=1, significance=3)
    assert shown(alone)[3] == 4.5
    # The first movie, from the other two: their mean is 2, and the first rater is .5 above their
    # own; the third did not rate it.
    assert shown(found)[0] == 2.5


def test_one_movie_in_common_or_the_same_stars_for_all_correlate_with_nothing() -> None:
    """And nobody is a neighbour then."""
    found = by_user_pearson(
        train([[5, 0, 4], [3, 3, 5]]), said(5, 4, NO), neighbours=9, significance=1
    )
    assert shown(found) == [None, None, None]


def test_item_cosine_compares_deviations_from_raters_means() -> None:
    """The raters are at their means plus 1, 1, -2; -1, 0, 1; and 1, nothing, -1.

    Movies 0 and 1 have the cosine 1 / sqrt(2 x 1) over two raters; 2 is like neither.
    """
    given = train([[5, 5, 2], [1, 2, 3], [4, 0, 2]])
    found = by_item_cosine(given, said(NO, 3, 5), neighbours=9)
    assert shown(found) == [3, None, None]


def table(seed: int, people: int, movies: int = 9) -> Table:
    """Whole stars by chance, most of them given."""
    dice = np.random.default_rng(seed)
    stars = dice.integers(1, 6, (people, movies)) * (dice.random((people, movies)) < 0.7)
    found: Table = stars.tolist()
    return found


def alike(one: Array, two: Array, kind: str, significance: int) -> float:
    """Similarity of two rows of stars, 0 for none, by its definition."""
    both = (one != 0) & (two != 0)
    if kind == "cosine":
        lengths = np.linalg.norm(one) * np.linalg.norm(two)
        return float(one @ two / lengths) if lengths else 0.0
    if both.sum() < 2 or not np.ptp(one[both]) or not np.ptp(two[both]):
        return 0.0
    correlation = float(np.corrcoef(one[both], two[both])[0, 1])
    return correlation * min(int(both.sum()) / significance, 1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["cosine", "pearson"])
def test_users_predict_as_their_definition_says(kind: str, seed: int) -> None:
    """Every movie, each one by itself, from a person who did not rate it."""
    stars = np.array(table(seed, 12), dtype=float)
    person, others = stars[0], stars[1:]
    own = np.where(person > 0, person, NO)
    if kind == "cosine":
        found = by_user_cosine(train(others.tolist()), own, neighbours=3)
    else:
        found = by_user_pearson(train(others.tolist()), own, neighbours=3, significance=4)
    for movie in range(stars.shape[1]):
        rest = np.where(np.arange(stars.shape[1]) == movie, 0, person)
        pairs = [
            (alike(rest, rater, kind, 4), rater[movie] - rater[rater > 0].mean())
            for rater in others
            if rater[movie]
        ]
        best = sorted((pair for pair in pairs if pair[0] > 1e-12), reverse=True)[:3]
        if best:
            expected = rest[rest > 0].mean() + sum(w * d for w, d in best) / sum(w for w, _ in best)
            assert found[movie] == pytest.approx(expected)
        else:
            assert np.isnan(found[movie])


@pytest.mark.parametrize("seed", range(4))
def test_items_predict_as_their_definition_says(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are compared at a time."""
    monkeypatch.setattr("kindred.evaluation.person.predictions._BLOCK", 4)
    stars = np.array(table(seed, 12), dtype=float)
    person, others = stars[0], stars[1:]
    own = np.where(person > 0, person, NO)
    found = by_item_cosine(train(others.tolist()), own, neighbours=2)
    beyond = others - others.sum(axis=1, keepdims=True) / (others > 0).sum(axis=1, keepdims=True)
    for movie in range(stars.shape[1]):
        pairs = []
        for other in np.flatnonzero(person):
            both = (others[:, movie] > 0) & (others[:, other] > 0)
            one, two = beyond[both, movie], beyond[both, other]
            lengths = np.linalg.norm(one) * np.linalg.norm(two)
            if other != movie and lengths > 0:
                pairs.append((one @ two / lengths, person[other]))
        best = sorted((pair for pair in pairs if pair[0] > 1e-7), reverse=True)[:2]
        if best:
            expected = sum(w * r for w, r in best) / sum(w for w, _ in best)
            assert found[movie] == pytest.approx(expected)
        else:
            assert np.isnan(found[movie])


def test_user_pearson_is_that_of_scikit_surprise() -> None:
    """Its KNNWithMeans, for what the person did not rate."""
    surprise = pytest.importorskip("surprise")
    stars = np.array(table(7, 15), dtype=float)
    users, movies = np.nonzero(stars)
    rows = zip(users.tolist(), movies.tolist(), stars[users, movies].tolist(), strict=True)
    by_user: dict[int, list[tuple[int, float]]] = {user: [] for user in range(15)}
    by_movie: dict[int, list[tuple[int, float]]] = {movie: [] for movie in range(9)}
    for user, movie, given in rows:
        by_user[user].append((movie, given))
        by_movie[movie].append((user, given))
    numbers = [{number: number for number in range(size)} for size in (15, 9)]
    known = surprise.Trainset(by_user, by_movie, 15, 9, len(users), (1, 5), *numbers)
    options = {"name": "pearson", "user_based": True}
    model = surprise.KNNWithMeans(k=4, sim_options=options, verbose=False).fit(known)
    own = np.where(stars[0] > 0, stars[0], NO)
    found = by_user_pearson(train(stars[1:].tolist()), own, neighbours=4, significance=1)
    unrated = np.flatnonzero(stars[0] == 0)
    assert len(unrated)
    for movie in unrated.tolist():
        theirs = model.predict(0, movie, clip=False)
        assert found[movie] == pytest.approx(theirs.est)
