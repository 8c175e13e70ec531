"""People who watch together: each rates on one device, and one link has them all."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from recommender import Recommender
from tests.e2e.conftest import KEY, Visit, document
from tests.e2e.test_access import findings, go, ready
from tests.e2e.test_app import (
    STARTERS,
    drawn,
    names,
    no_sideways_scrolling,
    rate,
    rated,
    three_clicks,
)
from tests.ui.profiles import own_profile
from ui.state import link

pytestmark = pytest.mark.e2e

PEOPLE = f"{KEY}/people"


def row(page: Page, name: str) -> Locator:
    """Somebody's line on the page."""
    return page.locator("[class*='st-key-person-']").filter(has_text=re.compile(f"^{name}"))


def person_ids(page: Page) -> dict[str, str]:
    """Ids of the people that the browser keeps, by name."""
    text = page.evaluate(f"localStorage.getItem('{PEOPLE}')")
    return {one["name"]: one["id"] for one in json.loads(text or '{"people": []}')["people"]}


def said(page: Page, item: str) -> set[str]:
    """Titles of the films that a document of this browser says something of."""
    document: dict[str, Any] = json.loads(page.evaluate(f"localStorage.getItem('{item}')") or "{}")
    return {film["title"] for film in document.get("ratings", [])}


def traces(page: Page, *words: str) -> list[str]:
    """Items of this tab and of the browser in whose key or value one of some words occurs."""
    items: list[str] = page.evaluate(
        "[localStorage, sessionStorage]"
        ".flatMap(one => Object.entries(one)).map(one => one.join(' '))"
    )
    return [item for item in items if any(word in item for word in words)]


def add_ben(page: Page) -> None:
    """Add Ben on the page Together, by name, and let him rate three films."""
    page.get_by_label("Their name").fill("Ben")
    page.get_by_role("button", name="Add", exact=True).click()
    row(page, "Ben").get_by_role("button", name="Hand it to Ben").click()
    expect(page.get_by_text("Ben is rating.")).to_be_visible()
    drawn(page)
    for number, word in enumerate(("Dislike", "Like", "Seen")):
        rate(page, STARTERS, number + 4, word)
        rated(page, number + 1)


def test_two_people_take_turns_on_one_device(sample_app: str, visit: Visit) -> None:
    """What Ben rates is in his document alone; F5 keeps his turn, a new tab begins with oneself."""
    page = visit(sample_app)
    three_clicks(page)
    own = names(page, STARTERS)[:3]
    go(page, "Together")
    add_ben(page)
    his = f"{KEY}/person/{person_ids(page)['Ben']}"
    assert len(said(page, his)) == 3
    assert said(page, KEY) == {*own}
    page.reload()
    expect(page.get_by_text("Ben is rating.")).to_be_visible()
    rated(page, 3)
    rate(page, STARTERS, 7, "Like")
    page.get_by_role("button", name="Hand back to me").click()  # before it can have been taken
    expect(row(page, "Ben")).to_contain_text("4 films rated")
    expect(row(page, "You")).to_contain_text("3 films rated, rating now")
    assert len(said(page, his)) == 4
    assert said(page, KEY) == {*own}
    go(page, "Discover")
    rated(page, 3)
    tab = page.context.new_page()
    tab.goto(f"{sample_app}together")
    expect(row(tab, "Ben")).to_contain_text("4 films rated")
    expect(tab.get_by_text("is rating.")).to_have_count(0)


def test_one_link_has_all_and_removing_leaves_no_trace(sample_app: str, visit: Visit) -> None:
    """A second browser opens it and keeps both; who is removed is gone, in every tab."""
    page = visit(sample_app)
    three_clicks(page)
    go(page, "Together")
    add_ben(page)
    page.get_by_role("button", name="Hand back to me").click()
    page.get_by_text("One link for all").click()
    page.get_by_label("Your name, by which others know you").fill("Ana")
    page.keyboard.press("Enter")
    address = page.get_by_test_id("stCode").inner_text().strip()
    other = visit(address)
    for _ in range(2):
        expect(row(other, "Ana")).to_contain_text("3 films rated")
        expect(row(other, "Ben")).to_contain_text("3 films rated")
        assert said(other, KEY) == set()
        ready(other)
        assert other.url == f"{sample_app}together"
        other.reload()
    tab = other.context.new_page()
    tab.goto(f"{sample_app}together")
    row(tab, "Ben").get_by_role("button", name="Options").click()
    tab.get_by_role("button", name="Hand it to Ben").click()
    expect(tab.get_by_text("Ben is rating.")).to_be_visible()
    rated(tab, 3)
    # What a click does that is still under way.
    tab.evaluate("window.his = Object.assign(new kindredStorage.constructor(), kindredStorage)")
    number = person_ids(other)["Ben"]
    tab.wait_for_function("id => Object.values(sessionStorage).includes(id)", arg=number)
    row(other, "Ben").get_by_role("button", name="Options").click()
    other.get_by_role("button", name="Remove Ben").click()
    expect(row(other, "Ben")).to_have_count(0)
    expect(tab.get_by_text("Ben is rating.")).to_have_count(0)
    expect(tab.locator(f"{STARTERS} li")).to_have_count(12)
    for one in (other, tab):
        one.wait_for_function("item => localStorage[item].includes('Ana')", arg=PEOPLE)
        ready(one)
        tab.evaluate("his.save()")
        assert traces(one, "Ben", number) == []
    assert person_ids(other).keys() == {"Ana"}
    go(tab, "Together")
    expect(row(tab, "Ana")).to_contain_text("3 films rated")
    expect(row(tab, "Ben")).to_have_count(0)


@pytest.mark.timeout(600)  # on a machine that does much else
def test_the_list_says_what_a_film_is_to_each(
    sample_app: str, sample_index: Path, visit: Visit
) -> None:
    """Bars that open by mouse and keyboard; no finding of axe-core, nothing wider than a phone."""
    own = own_profile({2571: 1, 260: 1, 1721: -1}, {}, (1210, 1270))
    with Recommender.open(sample_index) as rec:
        codes = {
            "Ana": link.encode(own_profile({1721: 1, 356: 1, 597: 1}), rec) or "",
            "Ben <b>": link.encode(own_profile({608: 1, 296: 1, 858: 0}), rec) or "",
        }
    address = f"{sample_app}#together={link.encode_group(codes)}"
    page = visit(address, keeps=document(sample_index, own), width=390)
    films = page.locator("[data-name=together] > ul > li")
    expect(films).to_have_count(24)
    expect(page.locator("[data-name=tonight-for-all] > ul > li")).to_have_count(2)
    bars = films.first.locator("summary")
    expect(bars).to_have_count(3)
    expect(bars.nth(2)).to_contain_text("Ben <b>")
    bars.nth(2).click()
    expect(films.first.locator("details").nth(2)).to_contain_text("for Ben <b>")
    bars.first.focus()
    page.keyboard.press("Enter")
    expect(films.first.locator("details").first).to_contain_text("for you")
    no_sideways_scrolling(page)
    assert findings(page) == []
    seen = films.nth(1).get_attribute("data-id")
    films.nth(1).get_by_role("button", name="Seen").first.click()
    expect(page.locator(f"[data-name=together] > ul > li[data-id='{seen}']")).to_have_count(0)
    expect(films.first.locator("details[open]")).to_have_count(2)
    expect(films).to_have_count(24)
    first = names(page, "[data-name=together]")
    page.reload()
    expect(films).to_have_count(24)
    assert names(page, "[data-name=together]") == first
