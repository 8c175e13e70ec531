"""The lift, its parts and the narrowness of a taste, worked out by hand for three raters.

Films 1 to 6 are numbers 0 to 5. Of their genres A and B each is that of three films, so that both
weigh the same: films are similar by the part of their genres that they have in common.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from recommender.opinion import Opinion
from recommender.ranking.films.lift import Lift
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.resolution import ResolvedProfile
from recommender.settings import Ranking
from recommender.storage.edge import EdgeStore
from tests.recommender.ranking.films.test_panel import RATINGS
from tests.support import Titles, build_index

TITLES: Titles = {
    film: (f"Film {film} (2000)", genres)
    for film, genres in enumerate(("A", "A", "B", "B", "(no genres listed)", "A|B"), start=1)
}
LIKE, NEUTRAL, DISLIKE = Opinion.LIKE.code, Opinion.NEUTRAL.code, Opinion.DISLIKE.code

# To film 1 the six are similar as 1, 1, 0, 0, 0, 1/2: 5/12 at the mean. With the floor, that is
# 1/2, and what the genres say is 13/6, 13/6, 1/6, 1/6, 1/6, 7/6.
FLOOR, SHRINKAGE = 1 / 12, 6.0

Lifted = Callable[..., Lift]


@pytest.fixture
def lifted(tmp_path: Path) -> Iterator[Lifted]:
    """Count the lift for a profile of films by number."""
    index = EdgeStore(build_index(tmp_path, RATINGS, TITLES)).open()

    def count(profile: dict[int, int], *, shrinkage: float = SHRINKAGE) -> Lift:
        ranking = Ranking(lift_shrinkage=shrinkage, genre_floor=FLOOR)
        version = IndexVersion(index, ranking, "here")
        films = np.array(sorted(profile))
        states = np.array([profile[film] for film in sorted(profile)], dtype=np.uint8)
        said = ResolvedProfile(films, states, np.zeros(len(films)), np.ones(len(films), bool))
        return Lift.of(version.panel, version.genres, said, np.arange(6), ranking)

    yield count
    index.close()


# Someone likes film 1 and saw film 5: worth 2/3 and 1/3.
#
# Rated together with film 1:  2.04 1.7 1.5 1.3 1.2 1.2
#                and film 5:   1.2  2   0.5 0.7 2   1
# Values of all ratings:       2.2  2.5 1.5 1.7 2   2,   of three raters
SAID = {0: LIKE, 4: NEUTRAL}
# By chance one finds (2/3 * 2.2 + 1/3 * 2) / 3 of the values of a film.
CHANCE = 6.4 / 9


def test_it_is_what_was_found_over_chance_filled_up_by_genres(lifted: Lifted) -> None:
    """For films 2, 3 and 6, which are of the liked genre, of another, and of both."""
    lift = np.exp(lifted(SAID).log)
    assert lift[1] == pytest.approx((2 / 3 * 1.7 + 1 / 3 * 2 + 13) / (2.5 * CHANCE + 6))
    assert lift[2] == pytest.approx((2 / 3 * 1.5 + 1 / 3 * 0.5 + 1) / (1.5 * CHANCE + 6))
    assert lift[5] == pytest.approx((2 / 3 * 1.2 + 1 / 3 * 1 + 7) / (2 * CHANCE + 6))


def test_genres_speak_where_there_is_little_to_count_and_fall_silent_where_there_is_much(
    lifted: Lifted,
) -> None:
    """At the ends there is nothing but genres, or nothing but counts."""
    genres = np.exp(lifted(SAID, shrinkage=1e9).log)
    assert genres == pytest.approx(np.array([13, 13, 1, 1, 1, 7]) / 6)
    counts = np.exp(lifted(SAID, shrinkage=1e-9).log)
    assert counts[2] == pytest.approx((2 / 3 * 1.5 + 1 / 3 * 0.5) / (1.5 * CHANCE))


def test_its_numerator_is_split_among_the_films_and_their_genres(lifted: Lifted) -> None:
    """Genres are those of the liked film alone, as are the similarities."""
    together, genres = lifted(SAID).parts(np.array([1, 2]))
    second, third = 2 / 3 * 1.7 + 1 / 3 * 2 + 13, 2 / 3 * 1.5 + 1 / 3 * 0.5 + 1
    assert together == pytest.approx(
        np.array([[2 / 3 * 1.7 / second, 2 / 3 / second], [1 / third, 1 / 6 / third]])
    )
    assert genres == pytest.approx(np.array([[13 / second, 0], [1 / third, 0]]))
    assert (together + genres).sum(axis=1) == pytest.approx([1, 1])


def test_a_dislike_takes_no_part(lifted: Lifted) -> None:
    """Nor does it leave anything to others."""
    with_it, without = lifted({**SAID, 1: DISLIKE}), lifted(SAID)
    assert with_it.log.tolist() == without.log.tolist()
    assert with_it.films.tolist() == [0, 4]
    assert with_it.narrowness() == without.narrowness()


def test_where_nothing_is_liked_genres_are_those_of_what_was_seen(lifted: Lifted) -> None:
    """Film 1 was merely seen: it is worth all there is, and so are its genres."""
    assert lifted({0: NEUTRAL}).log.tolist() == lifted({0: LIKE}).log.tolist()


def test_one_film_tells_nothing_of_how_narrow_a_taste_is(lifted: Lifted) -> None:
    """Two pairs of .4 are all there is, whatever was seen besides."""
    assert lifted(SAID).narrowness() == pytest.approx(0.4)


def test_two_films_are_narrow_by_how_often_they_are_rated_together_and_by_genre(
    lifted: Lifted,
) -> None:
    """Films 1 and 2 are of a kind, 1 and 3 are not; half the square of what genres say is added."""
    # So close to all raters that the rarity is at its least.
    information = math.log((1.7 + (13 / 6) ** 2 / 2) / (2.2 * 2.5 / 3 + 0.5)) / math.sqrt(0.1)
    same = lifted({0: LIKE, 1: LIKE}).narrowness()
    assert same == pytest.approx((information + 0.8) / 3)
    found = 1.5 + (1 / 6) ** 2 / 2
    information = math.log(found / (2.2 * 1.5 / 3 + 0.5)) / math.sqrt(-math.log(found / 3))
    other = lifted({0: LIKE, 2: LIKE}).narrowness()
    assert other == pytest.approx((information + 0.8) / 3)
    assert other < same
