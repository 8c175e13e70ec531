"""A person's stars beside the average of each film."""

from __future__ import annotations

from recommender import Movie
from recommender.catalogue.summary import Overview
from tests.ui.profiles import own_profile
from ui.components.comparisons.average_comparison import (
    Difference,
    compare,
    describe,
    describe_opinions,
    furthest,
)

FILMS = [
    Movie(1, "Alien", 1979, ratings=40, mean=4.0),
    Movie(2, "Jaws", 1975, ratings=30, mean=3.0),
    Movie(3, "Heat", 1995, ratings=20, mean=3.5),
    Movie(4, "Rare", ratings=4, mean=1.0),
    Movie(5, "Unrated"),
    Movie(6, "Without stars", ratings=9, mean=2.0),
]
ALIEN, JAWS, HEAT = FILMS[:3]
STARS = {1: 3.0, 2: 5.0, 3: 3.5, 4: 5.0, 5: 5.0}
SAID = own_profile({**dict.fromkeys(STARS, 1), 6: -1}, STARS)
FIVE = Overview(((0.5, 1), (5.0, 1)), {}, {})


def test_stars_are_compared_where_enough_people_gave_some() -> None:
    """Furthest above first; neither films of four ratings, nor those without stars."""
    assert compare(SAID, FILMS, FIVE) == (
        Difference(JAWS, 5.0, 3.0),
        Difference(HEAT, 3.5, 3.5),
        Difference(ALIEN, 3.0, 4.0),
    )
    assert [one.stars for one in compare(SAID, FILMS, FIVE)] == [2.0, 0.0, -1.0]


def test_averages_of_another_scale_are_read_as_the_part_of_its_top() -> None:
    """Eight of ten are four of five; where there are likes alone there is nothing to compare."""
    eight = [Movie(1, "Alien", ratings=40, mean=8.0)]
    assert compare(SAID, eight, Overview(((1.0, 1), (10.0, 1)), {}, {}))[0].usual == 4.0
    assert compare(SAID, FILMS, Overview((), {}, {})) == ()


def test_a_sentence_says_how_far_and_where_most() -> None:
    """One star over three films is a third more; a picture leaves out what is as usual."""
    found = compare(SAID, FILMS, FIVE)
    assert describe(found) == (
        "Over 3 films, you give 0.3 stars more than the average; you are furthest from it on "
        "Jaws (1975), with 5 against 3.0."
    )
    assert "0.5 stars less than the average" in describe(found[1:])
    assert "Over 1 film, you give as many stars as the average" in describe(found[1:2])
    assert [one.movie for one in furthest(found)] == [JAWS, ALIEN]


def test_of_opinions_is_said_what_others_give_these_films() -> None:
    """With five likes of known films; what is disliked only where there is some."""
    many = [Movie(number, "x", ratings=10, mean=4.0) for number in range(10, 15)]
    liked = own_profile(dict.fromkeys(range(10, 15), 1) | {6: -1})
    told = describe_opinions(liked, [*many, FILMS[5]])
    assert "The films you like have 4.0 stars on average, those you dislike 2.0." in told
    assert "dislike" not in describe_opinions(liked, many)
    assert describe_opinions(liked, many[:4]) == ""
