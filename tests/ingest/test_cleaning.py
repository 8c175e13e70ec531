"""What does not count is dropped, counted and named; what counts twice counts once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cleaning import detect_scale
from recommender import Scale, SourceError
from recommender.settings import Weighting
from tests.ingest.files import cleaned, rows

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
    ("3,10,,86400", "rating not a number"),
    ("3,10,NaN,86400", "rating not a number"),
    ("3,10,nan,86400", "rating not a number"),
    ("3,10,inf,86400", "rating not a number"),
    ("3,10,1e400,86400", "rating not a number"),
    ("3,10,good,86400", "rating not a number"),
    ('3,10,"4,5",86400', "rating not a number"),
    ("3,10,0x4,86400", "rating not a number"),
    ("3,10,4,", "time not understood"),
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
    result = cleaned(source(tmp_path, HEADER + "1,10,4,86400\n" + row + "\n2,20,1,86400\n"))
    assert result.dropped == {reason: 1}
    assert [(str(u), str(m), stars, day) for u, m, stars, day in rows(result)] == [
        ("1", "10", 4.0, 1),
        ("2", "20", 1.0, 1),
    ]


def test_reasons_are_counted_together(tmp_path: Path) -> None:
    """Each row once."""
    bad = ",,x,y\n3,,4,1\n3,,4,1\n3,30,x,y\n3,30,9,9\n3,10,0,1\n1,10,5,90000\n"
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
            source(folder, header + "\n".join([*order, "3,10,1" + ",0" * timed]) + "\n")
        )
        assert next(row[2] for row in rows(result) if row[0] == 1) == stars
        assert result.dropped == {"rated again later": len(lines) - 1}


SCALES: list[tuple[list[float], tuple[float, float] | None]] = [
    ([1, 2, 3, 4, 5], (1, 5)),
    ([4, 5], (1, 5)),
    ([0.5, 1, 4, 5], (0.5, 5)),
    ([1, 2.5, 5], (0.5, 5)),
    ([1, 2, 6], (1, 10)),
    ([1, 10], (1, 10)),
    ([7, 7.5, 8], (1, 10)),
    ([0, 5, 10], (0, 10)),
    ([0, 1, 2], (0, 10)),
    # One in a hundred may be off.
    ([3.0, 4.0] * 100 + [99], (1, 5)),
    ([3.5, 4.0] * 100 + [0], (0.5, 5)),
    ([3.0, 8.0] * 100 + [-1], (1, 10)),
    ([0, 50, 100], None),
    ([-1, 0, 1], None),
    ([11, 12, 13], None),
    ([3.0, 4.0] * 10 + [99], None),
]


@pytest.mark.parametrize(("stars", "expected"), SCALES, ids=[str(s[:4]) for s, _ in SCALES])
def test_the_scale_is_told_from_the_ratings(
    stars: list[float], expected: tuple[float, float] | None
) -> None:
    """1-5, 0.5-5, 1-10 or 0-10; otherwise the person is asked to say."""
    if expected is None:
        with pytest.raises(SourceError, match="--scale LOW:HIGH"):
            detect_scale(np.array(stars, dtype=float))
    else:
        found = detect_scale(np.array(stars, dtype=float))
        assert (found.low, found.high) == expected


@given(
    scale=st.sampled_from([(1, 5, 1), (0.5, 5, 0.5), (1, 10, 1), (0, 10, 1)]), seed=st.integers(0)
)
def test_many_ratings_by_chance_show_their_scale(
    scale: tuple[float, float, float], seed: int
) -> None:
    """With hundreds of ratings every value occurs."""
    low, high, step = scale
    steps = np.arange(low, high + step / 2, step)
    stars = np.concatenate([steps, np.random.default_rng(seed % 2**32).choice(steps, 500)])
    found = detect_scale(stars)
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    ("values", "scale", "expected", "step"),
    [
        (["1", "5"], None, "1-5", 0.5),
        (["0.5", "5"], None, "0.5-5", 0.5),
        (["0", "10"], None, "0-10", 0.5),
        (["0", "100"], Scale(low=0, high=100), "0-100", 0.5),
        (["0", "55.3"], Scale(low=0, high=100), "0-100", 0.4),
        (["0", "1000"], Scale(low=0, high=1000), "0-1000", 4),
        (["-10", "9.9"], Scale(low=-10, high=10), "-10-10", 0.08),
        (["-10", "10"], Scale(low=-10, high=10), "-10-10", 0.5),
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
    """Below and above."""
    text = "user,movie,rating\n1,1,0\n2,1,1\n3,1,5\n4,1,5.5\n"
    result = cleaned(source(tmp_path, text), Scale(low=0.5, high=5))
    assert result.dropped == {"rating off the scale": 2}
    assert result.user_ids == [2, 3]


@pytest.mark.parametrize(
    "text",
    [
        "user,movie\n1,10\n2,20\n",
        "user,movie,timestamp\n1,10,86400\n2,20,86400\n",
        "user,movie,rating\n1,10,1\n2,20,1\n",
        "user,movie,rating\n1,10,5\n2,20,5\n",
        "user,movie,rating\n1,10,0\n2,20,0\n",
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
    with pytest.raises(SourceError, match="no rating can be used: 2 rating not a number"):
        cleaned(source(tmp_path, HEADER + "1,10,x,1\n2,20,y,1\n"))


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
