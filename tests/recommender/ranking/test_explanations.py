"""The calculation behind a score, and the raters behind a list."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recommender import IndexProblem, InvalidInputError, MovieKey, Recommender, UnknownMovieError
from tests.support import (
    FILMS,
    THREE_RATERS,
    Ratings,
    build_index,
    likes,
    open_votes,
    random_ratings,
)

DISCOUNT = {"popularity_discount": 0.36}
"""Half of it, .18, counts for three likes."""


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open the hand-worked world."""
    with Recommender.open(build_index(tmp_path_factory.mktemp("three"), THREE_RATERS, FILMS)) as it:
        yield it


@pytest.fixture(scope="module")
def votes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open it ranked by votes alone."""
    index = build_index(tmp_path_factory.mktemp("votes"), THREE_RATERS, FILMS)
    with open_votes(index, **DISCOUNT) as it:
        yield it


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open a world in which long profiles lead to ridge weights."""
    ratings = random_ratings(11, raters=60, movies=90, most=70)
    with Recommender.open(build_index(tmp_path_factory.mktemp("wide"), ratings)) as it:
        yield it


def test_votes_damping_and_score_are_those_worked_out_by_hand(votes: Recommender) -> None:
    """Movie 5 has raters 1 and 2, similar as 3 : 2; three likes and twenty pseudo-likes."""
    found = votes.explain(likes(1, 2, 3), 5)
    assert [(vote.user_id, vote.stars, vote.worth) for vote in found.votes] == [
        (1, 4, 1),
        (2, 4, 1),
    ]
    second = (2 / 3) ** (5.6 / 3)
    assert [vote.weight for vote in found.votes] == pytest.approx([1, second])
    assert [vote.vote for vote in found.votes] == pytest.approx([1, second])
    assert found.total == pytest.approx(1 + second)
    assert (found.likes, found.pseudo_likes) == (3, 20)
    assert found.popularity_discount == pytest.approx(0.18)
    assert found.damping == pytest.approx(23**0.18)
    assert found.score == pytest.approx((1 + second) / 23**0.18)
    assert (found.supporters, found.least_supporters, found.neighbours) == (2, 1, 3)
    assert found.recommended
    assert [one.movie.movie_id for one in found.because] == [1, 2, 3]
    assert [one.share for one in found.because] == pytest.approx(
        [(1 / 3 + second / 2) / (1 + second)] * 2 + [1 / 3 / (1 + second)]
    )


def test_printed_it_can_be_followed_step_by_step(votes: Recommender) -> None:
    """Every number of the sum is there, and the words around it."""
    found = votes.explain(likes(1, 2, 3), 5)
    assert str(found).splitlines() == [
        "Amélie (2001): rated by 2 of your 3 kindred raters.",
        "  rater 1 gave 4: worth 1 x weight 1.000 = 1.000",
        "  rater 2 gave 4: worth 1 x weight 0.469 = 0.469",
        "The votes sum to 1.469.",
        "Divided by (3 likes + 20) ^ 0.180 = 1.758, so that fame alone does not win.",
        "Score 0.835507.",
        "   38.7% of it comes from what you said of The Matrix (1999)",
        "   38.7% of it comes from what you said of Alien (1979)",
        "   22.7% of it comes from what you said of Brazil (1985)",
    ]
    whole = replace(
        found,
        lift=1.25,
        lift_power=0.5,
        ease=2.0,
        ease_power=0.25,
        added=0.125,
        score=1.23587,
    )
    printed = str(found).splitlines()
    assert [line for line in str(whole).splitlines() if line not in printed] == [
        "Times 1.250 ^ 0.500, as it is rated together with what you like 1.250 times as often as "
        "by chance (where there is little to count, genres fill it up).",
        "Times 2.000 ^ 0.250: what your films predict of it, over what its popularity lets expect. "
        "This counts if they are of a kind, or the list is to be adventurous.",
        "Plus 0.125 for what your films predict of it.",
        "Score 1.23587.",
    ]


def test_a_movie_nobody_kindred_rated_has_no_votes_and_no_score(rec: Recommender) -> None:
    """Only rater 3 is kin to someone who likes 8, and did not rate 2."""
    found = rec.explain({8: 1}, 2)
    assert (found.votes, found.score, found.because, found.recommended) == ((), 0, (), False)
    assert "0 of them like it; at least 1 must" in str(found)


def test_without_anybody_kindred_there_is_nothing_to_add_up(rec: Recommender) -> None:
    """As for an empty profile."""
    found = rec.explain({}, 1)
    assert (found.neighbours, found.votes, found.score) == (0, (), 0)


@pytest.mark.parametrize("profile", [{1: 1}, {9: -1}])
def test_what_is_rated_is_not_scored(rec: Recommender, profile: dict[MovieKey, float]) -> None:
    """Whether somebody kindred is found or not."""
    with pytest.raises(InvalidInputError, match="is in the profile, and what is rated"):
        rec.explain(profile, next(iter(profile)))


def test_arguments_that_cannot_be_used_are_refused(rec: Recommender) -> None:
    """As everywhere."""
    with pytest.raises(UnknownMovieError, match="no movie 'Alein'"):
        rec.explain({1: 1}, "Alein")
    with pytest.raises(InvalidInputError, match="adventurous is 2"):
        rec.explain({1: 1}, 2, adventurous=2)
    with pytest.raises(InvalidInputError, match="limit is 0"):
        rec.neighbours({1: 1}, limit=0)


def test_a_closed_recommender_explains_nothing(tmp_path: Path) -> None:
    """It says so."""
    rec = Recommender.open(build_index(tmp_path, THREE_RATERS))
    rec.close()
    with pytest.raises(IndexProblem, match="closed"):
        rec.explain({1: 1}, 2)


@pytest.mark.parametrize("said", [3, 12, 30, 60])
@pytest.mark.parametrize("adventurous", [None, 0.9])
def test_every_row_of_a_list_is_explained_by_its_own_numbers(
    wide: Recommender, said: int, adventurous: float | None
) -> None:
    """Score, supporters and reasons are those of the row, and the votes add up."""
    dice = random.Random(said)
    profile: dict[MovieKey, float] = {
        movie: dice.choice([1, 1, 0, -1]) for movie in dice.sample(range(1, 91), said)
    }
    top = wide.recommend(profile, limit=30, adventurous=adventurous)
    assert len(top) > 20
    assert top.fallback is None
    for row in top:
        found = wide.explain(profile, row.movie.movie_id, adventurous=adventurous)
        assert found.score == pytest.approx(row.score, rel=1e-12)
        assert (found.supporters, found.neighbours) == (row.supporters, top.neighbours)
        shares = {reason.movie: reason.share for reason in found.because}
        assert shares == pytest.approx({r.movie: r.share for r in row.because}, abs=1e-12)
        assert math.fsum(vote.vote for vote in found.votes) == pytest.approx(found.total)
        product = found.lift**found.lift_power * found.ease**found.ease_power
        whole = found.total / found.damping * product + found.added
        assert whole == pytest.approx(found.score)
        assert found.by_genre == pytest.approx(row.by_genre, abs=1e-12)


def test_neighbours_agree_and_disagree_as_worked_out_by_hand(rec: Recommender) -> None:
    """Someone who likes 1, 2, 3 and dislikes 9: rater 3 likes 1 and 9."""
    first, second, third = rec.neighbours({1: 1, 2: 1, 3: 1, 9: -1})
    assert [n.user_id for n in (first, second, third)] == [1, 2, 3]
    assert [n.weight for n in (first, second, third)] == pytest.approx(
        [1, (2 / 3) ** (5.6 / 3), (0.8 / 3) ** (5.6 / 3)]
    )
    assert second.similarity / first.similarity == pytest.approx(2 / 3)
    assert [n.ratings for n in (first, second, third)] == [5, 5, 5]
    assert [movie.movie_id for movie in first.agree] == [1, 2, 3]
    assert [movie.movie_id for movie in third.agree] == [1]
    assert [movie.movie_id for movie in third.disagree] == [9]
    assert first.disagree == second.disagree == ()


def test_shared_dislikes_are_agreement_and_what_was_merely_seen_is_neither(tmp_path: Path) -> None:
    """Rater 1 dislikes 2 and found 3 neutral."""
    ratings: Ratings = {
        1: {1: 5, 2: 1, 3: 3, 4: 5, 5: 5},
        **{other: {7: 5, 8: 1, 9: 3} for other in range(2, 9)},
    }
    with Recommender.open(build_index(tmp_path, ratings)) as rec:
        (one,) = rec.neighbours({1: 1, 2: -1, 3: 0, 4: -1})
        assert {movie.movie_id for movie in one.agree} == {1, 2}
        assert {movie.movie_id for movie in one.disagree} == {4}


def test_neighbours_are_limited_and_those_of_nobody_are_none(rec: Recommender) -> None:
    """The most similar come first."""
    assert [n.user_id for n in rec.neighbours(likes(1, 2, 3), limit=2)] == [1, 2]
    assert rec.neighbours({}) == ()


@pytest.mark.parametrize("rater", [1, 2, 3])
def test_a_stored_rater_is_never_their_own_neighbour(rec: Recommender, rater: int) -> None:
    """Nor does their vote explain anything."""
    profile = rec.profile_of(rater)
    assert rater not in {n.user_id for n in rec.neighbours(profile)}
    for row in rec.recommend(profile):
        votes = rec.explain(profile, row.movie.movie_id).votes
        assert rater not in {vote.user_id for vote in votes}
