"""Ratings and the way back."""

from __future__ import annotations

from ui.taste import Taste


def test_rating_again_moves_a_film_to_the_end() -> None:
    """The list of ratings runs in the order in which they were last given."""
    taste = Taste({1: 1, 2: 1})
    taste.rate(1, -1, "dislike of A")
    assert list(taste.ratings.items()) == [(2, 1), (1, -1)]


def test_each_step_can_be_undone_and_is_named() -> None:
    """Undo goes back one step at a time, down to the beginning and no further."""
    taste = Taste()
    taste.rate(1, 1, "like of A")
    taste.rate(1, None, "removal of A")
    taste.replace({}, "nothing changed")
    assert taste.last_step == "removal of A"
    taste.undo()
    assert taste.ratings == {1: 1}
    taste.undo()
    taste.undo()
    assert taste.ratings == {}
    assert taste.last_step is None


def test_only_so_many_steps_are_kept() -> None:
    """A long visit does not grow without end."""
    taste = Taste()
    for number in range(200):
        taste.rate(number, 1, f"like of {number}")
    steps = 0
    while taste.last_step:
        taste.undo()
        steps += 1
    assert steps == 50
