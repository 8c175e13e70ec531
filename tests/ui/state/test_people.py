"""The people on a device: names, who is in tonight, links for several, what the browser keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recommender import InvalidInputError, Profile, Recommender
from tests.ui.profiles import own_profile
from ui.state import browser_people, link
from ui.state.group_link import code_of, open_group
from ui.state.people import People, Person
from ui.state.taste import EMPTY, said_in
from ui.state.visit import Visit

ANA, BEN, CEM = own_profile({8: 1, 9: -1, 10: 1}), own_profile({11: 1}), own_profile({12: 0, 13: 1})


@pytest.fixture
def people(recommender: Recommender) -> People:
    """A device whose owner has rated nothing, and given no name."""
    return People(Person(Visit("version", recommender.stats().source.label)))


def say(person: Person, profile: Profile) -> None:
    """Let somebody rate."""
    person.visit.taste.say(said_in(profile), "rating")


def group(recommender: Recommender, **tastes: Profile) -> str:
    """Write the link of some people."""
    return link.encode_group(
        {name: str(link.encode(taste, recommender)) for name, taste in tastes.items()}
    )


def opened(people: People, code: str, recommender: Recommender) -> str:
    """Open a link, and return the notice."""
    open_group(people, people.own.visit, code, recommender)
    return str(people.own.visit.notice)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "The name is empty"),
        (" \n\u202e", "The name is empty"),
        ("B" * 41, "has 41 characters: shorten the name to 40"),
        ("BEN", "The name “BEN” is taken"),
        ("you", "The name “you” is taken"),
    ],
)
def test_a_name_that_cannot_be_used_says_why(people: People, name: str, problem: str) -> None:
    """Somebody new has none of these, and nobody is renamed to one."""
    people.add("Ben")
    cem = people.add("Cem")
    with pytest.raises(InvalidInputError, match=problem):
        people.add(name)
    with pytest.raises(InvalidInputError, match=problem):
        people.rename(cem, name)
    assert [one.shown_name for one in people.everyone] == ["You", "Ben", "Cem"]


def test_names_are_of_any_script_and_may_be_written_otherwise(people: People) -> None:
    """One's own may change its capitals."""
    ben = people.add("  ベン \n")
    assert ben.name == "ベン"
    people.rename(ben, "ben")
    people.rename(ben, "Ben")
    assert people.free_name("Ben") == "Ben 2"
    assert people.free_name() == "Guest"


def test_there_are_at_most_eight(people: People) -> None:
    """One of them is whom the device belongs to."""
    for number in range(7):
        people.add(f"Guest {number}")
    with pytest.raises(InvalidInputError, match="8 people are here, Ida would be one more"):
        people.add("Ida")


def test_tonight_has_who_is_in_and_has_rated_in_order(people: People) -> None:
    """Each with the colour of their place among all."""
    ben, cem = people.add("Ben"), people.add("Cem")
    assert people.tonight() == {}
    say(people.own, ANA)
    say(cem, CEM)
    assert [(one.name, one.colour, one.profile) for one in people.tonight().values()] == [
        ("You", 0, ANA),
        ("Cem", 2, CEM),
    ]
    say(ben, BEN)
    people.set_here(people.own, False)
    assert [*people.tonight()] == ["Ben", "Cem"]


def test_a_link_brings_its_people_and_again_changes_nothing(
    people: People, recommender: Recommender
) -> None:
    """Nothing of it is one's own."""
    code = group(recommender, Ana=ANA, Ben=BEN)
    assert opened(people, code, recommender) == "From the link: Ana and Ben."
    assert people.own.visit.goes_to == "together"
    assert people.tonight().keys() == {"Ana", "Ben"}
    before = (people.number, [one.visit.taste.number for one in people.others])
    assert opened(people, code, recommender) == "From the link: Ana and Ben."
    assert (people.number, [one.visit.taste.number for one in people.others]) == before
    assert people.own.visit.profile == EMPTY
    assert code_of(people.others[0], recommender) == link.encode(ANA, recommender)


def test_the_entry_of_ones_own_taste_is_oneself(people: People, recommender: Recommender) -> None:
    """It gives one's name, where there is none; a film or two may be anybody's."""
    say(people.own, own_profile({8: 1, 9: -1, 10: 1, 11: 1}))
    code = group(recommender, Ana=ANA, Ben=BEN)
    assert opened(people, code, recommender) == "From the link: Ana and Ben."
    assert [one.name for one in people.everyone] == ["Ana", "Ben"]


def test_who_has_ones_own_name_is_taken_for_oneself(
    people: People, recommender: Recommender
) -> None:
    """One's ratings are newer than the link; nothing of it is added to them, and that is said."""
    people.rename(people.own, "Ana")
    say(people.own, BEN)
    assert "taken for you, by the name" in opened(
        people, group(recommender, ana=ANA, Cem=CEM), recommender
    )
    assert people.own.visit.profile == BEN
    assert [one.name for one in people.everyone] == ["Ana", "Cem"]


def test_who_is_here_already_gets_what_the_link_says(
    people: People, recommender: Recommender
) -> None:
    """What they said of other films stays, and they are in tonight."""
    ben = people.add_taste("Ben", said_in(CEM))
    people.set_here(ben, False)
    opened(people, group(recommender, BEN=BEN), recommender)
    assert ben.visit.profile.opinions == {**CEM.opinions, **BEN.opinions}
    assert people.tonight().keys() == {"Ben"}


def test_for_whom_there_is_no_room_is_named(people: People, recommender: Recommender) -> None:
    """As is whose part of a link is damaged."""
    for number in range(6):
        people.add(f"Guest {number}")
    code = f"{group(recommender, Ana=ANA, Ben=BEN)},Cem~1i"
    notice = opened(people, code, recommender)
    assert notice.startswith(
        "From the link: Ana. There was no room for Ben: at most 8 people. Cem:"
    )
    assert "Cem: This link is damaged" in notice
    assert len(people.everyone) == 8


def kept(*names: str, own: str = "", here: bool = True) -> dict[str, Any]:
    """The list of a browser, with ids that are made of the names."""
    entries = [{"id": number(name), "name": name, "here": here} for name in names]
    return {"own": {"name": own, "here": here}, "people": entries}


def number(name: str) -> str:
    """An id for a name."""
    return name.encode().hex()[:8].ljust(8, "0")


def test_what_the_browser_keeps_is_taken_over(people: People, recommender: Recommender) -> None:
    """The people, each with what they said, and who was rating before F5."""
    documents = {number("Ben"): BEN.to_dict(source=recommender.stats().source.label)}
    documents[number("Ben")]["ratings"][0]["when"] = "2026-01-01T00:00:00Z"
    news = {"kept": kept("Ben", "Cem", own="Ana"), "documents": documents, "rating": number("Cem")}
    browser_people.hear(people, news, recommender)
    assert [one.name for one in people.everyone] == ["Ana", "Ben", "Cem"]
    assert people.tonight().keys() == {"Ben"}
    assert people.turn == number("Cem")
    assert people.heard
    assert people.known == people.number


def test_who_was_removed_in_another_tab_is_gone(people: People, recommender: Recommender) -> None:
    """But not who is so new that the browser has not written them yet; changes there count."""
    browser_people.hear(people, {"kept": kept("Ben", "Cem"), "documents": {}}, recommender)
    browser_people.hear(people, {"kept": kept("Cem", here=False), "documents": {}}, recommender)
    assert [(one.name, one.here) for one in people.others] == [("Cem", False)]
    people.add("Dan")
    browser_people.hear(people, {"kept": kept("Cem"), "documents": {}}, recommender)
    assert [(one.name, one.here) for one in people.others] == [("Cem", False), ("Dan", True)]


def test_who_was_removed_here_does_not_come_back(people: People, recommender: Recommender) -> None:
    """Another tab may have written the list before it knew."""
    news = {"kept": kept("Ben", "Cem"), "documents": {}}
    browser_people.hear(people, news, recommender)
    people.remove(people.others[0])
    browser_people.hear(people, news, recommender)
    assert [one.name for one in people.others] == ["Cem"]


def test_two_people_of_one_name_are_told_apart(people: People, recommender: Recommender) -> None:
    """Two tabs may have added them at the same time."""
    twice = kept("Ben", "Cem")
    twice["people"][1]["name"] = "Ben"
    browser_people.hear(people, {"kept": twice, "documents": {}}, recommender)
    assert [one.name for one in people.others] == ["Ben", "Ben 2"]


@pytest.mark.parametrize(
    "given",
    [
        None,
        "Ben",
        {"kept": {"people": [{"id": "../x", "name": "Ben", "here": True}]}, "documents": {}},
        {"kept": {"people": [{"id": "0123abcd", "name": "B" * 41, "here": True}]}, "documents": {}},
    ],
)
def test_what_no_browser_of_ours_says_changes_nothing(
    people: People, recommender: Recommender, given: object
) -> None:
    """Anybody can send anything."""
    browser_people.hear(people, given, recommender)
    assert not people.heard
    assert people.everyone == (people.own,)


def test_changes_are_sent_until_the_browser_has_written_them(
    people: People, recommender: Recommender
) -> None:
    """The list, and the tastes of those who are not rating: theirs goes with their visit."""
    ben = people.add_taste("Ben", said_in(BEN))
    people.rename(people.own, "Ana")
    say(people.own, ANA)
    sent = json.loads(browser_people.changes(people, recommender))
    assert sent["own"] == {"name": "Ana", "here": True}
    assert sent["people"] == [{"id": ben.id, "name": "Ben", "here": True}]
    assert sent["documents"].keys() == {ben.id}
    written = sent["documents"][ben.id]
    assert [film["movie_id"] for film in written["changes"]["ratings"]] == [11]
    news = {"kept": {"own": sent["own"], "people": sent["people"]}, "documents": {}}
    tastes = {ben.id: written["number"]}
    browser_people.hear(people, {**news, "number": sent["number"], "tastes": tastes}, recommender)
    assert (people.known, people.unsent) == (people.number, {})
    people.remove(ben)
    gone = json.loads(browser_people.changes(people, recommender))
    assert (gone["people"], gone["gone"]) == ([], [ben.id])


def test_what_was_made_of_somebody_removed_is_forgotten(people: People) -> None:
    """A list for all of them holds what they rated."""
    ben = people.add_taste("Ben", said_in(BEN))
    people.own.visit.once("together", BEN, lambda: "their list")
    people.remove(ben)
    assert people.own.visit.found == {}
