"""Lists for people who watch together: order, shares, what is left out, and who counts."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from recommender import (
    GroupRecommendations,
    InvalidInputError,
    MovieFilter,
    Profile,
    RaterFilter,
    Recommender,
)
from recommender.ranking.lists.together import fair_order
from tests.recommender.ranking.oracle import DISLIKE, Row
from tests.recommender.ranking.test_oracle import NEAR, World, opinions
from tests.support import (
    FILMS,
    THREE_RATERS,
    assert_one_line,
    build_index,
    likes,
    open_ranked,
    random_ratings,
)

SEEDS = (4, 5)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    """Two worlds by chance, in which nobody knows all films."""
    folder = tmp_path_factory.mktemp("together")
    made = [World(folder / str(seed), seed, random_ratings(seed, movies=60)) for seed in SEEDS]
    yield made
    for world in made:
        world.rec.close()


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """The hand-worked world."""
    folder = tmp_path_factory.mktemp("by-hand") / "index"
    with Recommender.open(build_index(folder, THREE_RATERS, FILMS)) as opened:
        yield opened


def group(world: World, seed: int) -> dict[str, dict[int, str]]:
    """Two to five people by chance, each with what they say."""
    dice = random.Random(f"group {seed}")
    return {
        name: world.person(1_000 * seed + at, most=6)
        for at, name in enumerate("ABCDE"[: dice.randint(2, 5)])
    }


def ids(top: GroupRecommendations) -> list[object]:
    """Movies of a list, in order."""
    return [row.movie.movie_id for row in top]


@pytest.mark.parametrize("seed", range(20))
def test_order_parts_and_shares_are_the_oracles(worlds: list[World], seed: int) -> None:
    """Of 200 groups: every row is the best there is by the formula, and splits as it says."""
    for number in range(5 * seed, 5 * seed + 5):
        for world in worlds:
            people = group(world, number)
            alone = {
                name: {row.movie: row for row in world.oracle.rows(said)}
                for name, said in people.items()
            }
            top = world.rec.recommend_together(
                {name: opinions(said) for name, said in people.items()}, limit=12
            )
            assert top.fallback is None
            assert_fair(top, people, alone)


def assert_fair(
    top: GroupRecommendations, people: dict[str, dict[int, str]], alone: dict[str, dict[int, Row]]
) -> None:
    """Follow a list down, with plain dictionaries."""
    known = {movie for said in people.values() for movie in said}
    left = {movie for rows in alone.values() for movie in rows} - known
    assert len(top) == min(12, len(left))
    most = {
        name: max((rows[movie].score for movie in left if movie in rows), default=0.0)
        for name, rows in alone.items()
    }
    gained = {name: 0.0 for name in people if most[name]}
    for place, row in enumerate(top, start=1):
        weight = {name: (1 + got) ** -2 for name, got in gained.items()}

        def parts(movie: int, weight: dict[str, float] = weight) -> dict[str, float]:
            return {
                name: weight[name] * alone[name][movie].score / most[name]
                for name in weight
                if movie in alone[name]
            }

        movie = int(row.movie.movie_id)
        joined = math.fsum(parts(movie).values())
        assert row.rank == place
        assert joined >= max(math.fsum(parts(other).values()) for other in left) * (1 - NEAR)
        assert row.score == pytest.approx(joined / sum(weight.values()), rel=NEAR)
        assert [member.name for member in row.members] == [*people]
        for member in row.members:
            mine = alone[member.name].get(movie)
            part = parts(movie).get(member.name, 0.0) / joined
            assert member.share == pytest.approx(part, rel=NEAR, abs=1e-9)
            assert (member.place is None) == (mine is None)
            shares = {reason.movie.movie_id: reason.share for reason in member.because}
            assert math.fsum(shares.values()) == pytest.approx(part, rel=NEAR, abs=1e-9)
            for film, share in (mine.shares if mine else {}).items():
                assert shares.get(film, 0.0) == pytest.approx(part * share, rel=NEAR, abs=NEAR)
        whole = math.fsum(reason.share for member in row.members for reason in member.because)
        assert whole == pytest.approx(1, abs=1e-6)
        left.remove(movie)
        for name in gained:
            if movie in alone[name]:
                gained[name] += alone[name][movie].score / most[name]


def test_the_next_place_is_for_who_got_least() -> None:
    """Column 1 is best for both; then the second person has 1 / (1 + .2)^2 against 1 / (1 + .9)^2.

    So column 2 is worth .1 / 3.61 + 1 / 1.44 = .7221, and column 0 but 1 / 3.61 = .2770.
    """
    worth = np.array([[1.0, 0.9, 0.1], [0.0, 0.2, 1.0]])
    order, scores, shares = fair_order(worth, 3, 2.0)
    assert order.tolist() == [1, 2, 0]
    weights = 1 / 3.61, 1 / 1.44
    assert scores[:2].tolist() == pytest.approx([0.55, (0.1 / 3.61 + 1 / 1.44) / sum(weights)])
    assert shares[:, 0].tolist() == pytest.approx([9 / 11, 2 / 11])
    assert shares[:, 1].tolist() == pytest.approx([0.0277 / 0.7221, 0.6944 / 0.7221], rel=1e-3)
    assert shares[:, 2].tolist() == [1.0, 0.0]
    assert fair_order(worth[:, ::-1], 1, 0.0)[0].tolist() == [0], "the first of equals"
    assert [part.shape for part in fair_order(worth[:, :0], 3, 2.0)] == [(0,), (0,), (2, 0)]


def test_without_fairness_it_is_plain_averaging(worlds: list[World]) -> None:
    """Rows then fall by the mean of what they are worth."""
    world = worlds[0]
    people = {name: opinions(said) for name, said in group(world, 3).items()}
    with open_ranked(world.path, fairness=0) as plain:
        top = plain.recommend_together(people, limit=30)
    means = [sum(member.worth for member in row.members) / len(people) for row in top]
    assert [row.score for row in top] == pytest.approx(means)
    assert means == sorted(means, reverse=True)
    assert ids(top) != ids(world.rec.recommend_together(people, limit=30))


def test_nobody_gets_what_anybody_has_seen_dislikes_or_does_not_want(rec: Recommender) -> None:
    """Ana alone would get 4 to 9; 5 is seen by Ben, 6 disliked, 7 hidden."""
    ana = likes(1, 2, 3)
    ben = Profile({1: 1, 5: 0, 6: -1}, hidden=(7,))
    assert {row.movie.movie_id for row in rec.recommend(ana)} == {4, 5, 6, 7, 8, 9}
    top = rec.recommend_together({"Ana": ana, "Ben": ben})
    assert {*ids(top)} == {4, 8, 9}
    assert not any(member.seen for row in top for member in row.members)


def test_rewatching_allows_what_some_have_seen(rec: Recommender) -> None:
    """Not what all have seen, or one dislikes; who has seen it gets nothing from it."""
    people = {"Ana": {1: 1.0, 2: 1.0, 6: -1.0}, "Ben": {1: 1.0, 5: 1.0, 7: 0.0}}
    top = rec.recommend_together(people, rewatch=True)
    assert {*ids(top)} == {2, 3, 4, 5, 7, 8, 9}
    by_id = {row.movie.movie_id: row.members for row in top}
    ana, ben = by_id[5]
    assert (ana.seen, ana.share, ben.seen, ben.share) == (False, 1.0, True, 0.0)
    assert (ben.place, ben.worth, ben.because, ben.prediction) == (None, 0.0, (), None)
    assert ana.prediction is not None


def test_place_and_stars_are_those_of_each_one_alone(worlds: list[World]) -> None:
    """Whatever the group leaves out, the own list is as recommend gives it."""
    rec, dice = worlds[1].rec, random.Random(1)
    movies = MovieFilter(exclude=(3, 4), min_supporters=2)
    for number in range(8):
        people = {n: opinions(said) for n, said in group(worlds[1], number).items()}
        dial = dice.choice([None, 0.0, 1.0])
        top = rec.recommend_together(people, limit=5, movies=movies, adventurous=dial)
        for at, (name, profile) in enumerate(people.items()):
            alone = rec.recommend(profile, limit=1000, movies=movies, adventurous=dial)
            places = {row.movie.movie_id: row.rank for row in alone}
            supporters = {row.movie.movie_id: row.supporters for row in alone}
            assert top.neighbours[name] == alone.neighbours
            for row in top:
                member = row.members[at]
                assert member.place == places.get(row.movie.movie_id)
                assert member.prediction == rec.predict(profile, row.movie.movie_id)
                if member.place:
                    assert member.supporters == supporters[row.movie.movie_id]


def test_who_has_said_nothing_counts_for_nothing(rec: Recommender) -> None:
    """The list is the other's own, and nobody is told to like it least."""
    top = rec.recommend_together({"Ana": likes(1, 2, 3), "Ben": {}})
    alone = rec.recommend(likes(1, 2, 3))
    assert ids(top) == [row.movie.movie_id for row in alone]
    assert top.neighbours == {"Ana": 3, "Ben": 0}
    for row, own in zip(top, alone, strict=True):
        ana, ben = row.members
        assert (ana.share, ben.share, ben.place, ben.neighbours) == (1.0, 0.0, None, 0)
        assert [reason.share for reason in ana.because] == pytest.approx(
            [reason.share for reason in own.because]
        )
        assert row.least == ()


def test_of_whom_nothing_is_known_popular_movies_are_shown(rec: Recommender) -> None:
    """As to one of them alone, without what they do not want."""
    top = rec.recommend_together({"Ana": {}, "Ben": Profile(hidden=(1,))}, limit=3)
    assert top.fallback == "popular"
    assert ids(top) == [row.movie.movie_id for row in rec.popular(limit=4)][1:]
    assert [(row.score, row.members[0].share) for row in top] == [(0.0, 0.0)] * 3
    assert top[0].members[0].because == ()


def test_it_says_who_likes_a_movie_least(rec: Recommender) -> None:
    """Ana's kin love 4 most; those of Ben and Cy, who like 8 and 9, do not know it."""
    people = {"Ana": likes(1, 2, 3), "Ben": likes(8, 9), "Cy": likes(9), "Di": {}}
    top = rec.recommend_together(people)
    by_id = {row.movie.movie_id: row for row in top}
    assert [member.worth > 0 for member in by_id[4].members] == [True, False, False, False]
    assert [member.name for member in by_id[4].least] == ["Ben", "Cy"]
    assert repr(top) == f"GroupRecommendations({len(top)} movies for Ana and Ben and Cy and Di)"
    alike = rec.recommend_together({"Ana": likes(1, 2, 3), "Ben": likes(1, 2, 3)})
    assert [row.least for row in alike] == [()] * len(alike)


def test_a_stored_rater_is_not_their_own_neighbour(worlds: list[World]) -> None:
    """As when they ask alone."""
    rec = worlds[0].rec
    two = {"A": rec.profile_of(1), "B": rec.profile_of(2)}
    top = rec.recommend_together(two)
    assert top.neighbours == {n: rec.recommend(p).neighbours for n, p in two.items()}


def test_raters_are_filtered_for_all(rec: Recommender) -> None:
    """Who rated with no time cannot be active since some day: the filter says so."""
    with pytest.raises(InvalidInputError, match="times"):
        rec.recommend_together(
            {"Ana": likes(1), "Ben": likes(2)}, raters=RaterFilter(active_since="2015-01-01")
        )


def test_a_table_has_a_row_for_each_movie_and_person(rec: Recommender) -> None:
    """With numbers that may be missing."""
    frame = rec.recommend_together({"Ana": likes(1, 2, 3), "Ben": {}}, limit=2).to_frame()
    assert [*frame["name"]] == ["Ana", "Ben", "Ana", "Ben"]
    assert [*frame["rank"]] == [1, 1, 2, 2]
    assert frame["place"].tolist()[0] == 1
    assert frame["place"].isna().tolist() == [False, True, False, True]
    assert frame["share"].tolist() == [1.0, 0.0, 1.0, 0.0]
    empty = rec.recommend_together({"Ana": likes(*range(1, 10)), "Ben": {}}).to_frame()
    assert [*empty.columns] == [*frame.columns]


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ([{1: 1}, {2: 1}], "people is"),
        ({"Ana": {1: 1}}, "people has 1 profiles: give 2 to 8"),
        ({str(n): {1: 1} for n in range(9)}, "people has 9 profiles"),
        ({"Ana": {1: 1}, " ": {2: 1}}, "a name in people is ' '"),
        ({"Ana": {1: 1}, 2: {2: 1}}, "a name in people is 2"),
        ({"Ana": {1: 1}, "Ben": {1: 7}}, "'Ben': "),
        ({"Ana": {1: 1}, "Ben": {999: 1}}, "999"),
        ({"Ana": {1: 1}, "Ben": "likes everything"}, "'Ben': "),
    ],
)
def test_what_is_wrong_with_the_people_is_said(rec: Recommender, people: object, told: str) -> None:
    """By name and value, on one line."""
    with pytest.raises(InvalidInputError) as error:
        rec.recommend_together(people)  # type: ignore[arg-type]
    assert told in str(error.value)
    assert_one_line(error.value)


def test_dislikes_alone_are_a_profile_too(worlds: list[World]) -> None:
    """Nothing of theirs comes back, and shares still sum to 1."""
    world = worlds[0]
    said = [movie for movie, word in world.person(1).items() if word == DISLIKE] or world.movies[:2]
    people = {"A": Profile(dict.fromkeys(said, -1)), "B": Profile(opinions(world.person(2)))}
    for row in world.rec.recommend_together(people):
        assert row.movie.movie_id not in said
        whole = math.fsum(reason.share for member in row.members for reason in member.because)
        assert whole == pytest.approx(1, abs=1e-6)


def test_an_index_folder_is_asked_as_any_other(tmp_path: Path) -> None:
    """With ids that are texts."""
    texts = {f"r{r}": {f"m{m}": s for m, s in rated.items()} for r, rated in THREE_RATERS.items()}
    with Recommender.open(build_index(tmp_path / "index", texts)) as opened:
        top = opened.recommend_together({"Ana": likes("m1", "m2"), "Ben": likes("m6", "m8")})
        assert all(isinstance(one, str) for one in ids(top))
