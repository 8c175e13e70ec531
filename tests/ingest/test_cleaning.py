"""What does not count is dropped, counted and named; what counts twice counts once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cleaning import clean
from ingest.sources.values.scales import KnownScale
from recommender import Scale, SourceError
from recommender.settings import Weighting
from tests.ingest.files import cleaned, raw, rows

GOOD = "1,10,4,86400\n2,20,1,86400\n"
HEADER = "userId,movieId,rating,timestamp\n"


def source(tmp_path: Path, ratings: str, movies: str | None = None) -> Path:
    """Write a source of one or two files."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "ratings.csv").write_text(ratings, encoding="utf-8")
    if movies is not None:
        (folder / "movies.csv").write_text(movies, encoding="utf-8")
    return folder


BAD_ROWS = [
    (",10,4,86400", "no user"),
    ("  ,10,4,86400", "no user"),
    ("3,,4,86400", "no movie"),
    ("3, ,4,86400", "no movie"),
    ("3,10,,86400", "no rating"),
    ("3,10,NaN,86400", "no rating"),
    ("3,10,NULL,86400", "no rating"),
    ("3,10,inf,86400", "rating not a number"),
    ("3,10,1e400,86400", "rating not a number"),
    ("3,10,good,86400", "rating not a number"),
    ('3,10,"4,5,1",86400', "rating not a number"),
    ("3,10,0x4,86400", "rating not a number"),
    ("3,10,4,", "no time"),
    ("3,10,4,yesterday", "time not understood"),
    ("3,10,4,2020-02-30", "time not understood"),
    ("3,10,4,2020-13-45", "time not understood"),
    ("3,10,4,2020-02-03T25:00:00", "time not understood"),
    ("3,10,4,1e300", "time not understood"),
    ("3,10,4", "wrong number of columns"),
    ("3,10,4,86400,1", "wrong number of columns"),
    ("3", "wrong number of columns"),
    (",,,", "no user"),
]


@pytest.mark.parametrize(("row", "reason"), BAD_ROWS, ids=[row for row, _ in BAD_ROWS])
def test_a_row_that_does_not_count_is_dropped_by_reason(
    tmp_path: Path, row: str, reason: str
) -> None:
    """One reason each, the first that holds; the rows around it count as before."""
    good = [f"{user},{10 * user},{4 if user < 20 else 1},86400" for user in range(1, 31)]
    result = cleaned(source(tmp_path, "\n".join([HEADER.strip(), good[0], row, *good[1:]])))
    assert result.dropped == {reason: 1}
    assert [(int(u), int(m), stars, day) for u, m, stars, day in rows(result)] == [
        (user, 10 * user, 4 if user < 20 else 1, 1) for user in range(1, 31)
    ]


def test_where_many_rows_have_no_time_the_ratings_are_kept_without_times(tmp_path: Path) -> None:
    """The ratings are worth more; which rating of a movie is the later one is then told by rows."""
    lines = [f"{user},10,4,{'86400' if user % 2 else ''}" for user in range(1, 31)]
    result = cleaned(source(tmp_path, HEADER + "\n".join([*lines, "1,10,5,86300"])))
    assert (len(result), result.day) == (30, None)
    assert result.dropped == {"rated again later": 1}
    assert rows(result)[0][2] == 5
    assert result.warnings == ("no times are kept: 15 of 31 rows have none",)


def test_reasons_are_counted_together(tmp_path: Path) -> None:
    """Each row once."""
    bad = ",,x,y\n3,,4,1\n3,,4,1\n3,30,x,y\n3,30,9,9\n3,10,9,1\n1,10,5,90000\n"
    many = "".join(f"{user},10,3,0\n" for user in range(100, 400))
    result = cleaned(source(tmp_path, HEADER + GOOD + bad + many, "movieId,title\n10,x\n20,y\n"))
    assert result.dropped == {
        "no user": 1,
        "no movie": 2,
        "unknown movie": 2,
        "rating off the scale": 1,
        "rated again later": 1,
    }
    assert len(result.stars) == 302


def test_ratings_of_movies_the_catalogue_does_not_know_are_dropped(tmp_path: Path) -> None:
    """Unrated movies of the catalogue stay; users without a rating left go."""
    result = cleaned(
        source(tmp_path, HEADER + GOOD + "7,99,3,0\n", "movieId,title\n20,y\n10,x\n5,z\n")
    )
    assert result.dropped == {"unknown movie": 1}
    assert (result.user_ids, result.movie_ids) == ([1, 2], [5, 10, 20])
    assert result.movie.tolist() == [1, 2]


def test_dense_numbers_have_no_gaps(tmp_path: Path) -> None:
    """Whatever was dropped; ids ascend as numbers and not as text."""
    text = HEADER + "9,100,4,0\n10,30,2,0\n9,7,x,0\n11,8,y,0\n"
    result = cleaned(source(tmp_path, text))
    assert (result.user_ids, result.movie_ids) == ([9, 10], [30, 100])
    assert (result.user.tolist(), result.movie.tolist()) == ([0, 1], [1, 0])


@pytest.mark.parametrize(
    ("lines", "stars"),
    [
        (["1,10,2,300", "1,10,3,100", "1,10,4,200"], 2),
        (["1,10,2,100", "1,10,3,200", "1,10,4,300"], 4),
        (["1,10,2,100", "1,10,3,100"], 3),
        (["1,10,2,100", "1,10,3,100", "1,10,4,99"], 3),
        (["1,10,2,-5", "1,10,3,-6"], 2),
        # Of one second, written in milliseconds and seconds alike.
        (["1,10,2,1577836800", "1,10,3,1577836801000"], 3),
        (["1,10,2", "1,10,3", "1,10,4"], 4),
        (["1,10,4", "1,10,3", "1,10,2"], 2),
    ],
)
def test_of_several_ratings_of_one_movie_the_latest_counts(
    tmp_path: Path, lines: list[str], stars: float
) -> None:
    """Of equal times, or without times, the last row."""
    timed = lines[0].count(",") == 3
    header = HEADER if timed else "userId,movieId,rating\n"
    other = "2,10,5" + (",0" if timed else "")
    for order in (lines, [other, *lines]):
        folder = tmp_path / str(len(order))
        folder.mkdir()
        result = cleaned(
            source(folder, header + "\n".join([*order, "3,10,5" + ",0" * timed]) + "\n")
        )
        assert next(row[2] for row in rows(result) if row[0] == 1) == stars
        assert result.dropped == {"rated again later": len(lines) - 1}


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        ("10,9,8,7,1,3,5,-1", "not rated"),
        ("5,4,3,2,1,99", "not rated"),
        (",".join(["1,2,3,4,5"] * 30) + ",55", "rating off the scale"),
    ],
)
def test_what_is_beside_the_scale_that_is_read_is_dropped(
    tmp_path: Path, ratings: str, reason: str
) -> None:
    """Under the reason that fits."""
    text = "".join(f"{user},1,{stars}\n" for user, stars in enumerate(ratings.split(",")))
    assert cleaned(source(tmp_path, "user,movie,rating\n" + text)).dropped == {reason: 1}


@pytest.mark.parametrize(
    ("values", "scale", "expected", "step"),
    [
        (["1", "5"], None, "1-5", 0.5),
        (["0.5", "5"], None, "0.5-5", 0.5),
        (["1", "10"], None, "1-10", 0.5),
        (["0", "100"], Scale(low=0, high=100), "0-100", 0.5),
        (["0", "85.3"], Scale(low=0, high=100), "0-100", 0.4),
        (["0", "1000"], Scale(low=0, high=1000), "0-1000", 4),
        (["-10", "9.9"], Scale(low=-10, high=10), "-10 to 10", 0.08),
        (["-10", "10"], Scale(low=-10, high=10), "-10 to 10", 0.5),
        (["1", "5"], Scale(low=0, high=5), "0-5", 0.5),
    ],
)
def test_a_scale_given_is_the_scale(
    tmp_path: Path, values: list[str], scale: Scale | None, expected: str, step: float
) -> None:
    """Half stars are kept exactly where they fit a byte; finer scales in 250 steps."""
    text = "user,movie,rating\n" + "".join(f"{u},1,{v}\n" for u, v in enumerate(values, 1))
    result = cleaned(source(tmp_path, text), scale)
    assert str(result.scale) == expected
    assert result.scale.step == pytest.approx(step)
    assert result.stars.tolist() == pytest.approx([float(v) for v in values], abs=step / 2)
    assert (result.scale.pack(result.stars) <= 255).all()


@pytest.mark.parametrize("stars", ["5.97", "5.98", "6.01", "0.02", "-0.03"])
def test_what_is_stored_and_what_counts_agree_on_likes_and_dislikes(
    tmp_path: Path, stars: str
) -> None:
    """On a fine scale rounding may move a rating over a threshold, but then everywhere."""
    text = f"user,movie,rating\n1,1,{stars}\n2,1,-9.87\n3,1,9.87\n"
    result = cleaned(source(tmp_path, text), Scale(low=-10, high=10))
    kept = result.scale.unpack(result.scale.pack(result.stars))
    for values in (result.stars, kept):
        states = result.scale.states(values, Weighting())
        assert states.tolist() == result.scale.states(kept, Weighting()).tolist()


def test_ratings_off_a_scale_that_was_given_are_dropped(tmp_path: Path) -> None:
    """Below and above; as not rated where the value usually says so."""
    text = "user,movie,rating\n1,1,0\n2,1,1\n3,1,5\n4,1,5.5\n5,1,0.2\n6,1,-1\n"
    result = cleaned(source(tmp_path, text), Scale(low=0.5, high=5))
    assert result.dropped == {"not rated": 2, "rating off the scale": 2}
    assert result.user_ids == [2, 3]


def test_a_value_that_says_not_rated_may_be_a_rating(tmp_path: Path) -> None:
    """Where it lies on the scale that was given."""
    text = "user,movie,rating\n1,1,0\n2,1,-1\n3,1,10\n4,1,99\n"
    result = cleaned(source(tmp_path, text), Scale(low=-10, high=10))
    assert result.dropped == {"not rated": 1}
    assert result.stars.tolist() == [0, -1, 10]


@pytest.mark.parametrize(
    ("stars", "scale", "message"),
    [
        ("1,3", None, "the highest is 3, and on the scale 1-5 a like starts at 4: say the scale"),
        ("3,3", Scale(low=1, high=5), "the highest is 3, and on the scale 1-5"),
        ("7.5,2", None, "the highest is 7.5, and on the scale 1-10 a like starts at 8"),
        ("0,0", None, "all 2 ratings are 0: nobody likes anything"),
    ],
)
def test_ratings_of_which_none_is_a_like_are_refused(
    tmp_path: Path, stars: str, scale: Scale | None, message: str
) -> None:
    """Nothing could be recommended."""
    one, two = stars.split(",")
    folder = source(tmp_path, f"user,movie,rating\n1,1,{one}\n2,1,{two}\n")
    with pytest.raises(SourceError, match=message):
        cleaned(folder, scale)


def test_ratings_that_are_all_different_are_on_a_scale_too(tmp_path: Path) -> None:
    """As a slider writes them: more values than could be counted one by one."""
    slider = [-9.99 + 19.98 * place / 19_999 for place in range(20_000)]
    lines = "".join(f"{place},1,{stars}\n" for place, stars in enumerate(slider))
    result = cleaned(source(tmp_path, "user,movie,rating\n" + lines + "20000,1,99\n"))
    assert (str(result.scale), result.dropped) == ("-10 to 10", {"not rated": 1})
    assert result.stars[[0, -1]].tolist() == pytest.approx([-9.99, 9.99], abs=0.04)


def test_the_scale_of_a_layout_known_by_name_is_taken(tmp_path: Path) -> None:
    """With what it writes for "not rated"; a scale given goes before it."""
    folder = source(tmp_path, "user,movie,rating\n1,1,0\n2,1,7\n3,1,10\n")

    def result(scale: Scale | None) -> tuple[str, dict[str, int]]:
        ratings, known, _ = raw(folder)
        ratings.known_scale = KnownScale(1, 10, (0.0,))
        found = clean(ratings, known, scale)
        return str(found.scale), found.dropped

    assert result(None) == ("1-10", {"not rated": 1})
    assert result(Scale(low=0, high=10)) == ("0-10", {})


@pytest.mark.parametrize(
    "text",
    [
        "user,movie\n1,10\n2,20\n",
        "user,movie,timestamp\n1,10,86400\n2,20,86400\n",
        "user,movie,rating\n1,10,1\n2,20,1\n",
        "user,movie,rating\n1,10,5\n2,20,5\n",
        "user,movie,rating\n1,10,5\n2,20,5\n3,10,x\n",
    ],
)
def test_without_ratings_to_tell_apart_every_one_is_a_like(tmp_path: Path, text: str) -> None:
    """No column of ratings, or one value throughout."""
    result = cleaned(source(tmp_path, text))
    assert str(result.scale) == "likes only"
    assert result.user_ids == [1, 2]
    states = result.scale.states(result.stars, Weighting())
    assert states.tolist() == [0, 0]


def test_where_no_rating_is_left_the_reasons_are_told(tmp_path: Path) -> None:
    """The counts, in the error."""
    with pytest.raises(SourceError, match="no rating can be used: 1 no user, 1 no movie"):
        cleaned(source(tmp_path, HEADER + ",10,5,1\n2,,4,1\n"))


ids = st.integers(1, 6)
table = st.lists(
    st.tuples(ids, ids, st.sampled_from([0.5, 1, 2, 3.5, 5]), st.integers(0, 10**6)),
    min_size=1,
    max_size=30,
)


@given(table)
def test_any_table_is_cleaned_to_the_latest_rating_of_each_pair(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[int, int, float, int]]
) -> None:
    """The same as a dictionary filled in order of time, in order of user and movie."""
    path = tmp_path_factory.mktemp("table") / "ratings.csv"
    body = "".join(f"{u},{m},{stars},{time}\n" for u, m, stars, time in lines)
    path.write_text(HEADER + "99,1,0.5,0\n99,2,5,0\n" + body)
    latest: dict[tuple[int, int], tuple[float, int]] = {(99, 1): (0.5, 0), (99, 2): (5.0, 0)}
    for user, movie, stars, time in sorted(lines, key=lambda line: line[3]):
        latest[user, movie] = (stars, time // 86_400)
    result = cleaned(path)
    assert rows(result) == [(u, m, stars, day) for (u, m), (stars, day) in sorted(latest.items())]
    again = len(lines) + 2 - len(latest)
    assert result.dropped == ({"rated again later": again} if again else {})
