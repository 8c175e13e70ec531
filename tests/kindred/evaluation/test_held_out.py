"""Who is held out, and that nothing of theirs is in the index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.evaluation.held_out import check_no_leak, choose_people, index_without
from kindred.evaluation.questions import draw_questions, parse_lengths
from recommender import IndexProblem, InvalidInputError, Recommender
from recommender.opinion import Opinion
from tests.kindred.evaluation.tables import loaded
from tests.support import Ratings, random_ratings


def many(people: int = 60) -> Ratings:
    """People who all rated 20 of 40 movies, and one who rated three."""
    table = random_ratings(3, raters=people, movies=40, most=40)
    for rated in table.values():
        for movie in range(1, 21):
            rated.setdefault(movie, 4.0)
    return table | {999: {1: 5, 2: 5, 3: 5}}


def test_groups_are_disjoint_and_of_one_size(tmp_path: Path) -> None:
    """Fifteen percent of the sixty who rated enough is nine, six times over."""
    ratings = loaded(tmp_path, many()).ratings
    groups = choose_people(ratings, splits=6, seed=1)
    assert [len(group) for group in groups] == [9] * 6
    assert len(np.unique(np.concatenate(groups))) == 54


def test_groups_depend_on_the_seed_alone(tmp_path: Path) -> None:
    """More splits begin with the same groups; another seed gives others."""
    ratings = loaded(tmp_path, many()).ratings
    (first,), (again, _) = (choose_people(ratings, splits=n, seed=1) for n in (1, 2))
    (other,) = choose_people(ratings, splits=1, seed=2)
    assert first.tolist() == again.tolist() != other.tolist()


def test_a_source_with_too_few_people_is_refused(tmp_path: Path) -> None:
    """Six people who rated enough have no fifteen percent."""
    with pytest.raises(InvalidInputError, match=r"only 6 people .* at least 7"):
        choose_people(loaded(tmp_path, many(6)).ratings, splits=1, seed=0)


def test_people_held_out_are_in_no_index(tmp_path: Path) -> None:
    """What is indexed are the ratings of all others, over all movies."""
    source = loaded(tmp_path / "source", many())
    (group,) = choose_people(source.ratings, splits=1, seed=1)
    kept = index_without(source, group, tmp_path / "index")
    out = {source.ratings.user_ids[person] for person in group.tolist()}
    assert out.isdisjoint(kept.user_ids)
    assert len(kept.user_ids) == 61 - 9
    assert kept.movie_ids == source.ratings.movie_ids


def test_a_leak_is_found(tmp_path: Path) -> None:
    """An index that does hold one of those to be asked is refused by name."""
    source = loaded(tmp_path / "source", many())
    (group,) = choose_people(source.ratings, splits=1, seed=1)
    index_without(source, group[1:], tmp_path / "index")
    leaked = source.ratings.user_ids[int(group[0])]
    with (
        Recommender.open(tmp_path / "index") as rec,
        pytest.raises(IndexProblem, match=f"user '{leaked}' .* is in the index"),
    ):
        check_no_leak(rec, [source.ratings.user_ids[person] for person in group.tolist()])


def test_a_question_and_its_truth_part_a_persons_ratings(tmp_path: Path) -> None:
    """The truth are exactly the likes that are not in the question."""
    ratings = loaded(tmp_path, many()).ratings
    # Of 25 ratings, 80 % leave just the five that must be left.
    people = np.flatnonzero(np.bincount(ratings.user) >= 25)[[4, 1]]
    for asked in draw_questions(ratings, people, parse_lengths("3,80%"), seed=4):
        for row, person in enumerate(sorted(people.tolist())):
            mine = ratings.user == person
            said = asked.movie[asked.user == row]
            liked = set(ratings.movie[mine & (ratings.stars >= 4)].tolist())
            assert len(said) == (3 if asked.length == "3" else int(0.8 * mine.sum()))
            assert set(np.flatnonzero(asked.truth[row]).tolist()) == liked - set(said.tolist())
            assert asked.seen[row].nonzero()[0].tolist() == sorted(said.tolist())
            assert ((asked.stars >= 4) == (asked.states == Opinion.LIKE.code)).all()


def test_longer_questions_hold_the_shorter_ones(tmp_path: Path) -> None:
    """So that lengths differ in nothing but the length; and the others asked do not matter."""
    ratings = loaded(tmp_path, many()).ratings
    short, long = draw_questions(ratings, np.array([7]), parse_lengths("3,10"), seed=0)
    assert set(short.movie.tolist()) < set(long.movie.tolist())
    (both,) = draw_questions(ratings, np.array([1, 7]), parse_lengths("3"), seed=0)
    assert both.movie[both.user == 1].tolist() == short.movie.tolist()


def test_who_has_too_little_left_is_not_asked(tmp_path: Path) -> None:
    """Five ratings must be left, and one of them a like."""
    table: Ratings = {
        1: dict.fromkeys(range(1, 11), 5),
        2: dict.fromkeys(range(1, 10), 5),
        3: dict.fromkeys(range(1, 13), 2),
    }
    ratings = loaded(tmp_path, table).ratings
    (asked,) = draw_questions(ratings, np.array([0, 1, 2]), parse_lengths("5"), seed=0)
    assert len(asked) == 1
    assert asked.truth.sum() == 5


@given(st.integers(1, 99), st.integers(1, 500))
def test_a_part_never_rounds_up(percent: int, rated: int) -> None:
    """A whole part is taken exactly, whatever floating point makes of it."""
    (length,) = parse_lengths(f"{percent}%")
    assert length.of(rated) == percent * rated // 100


@pytest.mark.parametrize("text", ["", "0", "3,", "-1", "100%", "0%", "x", "3.5", "٣"])
def test_what_is_no_length_is_refused(text: str) -> None:
    """The message says what one is."""
    with pytest.raises(InvalidInputError, match="no length of a question: give a number"):
        parse_lengths(text)
