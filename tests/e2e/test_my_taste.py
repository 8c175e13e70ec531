"""Changing what one said in the list, choosing a film for tonight, and people like oneself."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from recommender import Profile, Recommender
from tests.e2e.conftest import Visit, document
from tests.e2e.test_access import findings
from tests.e2e.test_app import no_sideways_scrolling
from tests.ui.profiles import own_profile

pytestmark = pytest.mark.e2e

SAID = own_profile(
    {2571: 1, 858: 1, 1721: -1, 296: 0, 260: 1, 4993: 1},
    {858: 4.5},
    (1196, 1210, 7153, 593, 527),
    (1270,),
)
LIST, TONIGHT = "[data-name=films]", "[data-name=tonight]"


def opened(visit: Visit, app: str, index: Path, said: Profile = SAID, **given: object) -> Page:
    """Open My taste in a browser that keeps a taste."""
    page = visit(f"{app}my-taste", keeps=document(index, said), **given)
    expect(page.locator(LIST)).to_be_visible()
    return page


def line(page: Page, title: str) -> Locator:
    """The row of a film."""
    return page.locator(f"{LIST} li").filter(has=page.get_by_role("link", name=title, exact=True))


def titles(page: Page, place: str = LIST) -> list[str]:
    """Titles in a list, in order."""
    return page.locator(f"{place} h3").all_inner_texts()


def is_lit(page: Page, title: str, stars: float) -> None:
    """Expect a film to have so many stars, and no more."""
    pressed = line(page, title).locator(".k-half[aria-pressed=true]")
    expect(pressed).to_have_attribute("data-value", f"{stars:g}")
    expect(line(page, title).locator(".k-lit")).to_have_count(int(stars * 2))


def test_half_stars_are_given_in_place_on_a_phone(
    sample_app: str, sample_index: Path, visit: Visit
) -> None:
    """By one tap; the opinion follows, nothing moves, undo takes it back; all fits."""
    page = opened(visit, sample_app, sample_index, width=390)
    before = titles(page)
    film = before[2]
    line(page, film).locator(".k-half").nth(2).click()
    is_lit(page, film, 1.5)
    expect(line(page, film).get_by_role("button", name=re.compile("^Dislike "))).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.get_by_role("heading", name="What your last step changed")).to_be_visible()
    assert titles(page) == before
    no_sideways_scrolling(page)
    page.get_by_role("button", name="Undo the 1.5 stars").click()
    expect(line(page, film).locator(".k-lit")).to_have_count(0)
    assert titles(page) == before


def test_the_keyboard_alone_rates_and_removes(
    sample_app: str, sample_index: Path, visit: Visit
) -> None:
    """Arrows between films, digits for stars, letters for opinions; the focus stays in the list."""
    page = opened(visit, sample_app, sample_index)
    first, second, third = titles(page)[:3]
    line(page, first).get_by_role("link").focus()
    page.keyboard.press("ArrowDown")
    expect(line(page, second).get_by_role("link")).to_be_focused()
    page.keyboard.press("4")
    is_lit(page, second, 4)
    page.keyboard.press("4")
    is_lit(page, second, 3.5)
    expect(line(page, second).get_by_role("link")).to_be_focused()
    page.keyboard.press("d")
    dislike = line(page, second).get_by_role("button", name=re.compile("^Dislike "))
    expect(dislike).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("d")  # the same again removes nothing
    expect(dislike).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")  # to the stars: one of them is a stop
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    is_lit(page, second, 5)
    expect(line(page, second).locator(".k-half").last).to_be_focused()
    page.keyboard.press("Delete")
    expect(line(page, second)).to_have_count(0)
    expect(line(page, third).locator(":focus")).to_have_count(1)
    expect(page.get_by_role("button", name=f"Undo the removal of {second}")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator(f"{LIST} h3").nth(1)).to_have_text(second)
    is_lit(page, second, 5)


def test_the_list_is_sorted_and_stays_so(sample_app: str, sample_index: Path, visit: Visit) -> None:
    """By title; after F5, and back from a film's page, as it was."""
    page = opened(visit, sample_app, sample_index)
    latest = titles(page)
    page.get_by_role("combobox", name="Sort by").click()
    option = page.get_by_role("option", name="Title", exact=True)
    option.hover()
    option.click(delay=100)
    expect(page.locator(f"{LIST} h3").first).not_to_have_text(latest[0])
    by_title = titles(page)
    assert sorted(latest) == sorted(by_title)
    assert by_title != latest
    page.reload()
    expect(page.locator(f"{LIST} h3").first).to_have_text(by_title[0])
    assert titles(page) == by_title
    line(page, by_title[1]).get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/film\?film="))
    page.go_back()
    expect(page.locator(f"{LIST} h3").first).to_have_text(by_title[0])


def test_many_films_come_by_portions(sample_app: str, sample_index: Path, visit: Visit) -> None:
    """Twenty at first; then as many as are asked for."""
    with Recommender.open(sample_index) as opened_index:
        popular = [row.movie.movie_id for row in opened_index.popular(limit=70)]
    many = own_profile(dict.fromkeys(popular, 1))
    page = opened(visit, sample_app, sample_index, many)
    expect(page.locator(f"{LIST} li")).to_have_count(20)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(f"{LIST} li")).to_have_count(70)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_three_for_tonight_and_a_surprise(
    sample_app: str, sample_index: Path, visit: Visit
) -> None:
    """The address leads there; chance picks another film each time, and F5 keeps it."""
    page = visit(f"{sample_app}my-taste?shelf=watchlist", keeps=document(sample_index, SAID))
    expect(page.locator(f"{TONIGHT} li")).to_have_count(3)
    three, saved = titles(page, TONIGHT), titles(page)
    assert {*three} < {*saved}
    page.get_by_role("button", name="Surprise me").click()
    expect(page.locator(f"{TONIGHT} li")).to_have_count(1)
    (surprise,) = titles(page, TONIGHT)
    page.reload()
    expect(page.locator(f"{TONIGHT} li")).to_have_count(1)
    assert titles(page, TONIGHT) == [surprise]
    page.get_by_role("button", name="Surprise me again").click()
    expect(page.locator(f"{TONIGHT} h3")).not_to_have_text(surprise)
    page.get_by_role("button", name="Back to the three picks").click()
    expect(page.locator(f"{TONIGHT} li")).to_have_count(3)
    assert titles(page, TONIGHT) == three


def test_what_kindred_raters_love_can_be_rated(
    sample_app: str, sample_index: Path, visit: Visit
) -> None:
    """All of them together, and each one; a film that is rated leaves, and the panel stays."""
    page = visit(f"{sample_app}people-like-you", keeps=document(sample_index, SAID))
    expect(page.get_by_role("heading", name="You agree on")).to_be_visible()
    expect(page.locator("[data-name=together] li")).to_have_count(12)
    page.get_by_role("button", name="What they loved").first.click()
    film = page.locator("[data-name=loved]").get_by_role("article").first
    name = film.get_attribute("aria-label") or ""
    film.get_by_role("button", name=f"Like {name}", exact=True).click()
    expect(page.get_by_role("button", name=f"Undo the like of {name}")).to_be_visible()
    expect(page.get_by_role("article", name=name, exact=True)).to_have_count(0)
    expect(page.get_by_role("heading", name="What Rater")).to_be_visible()  # still open


@pytest.mark.timeout(600)  # on a machine that does much else
@pytest.mark.parametrize("width", [1300, 390])
def test_everybody_can_use_these_pages(
    sample_app: str, sample_index: Path, visit: Visit, width: int
) -> None:
    """No finding of axe-core on any shelf, or among people, in either theme."""
    stars = {2571: 5.0, 858: 4.5, 1721: 1.0, 296: 3.0, 260: 4.0}
    page = opened(visit, sample_app, sample_index, replace(SAID, stars=stars), width=width)
    expect(page.get_by_role("heading", name="Your stars and everybody")).to_be_visible()
    found = {"rated": findings(page)}
    for name in ("watchlist", "hidden"):
        page.goto(f"{sample_app}my-taste?shelf={name}")
        expect(page.locator(f"{LIST} li").first).to_be_visible()
        expect(page.get_by_role("heading", name="Where this is kept")).to_be_visible()
        found[name] = findings(page)
        no_sideways_scrolling(page)
    page.goto(f"{sample_app}people-like-you")
    page.get_by_role("button", name="What they loved").first.click()
    expect(page.locator("[data-name=loved] li").first).to_be_visible()
    found["people"] = findings(page)
    no_sideways_scrolling(page)
    assert {name: list_ for name, list_ in found.items() if list_} == {}
