"""Themed rows: what stands in which, never a movie twice, and what is trending."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import ingest
from recommender import (
    InvalidInputError,
    MovieFilter,
    MovieKey,
    RaterFilter,
    Recommender,
    Row,
)
from recommender.catalogue.summary import Periods
from tests.support import (
    THREE_RATERS,
    Id,
    Ratings,
    Titles,
    build_index,
    likes,
    movies_text,
    random_ratings,
    ratings_text,
)

ALL = likes(1, 2, 3)
"""In the hand-worked world 5, 4, 6, 7, 8, 9 are recommended, in this order."""
DAY = 86_400


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open a world by chance with times: movies 1 to 60 are of 1941 to 2000."""
    folder = tmp_path_factory.mktemp("varied")
    ratings = random_ratings(5, raters=60, movies=60, most=30)
    dice = np.random.default_rng(1)
    times = {
        (r, m): DAY * int(dice.integers(1, 999)) for r, rated in ratings.items() for m in rated
    }
    titles: Titles = {
        movie: (f"Film {movie} ({1940 + movie})", ("Drama", "Comedy", "Horror", "War")[movie % 4])
        for movie in range(1, 61)
    }
    (folder / "ratings.csv").write_text(ratings_text(ratings, times=times), encoding="utf-8")
    (folder / "movies.csv").write_text(movies_text(titles), encoding="utf-8")
    ingest(str(folder), index=folder / "index")
    with Recommender.open(folder / "index") as made:
        yield made


def ids(row: Row) -> list[int]:
    """Ids of a row, in order."""
    return [int(one.movie.movie_id) for one in row.movies]


# Rows


def test_rows_are_filled_in_order_and_each_takes_what_is_left(rec: Recommender) -> None:
    """Two movies a row; a list in its own right, ranked from 1, explained where people voted."""
    rows = rec.rows(ALL, limit=2)
    assert [(row.name, row.title, ids(row)) for row in rows] == [
        ("top_picks", "Top picks", [5, 4]),
        ("popular", "What's popular", [6, 7]),
        ("classics", "Classics", [8]),
        ("hidden_gems", "Hidden gems", [9]),
    ]
    assert [row.movies.fallback for row in rows] == [None, "popular", None, None]
    assert [row.movies.neighbours for row in rows] == [3, 0, 3, 3]
    assert [one.rank for one in rows[1].movies] == [1, 2]
    whole = {one.movie: one for one in rec.recommend(ALL)}
    for row in (rows[0], rows[2]):
        for one in row.movies:
            assert (one.score, one.because) == (whole[one.movie].score, whole[one.movie].because)
    # Hidden gems stand towards the lower end of the dial.
    (hidden,) = rows[3].movies
    (same,) = (one for one in rec.recommend(ALL, adventurous=0.3) if one.movie == hidden.movie)
    assert (hidden.score, hidden.because) == (same.score, same.because)
    assert rows[1].movies[0].because == ()


def test_all_rows_are_explained_and_foretold_at_the_first_request(
    varied: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One prediction for the page, of just what single questions tell; none where nobody asks."""
    said = {5: 1, 9: 1, 20: -1}
    # Hidden gems stand towards the lower end of the dial.
    expected = {
        dial: {one.movie: one for one in varied.recommend(said, limit=60, adventurous=dial)}
        for dial in (None, 0.3)
    }
    asked: list[int] = []
    predict = Recommender.predict_many

    def counting(self: Recommender, *arguments: Any) -> Any:
        asked.append(len(arguments[1]))
        return predict(self, *arguments)

    monkeypatch.setattr(Recommender, "predict_many", counting)
    rows = varied.rows(said, limit=4)
    assert asked == []
    shown = [one for row in rows for one in row.movies]
    found = [one.predicted_rating for one in shown]
    assert asked == [len(shown)]
    assert found == [varied.predict(said, f"id:{one.movie.movie_id}").stars for one in shown]
    for row in (row for row in rows if row.movies.neighbours):
        single = expected[0.3 if row.name == "hidden_gems" else None]
        for one in row.movies:
            assert [reason.movie for reason in one.because] == [
                reason.movie for reason in single[one.movie].because
            ]


def test_the_last_rows_hold_what_is_similar_to_a_liked_movie(tmp_path: Path) -> None:
    """One camp loves 1-5 and hates 6-10, the other the reverse; 2, 3 and 4 are taken before."""
    ratings: Ratings = {}
    for rater in range(1, 11):
        camps = [range(1, 6), range(6, 11)]
        loved, hated = camps if rater % 2 else reversed(camps)
        ratings[rater] = dict.fromkeys(loved, 5.0) | dict.fromkeys(hated, 1.0)
    with Recommender.open(build_index(tmp_path, ratings)) as made:
        row = made.rows({1: 1}, limit=1)[-1]
        assert (row.name, ids(row), row.movies.fallback) == ("more_like_1", [5], None)


def test_hidden_and_similar_movies_need_some_ratings_unless_all_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 20 raters all rate movies 1 to 10, and three of them 11 to 15, too."""
    ratings: Ratings = {rater: dict.fromkeys(range(1, 11), 5.0) for rater in range(1, 21)}
    for rater in (1, 2, 3):
        ratings[rater] |= dict.fromkeys(range(11, 16), 4.0)
    periods = Periods(classic=0, recent=0, hidden=3, least=4)
    monkeypatch.setattr(Periods, "of", lambda _: periods)
    with Recommender.open(build_index(tmp_path, ratings)) as made:
        for least, shown in ((None, False), (0, True), (3, True)):
            movies = MovieFilter(min_ratings=least, exclude=range(3, 11))
            # The first two rows leave some of what both of the others want.
            rows = made.rows(likes(1, 2), limit=1, movies=movies)
            names = {row.name for row in rows}
            assert ("hidden_gems" in names, "more_like_1" in names) == (shown, shown)


def test_the_usual_rows_fit_catalogue_and_person(varied: Recommender) -> None:
    """Classics end before recent films begin; the two best known liked movies get a row."""
    rows = {row.name: row for row in varied.rows(likes(1, 2, 30), limit=4)}
    assert list(rows)[:6] == [
        "top_picks",
        "popular",
        "trending",
        "classics",
        "hidden_gems",
        "recent",
    ]
    known = sorted((1, 2, 30), key=lambda m: (-_liked(m), m))[:2]
    assert set(rows) - set(list(rows)[:6]) <= {f"more_like_{movie}" for movie in known}
    classics = [row.movie.year or 0 for row in rows["classics"].movies]
    recents = [row.movie.year or 0 for row in rows["recent"].movies]
    assert max(classics) < 1970
    assert min(recents) > 1980
    hidden = [row.movie.ratings for row in rows["hidden_gems"].movies]
    assert max(hidden) < np.median([varied.movie(m).ratings for m in range(1, 61)])
    assert rows["top_picks"].movies[0].movie == varied.recommend(likes(1, 2, 30))[0].movie


def _liked(movie: int) -> int:
    table = random_ratings(5, raters=60, movies=60, most=30)
    return sum(rated.get(movie, 0) >= 4 for rated in table.values())


def test_an_empty_profile_gets_the_rows_that_need_no_taste(varied: Recommender) -> None:
    """All of them labelled as not about this person."""
    rows = varied.rows({}, limit=3)
    assert [(row.name, row.movies.fallback) for row in rows] == [
        ("popular", "popular"),
        ("trending", "trending"),
        ("classics", "popular"),
        ("recent", "popular"),
    ]


def test_without_times_nothing_is_trending_and_without_years_nothing_old(tmp_path: Path) -> None:
    """The rows are left out; who asks for what is trending alone is told why there is nothing."""
    with Recommender.open(build_index(tmp_path, THREE_RATERS)) as plain:
        names = [row.name for row in plain.rows(ALL, limit=1)]
        assert {"trending", "classics", "recent"}.isdisjoint(names)
        with pytest.raises(InvalidInputError, match=r"nothing is trending.*no times"):
            plain.trending()


movies = st.integers(1, 60)


@settings(max_examples=40)
@given(
    opinions=st.dictionaries(movies, st.sampled_from([1, 0, -1]), max_size=8),
    exclude=st.sets(movies, max_size=30),
    limit=st.integers(1, 12),
    years=st.none() | st.just((1950, 1990)),
)
def test_no_movie_is_shown_twice_nor_one_rated_or_excluded(
    varied: Recommender,
    opinions: dict[MovieKey, float],
    exclude: set[MovieKey],
    limit: int,
    years: tuple[int, int] | None,
) -> None:
    """Whatever the person, the rows before, and the filters; no row is empty or too long."""
    rows = varied.rows(opinions, movies=MovieFilter(exclude=exclude, years=years), limit=limit)
    shown = [movie for row in rows for movie in ids(row)]
    assert len(set(shown)) == len(shown)
    assert not set(shown) & (set(opinions) | exclude)
    assert all(1 <= len(row.movies) <= limit for row in rows)
    assert years is None or all(1950 <= 1940 + movie <= 1990 for movie in shown)


def test_what_was_shown_before_stays_away_when_it_is_excluded(varied: Recommender) -> None:
    """A second visit brings the next best, in the same order."""
    me = likes(1, 2)
    both = ids(varied.rows(me, limit=10)[0])
    first = ids(varied.rows(me, limit=5)[0])
    second = ids(varied.rows(me, limit=5, movies=MovieFilter(exclude=first))[0])
    assert first + second == both


def test_rows_may_rest_on_some_raters_and_young_votes_only(varied: Recommender) -> None:
    """The top picks are then those of a recommendation under the same conditions."""
    some = RaterFilter(active_since="1972-03-01", votes_since="1971-01-01")
    rows = varied.rows(likes(1, 2), limit=5, raters=some)
    top = varied.recommend(likes(1, 2), limit=5, raters=some)
    assert rows[0].movies.neighbours == top.neighbours
    assert ids(rows[0]) == [row.movie.movie_id for row in top]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"limit": 0}, "limit is 0"),
    ({"adventurous": 2}, "adventurous is 2"),
    ({"movies": MovieFilter(genres={"Horor"})}, "no genre 'Horor'"),
    ({"raters": RaterFilter(attributes={"age": "25-34"})}, "raters have no attribute 'age'"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[words for _, words in BAD])
def test_rows_that_cannot_be_filled_are_refused(
    rec: Recommender, arguments: dict[str, Any], words: str
) -> None:
    """For an empty profile too."""
    for profile in (ALL, {}):
        with pytest.raises(InvalidInputError, match=words):
            rec.rows(profile, **arguments)


# Trending


def test_trending_is_recent_likes_over_the_root_of_all_likes(tmp_path: Path) -> None:
    """Movie 1 has 9 likes, 2 of them late; 2 has 2, both late; 3 only early ones; 4 late dislikes.

    The newest rating is of day 200, so that day 111 is the first of the last 90.
    """
    ratings: Ratings = {user: {1: 5} for user in range(1, 10)}
    ratings[1] |= {2: 5, 4: 1}
    ratings[2] |= {2: 4, 3: 5, 4: 1}
    days: dict[tuple[Id, Id], int] = {(1, 1): 111, (2, 1): 200}
    days |= dict.fromkeys(((user, 1) for user in range(3, 10)), 10)
    days |= {(1, 2): 150, (2, 2): 111, (2, 3): 110, (1, 4): 200, (2, 4): 200}
    times = {pair: DAY * day for pair, day in days.items()}
    path = tmp_path / "ratings.csv"
    path.write_text(ratings_text(ratings, times=times), encoding="utf-8")
    ingest(str(path), index=tmp_path / "index")
    with Recommender.open(tmp_path / "index") as made:
        top = made.trending()
        assert [row.movie.movie_id for row in top] == [2, 1]
        assert [row.score for row in top] == pytest.approx([2 / 12**0.5, 2 / 19**0.5])
        assert (top.fallback, top[0].because) == ("trending", ())
        assert len(made.trending(limit=1)) == 1


def test_a_wrong_time_in_the_far_future_does_not_empty_what_is_trending(tmp_path: Path) -> None:
    """It is itself among the last days, and those before it still count."""
    ratings: Ratings = {1: {1: 5, 2: 4}, 2: {1: 5, 2: 1}, 3: {3: 5, 2: 4}}
    times: dict[tuple[Id, Id], int] = {
        (user, movie): DAY * 9000 for user, rated in ratings.items() for movie in rated
    }
    times |= {(3, 3): DAY * 60_000, (1, 2): DAY, (3, 2): DAY}
    path = tmp_path / "ratings.csv"
    path.write_text(ratings_text(ratings, times=times), encoding="utf-8")
    ingest(str(path), index=tmp_path / "index")
    with Recommender.open(tmp_path / "index") as made:
        assert [row.movie.movie_id for row in made.trending()] == [1, 3]
