"""What edits of the table of films make of a taste, and when there must be another table."""

from __future__ import annotations

import math

import pytest

from recommender import Movie, Profile
from tests.ui.profiles import own_profile
from ui.components.ratings_table import Editor
from ui.state.taste import Taste

MOVIES = (Movie(1, "Alien", 1979), Movie(2, "Jaws", 1975), Movie(3, "Heat", 1995))
SAID = own_profile({1: 1, 2: -1}, {1: 4.5}, (3,))


def editor() -> tuple[Editor, Taste]:
    """Give a table of a liked film with stars, a disliked one and a saved one."""
    return Editor("all", "sheet-0", MOVIES), Taste(SAID)


@pytest.mark.parametrize(
    ("row", "cell", "profile", "step"),
    [
        (1, {"Opinion": "Like"}, own_profile({1: 1, 2: 1}, {1: 4.5}, (3,)), "like of Jaws (1975)"),
        (0, {"Opinion": "Seen"}, own_profile({1: 0, 2: -1}, {}, (3,)), "seen mark on Alien (1979)"),
        (0, {"Opinion": None}, own_profile({2: -1}, {}, (3,)), "removal of Alien (1979)"),
        (0, {"Stars": 2}, own_profile({1: -1, 2: -1}, {1: 2}, (3,)), "2 stars for Alien (1979)"),
        (0, {"Stars": None}, own_profile({1: 1, 2: -1}, {}, (3,)), "like of Alien (1979)"),
        (
            2,
            {"Stars": 3.5},
            own_profile({1: 1, 2: -1, 3: 0}, {1: 4.5, 3: 3.5}),
            "3.5 stars for Heat",
        ),
    ],
)
def test_an_edited_cell_is_one_step(
    row: int, cell: dict[str, object], profile: Profile, step: str
) -> None:
    """It says what the cell says, names the film, and can be undone."""
    table, taste = editor()
    table.take({row: cell}, taste)
    assert taste.profile == profile
    assert (taste.last_step or "").startswith(step)
    taste.undo()
    assert taste.profile == SAID
    assert taste.last_step is None


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (0, {"Opinion": "Adored"}),
        (2, {"Opinion": None}),
        (1, {"Stars": None}),
        (0, {"Stars": "five"}),
        (0, {"Stars": math.nan}),
        (0, {"Film": "Aliens"}),
        (99, {"Opinion": "Like"}),
    ],
)
def test_what_a_cell_cannot_mean_changes_nothing(row: int, cell: dict[str, object]) -> None:
    """Another browser may send anything."""
    table, taste = editor()
    table.take({row: cell}, taste)
    assert taste.profile == SAID
    assert taste.last_step is None


@pytest.mark.parametrize(("sent", "stars"), [(3.3, 3.5), (0, 0.5), (-7, 0.5), (1e9, 5)])
def test_stars_are_taken_to_the_nearest_half(sent: float, stars: float) -> None:
    """And what the cell then shows is not so: there must be another table."""
    table, taste = editor()
    table.take({1: {"Stars": sent}}, taste)
    assert taste.profile.stars[2] == stars
    assert not table.shows(MOVIES, taste.profile)


def test_cells_pasted_at_once_are_one_step() -> None:
    """One press of Undo takes back what one press of keys did."""
    table, taste = editor()
    table.take({0: {"Opinion": "Dislike"}, 1: {"Opinion": "Like"}}, taste)
    assert taste.profile.opinions == {1: -1, 2: 1}
    assert taste.last_step == "change of 2 films"
    taste.undo()
    assert taste.profile == SAID


def test_an_edit_is_made_once() -> None:
    """The browser sends all edits of a table again with each new one, undone ones as well."""
    table, taste = editor()
    table.take({1: {"Opinion": "Like"}}, taste)
    table.take({1: {"Opinion": "Like"}, 0: {"Opinion": "Seen"}}, taste)
    assert taste.profile.opinions == {2: 1, 1: 0}
    taste.undo()
    taste.undo()
    table.take({1: {"Opinion": "Like"}, 0: {"Opinion": "Dislike"}}, taste)
    assert taste.profile.opinions == {1: -1, 2: -1}
    assert not table.shows(MOVIES, taste.profile)


def test_a_table_stays_while_it_shows_what_is_so() -> None:
    """So that it keeps its place on the screen: an opinion follows the stars by itself."""
    table, taste = editor()
    table.take({1: {"Stars": 5}}, taste)
    assert taste.profile.opinions[2] == 1
    assert table.shows(MOVIES, taste.profile)
    table.take({1: {"Stars": 5, "Opinion": "Dislike"}}, taste)  # which takes the stars away
    assert taste.profile.stars == {1: 4.5}
    assert not table.shows(MOVIES, taste.profile)


def test_a_removed_film_leaves_the_table() -> None:
    """Whatever was said of it; and a click on a row that is gone does nothing."""
    table, taste = editor()
    table.remove(2, taste)
    assert taste.profile == own_profile({1: 1, 2: -1}, {1: 4.5})
    assert taste.last_step == "removal of Heat (1995)"
    assert not table.shows(MOVIES[:2], taste.profile)
    table.remove(3, taste)
    assert taste.profile == own_profile({1: 1, 2: -1}, {1: 4.5})
