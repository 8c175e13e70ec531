"""What one person said, and going back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ui.profiles import own_profile
from ui.state.taste import SCALE, Step, Taste


def test_every_step_can_be_gone_back_from() -> None:
    """Rating, stars, saving, hiding and forgetting are undone one by one, whole."""
    taste = Taste()
    states = [taste.profile]
    steps: list[Callable[[], None]] = [
        lambda: taste.rate(1, 1, "like of One"),
        lambda: taste.give_stars(2, 2.5, "stars of Two"),
        lambda: taste.watch(3, "saving of Three"),
        lambda: taste.hide(3, "hiding of Three"),
        lambda: taste.rate(3, -1, "dislike of Three"),
        lambda: taste.forget(1, "removal of One"),
    ]
    for step in steps:
        step()
        states.append(taste.profile)
    assert taste.profile == own_profile({2: -1, 3: -1}, {2: 2.5})
    assert taste.last_step == "removal of One"
    for before in reversed(states[:-1]):
        taste.undo()
        assert taste.profile == before
    assert taste.last_step is None
    taste.undo()


def test_a_film_is_rated_or_saved_or_hidden() -> None:
    """The latest word counts alone."""
    taste = Taste(own_profile(watchlist=(1, 2), hidden=(3,)))
    taste.rate(1, 1, "")
    taste.watch(3, "")
    taste.hide(2, "")
    assert taste.profile == own_profile({1: 1}, watchlist=(3,), hidden=(2,))


def test_the_same_again_is_no_step_and_keeps_the_stars() -> None:
    """Clicking Like on what has 4.5 stars takes none of them."""
    taste = Taste()
    taste.give_stars(1, 4.5, "stars")
    taste.rate(1, 1, "like")
    assert taste.profile.stars == {1: 4.5}
    assert taste.last_step == "stars"
    taste.rate(1, -1, "dislike")
    assert taste.profile.stars == {}


def test_what_was_said_cannot_be_changed_from_outside() -> None:
    """Or going back would lead elsewhere."""
    given: dict[int | str, int] = {1: 1}
    profile = own_profile(given)
    given[2] = 1
    assert profile.opinions == {1: 1}
    with pytest.raises(TypeError):
        profile.opinions[3] = 1  # type: ignore[index]


def test_only_so_many_steps_are_kept() -> None:
    """Fifty, the latest."""
    taste = Taste()
    for number in range(60):
        taste.rate(number, 1, f"like of {number}")
    while taste.last_step:
        taste.undo()
    assert len(taste.profile.opinions) == 10


@pytest.mark.parametrize(("stars", "opinion"), [(5, 1), (4, 1), (3.5, 0), (3, 0), (2.5, -1)])
def test_stars_mean_what_the_index_takes_them_for(stars: float, opinion: int) -> None:
    """On half to five."""
    assert SCALE.opinion(stars) == opinion


def test_the_last_rating_is_found_behind_what_changes_no_list() -> None:
    """Saving a film recommends nothing else; hiding one does."""
    taste = Taste()
    assert taste.last_rating is None
    taste.rate(1, 1, "like")
    taste.watch(2, "saving")
    assert taste.last_rating == Step("like", own_profile())
    taste.hide(3, "hiding")
    assert taste.last_rating == Step("hiding", own_profile({1: 1}, watchlist=(2,)))


@pytest.mark.parametrize(("films", "steps"), [(10, 50), (4_000, 50), (10_000, 20), (100_000, 5)])
def test_the_more_is_said_the_fewer_steps_are_kept(films: int, steps: int) -> None:
    """A visit's memory is bounded: each step holds everything that was said before."""
    taste = Taste(own_profile(dict.fromkeys(range(films), 1)))
    for number in range(60):
        taste.mark(f"step {number}")
    assert sum(taste.undo() is not None for _ in range(60)) == steps
