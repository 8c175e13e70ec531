"""Whom a person agrees with, and on what."""

from __future__ import annotations

from recommender import Movie, Neighbour
from tests.ui.profiles import own_profile
from ui.components.comparisons.agreement import (
    Shared,
    agreed_and_disputed,
    describe_nearest,
    html_of,
    name_of,
    shared_films,
)

ALIEN, JAWS, HEAT = (Movie(1, "Alien"), Movie(2, "<Jaws>"), Movie(3, "Heat"))
NEIGHBOURS = (
    Neighbour(7, 0.9, 1.0, 40, (ALIEN, JAWS), ()),
    Neighbour(8, 0.6, 0.7, 30, (ALIEN,), (HEAT,)),
    Neighbour(9, 0.3, 0.3, 20, (ALIEN,), (HEAT, JAWS)),
)


def test_films_are_counted_by_who_agrees() -> None:
    """All three like Alien; of Heat two think otherwise, and of Jaws as many as agree."""
    shared = shared_films(NEIGHBOURS)
    assert {one.movie: (one.agree, one.disagree) for one in shared} == {
        ALIEN: (3, 0),
        JAWS: (1, 1),
        HEAT: (0, 2),
    }
    best, apart = agreed_and_disputed(shared)
    assert best == (Shared(ALIEN, 3, 0),)
    assert apart == (Shared(HEAT, 0, 2),)


def test_words_say_how_near_and_who_differs_most() -> None:
    """Four cases of seven; and nothing is claimed where nobody disagrees."""
    told = describe_nearest(NEIGHBOURS)
    assert "your 3 nearest raters" in told
    assert "57\u00a0% of cases" in told
    assert "Rater 7, the nearest, agrees with you on 2 films." in told
    assert "Rater 9 differs most: on 2 films, such as Heat." in told
    assert "differ" not in describe_nearest(NEIGHBOURS[:1])
    assert "100\u00a0%" in describe_nearest(NEIGHBOURS[:1])
    silent = (Neighbour(1, 0.1, 0.1, 5, (), ()),)
    assert "without liking or disliking the same ones" in describe_nearest(silent)


def test_bars_say_in_words_what_they_show() -> None:
    """Who likes what you like, who dislikes what you dislike; titles as they are."""
    drawn = html_of([Shared(JAWS, 3, 1), Shared(HEAT, 0, 2)], own_profile({2: 1, 3: -1}), 4)
    assert "3 like it too, 1 dislike it" in drawn
    assert "0 dislike it too, 2 like it" in drawn
    assert "width:75.0%" in drawn
    assert "&lt;Jaws&gt;" in drawn


def test_a_rater_known_by_a_word_is_not_named() -> None:
    """It might be a name, or an address."""
    assert name_of(7, 1) == "Rater 7"
    assert name_of("ann@x.org", 2) == "Rater no. 2"
    assert name_of("ann@x.org", None) == "Another rater"
