"""What a film is to each of several people, in words and bars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from recommender import Profile, Recommender
from tests.support import FILMS, THREE_RATERS, build_index
from ui.components import together_list
from ui.components.cards import Card, Group
from ui.state.filters import Filters
from ui.state.people import Watcher
from ui.state.visit import Visit


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """The hand-worked world."""
    folder = tmp_path_factory.mktemp("by-hand") / "index"
    with Recommender.open(build_index(folder, THREE_RATERS, FILMS)) as opened:
        yield opened


def lists(
    rec: Recommender, filters: Filters | None = None, rewatch: bool = False, **people: Profile
) -> dict[str, Group]:
    """The groups of the page, by name."""
    everybody = {name: Watcher(name, at, one) for at, (name, one) in enumerate(people.items())}
    saved = tuple(one for who in people.values() for one in who.watchlist)
    visit = Visit("1", "world")
    chosen = filters or Filters(watchlist=saved)
    found = together_list.groups(rec, visit, everybody, chosen, rewatch=rewatch)
    return {group.name: group for group in found}


def card(group: Group, movie: int) -> Card:
    """The card of a film."""
    return next(one for one in group.cards if one.movie.movie_id == movie)


def test_each_has_a_bar_a_place_and_a_reason(rec: Recommender) -> None:
    """The visitor is spoken to, others are named."""
    people: dict[str, Any] = {"You": Profile({1: 1, 2: 1, 3: 1}), "Ben": Profile({8: 1, 9: 1})}
    found = lists(rec, **people)["together"]
    assert found.title == "For you and Ben"
    assert found.under.startswith("What is best for all of you")
    heat = card(found, 4)
    you, ben = heat.members
    assert (you.name, you.colour, ben.name, ben.colour) == ("You", 0, "Ben", 1)
    assert you.stand.startswith("no. ")
    assert "for you, " in you.why
    assert "ecause you liked" in you.why
    assert (ben.bar, ben.stand) == (0, "–")
    assert ben.why == "Not on Ben’s own list: too few people with that taste like it."
    assert heat.supporters == "Ben likes it least"
    psycho = card(found, 6)
    assert psycho.members[1].why.startswith("Number ")
    assert "ecause Ben liked" in psycho.members[1].why


def test_who_is_unknown_or_has_seen_it_is_told(rec: Recommender) -> None:
    """And whoever is unknown does not count."""
    people: dict[str, Any] = {
        "Ana": Profile({1: 1, 2: 1}),
        "Ben": Profile({1: 1, 5: 1}),
        "Cy": Profile(),
    }
    found = lists(rec, rewatch=True, **people)["together"]
    assert "Cy does not count yet" in found.under
    _, second, cy = card(found, 5).members
    assert (second.stand, second.why) == ("seen", "Ben has seen it.")
    assert (cy.stand, cy.why) == ("–", "Too little is known of Cy’s taste.")
    nobody = lists(rec, Ana=Profile(), You=Profile())["together"]
    assert nobody.under.startswith("What everyone likes")
    assert nobody.title == "For Ana and you"


def test_tonight_is_from_all_watchlists(rec: Recommender) -> None:
    """Three of them at most, without what somebody has seen or dislikes; the list stays whole."""
    ana = Profile({1: 1, 2: 1}, watchlist=(4, 6, 7, 9))
    ben = Profile({8: 1, 6: -1}, watchlist=(2, 5))
    found = lists(rec, Ana=ana, Ben=ben)
    picked = {one.movie.movie_id for one in found["tonight-for-all"].cards}
    assert len(picked) == 3
    assert picked <= {4, 5, 7, 9}
    assert "6 films on your watchlists" in found["tonight-for-all"].under
    assert {one.movie.movie_id for one in found["together"].cards} == {3, 4, 5, 7, 9}
    assert "tonight-for-all" not in lists(rec, Ana=Profile({1: 1}), Ben=ben.without(2, 5))


def test_filters_apply_and_are_told(rec: Recommender) -> None:
    """To the list as to the picks."""
    ana = Profile({1: 1, 2: 1, 3: 1}, watchlist=(4, 6))
    found = lists(
        rec, Filters({"genres": ("Horror",)}, watchlist=(4, 6)), Ana=ana, Ben=Profile({8: 1})
    )
    for group in found.values():
        assert all("Horror" in one.movie.genres for one in group.cards)
        assert group.under.endswith("Filters: Horror.")
    assert [one.movie.movie_id for one in found["tonight-for-all"].cards] == [6]
