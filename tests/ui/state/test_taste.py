"""What one person said, and going back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Opinion
from tests.ui.profiles import own_profile
from ui.state.taste import SCALE, Said, Taste


def test_every_step_can_be_gone_back_from() -> None:
    """Rating, stars, saving, hiding and forgetting are undone one by one, whole."""
    taste = Taste()
    states = [taste.profile]
    steps: list[Callable[[], None]] = [
        lambda: taste.rate(1, 1, "like of One"),
        lambda: taste.say({2: Said(Opinion.DISLIKE, 2.5)}, "stars of Two"),
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
    taste.say({1: Said(Opinion.LIKE, 4.5)}, "stars")
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


def test_what_is_said_later_counts_wherever_it_was_said() -> None:
    """Of each film by itself; a browser's clock may be ahead of this one, or behind."""
    taste = Taste()
    taste.rate(1, 1, "like")
    taste.merge([(1, Said(Opinion.DISLIKE), 5), (2, Said(Opinion.LIKE), 9)])
    assert taste.profile == own_profile({1: 1, 2: 1})
    ahead = taste.time_of(1) + 1_000_000
    taste.merge([(1, Said(listed="hidden"), ahead)])
    assert taste.profile == own_profile({2: 1}, hidden=(1,))
    taste.forget(1, "removal")
    assert taste.time_of(1) == ahead + 1
    taste.merge([(1, Said(Opinion.LIKE), ahead)])
    assert taste.profile == own_profile({2: 1})
    assert taste.last_step == "removal"


def test_a_click_of_before_changes_nothing() -> None:
    """Such as one that was sent while the film was changed here."""
    taste = Taste()
    taste.rate(1, 1, "like", at=7)
    taste.rate(1, -1, "dislike", at=6)
    assert (taste.profile, taste.last_step) == (own_profile({1: 1}), "like")


@given(st.data())
def test_in_whatever_order_tabs_meet_they_agree(data: st.DataObject) -> None:
    """Merging is the same in every order, and twice is as good as once."""
    word = st.sampled_from([Said(Opinion.LIKE), Said(Opinion.DISLIKE, 2.0), Said()])
    films, times = st.integers(1, 4), st.integers(1, 50)
    said = data.draw(st.lists(st.tuples(films, word, times), unique_by=lambda one: one[2]))
    cleared = data.draw(st.integers(0, 50))
    one, other = Taste(), Taste()
    one.merge(said)
    one.merge([], cleared)
    other.merge([], cleared)
    for film in data.draw(st.permutations(said + said)):
        other.merge([film])
    assert one.profile.opinions == other.profile.opinions
    assert one.profile.stars == other.profile.stars


def test_undoing_leaves_alone_what_was_said_elsewhere() -> None:
    """A step knows the films that it changed, and no others."""
    taste = Taste()
    taste.rate(1, 1, "like")
    taste.merge([(2, Said(Opinion.LIKE), taste.time_of(1) + 5)])
    taste.undo()
    assert taste.profile == own_profile({2: 1})


def test_a_later_word_elsewhere_is_not_undone_here() -> None:
    """Neither of a film, nor clearing; there is no step left that would do it."""
    taste = Taste()
    taste.rate(1, 1, "like")
    taste.merge([(1, Said(Opinion.DISLIKE), taste.time_of(1) + 5)])
    assert taste.last_step is None
    taste.undo()
    assert taste.profile == own_profile({1: -1})
    taste.rate(2, 1, "like")
    taste.merge([], taste.time_of(2) + 5)
    taste.undo()
    assert taste.profile.films == ()


def test_clearing_forgets_what_was_said_before_it_and_nothing_after() -> None:
    """Here and wherever it is heard of; it can be undone where it was done."""
    taste, other = Taste(own_profile({1: 1, 2: -1})), Taste(own_profile({1: 1, 3: 1}))
    taste.clear("clearing")
    other.merge([], taste.cleared)
    assert (taste.profile.films, other.profile.films) == ((), ())
    other.merge([(1, Said(Opinion.LIKE), taste.cleared - 1)])
    other.rate(4, 1, "like")
    assert other.profile == own_profile({4: 1})
    taste.undo()
    assert taste.profile == own_profile({1: 1, 2: -1})
    assert taste.time_of(1) > taste.cleared


def test_what_the_browser_wrote_itself_is_not_sent_to_it() -> None:
    """And what was sent is sent again until it is known to have arrived."""
    taste = Taste()
    taste.rate(1, 1, "like", at=taste.time_of(1) + 5)
    assert (taste.unsent, taste.known) == ({}, taste.number)
    taste.undo()
    taste.say({2: Said(Opinion.LIKE, 4.5)}, "stars")
    assert [*taste.unsent] == [1, 2]
    taste.know(taste.number - 1)
    assert [*taste.unsent] == [1, 2]
    taste.know(taste.number)
    assert taste.unsent == {}


def test_films_that_went_from_the_index_are_left_out() -> None:
    """At every step, too."""
    taste = Taste(own_profile({1: 1, 2: 1}))
    taste.forget(1, "removal")
    taste.drop({1})
    taste.undo()
    assert taste.profile == own_profile({2: 1})


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
    assert taste.last_rating == ("like", own_profile())
    taste.hide(3, "hiding")
    assert taste.last_rating == ("hiding", own_profile({1: 1}, watchlist=(2,)))
