"""A scale is read where the ratings leave one reading; else the question says what was seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.values.scales import KnownScale, ReadScale, detect_scale, take_scale
from recommender import Scale, SourceError
from tests.support import assert_one_line

Counted = dict[float, int]
"""How often each rating occurs."""


def read(ratings: Counted, known: KnownScale | None = None) -> ReadScale:
    """Read the scale of counted ratings."""
    counts = np.array(list(ratings.values()), dtype=np.int64)
    return detect_scale(np.array(list(ratings), dtype=float), counts, known)


def asked(ratings: Counted, known: KnownScale | None = None) -> str:
    """Say what is asked where the ratings leave it open."""
    with pytest.raises(SourceError) as caught:
        read(ratings, known)
    assert_one_line(caught.value)
    return str(caught.value)


def each(*stars: float, count: int = 50) -> Counted:
    """Every rating as often as every other."""
    return dict.fromkeys(stars, count)


def halves(low: float, high: float) -> Counted:
    """Every half star."""
    return each(*np.arange(low, high + 0.1, 0.5).tolist())


FIVE, TEN = each(1, 2, 3, 4, 5), each(*range(1, 11))
JESTER = each(-9.75, -3.1, 0, 4.2, 9.5)

READ: list[tuple[str, Counted, str, tuple[float, ...]]] = [
    ("five stars", FIVE, "1-5", ()),
    ("half stars", halves(0.5, 5), "0.5-5", ()),
    ("half stars that nobody tops", halves(1, 4.5), "0.5-5", ()),
    ("a few up to four", {4: 1, 2: 1}, "1-5", ()),
    ("a few up to six", each(1, 2, 6, count=1), "1-10", ()),
    ("ten", TEN, "1-10", ()),
    ("ten that nobody tops", each(3, 5, 8), "1-10", ()),
    ("ten from a half", halves(0.5, 10), "0.5-10", ()),
    ("ten from nearly nothing", each(0.1, 3.3, 7.9, 9.9), "0-10", ()),
    ("a hundred", each(5, 20, 55, 90), "0-100", ()),
    ("thumbs", {0: 30, 1: 90}, "0-1", ()),
    ("thumbs below zero", {-1: 30, 1: 90}, "-1 to 1", ()),
    ("around zero", JESTER, "-10 to 10", ()),
    # Not rated
    ("MyAnimeList", {-1: 500} | TEN, "1-10", (-1,)),
    ("five stars and -1", {-1: 3} | FIVE, "1-5", (-1,)),
    ("Jester", {99: 500} | JESTER, "-10 to 10", (99,)),
    ("a few with 99", {99: 1} | each(1, 2, 3, 4, 5, count=1), "1-5", (99,)),
    # Typing errors, of which there may be one in a hundred
    ("55 for 5", {55: 1} | FIVE, "1-5", ()),
    ("-3 for 3", {-3: 1} | FIVE, "1-5", ()),
    ("all 5 but for -3", {-3: 1, 5: 500}, "1-5", ()),
    ("100 for 10", {100: 2, 11: 1} | TEN, "1-10", ()),
    # Likes
    ("all 1", {1: 500}, "likes only", ()),
    ("all 5", {5: 500}, "likes only", ()),
    ("all 100", {100: 500}, "likes only", ()),
    ("a few 3", {3: 99}, "likes only", ()),
    ("5 and not rated", {5: 500, -1: 500}, "likes only", (-1,)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ratings", "scale", "unrated"), [row[1:] for row in READ], ids=[row[0] for row in READ]
)
def test_a_scale_is_read_where_there_is_one_reading(
    ratings: Counted, scale: str, unrated: tuple[float, ...]
) -> None:
    """And what stands for "not rated" beside it."""
    found = read(ratings)
    assert (str(found.scale), found.unrated) == (scale, unrated)


ASKED: list[tuple[str, Counted, list[str]]] = [
    ("zeros beside five", {0: 70} | FIVE, ["from 0 to 5", "70 of 320 are 0", "0:5", "1:5"]),
    ("few zeros", {0: 1} | FIVE, ["1 of 251 are 0", "--scale 0:5", "--scale 1:5"]),
    ("zeros beside halves", {0: 9} | halves(0.5, 5), ["0:5", "0.5:5"]),
    ("zeros beside ten", {0: 4} | TEN, ["4 of 504 are 0", "0:10", "1:10"]),
    ("zeros beside -1", {0: 4, -1: 4} | TEN, ["4 of 504 are 0", "0:10", "1:10"]),
    ("zeros and a hundred", {0: 4, 50: 9, 100: 9}, ["0:100", "1:100"]),
    ("zeros and two values", each(0, 1, 2, count=1), ["--scale 0:5", "--scale 1:5"]),
    ("zero and five", {0: 100, 5: 300}, ["100 of 400 are 0", "0:5", "1:5"]),
    ("many up to four", each(1, 2, 3, 4), ["50 of 200 at 4", "1:4 or --scale 1:5"]),
    ("many halves up to four", halves(0.5, 4), ["0.5:4 or --scale 0.5:5"]),
    ("many up to seven", each(3, 5, 7), ["50 of 150 at 7", "1:7 or --scale 1:10"]),
    ("five and many tens", FIVE | {10: 30}, ["1:5 or --scale 1:10"]),
    ("rest of a larger scale", each(1, 2, 3, 4, 5, count=100) | each(6, 7, 8, count=1),
     ["only 3 of 503 are above 5", "1:5 or --scale 1:10"]),
    ("up to 20", each(3, 14, 20), ["0:20 or --scale 0:100"]),
    ("a few up to 13", each(11, 12, 13, count=1), ["from 11 to 13", "0:13 or --scale 0:100"]),
    ("up to 40", each(3, 14, 40), ["0:40 or --scale 0:100"]),
    ("ten and many hundreds", TEN | {100: 30}, ["1:10 or --scale 1:100"]),
    ("up to a thousand", each(1, 300, 1000), ["from 1 to 1000", "--scale LOW:HIGH"]),
    ("three thumbs", {-1: 5, 0: 6, 1: 7}, ["5 of 18 are below 0", "-1:1", "0:1"]),
    ("fractions", each(0.2, 0.5, 0.9), ["from 0.2 to 0.9", "0:1 or --scale 0:5"]),
    ("below zero", each(-3, 1, 4), ["50 of 150 are below 0", "--scale LOW:HIGH", "-4:4"]),
    ("many 3", {3: 100}, ["all 100 ratings are 3", "--scale LOW:HIGH"]),
    ("a few and 99", {3: 10, 4: 10, 99: 1}, ["from 3 to 99", "1:5 or --scale 1:100"]),
    ("all 0", {0: 5}, ["all 5 ratings are 0: nobody likes anything"]),
    ("all -1", {-1: 5}, ["nobody likes anything"]),
    ("all 0 but for an error", {0: 500, -7: 1}, ["nobody likes anything"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ratings", "seen"), [row[1:] for row in ASKED], ids=[row[0] for row in ASKED]
)
def test_else_the_question_says_what_was_seen(ratings: Counted, seen: list[str]) -> None:
    """And the choices, in one line."""
    question = asked(ratings)
    assert [part for part in seen if part not in question] == []


def test_a_scale_known_by_name_needs_no_question() -> None:
    """Zeros are ratings or none, as its layout says."""
    tweets, books = KnownScale(0, 10), KnownScale(1, 10, (0.0,))
    assert str(read({0: 70} | TEN, tweets).scale) == "0-10"
    assert read({0: 70} | TEN, tweets).unrated == ()
    assert (str(read({0: 70} | TEN, books).scale), read({0: 70} | TEN, books).unrated) == (
        "1-10",
        (0.0,),
    )
    assert str(read({10: 3}, tweets).scale) == "0-10"


def test_a_scale_known_by_name_must_be_that_of_the_ratings() -> None:
    """All but one in a hundred lie on it, or the file is another."""
    known = KnownScale(1, 5)
    assert str(read(FIVE | {9: 2}, known).scale) == "1-5"
    assert "30 of 280 are off the scale 1:5" in asked(FIVE | {9: 30}, known)


def test_a_scale_given_leaves_out_what_is_off_it() -> None:
    """What usually says "not rated" is not rated where it is no rating."""
    ratings = np.array([-1.0, 0, 3, 7, 99])
    assert take_scale(ratings, Scale(low=1, high=10)).unrated == (-1, 0, 99)
    assert take_scale(ratings, Scale(low=-10, high=10)).unrated == (99,)
    assert take_scale(ratings, Scale(low=4, high=10), KnownScale(4, 10, (3.0,))).unrated == (
        *(-1, 0, 3, 99),
    )


@pytest.mark.parametrize(
    ("ratings", "step"),
    [(FIVE, 0.5), (halves(0.5, 5), 0.5), (each(1, 3.7, 5), 0.02), (JESTER, 0.08),
     (each(1, 50, 100), 0.5)],
)  # fmt: skip
def test_steps_are_halves_or_as_fine_as_a_byte(ratings: Counted, step: float) -> None:
    """Of 250 steps to the scale."""
    assert read(ratings).scale.step == pytest.approx(step)


@given(
    st.dictionaries(
        st.one_of(st.integers(-12, 12), st.floats(-1e3, 1e3, width=32), st.sampled_from([99, 100])),
        st.integers(1, 10_000),
        min_size=1,
    )
)
def test_any_ratings_are_read_or_asked_about(ratings: Counted) -> None:
    """And a scale that is read holds nearly all that is rated."""
    try:
        found = read(ratings)
    except SourceError as error:
        assert_one_line(error)
        return
    rated = {stars: count for stars, count in ratings.items() if stars not in found.unrated}
    if found.scale.implicit:
        assert len(rated) == 1
        return
    on = sum(
        count for stars, count in rated.items() if found.scale.low <= stars <= found.scale.high
    )
    assert on >= 0.97 * sum(rated.values())
    assert found.scale.pack(np.array([found.scale.high]))[0] <= 254


@given(st.sampled_from([FIVE, TEN, halves(0.5, 5)]), st.integers(0, 10_000))
def test_zeros_are_never_taken_for_either_in_silence(ratings: Counted, zeros: int) -> None:
    """However few or many."""
    if zeros:
        assert f"{zeros:,} of" in asked(ratings | {0: zeros})
    else:
        assert read(ratings).scale.low > 0
