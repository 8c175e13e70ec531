"""From a film to what is like it, to how it came into the list, and to what all this rests on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recommender import Recommender
from tests.e2e.conftest import Visit, document
from tests.e2e.test_access import go
from tests.e2e.test_app import PICKS, card, names, no_sideways_scrolling, rated
from tests.ui.pages.evaluated import quality_of
from tests.ui.profiles import own_profile

pytestmark = pytest.mark.e2e

SAID = own_profile({2571: 1, 858: 1, 1721: -1, 296: 0, 260: 1})


def go_on(page: Page, place: str) -> str:
    """Open the first film of a group, and give it."""
    title = names(page, place)[0]
    card(page, place, 0).get_by_role("link").click()
    return title


def is_about(page: Page, title: str) -> None:
    """The page shows this film, and the film is in the address and the title."""
    expect(page.locator("[data-name=film] h2")).to_have_text(re.compile(f"^{re.escape(title)} "))
    expect(page).to_have_title(re.compile(f"^{re.escape(title)} .* · Kindred$"))
    expect(page).to_have_url(re.compile("[?&]film="))


def test_from_film_to_film_and_to_the_calculation(
    sample_app: str, sample_index: Path, visit: Visit
) -> None:
    """Each film has an address; Back and F5 work; the taste goes along everywhere."""
    page = visit(sample_app, keeps=document(sample_index, SAID))
    rated(page, 5)
    first = go_on(page, PICKS)
    is_about(page, first)
    expect(page.locator("[data-name=film] h2")).to_be_in_viewport()
    second = go_on(page, "[data-name=similar]")
    is_about(page, second)
    expect(page.locator("[data-name=film] h2")).to_be_in_viewport()
    page.go_back()  # to the film that was clicked
    is_about(page, first)
    expect(card(page, "[data-name=similar]", 0).get_by_role("link")).to_be_focused()
    expect(card(page, "[data-name=similar]", 0)).to_be_in_viewport()
    page.reload()
    is_about(page, first)
    page.get_by_role("searchbox").press_sequentially("godfahter")
    page.locator("[data-name=found]").get_by_role("link", name="The Godfather (1972)").click()
    is_about(page, "The Godfather")
    expect(page.get_by_role("searchbox")).to_have_value("")
    go(page, "Discover")
    rated(page, 5)
    first = go_on(page, PICKS)
    page.get_by_role("button", name="The whole calculation").click()
    expect(page.get_by_text("That is place 1 in your list.")).to_be_visible()
    expect(page.locator(".k-steps h3")).to_have_count(9)
    expect(page.locator(".k-steps")).to_contain_text(f"of them rated {first} (")


def test_quality_and_data_on_a_phone(
    sample_app: str, sample_index: Path, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures are drawn, within the window and with nothing fetched from elsewhere."""
    monkeypatch.setenv("KINDRED_CACHE", str(sample_index.parent / "cache"))
    with Recommender.open(sample_index) as rec:
        path = quality_of(rec.stats()).keep()
    try:
        page = visit(f"{sample_app}quality", 390)
        expect(page.get_by_text("level with the best other")).to_be_visible()
        expect(page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible()
        expect(page.get_by_text("-2% to +20%").first).to_be_visible()
        no_sideways_scrolling(page)
    finally:
        path.unlink()
    page = visit(f"{sample_app}data", 390)
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(3)
    expect(page.get_by_role("heading", name="What is kept about you")).to_be_visible()
    no_sideways_scrolling(page)
