"""Every page for everybody: axe-core's rules, zoom, and both themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import axe_playwright_python
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit, document
from tests.e2e.test_app import PICKS, drawn, no_sideways_scrolling, rated
from tests.ui.profiles import own_profile

pytestmark = pytest.mark.e2e

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES: dict[Literal["light", "dark"], dict[str, Any]] = {
    # All but the colours is the same.
    "dark": {"type": "rule", "values": ["color-contrast"]},
    "light": {"type": "tag", "values": TAGS},
}
# What Streamlit draws, of no hindrance to anybody: the cell above the boxes that select rows, and
# the area that files are dropped on, by its button.
STREAMLITS = {
    "empty-table-header": 'role="columnheader"',
    "presentation-role-conflict": "stFileUploaderDropzone",
}
GROUNDS = {"light": "rgb(251, 248, 243)", "dark": "rgb(20, 21, 26)"}
SAID = own_profile({2571: 1, 858: 1, 1721: -1, 296: 0, 260: 1}, {858: 4.5}, (1196,), (1270,))


def findings(page: Page) -> list[str]:
    """Run axe-core on the page in both themes, as wide as a desk's and a phone's."""
    if not page.evaluate("'axe' in window"):  # it stays there until the page is loaded anew
        page.evaluate(AXE)
    told = []
    for width in (390, 1300):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, rules in RULES.items():
            page.emulate_media(color_scheme=scheme)
            settled(page)
            expect(page.get_by_test_id("stApp")).to_have_css("background-color", GROUNDS[scheme])
            # To tell of everything that is right takes it several times as long.
            found: dict[str, Any] = page.evaluate(
                "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
            )
            assert found["passes"]
            told += [
                f"{width} {scheme}: {one['id']}: {one['help']}: {node['html'][:160]} "
                f"{node['any'][:1]}"
                for one in found["violations"]
                for node in one["nodes"]
                if STREAMLITS.get(one["id"], "nothing") not in node["html"]
            ][:9]
    return told


def pages(page: Page) -> list[str]:
    """Names of the pages, as the lists above and below each page have them."""
    return page.get_by_test_id("stPageLink").all_inner_texts()


def settled(page: Page) -> None:
    """Wait until nothing of a page is left that Streamlit fades, as it is to be drawn anew."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def ready(page: Page) -> None:
    """Wait until the server has taken what was clicked."""
    page.wait_for_function(
        "[...document.querySelectorAll('.k-cards')].every("
        "one => !(one.__cards ?? one.querySelector('button')?.__taste)?.clicks.pending.length)"
    )


def go(page: Page, name: str) -> None:
    """Go to a page and wait for it.

    What the page before still had to say would lead back to it.
    """
    ready(page)
    settled(page)
    page.get_by_test_id("stPageLink").get_by_text(name, exact=True).click()
    expect(page).to_have_title("Kindred" if name == "Discover" else f"{name} · Kindred")
    settled(page)
    expect(page.locator(".k-source")).to_be_visible()


@pytest.mark.timeout(600)  # on a machine that does much else
def test_no_page_has_a_finding(sample_app: str, sample_index: Path, visit: Visit) -> None:
    """For someone new, with ratings, of a film, with a panel open, and in a search."""
    page = visit(sample_app)
    drawn(page)
    found = {"new": findings(page)}
    page = visit(sample_app, keeps=document(sample_index, SAID))
    rated(page, 5)
    found["Discover"] = findings(page)
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found["filters"] = findings(page)
    page.keyboard.press("Escape")
    page.locator(PICKS).get_by_role("link").first.click()
    expect(page.locator(".k-film")).to_be_visible()
    found["film"] = findings(page)
    for name in pages(page):
        if name != "Discover":
            go(page, name)
            found[name] = findings(page)
    page.get_by_role("searchbox").first.press_sequentially("star")
    expect(page.locator("[data-name=found] li").first).to_be_visible()
    found["search"] = findings(page)
    assert {name: list_ for name, list_ in found.items() if list_} == {}


def test_twice_the_size_fits(sample_app: str, sample_index: Path, visit: Visit) -> None:
    """At 200 % zoom, which is half the width, and at the least width WCAG names."""
    page = visit(sample_app, keeps=document(sample_index, SAID), width=1300)
    rated(page, 5)
    for name in pages(page):
        page.set_viewport_size({"width": 1300, "height": 900})
        go(page, name)
        for width in (650, 320):
            page.set_viewport_size({"width": width, "height": 700})
            no_sideways_scrolling(page)
