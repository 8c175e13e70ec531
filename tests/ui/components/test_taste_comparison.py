"""A person's genres and decades beside everybody's."""

from __future__ import annotations

import json

import pytest

from recommender import Movie
from recommender.catalogue.summary import Tally
from tests.ui.profiles import own_profile
from ui.components.taste_comparison import (
    Comparison,
    chart,
    compare,
    describe_likes,
    describe_shares,
    pairs,
)

FILMS = [
    Movie(number, f"Film {number}", 1990, genres)
    for number, genres in enumerate(
        [("Drama",), ("Drama", "War"), ("Drama",), ("War",), ()], start=1
    )
]
SAID = own_profile({1: 1, 2: 1, 3: -1, 4: 0, 5: 1})
EVERYBODY = {
    "Comedy": Tally(50, 5, 20),
    "Drama": Tally(30, 3, 12),
    "Noir": Tally(0, 1, 0),
    "War": Tally(20, 2, 18),
}


def comparisons() -> tuple[Comparison, ...]:
    """Compare five ratings with a hundred."""
    return compare(SAID, FILMS, EVERYBODY, 100, lambda movie: movie.genres)


def test_shares_and_likes_are_counted_by_kind() -> None:
    """Three of five are dramas, two of which are liked; two ratings of war films tell too little.

    What nobody rated is left out.
    """
    assert comparisons() == (
        Comparison("Comedy", 0, 0.5, None, 0.4),
        Comparison("Drama", 0.6, 0.3, 2 / 3, 0.4),
        Comparison("War", 0.4, 0.2, None, 0.9),
    )


def test_only_the_most_rated_kinds_are_told_of() -> None:
    """Twelve, by whoever rated them most, in the order they came in."""
    many = {f"{number}": Tally(number, 1, 0) for number in range(1, 21)}
    told = compare(SAID, FILMS, many, 100, lambda movie: ("1",))
    assert [kind.name for kind in told] == ["1", *(f"{number}" for number in range(10, 21))]


def test_words_name_what_stands_out_and_nothing_else() -> None:
    """More of this, less of that; nothing where all is as with others."""
    assert "more Drama films than others (60\u00a0% of your films, 30\u00a0%" in describe_shares(
        comparisons()
    )
    assert "fewer Comedy films (0\u00a0%, 50\u00a0%)" in describe_shares(comparisons())
    same = [Comparison("Drama", 0.5, 0.5, 0.5, 0.5)]
    assert describe_shares(same) == "You rate the same kinds of films as others."
    assert (
        describe_likes(same) == "You like 50\u00a0% of the Drama films you rate (others 50\u00a0%)."
    )
    worse = [*same, Comparison("War", 0.5, 0.5, 0.25, 0.7)]
    assert "but 25\u00a0% of War (others 70\u00a0%)" in describe_likes(worse)
    assert "once you have rated 3" in describe_likes([Comparison("Drama", 0.5, 0.5, None, 0.5)])


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("liked", [False, True])
def test_a_chart_holds_both_sides_by_shape_and_by_colour(dark: bool, liked: bool) -> None:
    """By share, or of the kinds where there is enough to tell how many are liked."""
    kinds = [kind for kind in comparisons() if kind.liked is not None or not liked]
    drawn = chart(pairs(kinds, liked=liked), "part", dark=dark)
    rows = {(row["kind"], row["who"]): row["value"] for row in drawn["data"]["values"]}
    if liked:
        assert rows == {("Drama", "you"): 2 / 3, ("Drama", "average rater"): 0.4}
    else:
        assert len(rows) == 6
        assert rows["War", "average rater"] == 0.2
    text = json.dumps(drawn)
    assert '"diamond"' in text
    assert ("#5fcbb5" if dark else "#0b6b5d") in text
