"""Every question a caller may ask, beyond the formula: filters, fallbacks, lists and searches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ingest import forget
from recommender import (
    InvalidInputError,
    MovieFilter,
    MovieKey,
    Profile,
    Recommendation,
    Recommender,
    UnknownMovieError,
)
from tests.recommender.ranking.adversary import as_filters
from tests.support import (
    THREE_RATERS,
    Id,
    Ratings,
    Titles,
    build_index,
    likes,
    open_votes,
    random_ratings,
)

ALL = likes(1, 2, 3)
"""Rater 1, 2 and 3 are kin; what remains is 5, 4, 6, 7, 8, 9, in this order."""


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open a world by chance, whose movies differ in how often they are rated."""
    ratings = random_ratings(5, raters=60, movies=60, most=30)
    titles: Titles = {
        movie: (f"Film {movie} ({1940 + movie})", ("Drama", "Comedy", "Horror", "War")[movie % 4])
        for movie in range(1, 61)
    }
    with Recommender.open(build_index(tmp_path_factory.mktemp("varied"), ratings, titles)) as made:
        yield made


def ids(rows: Any) -> list[Id]:
    """Ids of a list, in order."""
    return [row.movie.movie_id for row in rows]


# Filters


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, [5, 4, 6, 7, 8, 9]),
        ({"limit": 2}, [5, 4]),
        ({"limit": 1}, [5]),
        ({"genres": {"Horror"}}, [6, 7]),
        ({"genres": ["horror ", "CRIME"]}, [4, 6, 7]),
        ({"genres": set()}, [5, 4, 6, 7, 8, 9]),
        ({"genres": {"Sci-Fi"}}, []),
        ({"exclude_genres": {"Horror", "Romance"}}, [4, 9]),
        ({"genres": {"Romance"}, "exclude_genres": {"Comedy"}}, [8]),
        ({"genres": {"Horror"}, "exclude_genres": {"Horror"}}, []),
        ({"years": (1960, 1998)}, [4, 6, 7]),
        ({"years": (1960, 1960)}, [6]),
        ({"years": (None, 1960)}, [6, 8]),
        ({"years": (1998, None)}, [5, 7]),
        # The movie without a year lies in no range.
        ({"years": (None, None)}, [5, 4, 6, 7, 8]),
        ({"years": (2050, None)}, []),
        ({"min_ratings": 3}, [5, 4, 6, 7, 8, 9]),
        ({"min_ratings": 4}, []),
        ({"exclude": {5, "Heat", "id:6"}}, [7, 8, 9]),
        ({"exclude": [5, 5]}, [4, 6, 7, 8, 9]),
        ({"exclude": {1}}, [5, 4, 6, 7, 8, 9]),
        ({"genres": {"Horror"}, "years": (1990, None), "limit": 5}, [7]),
        ({"title": "psy"}, [6, 7]),
        ({"title": "DESTIN d'Amelie!"}, [5]),
        ({"title": "sycho"}, []),
        ({"title": "5"}, []),
    ],
)
def test_filters_take_movies_out_and_change_nothing_else(
    rec: Recommender, arguments: dict[str, Any], expected: list[int]
) -> None:
    """What passes keeps its order and score, and ranks run from 1 again."""
    whole = {row.movie.movie_id: row.score for row in rec.recommend(ALL)}
    top = rec.recommend(ALL, **as_filters(arguments))
    assert ids(top) == expected
    assert [row.rank for row in top] == list(range(1, len(expected) + 1))
    assert [row.score for row in top] == [whole[movie] for movie in expected]
    assert (top.fallback, top.neighbours) == (None, 3)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"limit": 0}, r"limit is 0: .* 1 to 1000"),
    ({"limit": -1}, "limit"),
    ({"limit": 1001}, "limit"),
    ({"limit": True}, "limit is True"),
    ({"limit": 2.0}, "limit"),
    ({"limit": "5"}, "limit"),
    ({"limit": None}, "limit"),
    ({"adventurous": 1.5}, r"adventurous is 1\.5"),
    ({"adventurous": -0.1}, "adventurous"),
    ({"adventurous": math.nan}, "adventurous"),
    ({"adventurous": "much"}, "adventurous"),
    ({"genres": {"Horor"}}, "no genre 'Horor': did you mean 'Horror'.*Action, Comedy"),
    ({"genres": {"qqq"}}, "no genre 'qqq': there are Action, Comedy"),
    ({"exclude_genres": {"Sci-Fy"}}, "did you mean 'Sci-Fi'"),
    ({"genres": {3}}, "no genre 3"),
    ({"genres": {""}}, "no genre ''"),
    ({"genres": "Horror"}, "genres is 'Horror': give a set"),
    ({"exclude_genres": "Horror"}, "exclude_genres is 'Horror': give a set"),
    ({"years": (1999, 1980)}, "from 1999 to 1980: give the earlier"),
    ({"years": 1999}, "years is 1999"),
    ({"years": (1, 2, 3)}, "years is"),
    ({"years": ("a", "b")}, "years is"),
    ({"min_ratings": -1}, "min_ratings is -1"),
    ({"min_ratings": "many"}, "min_ratings"),
    ({"tags": "space"}, "tags is 'space': give a set"),
    ({"tags": {"space"}}, "no tag 'space': this index has no tags"),
    ({"title": " !?"}, "title is .*: give letters"),
    ({"exclude": ["Nowhere Film"]}, "no movie 'Nowhere Film'"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[str(case[0]) for case in BAD])
def test_an_argument_that_cannot_be_used_is_refused_by_name(
    rec: Recommender, arguments: dict[str, Any], words: str
) -> None:
    """Before anything is searched, and for an empty profile too."""
    asked = as_filters(arguments)
    for profile in (ALL, {}):
        with pytest.raises(InvalidInputError, match=words):
            rec.recommend(profile, **asked)
    if "adventurous" not in arguments:
        with pytest.raises(InvalidInputError, match=words):
            rec.popular(**{name: given for name, given in asked.items() if name != "raters"})


def test_a_lone_title_as_exclude_is_refused(rec: Recommender) -> None:
    """It would be read letter by letter."""
    with pytest.raises(InvalidInputError):
        rec.recommend(ALL, movies=MovieFilter(exclude="Heat"))


def test_genres_in_an_index_without_any(tmp_path: Path) -> None:
    """The message says that there are none."""
    with (
        Recommender.open(build_index(tmp_path, THREE_RATERS)) as plain,
        pytest.raises(InvalidInputError, match="this index has no genres"),
    ):
        plain.recommend(ALL, movies=MovieFilter(genres={"Horror"}))


# What is never recommended, and what is when nobody is kin


@pytest.mark.parametrize("seed", range(8))
def test_rated_and_excluded_movies_are_never_recommended(varied: Recommender, seed: int) -> None:
    """Whatever was said of them: liked, seen or disliked; at any limit and dial."""
    dice = np.random.default_rng(seed)
    rated = dice.choice(np.arange(1, 61), size=12, replace=False).tolist()
    opinions: dict[MovieKey, float] = {m: int(dice.integers(-1, 2)) for m in rated[:8]}
    out = rated[8:]
    for dial in (None, 0.0, 1.0):
        top = varied.recommend(
            opinions, limit=1000, movies=MovieFilter(exclude=out), adventurous=dial
        )
        assert not set(ids(top)) & set(rated)
        assert len(set(ids(top))) == len(top)


def test_an_empty_profile_gets_popular_movies_labelled_as_such(varied: Recommender) -> None:
    """Most liked first, with the part of all people who like each; nothing to explain."""
    top = varied.recommend({}, limit=60)
    table = random_ratings(5, raters=60, movies=60, most=30)
    liked = {m: sum(rated.get(m, 0) >= 4 for rated in table.values()) for m in range(1, 61)}
    expected = sorted((m for m in liked if liked[m]), key=lambda m: (-liked[m], m))
    assert ids(top) == expected
    assert [row.score for row in top] == pytest.approx([liked[m] / 60 for m in expected])
    assert (top.fallback, top.neighbours) == ("popular", 0)
    assert all(row.because == () and row.supporters == 0 for row in top)
    assert ids(varied.popular(limit=60)) == expected


def test_the_fallback_honours_what_was_rated_and_every_filter(rec: Recommender) -> None:
    """Someone who dislikes 9 has no kin; 9 is not offered to them, nor what they exclude."""
    top = rec.recommend(
        {9: -1}, movies=MovieFilter(exclude={8}, genres={"Romance", "Horror"}), limit=3
    )
    assert top.fallback == "popular"
    assert ids(top) == [2, 5, 6]


def test_popular_takes_the_same_filters(rec: Recommender) -> None:
    """All movies have three likes of seven people; equal ones stand by ascending id."""
    assert ids(rec.popular()) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert ids(rec.popular(movies=MovieFilter(genres={"Horror"}, years=(1970, None)), limit=1)) == [
        2
    ]
    assert ids(rec.popular(movies=MovieFilter(exclude={1, "Alien"}, min_ratings=1), limit=2)) == [
        3,
        4,
    ]
    assert rec.popular()[0].score == pytest.approx(3 / 7)
    assert rec.popular().fallback == "popular"


def test_a_movie_nobody_likes_is_neither_popular_nor_recommended(tmp_path: Path) -> None:
    """Movie 7 is disliked by all who rated it: a dislike never counts as a vote."""
    ratings: Ratings = {rater: {1: 5, 2: 5, 3: 5, 4: 4, 5: 4, 7: 1} for rater in range(1, 6)}
    ratings |= {9: {8: 3}, 10: {8: 3}, 11: {8: 3}, 12: {8: 3}, 13: {8: 3}, 14: {8: 3}, 15: {8: 3}}
    with Recommender.open(build_index(tmp_path, ratings)) as made:
        assert ids(made.recommend(likes(1, 2))) == [3, 4, 5]
        assert 7 not in ids(made.popular())
        assert 7 not in ids(made.recommend({7: -1, 1: 1}))


def test_a_dislike_makes_kin_of_those_who_dislike_it_too(tmp_path: Path) -> None:
    """Someone who only dislikes 7 is kin to raters 1-3, who do, and not to 4-6, who like it."""
    ratings: Ratings = {r: {1: 5, 2: 5, 3: 5, 4: 5, 7: 1} for r in (1, 2, 3)}
    ratings |= {r: {11: 5, 12: 5, 13: 5, 14: 5, 7: 5} for r in (4, 5, 6)}
    ratings |= {r: {20: 3} for r in range(30, 40)}
    with Recommender.open(build_index(tmp_path, ratings)) as made:
        top = made.recommend({7: -1})
        assert (top.neighbours, ids(top)) == (3, [1, 2, 3, 4])
        top = made.recommend({7: 1})
        assert (top.neighbours, ids(top)) == (3, [11, 12, 13, 14])


@pytest.mark.parametrize("limit", [1, 3, 6, 7, 1000])
def test_there_are_fewer_rows_where_fewer_have_support(rec: Recommender, limit: int) -> None:
    """Six movies are left; nothing is filled up with guesses."""
    assert len(rec.recommend(ALL, limit=limit)) == min(limit, 6)


def test_raters_with_fewer_than_five_ratings_are_no_neighbours(tmp_path: Path) -> None:
    """Four ratings are too few and five enough, with everything else alike."""
    ratings: Ratings = {
        1: {1: 5, 2: 5, 3: 5, 4: 5, 5: 5},
        2: {1: 5, 2: 5, 3: 5, 6: 5},
        3: {7: 1},
        4: {7: 2},
        5: {7: 3},
    }
    with Recommender.open(build_index(tmp_path, ratings)) as made:
        top = made.recommend(likes(1))
        # 4 and 5 have one like, 2 and 3 two.
        assert (top.neighbours, ids(top)) == (1, [4, 5, 2, 3])
        assert (made.stats().users, made.stats().raters) == (5, 1)


def test_adventurous_moves_to_less_known_movies(tmp_path: Path) -> None:
    """Of twenty kindred raters twelve like 5, which 60 others like too, and ten like 6."""
    ratings: Ratings = {
        rater: {1: 5, 2: 5, 3: 5, 4: 5, 9: 1, **({5: 5} if rater <= 12 else {})}
        for rater in range(1, 21)
    }
    for rater in range(11, 21):
        ratings[rater][6] = 5
    ratings |= {rater: {5: 5, 11: 5, 12: 5, 13: 5, 14: 5} for rater in range(21, 81)}
    index = build_index(tmp_path, ratings)
    for opened in (open_votes(index), Recommender.open(index)):
        with opened as rec:
            lists = [
                ids(rec.recommend(likes(1, 2, 3, 4), adventurous=dial)) for dial in (0, 0.5, 1)
            ]
        # 12 / (72 + 20)^p against 10 / (10 + 20)^p: even at a power of .16.
        assert [lists[0][0], lists[2][0]] == [5, 6]
        # Once the lesser known one is ahead, it stays ahead.
        assert [found.index(6) for found in lists] == sorted(
            (found.index(6) for found in lists), reverse=True
        )


# Evidence


@pytest.mark.parametrize("seed", range(5))
def test_shares_sum_to_one_and_stand_by_size(varied: Recommender, seed: int) -> None:
    """Every row; only movies of the profile are reasons, none twice, none of share zero."""
    dice = np.random.default_rng(seed)
    rated = dice.choice(np.arange(1, 61), size=15, replace=False).tolist()
    opinions: dict[MovieKey, float] = {m: int(dice.integers(-1, 2)) for m in rated}
    top = varied.recommend(opinions, limit=1000)
    assert top.fallback is None
    for row in top:
        shares = [reason.share for reason in row.because]
        assert math.fsum(shares) == pytest.approx(1)
        assert [abs(s) for s in shares] == sorted((abs(s) for s in shares), reverse=True)
        reasons = [reason.movie.movie_id for reason in row.because]
        assert len(set(reasons)) == len(reasons)
        assert set(reasons) <= set(rated)
        assert all(shares)


def test_a_share_does_not_depend_on_the_rest_of_the_list(varied: Recommender) -> None:
    """A row of a short list is explained as in a long one."""
    opinions = likes(1, 2, 3, 4)
    long, short = varied.recommend(opinions, limit=50), varied.recommend(opinions, limit=1)
    shares = {reason.movie: reason.share for reason in long[0].because}
    assert {reason.movie: reason.share for reason in short[0].because} == pytest.approx(shares)


# The list


def test_a_list_is_a_sequence(rec: Recommender) -> None:
    """Length, places, slices, iteration and membership."""
    top = rec.recommend(ALL)
    assert top[0].rank == 1
    assert top[-1].rank == 6
    assert [row.rank for row in top[1:3]] == [2, 3]
    assert [row.rank for row in reversed(top)] == [6, 5, 4, 3, 2, 1]
    assert top[2] in top
    with pytest.raises(IndexError):
        top[6]
    assert len(top) == 6
    assert repr(top) == "Recommendations(6 movies, 3 neighbours)"
    assert repr(rec.recommend({})) == "Recommendations(9 movies, popular fallback)"
    assert isinstance(top[0], Recommendation)
    assert repr(top[1]) == f"Recommendation(2. Heat (1995), score {top[1].score:.6g})"


TYPES = {
    "rank": "int64",
    "year": "Int64",
    "score": "float64",
    "predicted_rating": "float64",
    "predicted_low": "float64",
    "predicted_high": "float64",
    "supporters": "int64",
}


@pytest.mark.parametrize("arguments", [{}, {"limit": 1}, {"years": (2050, None)}])
def test_a_frame_has_the_promised_columns_and_types(
    rec: Recommender, arguments: dict[str, Any]
) -> None:
    """Also without rows; an unknown year and prediction are missing, not zero."""
    top = rec.recommend(ALL, **as_filters(arguments))
    frame = top.to_frame()
    assert list(frame.columns) == [
        "rank", "movie_id", "title", "year", "score", "predicted_rating", "supporters",
        "predicted_low", "predicted_high",
    ]  # fmt: skip
    assert {name: str(frame[name].dtype) for name in TYPES} == TYPES
    assert len(frame) == len(top)
    assert frame["movie_id"].tolist() == ids(top)
    missing = [row.predicted_rating is None for row in top]
    assert frame["predicted_rating"].isna().tolist() == missing


def test_a_frame_holds_the_rows(rec: Recommender) -> None:
    """Value by value; the film without a year has none."""
    frame = rec.recommend(ALL).to_frame()
    assert frame["title"].tolist()[:2] == ["Amélie", "Heat"]
    assert frame["year"].tolist()[:5] == [2001, 1995, 1960, 1998, 1942]
    assert frame["year"].tolist()[5] is pd.NA
    assert frame["supporters"].tolist() == [2, 1, 2, 2, 1, 1]
    assert frame["score"].tolist() == [row.score for row in rec.recommend(ALL)]


def test_a_movie_tells_what_the_source_says_of_it(rec: Recommender) -> None:
    """Title in natural order, year, genres, how many rated it and how."""
    movie = rec.movie(1)
    assert (movie.title, movie.year, movie.genres) == ("The Matrix", 1999, ("Action", "Sci-Fi"))
    assert movie.ratings == 3
    assert movie.mean == pytest.approx(13 / 3)
    assert (str(movie), str(rec.movie(9))) == ("The Matrix (1999)", "Eva")
    assert rec.movie(9).genres == ()
    assert rec.movie(5).other_titles == ("Le Fabuleux destin d'Amélie Poulain",)
    assert movie.other_titles == ()


# Similar movies


def test_similar_movies_are_those_that_the_same_people_like(tmp_path: Path) -> None:
    """One camp loves 1-3 and hates 4-6, the other the reverse."""
    ratings: Ratings = {}
    for rater in range(1, 11):
        loved, hated = ((1, 2, 3), (4, 5, 6)) if rater % 2 else ((4, 5, 6), (1, 2, 3))
        ratings[rater] = dict.fromkeys(loved, 5.0) | dict.fromkeys(hated, 1.0)
    with Recommender.open(build_index(tmp_path, ratings)) as made:
        # Of those whom the other camp loves all are liked by some and disliked by others: G = 2,
        # where chance has 6 * 6 / 10.
        assert ids(made.similar(1)) == [2, 3]
        assert ids(made.similar(5, limit=1)) == [4]
        # Five likes and five dislikes, of both by the same people: G = 5 + 5 * .04, as long as each
        # of them, and chance has 6 * 6 / 10. All deviate by 2 from the mean of 3, and nothing else:
        # cosine 40 / (40 + 5), twice shrunk by ten ratings.
        deviation = 40 / 45 * (10 / 110) ** 2
        alike = (5.2 / 10.2 * (6.2 / 4.6) ** 0.2 + 0.01 * deviation) * (1 + 8 * deviation)
        rows = made.similar(1)
        assert [row.score for row in rows] == pytest.approx([alike] * 2)
        assert rows.fallback is None
        assert rows[0].because == ()


def test_among_likes_what_everybody_likes_comes_after_what_the_same_people_like(
    tmp_path: Path,
) -> None:
    """Two camps of five like four movies each, and everybody likes 9: sharing it is chance."""
    camps = ((1, 2, 3, 7, 9), (4, 5, 6, 8, 9))
    ratings: Ratings = {rater: dict.fromkeys(camps[rater % 2], 5.0) for rater in range(10)}
    with Recommender.open(build_index(tmp_path, ratings)) as made:
        rows = made.similar(1)
        assert ids(rows) == [2, 3, 7, 9]
        # 5 of 10 raters each, sharing 5 where chance has 2.5.
        deviation = (5 - 2.5) / (5 + 5) * (5 / 105) ** 2
        assert rows[0].score == pytest.approx(
            (5 / 10 * (6 / 3.5) ** 0.2 + 0.01 * deviation) * (1 + 8 * deviation)
        )
        # With 9 everything is shared as chance would have it.
        assert rows[3].score == pytest.approx(5 / 150**0.5)


def test_what_nobody_of_the_panel_rated_is_ordered_by_genres(tmp_path: Path) -> None:
    """None of four people rated enough to be in the panel; nobody rated two films."""
    titles: Titles = {
        1: ("One (1991)", "Drama|War"),
        2: ("Two (1992)", "Comedy"),
        3: ("Three (1993)", "War"),
        4: ("Four (1994)", "Drama|War"),
    }
    ratings: Ratings = {1: {1: 5}, 2: {2: 4}, 3: {3: 3}, 4: {4: 5}}
    with Recommender.open(build_index(tmp_path, ratings, titles)) as made:
        rows = made.similar(1)
        assert ids(rows) == [4, 3]
        # Nobody in the panel, the same genres, and one rating.
        assert rows[0].score == pytest.approx(0.01 / 101 * (1 + 1.3))
        assert ids(made.similar(2)) == []


def test_what_few_people_rated_is_shown_to_who_asks_for_it(tmp_path: Path) -> None:
    """Five people rate movies 1 to 100, four of them 101, too, and one of the four 102."""
    ratings: Ratings = {rater: dict.fromkeys(range(1, 101), 5.0) for rater in range(1, 6)}
    for rater in range(1, 5):
        ratings[rater][101] = 5.0
    ratings[1][102] = 5.0
    questions: tuple[Callable[[Recommender, MovieFilter], list[int | str]], ...] = (
        lambda made, movies: ids(made.popular(limit=1000, movies=movies)),
        lambda made, movies: ids(made.similar(1, limit=1000, movies=movies)),
        lambda made, movies: ids(made.recommend(likes(1), limit=1000, movies=movies)),
        lambda made, movies: [m.movie_id for m in made.starters(limit=1000, movies=movies)],
    )
    with Recommender.open(build_index(tmp_path, ratings)) as made:
        assert made.stats().least_ratings == 5
        for ask in questions:
            shown = [{*ask(made, MovieFilter(min_ratings=least))} for least in (None, 0, 2)]
            assert [{101, 102} & some for some in shown] == [set(), {101, 102}, {101}]


def test_where_few_movies_have_many_ratings_all_that_have_any_are_shown(tmp_path: Path) -> None:
    """Of 100 movies 99 have five ratings."""
    ratings: Ratings = {rater: dict.fromkeys(range(1, 100), 5.0) for rater in range(1, 6)}
    ratings[1][100] = 5.0
    with Recommender.open(build_index(tmp_path, ratings)) as made:
        assert made.stats().least_ratings == 1
        assert 100 in ids(made.popular(limit=1000))


def test_a_movie_is_never_similar_to_itself(varied: Recommender) -> None:
    """Nor does any come with a score of zero or less, or twice."""
    for movie in range(1, 61):
        rows = varied.similar(movie, limit=60)
        assert movie not in ids(rows)
        assert len(set(ids(rows))) == len(rows)
        scores = [row.score for row in rows]
        assert scores == sorted(scores, reverse=True)
        assert all(score > 0 for score in scores)
        assert ids(varied.similar(movie, limit=3)) == ids(rows)[:3]


# Starters, search, stats


def test_starters_are_well_known_and_unlike_each_other(tmp_path: Path) -> None:
    """Of ten dramas of one decade and one film each of two other kinds, the others come early."""
    titles: Titles = {m: (f"Drama {m} ({1990 + m % 10})", "Drama") for m in range(1, 11)} | {
        11: ("Laughter (1955)", "Comedy"),
        12: ("Blood (1975)", "Horror"),
        13: ("No (1980)", "War"),
    }
    ratings: Ratings = {r: dict.fromkeys(range(1, 11), 5.0) for r in range(1, 21)}
    for rater in range(1, 16):
        ratings[rater][11] = ratings[rater][12] = 5
    ratings[1][13] = 1
    with Recommender.open(build_index(tmp_path, ratings, titles)) as made:
        first = [movie.movie_id for movie in made.starters(limit=3)]
        assert first[0] == 1
        assert set(first[1:]) == {11, 12}
        every = [movie.movie_id for movie in made.starters(limit=24)]
        # Nobody likes 13.
        assert sorted(int(m) for m in every) == list(range(1, 13))
        assert made.starters(limit=3, movies=MovieFilter(exclude={1, 11}))[0].movie_id == 2
        assert 11 not in [m.movie_id for m in made.starters(movies=MovieFilter(exclude={1, 11}))]
        with pytest.raises(InvalidInputError, match="limit"):
            made.starters(limit=0)


def two_tastes() -> Ratings:
    """Ten love movies 1 to 3, and hate 4 and 5, of which ten others, and one more, say the reverse.

    All five are best known by far; eight who are mild on everything like 6.
    """
    ratings: Ratings = {
        rater: {m: 5.0 if (m <= 3) == (rater <= 10) else 1.0 for m in range(1, 6)}
        for rater in range(1, 22)
    }
    return ratings | {rater: {6: 4.0, 7: 3.5, 8: 3.5} for rater in range(31, 39)}


def test_a_starter_that_tells_what_another_told_comes_late(tmp_path: Path) -> None:
    """Whoever loves 4 loves 5, and hates 1, 2 and 3, which tell the same of who likes them."""
    with Recommender.open(build_index(tmp_path, two_tastes())) as made:
        assert [movie.movie_id for movie in made.starters()] == [4, 1, 6, 5, 2, 3]
        assert [
            movie.movie_id for movie in made.starters(movies=MovieFilter(exclude={4}), limit=2)
        ] == [5, 1]


def test_what_the_person_rated_counts_as_picked(tmp_path: Path) -> None:
    """Under any name, with stars or opinions; and it is not offered again."""
    with Recommender.open(build_index(tmp_path, two_tastes())) as made:
        assert [movie.movie_id for movie in made.starters({1: -1})] == [4, 6, 5, 2, 3]
        stars = Profile.from_stars({"id:4": 2})
        assert [movie.movie_id for movie in made.starters(stars)] == [1, 6, 5, 2, 3]
        assert made.starters(likes(1, 2, 3, 4, 5, 6)) == ()
        with pytest.raises(UnknownMovieError, match="99"):
            made.starters({99: 1})


def test_starters_go_on_where_the_best_known_movies_end(tmp_path: Path) -> None:
    """Of 210 movies, the more liked the lower their number, every one is offered in the end."""
    ratings: Ratings = {
        rater: dict.fromkeys(range(1, 211 - 10 * (rater % 5)), 5.0) for rater in range(1, 11)
    }
    with Recommender.open(build_index(tmp_path, ratings)) as made:
        whole = MovieFilter(min_ratings=0)
        every = [movie.movie_id for movie in made.starters(limit=1000, movies=whole)]
        assert sorted(int(movie) for movie in every) == list(range(1, 211))
        assert every[200:] == list(range(201, 211))
        assert [
            m.movie_id for m in made.starters(limit=3, movies=replace(whole, exclude=every[:202]))
        ] == [203, 204, 205]


def test_in_an_index_of_likes_sharing_fans_by_chance_is_no_likeness(tmp_path: Path) -> None:
    """Three in four of all 40 people like movie 1, and of its fans as many like 2 as of the others.

    Six like 3, fans of 1 all of them, and so three people 4, who like nothing else.
    """
    people = range(1, 41)
    fans = {1: people[:30], 2: [rater for rater in people if rater % 4], 3: people[:6]}
    fans[4] = (32, 36, 40)
    ratings: Ratings = {
        rater: {movie: 1.0 for movie, those in fans.items() if rater in those} for rater in people
    }
    with Recommender.open(build_index(tmp_path, ratings)) as made:
        assert [movie.movie_id for movie in made.starters()] == [1, 2, 3, 4]


def test_where_nothing_is_liked_there_are_no_starters(tmp_path: Path) -> None:
    """Without genres and years too."""
    index = build_index(tmp_path, {1: {1: 1.0, 2: 2.0}, 2: {1: 5.0}})
    forget([2], index=index)
    with Recommender.open(index) as made:
        assert made.starters() == ()


def test_stats_tell_what_is_in_the_index(rec: Recommender) -> None:
    """Counts of the source, the scale, ids, genres and years."""
    stats = rec.stats()
    assert (stats.ratings, stats.users, stats.raters, stats.movies) == (27, 7, 3, 9)
    assert (stats.scale, stats.timed, stats.version) == ("1-5", False, "000001")
    assert (stats.movie_ids, stats.user_ids) == ("int", "int")
    assert stats.genres == ("Action", "Comedy", "Crime", "Fantasy", "Horror", "Romance", "Sci-Fi")
    assert stats.years == (1942, 2001)
    assert stats.mean == pytest.approx(sum(map(sum, _stars())) / 27)
    assert stats.source.title == "source"
    assert Path(stats.place).name == "index"


def _stars() -> list[list[float]]:
    return [list(rated.values()) for rated in THREE_RATERS.values()]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("matrix", "The Matrix"),
        ("the matrix", "The Matrix"),
        ("martix", "The Matrix"),
        ("matrx", "The Matrix"),
        ("casblanca", "Casablanca"),
        ("CASABLANCA (1942)", "Casablanca"),
        ("amelie", "Amélie"),
        ("fabuleux destin", "Amélie"),
        ("eva", "Eva"),
    ],
)
def test_search_finds_a_title_in_spite_of_typing_errors(
    rec: Recommender, text: str, title: str
) -> None:
    """Accents, case and articles aside."""
    assert rec.search(text)[0].title == title


@pytest.mark.parametrize("text", ["", "   ", "!!!", "qqqqqqqq"])
def test_search_finds_nothing_where_nothing_is_like_it(rec: Recommender, text: str) -> None:
    """An empty text is like nothing."""
    assert rec.search(text) == ()


def test_search_returns_at_most_the_limit(rec: Recommender) -> None:
    """Both films of one name, or one of them."""
    assert {movie.year for movie in rec.search("psycho", limit=2)} == {1960, 1998}
    assert len(rec.search("psycho", limit=1)) == 1
    with pytest.raises(InvalidInputError, match="limit"):
        rec.search("psycho", limit=0)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        ({"exclude": 2571}, "exclude is 2571"),
        ({"genres": 5}, "genres is 5"),
        ({"tags": 5}, "tags is 5"),
        ({"title": 5}, "title is 5"),
        ({"min_ratings": True}, "min_ratings is True"),
        ({"min_supporters": -1}, "min_supporters is -1"),
        ({"only": "Alien"}, "only is 'Alien': give a set"),
        (
            lambda rec: rec.recommend({1: 1}, movies={"genres": {"Drama"}}),
            "movies is .*MovieFilter",
        ),
        (lambda rec: rec.popular(movies=5), "movies is 5: give a MovieFilter"),
        (lambda rec: rec.neighbours({1: 1}, raters={"age": "25"}), "raters is .*RaterFilter"),
        (lambda rec: rec.predict_many({1: 1}, 5), "movies is 5"),
    ],
)
def test_a_thing_of_the_wrong_kind_is_refused_in_our_own_words(
    rec: Recommender, call: Callable[[Any], object] | dict[str, Any], named: str
) -> None:
    """And not in those of whatever it was handed on to."""
    filtered = MovieFilter() if callable(call) else MovieFilter(**call)
    asked = call if callable(call) else lambda rec: rec.recommend({1: 1}, movies=filtered)
    with pytest.raises(InvalidInputError, match=named):
        asked(rec)


def test_numbers_of_numpy_are_numbers(rec: Recommender) -> None:
    """They come out of tables all the time."""
    two: Any = np.int64(2)
    top = rec.recommend(likes(1, 2, 3), limit=two, movies=MovieFilter(min_ratings=two))
    assert len(top) == 2


def test_only_some_movies_may_be_asked_about(rec: Recommender) -> None:
    """By any of their names, with the scores they have among all."""
    every = {row.movie.movie_id: row.score for row in rec.recommend(likes(1, 2, 3))}
    some = rec.recommend(likes(1, 2, 3), movies=MovieFilter(only=(4, "Casablanca", 1)))
    assert {row.movie.movie_id: row.score for row in some} == {m: every[m] for m in (4, 8)}
    assert len(rec.recommend(likes(1, 2, 3), movies=MovieFilter(only=()))) == 0


def test_one_of_several_texts_in_the_title_is_enough(rec: Recommender) -> None:
    """Any title where there is none; each text must have letters."""
    for title, found in (
        ("psycho", {6, 7}),
        (("psycho", "EVA"), {6, 7, 9}),
        ((), {4, 5, 6, 7, 8, 9}),
    ):
        top = rec.recommend(ALL, movies=MovieFilter(title=title))
        assert {row.movie.movie_id for row in top} == found
    with pytest.raises(InvalidInputError, match="title is '!'"):
        rec.recommend(ALL, movies=MovieFilter(title={"!"}))


def test_movies_with_few_supporters_may_be_left_out(rec: Recommender) -> None:
    """In a list and in rows; the order stays."""
    every = rec.recommend(likes(1, 2, 3))
    well = [row.movie for row in every if row.supporters >= 2]
    assert 0 < len(well) < len(every)
    least = MovieFilter(min_supporters=2)
    assert [row.movie for row in rec.recommend(likes(1, 2, 3), movies=least)] == well
    row = rec.rows(likes(1, 2, 3), movies=least)[0]
    assert [found.movie for found in row.movies] == well
