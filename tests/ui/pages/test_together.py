"""The people on the page Together, drawn by Streamlit's harness."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui
from recommender import Recommender, SourceError
from tests.ui.driving import cards, click, group, page, profile_in, rate, say, sent, visit
from tests.ui.paging import one_page
from tests.ui.profiles import own_profile
from ui.pages.together import taste_of_file
from ui.state import link
from ui.state.people import People, Person
from ui.state.taste import said_in
from ui.state.visit import STORAGE
from ui.transfer import exports

TASTE = own_profile({8: 1, 9: -1, 10: 1})
STYLE = Path(ui.__file__).parent / "components" / "style.css"


def people_of(app: AppTest) -> People:
    """The people on this device."""
    found: People = app.session_state["people"]
    return found


def add(app: AppTest, name: str = "", address: str = "") -> None:
    """Fill the form in, and send it."""
    fields = {str(one.key)[:9]: one for one in app.text_input}
    fields["add-name-"].set_value(name)
    fields["add-link-"].set_value(address)
    (button,) = [one for one in app.button if one.label == "Add"]
    button.click().run()
    assert not app.exception


def open_menu(app: AppTest, person: Person) -> None:
    """Open somebody's options; the harness has no such click."""
    app.session_state[f"menu-{person.id}"] = True
    app.run()


@pytest.fixture
def together(served: None) -> AppTest:
    """The page of somebody who has rated three films."""
    app = one_page("together", TASTE).run()
    assert not app.exception
    return app


def test_someone_alone_is_asked_to_add_somebody(together: AppTest) -> None:
    """By name, who has nothing rated yet, and is handed the device."""
    assert "Nobody is here but you yet" in page(together)
    add(together, "Ben *B*")
    (ben,) = people_of(together).others
    assert "Nothing rated yet" in page(together)
    assert together.toggle(key=f"here-{ben.id}").label == r"Ben \*B\*"
    together.button(key=f"rate-{ben.id}").click().run()
    assert visit(together).person == ben.id
    assert profile_in(together) == own_profile()


@pytest.mark.parametrize(
    ("name", "address", "problem"),
    [
        ("", "", "The name is empty: type one."),
        ("you", "", "The name “you” is taken: choose another."),
        ("B" * 41, "", "has 41 characters: shorten the name to 40."),
        ("Ben", "http://example.com", "This link is damaged: copy it once more"),
        ("Ben", "#together=Ana~1i", "Ana: This link is damaged: copy it once more"),
    ],
)
def test_what_cannot_be_used_adds_nobody(
    together: AppTest, name: str, address: str, problem: str
) -> None:
    """One line says why."""
    add(together, name, address)
    assert problem in str(visit(together).notice)
    assert people_of(together).others == []


def test_a_link_adds_somebody_under_a_name(together: AppTest, recommender: Recommender) -> None:
    """Whole or its code alone; without a name it is a guest, and nothing of it is one's own."""
    code = link.encode(own_profile({11: 1}), recommender)
    add(together, "You", str(code))
    assert together.text_input(key="add-link-0").value == code  # to be sent again
    add(together, "Ben", f"http://localhost:8501/#taste={code}")
    add(together, address=str(code))
    assert [*people_of(together).tonight()] == ["You", "Ben", "Guest"]
    assert profile_in(together) == TASTE
    add(together, address=f"Ana~{link.encode(TASTE, recommender)},Cem~{code}")
    assert [*people_of(together).tonight()] == ["Ana", "Ben", "Guest", "Cem"]


def test_a_file_adds_what_it_says(recommender: Recommender) -> None:
    """One that Kindred saved, and no other."""
    data = exports.kindred(TASTE, recommender)
    assert taste_of_file("kindred-taste.json", data, recommender) == (said_in(TASTE), None)
    foreign = data.replace(b"Film 8", b"Another").replace(b'"movie_id": 8', b'"movie_id": 99')
    said, notice = taste_of_file("kindred-taste.json", foreign, recommender)
    assert said.keys() == {9, 10}
    assert notice == "Not in this collection, and left out: 1 film of kindred-taste.json."
    with pytest.raises(SourceError, match="not a file exported by Kindred"):
        taste_of_file("other.json", b'{"films": []}', recommender)


def test_one_is_renamed_left_out_and_removed(together: AppTest, recommender: Recommender) -> None:
    """Each with one click, and with what it takes in the browser."""
    add(together, "Ben", str(link.encode(own_profile({11: 1}), recommender)))
    (ben,) = people_of(together).others
    together.toggle(key=f"here-{ben.id}").set_value(False).run()
    assert [*people_of(together).tonight()] == ["You"]
    open_menu(together, ben)
    assert "#taste=1" in together.code[0].value
    together.text_input(key=f"name-{ben.id}").set_value("Benny").run()
    assert ben.name == "Benny"
    open_menu(together, ben)
    together.text_input(key=f"name-{ben.id}").set_value("you").run()
    assert ben.name == "Benny"
    assert "“you” is taken" in str(visit(together).notice)
    open_menu(together, ben)
    together.button(key=f"remove-{ben.id}").click().run()
    assert people_of(together).everyone == (people_of(together).own,)
    assert "Benny is removed" in str(visit(together).notice)
    assert not together.exception


def test_one_link_is_for_all_who_are_in(together: AppTest, recommender: Recommender) -> None:
    """It asks for one's own name first, and for two who have rated."""
    add(together, "Cem")
    together.session_state["group-link"] = True
    together.run()
    assert "as soon as two people" in page(together)
    add(together, "Ben", str(link.encode(own_profile({11: 1}), recommender)))
    together.session_state["group-link"] = True
    together.run()
    together.text_input(key="name-").set_value("Ana").run()
    together.session_state["group-link"] = True
    together.run()
    code = link.code_in(together.code[0].value)
    read = link.decode_group(code, recommender)
    assert [(one.name, one.opened.profile) for one in read] == [
        ("Ana", TASTE),
        ("Ben", own_profile({11: 1})),
    ]


def test_what_somebody_else_rates_is_theirs_alone(app: AppTest) -> None:
    """Filters, too; who is rating is said, and one click ends it."""
    app.run()
    rate(app, cards(app, "starters")[0], 1)
    own, people = visit(app), people_of(app)
    app.session_state[f"filter-dial-{own.version}"] = "Adventurous"
    app.run()
    assert own.filters.adventurous == 1
    said = own.profile
    ben = people.add("Ben <b>")
    people.hand_to(ben, "discover")
    app.run()
    assert "Ben &lt;b&gt; is rating. What is shown and rated on these pages" in page(app)
    assert sent(app)["person"] == ben.id
    rate(app, cards(app, "starters")[1], -1)
    assert profile_in(app) == ben.visit.profile != said
    assert own.profile == said
    assert visit(app).filters.adventurous is None
    people.rename(people.own, "Ana")
    app.run()
    assert app.button(key="hand-back").label == "Hand back to Ana"
    people.hand_to(people.own, "discover")
    app.run()
    assert (visit(app), own.profile) == (own, said)
    assert own.filters.adventurous == 1
    assert not sent(app)["known"]
    assert "is rating." not in page(app)


def test_clicks_that_come_with_the_handing_over_are_taken(app: AppTest) -> None:
    """For whom they were meant, and for nobody else."""
    app.run()
    one, own, people = cards(app, "starters")[0], visit(app), people_of(app)
    people.hand_to(people.add("Ben"), "discover")
    click(app, "rate", one, 1)
    assert own.profile.opinions == {one: 1}
    assert profile_in(app) == own_profile()


def test_who_is_removed_while_they_rate_hands_back(app: AppTest) -> None:
    """Another tab may remove them; what is clicked after it is nobody's."""
    app.run()
    people, own = people_of(app), visit(app)
    ben = people.add("Ben")
    people.hand_to(ben, "discover")
    app.run()
    news = {"kept": {"people": [{"id": ben.id, "name": "Ben", "here": True}]}, "documents": {}}
    say(app, "people", news)
    say(app, "people", {"kept": {"people": []}, "documents": {}})
    assert visit(app) is own
    acts = [[9, "rate", str(cards(app, "starters")[0]), 1, ben.visit.name, 1, 0]]
    app.session_state["cards-discover"] = {"acts": acts}
    app.run()
    assert own.profile == own_profile()


def test_another_index_is_another_for_everybody(app: AppTest) -> None:
    """Nobody keeps films by the ids of a collection that is served no more."""
    app.run()
    people, version = people_of(app), visit(app).version
    ben = people.add_taste("Ben", said_in(TASTE))
    say(app, "people", {"kept": None, "documents": {}})
    for one in people.visits:
        one.source = one.version = "other"
    app.run_without_browser()  # type: ignore[attr-defined]
    assert {one.version for one in people.visits} == {version}
    assert ben.visit.profile == own_profile()
    assert not sent(app)["met"]  # so that the browser says again what it keeps of everybody


def test_a_guest_can_be_added_to_the_people(app: AppTest, recommender: Recommender) -> None:
    """Under the name that is asked for."""
    app.run()
    say(app, "link", link.encode(own_profile({11: 1}), recommender))
    app.button(key="guest-add").click().run()
    assert [*people_of(app).tonight()] == ["Guest"]
    assert profile_in(app) == own_profile()
    assert "the taste of a link" not in page(app)


def test_a_group_link_opens_for_whom_the_device_belongs_to(
    app: AppTest, recommender: Recommender
) -> None:
    """Even while somebody else is rating."""
    app.run()
    people = people_of(app)
    people.hand_to(people.add("Cem"), "discover")
    app.run()
    say(app, "link", f"Ben~{link.encode(own_profile({11: 1}), recommender)}")
    assert people.now is people.own
    assert [*people.tonight()] == ["Ben"]
    assert visit(app).taken[STORAGE]


def members(app: AppTest) -> dict[int, dict[str, str]]:
    """What each film of the list is to each of the people, in a word or two."""
    listed = group(app, "together")["cards"]
    return {int(one["id"]): {who["name"]: who["stand"] for who in one["members"]} for one in listed}


def test_the_list_is_of_those_who_are_in(together: AppTest, recommender: Recommender) -> None:
    """Of two at least; nothing that one of them has seen, and a rating takes a film off it."""
    add(together, "Ben", link.encode(own_profile({11: 1, 12: 1}), recommender) or "")
    add(together, "Cem", link.encode(own_profile({13: 1, 14: 1}), recommender) or "")
    assert group(together, "together")["title"] == "For you, Ben and Cem"
    found = members(together)
    assert not {*found} & {8, 9, 10, 11, 12, 13, 14}
    first = next(iter(found))
    assert [*found[first]] == ["You", "Ben", "Cem"]
    rate(together, first, 0)
    assert first not in members(together)
    assert first in profile_in(together).opinions
    people = people_of(together)
    people.set_here(people.others[0], here=False)
    together.run()
    assert group(together, "together")["title"] == "For you and Cem"
    people.set_here(people.own, here=False)
    together.run()
    assert "Cem alone: a list takes a second person" in page(together)


def test_what_some_have_seen_is_let_in(together: AppTest, recommender: Recommender) -> None:
    """By a switch that lasts as long as the tab."""
    add(together, "Ben", link.encode(own_profile({11: 1, 12: 1}), recommender) or "")
    (switch,) = [one for one in together.toggle if one.label.startswith("Also films")]
    switch.set_value(True).run()
    seen = {one for one, stands in members(together).items() if "seen" in stands.values()}
    assert seen
    assert seen <= {8, 10, 11, 12}, "9 is disliked"
    assert visit(together).tab_state()["list_choices"]["together-rewatch"] == "yes"


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_eight_colours_stand_out_in_both_themes() -> None:
    """As text has to (WCAG 2.2, 1.4.3), on the paper of each."""
    text = STYLE.read_text(encoding="utf-8")
    pairs = re.findall(r"\.k-person-\d \{ --k-person: light-dark\((#\w{6}), (#\w{6})\); \}", text)
    assert len({*pairs}) == 8
    for colours in pairs:
        for colour, paper in zip(colours, ("#fbf8f3", "#14151a"), strict=True):
            dark, light = sorted(map(_luminance, (colour, paper)))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, colour
