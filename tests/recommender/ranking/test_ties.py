"""Equal raters and equal movies come in one order, whatever the engine returns."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender import Recommender
from tests.support import Ratings, build_index, likes, open_ranked

TWINS = 12


def twins(tmp_path: Path) -> Path:
    """Make a world of thirteen raters all alike.

    Raters 1 to 12 like movies 1 to 4 and one of their own, 101 to 112; rater 50 likes 1 to 4 and
    50. All are equally long, so who likes 1 is equally kindred to all, and who likes 50 is nearer
    to rater 50. Rater 99 is there to give the stars two values.
    """
    ratings: Ratings = {
        rater: {1: 5, 2: 5, 3: 5, 4: 5, 100 + rater: 5} for rater in range(1, TWINS + 1)
    }
    ratings[50] = {1: 5, 2: 5, 3: 5, 4: 5, 50: 5}
    ratings[99] = {200: 1}
    return build_index(tmp_path, ratings)


@pytest.mark.parametrize(("neighbours", "spare"), [(3, 20), (12, 1), (5, 8)])
def test_raters_tied_at_the_cut_vote_by_ascending_number_where_all_came_back(
    tmp_path: Path, neighbours: int, spare: int
) -> None:
    """Thirteen alike; as long as the engine returned all of them, the lowest numbers vote."""
    with open_ranked(twins(tmp_path), neighbours=neighbours, spare=spare) as rec:
        top = rec.recommend(likes(1, 2, 3), limit=50)
        own = [row.movie.movie_id for row in top if row.movie.movie_id != 4]
        assert own == [100 + rater for rater in range(1, neighbours + 1)]
        assert top.neighbours == neighbours


def test_a_tied_group_longer_than_what_came_back_is_left_out(tmp_path: Path) -> None:
    """One rater is clearly nearer; which of the twins would come back is chance, so none votes.

    Asking for 2 and 3 spare returns 5 of 13. Rater 50 alone has movie 50.
    """
    with open_ranked(twins(tmp_path), neighbours=2, spare=3) as rec:
        top = rec.recommend(likes(1, 2, 3, 50), limit=50)
        assert top.neighbours == 1
        assert [row.movie.movie_id for row in top] == [4]


def test_a_tied_group_that_all_came_back_votes(tmp_path: Path) -> None:
    """The same question with room for everybody: rater 50 and the first twin."""
    with open_ranked(twins(tmp_path), neighbours=2, spare=20) as rec:
        top = rec.recommend(likes(1, 2, 3, 50), limit=50)
        assert top.neighbours == 2
        assert [row.movie.movie_id for row in top] == [4, 101]


def test_where_everyone_is_tied_some_vote_rather_than_nobody(tmp_path: Path) -> None:
    """Nothing else is left: as many vote as were asked for."""
    with open_ranked(twins(tmp_path), neighbours=3, spare=2) as rec:
        top = rec.recommend(likes(1, 2, 3), limit=50)
        assert top.fallback is None
        assert top.neighbours == 3


def test_who_is_left_out_does_not_count_towards_the_cut(tmp_path: Path) -> None:
    """Rater 1 asks: of the other twelve alike, exactly as many vote as were asked for."""
    with open_ranked(twins(tmp_path), neighbours=4, spare=20) as rec:
        top = rec.recommend(rec.profile_of(1), limit=50)
        assert top.neighbours == 4
        assert [row.movie.movie_id for row in top] == [102, 103, 104, 105]


@pytest.mark.parametrize("limit", [1, 3, 5, 13])
def test_movies_of_equal_score_stand_by_ascending_id_at_any_limit(
    tmp_path: Path, limit: int
) -> None:
    """A shorter list is the beginning of a longer one."""
    with Recommender.open(twins(tmp_path)) as rec:
        whole = rec.recommend(likes(1, 2, 3, 4), limit=50)
        assert [row.movie.movie_id for row in whole] == [50, *range(101, 113)]
        part = rec.recommend(likes(1, 2, 3, 4), limit=limit)
        assert [row.movie.movie_id for row in part] == [50, *range(101, 113)][:limit]


@pytest.mark.parametrize("candidates", [1, 5, 12, 13, 60])
def test_movies_of_equal_score_stand_by_ascending_id_however_many_ease_compares(
    tmp_path: Path, candidates: int
) -> None:
    """Of those tied at the cut the lowest ids are compared."""
    with open_ranked(twins(tmp_path), candidates=candidates) as rec:
        top = rec.recommend(likes(1, 2, 3, 4), limit=50)
        assert [row.movie.movie_id for row in top] == [50, *range(101, 113)]


@pytest.mark.parametrize("raters", [4, 9, 13])
def test_where_ease_predicts_all_movies_alike_it_adds_nothing(tmp_path: Path, raters: int) -> None:
    """Each movie has one rater, whose dislikes of other movies make them longer or shorter."""
    ratings: Ratings = {
        rater: dict.fromkeys((1, 2, 3, 4, 100 + rater), 5.0)
        | dict.fromkeys(range(200 + 10 * rater, 200 + 11 * rater), 1.0)
        for rater in range(1, raters + 1)
    }
    index = build_index(tmp_path, ratings)
    with Recommender.open(index) as rec, open_ranked(index, ease=0) as without:
        rows, votes = (one.recommend(likes(1, 2, 3, 4), limit=50) for one in (rec, without))
    assert len({row.score for row in rows}) > 1
    assert [(row.movie, row.score) for row in rows] == [(row.movie, row.score) for row in votes]


def test_two_loads_of_one_index_give_the_same_answer(tmp_path: Path) -> None:
    """Ids, scores and reasons, bit for bit."""
    index = twins(tmp_path)
    answers = []
    for _ in range(3):
        with Recommender.open(index) as rec:
            top = rec.recommend(likes(1, 2), limit=50)
            answers.append([(r.movie.movie_id, r.score, r.because) for r in top])
    assert answers[0] == answers[1] == answers[2]
