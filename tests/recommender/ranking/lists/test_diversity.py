"""Lists of films unlike each other: by hand, and what stays as it is without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from ingest import ingest
from recommender import InvalidInputError, MovieFilter, Recommendations, Recommender
from recommender.ranking.films.similar import Likeness
from recommender.ranking.lists.diversity import POOL, diversified
from recommender.ranking.votes import Scores
from recommender.storage.edge import EdgeStore
from tests.recommender.storage.engines import SERVERS
from tests.support import Titles, build_index, likes, random_ratings, write_source

GENRES = ("Drama", "Comedy", "Horror", "War")
ME = likes(1, 2, 3, 4)


class Told:
    """Likeness as a test says it."""

    def __init__(self, *rows: list[float]) -> None:
        self.table = np.array(rows)

    def similarity(self, movies: Any) -> Any:
        """Look it up."""
        return self.table[np.ix_(movies, movies)]


def order(told: Told, scores: list[float], diversity: float, limit: int = 10) -> list[int]:
    """Movies 0, 1, 2 ... with these scores, put in order."""
    given = Scores.impersonal(np.arange(len(scores)), np.array(scores))
    found = diversified(cast("Likeness", told), given, diversity, limit)
    assert found.scores.tolist() == [scores[movie] for movie in found.movies]
    return [int(movie) for movie in found.movies]


# Movies 0 and 1 are of a kind, 2 is a little like both, 3 like none.
FOUR = Told([1, 0.9, 0.2, 0], [0.9, 1, 0.2, 0], [0.2, 0.2, 1, 0], [0, 0, 0, 1])


@pytest.mark.parametrize(
    ("diversity", "expected"),
    [
        # After 0, of 10 points: .5 .9 - .5 .9 = 0; .5 .6 - .5 .2 = .2; .5 .3 - 0 = .15.
        # After 2: 1 has 0 still, and 3 its .15.
        (0.5, [0, 2, 3, 1]),
        # .75 .9 - .25 .9 = .45; .75 .6 - .25 .2 = .4; .75 .3 = .225.
        (0.25, [0, 1, 2, 3]),
        # Unlike 0 most of all, and then unlike both: 3, 2; scores count for nothing.
        (1, [0, 3, 2, 1]),
    ],
)
def test_the_next_is_good_and_unlike_those_before(diversity: float, expected: list[int]) -> None:
    """Relevance is the score over the best one; whatever the scores' unit."""
    assert order(FOUR, [10, 9, 6, 3], diversity) == expected
    assert order(FOUR, [1, 0.9, 0.6, 0.3], diversity) == expected
    assert order(FOUR, [10, 9, 6, 3], diversity, limit=2) == expected[:2]


def test_equals_stay_in_their_order() -> None:
    """Equal scores and nothing alike, or all alike."""
    assert order(Told(*np.eye(4).tolist()), [5, 5, 5, 5], 0.5) == [0, 1, 2, 3]
    assert order(Told(*np.ones((4, 4)).tolist()), [4, 3, 2, 1], 1) == [0, 1, 2, 3]


def test_an_empty_list_stays_empty() -> None:
    """There is no best score to divide by."""
    assert order(FOUR, [], 0.5) == []


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open 160 movies that 80 people rated by chance."""
    titles: Titles = {
        movie: (f"Film {movie} ({1900 + movie // 2})", GENRES[movie % 4]) for movie in range(1, 161)
    }
    ratings = random_ratings(3, raters=80, movies=160, most=80)
    with Recommender.open(build_index(tmp_path_factory.mktemp("many"), ratings, titles)) as made:
        yield made


def ids(top: Recommendations) -> list[int]:
    """Movies of a list, in order."""
    return [int(row.movie.movie_id) for row in top]


def alike(rec: Recommender, movies: list[int]) -> float:
    """How alike two of these movies are, in the mean."""
    with rec._live.version() as version:
        numbers = np.array([version.catalogue.resolve(movie) for movie in movies])
        table = version.likeness.similarity(numbers)
    return float(table[np.triu_indices(len(movies), 1)].mean())


def test_without_diversity_a_list_is_what_it_was(rec: Recommender) -> None:
    """To the last bit."""
    asked = rec.recommend(ME, diversity=0.0)
    assert [(row.movie, row.score) for row in asked] == [
        (row.movie, row.score) for row in rec.recommend(ME)
    ]


@pytest.mark.parametrize("diversity", [0.3, 0.6, 1])
def test_ranks_change_and_nothing_else_does(rec: Recommender, diversity: float) -> None:
    """Scores, supporters, reasons and stars stay with their movies, of which the best is first."""
    usual = {row.movie: row for row in rec.recommend(ME, limit=POOL)}
    found = rec.recommend(ME, limit=POOL, diversity=diversity)
    assert {row.movie for row in found} == usual.keys()
    assert ids(found) != ids(rec.recommend(ME, limit=POOL))
    assert found[0].movie == rec.recommend(ME)[0].movie
    assert [row.rank for row in found] == list(range(1, POOL + 1))
    assert found.neighbours == rec.recommend(ME).neighbours
    for row in found:
        same = usual[row.movie]
        assert (row.score, row.supporters) == (same.score, same.supporters)
        assert row.because == same.because
        assert row.predicted_rating == same.predicted_rating
    first = ids(found)[:10]
    assert alike(rec, first) < alike(rec, ids(rec.recommend(ME)))


def test_lists_of_all_lengths_begin_alike_and_go_on_as_usual(rec: Recommender) -> None:
    """The first hundred are chosen from, however many are asked for; the others stay in order."""
    usual, whole = (
        ids(rec.recommend(ME, limit=1000)),
        ids(rec.recommend(ME, limit=1000, diversity=0.4)),
    )
    assert len(usual) > POOL + 10
    assert sorted(whole[:POOL]) == sorted(usual[:POOL])
    assert whole[POOL:] == usual[POOL:]
    for limit in (1, 7, 99, 100, 101, 120):
        assert ids(rec.recommend(ME, limit=limit, diversity=0.4)) == whole[:limit]


def test_filters_choose_the_hundred(rec: Recommender) -> None:
    """A list of one genre is as long as without, and holds the best of that genre."""
    some = MovieFilter(genres={"Horror"}, exclude=[7])
    usual = ids(rec.recommend(ME, limit=50, movies=some))
    found = ids(rec.recommend(ME, limit=50, movies=some, diversity=0.6))
    assert sorted(found) == sorted(usual)
    assert 7 not in found
    assert {movie % 4 for movie in found} == {2}


def test_someone_new_gets_what_is_popular_in_another_order(rec: Recommender) -> None:
    """The same hundred, and the most popular first."""
    usual = ids(rec.recommend({}, limit=POOL))
    found = rec.recommend({}, limit=POOL, diversity=0.7)
    assert found.fallback == "popular"
    assert sorted(ids(found)) == sorted(usual)
    assert (ids(found)[0], ids(found) == usual) == (usual[0], False)


def test_rows_that_rest_on_neighbours_are_diversified(rec: Recommender) -> None:
    """The first holds the list; what is popular, or similar to a movie, stays in its order."""
    rows = {row.name: ids(row.movies) for row in rec.rows(ME, limit=8, diversity=0.5)}
    assert rows["top_picks"] == ids(rec.recommend(ME, limit=8, diversity=0.5))
    popular = MovieFilter(exclude=rows["top_picks"])
    assert (
        rows["popular"]
        == [movie for movie in ids(rec.popular(limit=20, movies=popular)) if movie not in ME][:8]
    )


def test_likes_alone_are_enough(tmp_path: Path) -> None:
    """An index without stars has deviations of nothing, and is diversified by what is liked."""
    lines = [
        f"{user},{movie}" for user, rated in random_ratings(5, raters=60).items() for movie in rated
    ]
    (tmp_path / "likes.csv").write_text("\n".join(["user,movie", *lines]), encoding="utf-8")
    ingest(str(tmp_path / "likes.csv"), index=tmp_path / "index")
    with Recommender.open(tmp_path / "index") as made:
        usual, found = (made.recommend(ME, limit=30, diversity=d) for d in (0, 0.5))
        assert sorted(ids(found)) == sorted(ids(usual))
        assert ids(found) != ids(usual)
        assert ids(made.recommend(ME, limit=30, diversity=0.5)) == ids(found)


@pytest.mark.parametrize("engine", SERVERS)
def test_a_server_gives_the_same_list(engine: str, tmp_path: Path) -> None:
    """With the vectors of a hundred movies read from it."""
    source = write_source(tmp_path / "source", random_ratings(5, raters=60))
    edge = EdgeStore(tmp_path / "edge")
    ingest(str(source), index=edge)
    with SERVERS[engine](tmp_path) as store, Recommender(edge) as ours:
        ingest(str(source), index=store)
        with Recommender(store) as theirs:
            for diversity in (0.3, 1):
                one, other = (
                    r.recommend(ME, limit=30, diversity=diversity) for r in (ours, theirs)
                )
                assert ids(one) == ids(other)


@pytest.mark.parametrize("diversity", [-0.1, 1.1, float("nan"), "much", None])
def test_what_is_no_diversity_is_refused(rec: Recommender, diversity: Any) -> None:
    """For lists and rows alike, with the value and what to give."""
    for question in (rec.recommend, rec.rows):
        with pytest.raises(InvalidInputError, match=r"diversity is .*: give 0 \(the best first\)"):
            question(ME, diversity=diversity)
