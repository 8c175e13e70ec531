"""The votes of neighbours worked out by hand on a table of three raters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from recommender import MovieKey, Recommender
from recommender.settings import Ranking
from tests.support import THREE_RATERS, build_index, open_votes

# Every movie has three likes, to which twenty pseudo-likes are added.
LIKES = 3 + 20
RANKING = Ranking()


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open the hand-worked world, ranked by votes alone."""
    folder: Path = tmp_path_factory.mktemp("three")
    with open_votes(build_index(folder, THREE_RATERS)) as opened:
        yield opened


# Movies, the similarities of the raters who vote for them as parts of the largest, and how many
# like them. Who likes each: 4: rater 1; 5: raters 1, 2; 6, 7: raters 2, 3; 8, 9: rater 3.
CASES: list[tuple[str, dict[MovieKey, float], list[tuple[int, tuple[float, ...], int]]]] = [
    (
        "similarities 3 : 2 : 1",
        {1: 1, 2: 1, 3: 1},
        [
            (5, (1, 2 / 3), 2),
            (4, (1,), 1),
            (6, (2 / 3, 1 / 3), 2),
            (7, (2 / 3, 1 / 3), 2),
            (8, (1 / 3,), 1),
            (9, (1 / 3,), 1),
        ],
    ),
    (
        "a dislike of what rater 3 likes: 3 : 2 : 0.8",
        {1: 1, 2: 1, 3: 1, 9: -1},
        [
            (5, (1, 2 / 3), 2),
            (4, (1,), 1),
            (6, (2 / 3, 0.8 / 3), 2),
            (7, (2 / 3, 0.8 / 3), 2),
            (8, (0.8 / 3,), 1),
        ],
    ),
    (
        "something seen that rater 3 likes: 3 : 2 : 1.65",
        {1: 1, 2: 1, 3: 1, 9: 0},
        [
            (5, (1, 2 / 3), 2),
            (4, (1,), 1),
            (6, (2 / 3, 0.55), 2),
            (7, (2 / 3, 0.55), 2),
            (8, (0.55,), 1),
        ],
    ),
    (
        "only rater 3 shares movie 8",
        {8: 1},
        [(1, (1,), 1), (6, (1,), 1), (7, (1,), 1), (9, (1,), 1)],
    ),
    (
        "a dislike of 1 alone outweighs what rater 1 shares: 0.8, then rater 2 at -0.2 + 1 - 0.2",
        {1: -1, 4: 1, 2: -1, 6: 1},
        # rater 1: -.2 (1) - .2 (2) + 1 (4) = .6; rater 2: -.2 - .2 + 1 (6) = .6;
        # rater 3: -.2 + 1 (6) = .8.
        [
            (7, (3 / 4, 1), 2),
            (5, (3 / 4, 3 / 4), 2),
            (8, (1,), 1),
            (9, (1,), 1),
            (3, (3 / 4,), 1),
        ],
    ),
]


@pytest.mark.parametrize(
    ("opinions", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_ids_scores_and_supporters_are_those_worked_out_by_hand(
    rec: Recommender,
    opinions: dict[MovieKey, float],
    expected: list[tuple[int, tuple[float, ...], int]],
) -> None:
    """Ranks run from 1, scores are votes over damping, ties stand by ascending id."""
    rows = list(rec.recommend(opinions))
    assert [(row.movie.movie_id, row.supporters) for row in rows] == [
        (movie, supporters) for movie, _, supporters in expected
    ]
    assert [row.rank for row in rows] == list(range(1, len(expected) + 1))
    known = sum(opinion >= 0 for opinion in opinions.values())
    damping, power = LIKES ** RANKING.discount(known, 0.5), RANKING.amplification(known)
    votes = [sum(part**power for part in parts) for _, parts, _ in expected]
    assert [row.score * damping for row in rows] == pytest.approx(votes)


def test_shares_are_those_worked_out_by_hand(rec: Recommender) -> None:
    """Movie 5: rater 1 votes 1 in thirds, rater 2 votes (2/3)^(5.6/3) in halves for 1 and 2."""
    (row,) = (r for r in rec.recommend({1: 1, 2: 1, 3: 1}) if r.movie.movie_id == 5)
    assert [reason.movie.movie_id for reason in row.because] == [1, 2, 3]
    second = (2 / 3) ** (5.6 / 3)
    parts = [1 / 3 + second / 2, 1 / 3 + second / 2, 1 / 3]
    shares = [part / (1 + second) for part in parts]
    assert [reason.share for reason in row.because] == pytest.approx(shares)


def test_a_dislike_that_spoke_against_a_neighbour_has_a_negative_share(rec: Recommender) -> None:
    """Movie 8 has rater 3 alone behind it, who agrees on 1 and likes the disliked 9: 1 and -.2."""
    (row,) = (r for r in rec.recommend({1: 1, 2: 1, 3: 1, 9: -1}) if r.movie.movie_id == 8)
    assert [reason.movie.movie_id for reason in row.because] == [1, 9]
    assert [reason.share for reason in row.because] == pytest.approx([1 / 0.8, -0.2 / 0.8])


def test_neighbours_counts_the_raters_who_vote(rec: Recommender) -> None:
    """Three stored raters are kindred; the four thin ones are not stored."""
    assert rec.recommend({1: 1}).neighbours == 3
    assert rec.recommend({8: 1}).neighbours == 1


def test_nobody_kindred_falls_back_to_popular_movies(rec: Recommender) -> None:
    """Rater 3 alone rated 9, and a dislike of what they like makes them no kin: -0.2."""
    top = rec.recommend({9: -1}, limit=3)
    assert (top.fallback, top.neighbours) == ("popular", 0)
    # All movies have three likes of seven people; equal ones stand by ascending id.
    assert [(row.movie.movie_id, row.supporters) for row in top] == [(1, 0), (2, 0), (3, 0)]
    assert [row.score for row in top] == pytest.approx([3 / 7] * 3)
    assert [row.because for row in top] == [(), (), ()]


@pytest.mark.parametrize(
    ("dial", "likes_power"), [(None, 0.18), (0, -0.12), (0.25, 0.03), (0.5, 0.18), (1, 0.38)]
)
def test_the_dial_sets_the_power_of_the_damping(
    tmp_path: Path, dial: float | None, likes_power: float
) -> None:
    """Half of .36 for three likes in the middle, .3 less and .2 more at the ends."""
    index = build_index(tmp_path, THREE_RATERS)
    with open_votes(index, popularity_discount=0.36, dial_discount=(0.3, 0.2)) as rec:
        row = rec.recommend({1: 1, 2: 1, 3: 1}, adventurous=dial)[0]
    assert row.score == pytest.approx((1 + (2 / 3) ** (5.6 / 3)) / LIKES**likes_power)
