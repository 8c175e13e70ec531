"""Predicted stars as a card says them."""

from __future__ import annotations

import pytest

from recommender import Movie, Prediction
from ui.components.cards import stars_words

FILM = Movie(1, "Heat", 1995)


@pytest.mark.parametrize(
    ("wide", "shown"), [(True, "2.9 to 5.0"), (False, "")], ids=["wide", "narrow"]
)
def test_the_interval_is_told_on_the_card_where_it_is_wide(wide: bool, shown: str) -> None:
    """In the whole account of them it always is."""
    found = Prediction(FILM, 4.04, 12, "rests on 12 films", 3.5, 2.9, 5.0, wide)
    assert stars_words(found) == {
        "stars": "4.0",
        "range": shown,
        "no_stars": "",
        "rests": "Four in five such ratings are from 2.9 to 5.0. Rests on 12 films.",
    }


def test_stars_without_an_interval() -> None:
    """As an index has them that was written before errors were counted."""
    words = stars_words(Prediction(FILM, 4.04, 12, "rests on 12 films", 3.5), listed=True)
    assert words["range"] == ""
    assert words["rests"] == (
        "Rests on 12 films. Lists are ordered by what kindred raters love, not by stars."
    )


@pytest.mark.parametrize(
    ("expected", "says"), [(3.2, "Too few ratings for stars"), (None, "")], ids=["stars", "likes"]
)
def test_where_there_are_no_stars_the_card_says_so(expected: float | None, says: str) -> None:
    """Except in an index of likes, where it would be on each of them."""
    words = stars_words(Prediction(FILM, None, 0, "nobody in this index rated it", expected))
    assert words == {
        "stars": None,
        "range": "",
        "no_stars": says,
        "rests": "Nobody in this index rated it.",
    }
    assert not any(stars_words(None).values())
