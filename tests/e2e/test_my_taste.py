"""Changing what one said in the table, and looking at what kindred raters loved."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit, document
from tests.e2e.test_access import go
from tests.e2e.test_app import no_sideways_scrolling, rated
from tests.ui.profiles import own_profile

pytestmark = pytest.mark.e2e

SAID = own_profile({2571: 1, 858: 1, 1721: -1, 296: 0, 260: 1}, {858: 4.5}, (1196,), (1270,))


def test_what_is_edited_in_the_table_counts(
    sample_app: str, sample_index: Path, visit: Visit
) -> None:
    """Typed on the keyboard; undo takes it out of the cell as well; a phone shows it all."""
    page = visit(sample_app, keeps=document(sample_index, SAID), width=390)
    rated(page, 5)
    page.goto(f"{sample_app}my-taste")
    expect(page.get_by_role("button", name="Meet your kindred raters")).to_be_visible()
    grid = page.get_by_test_id("stDataFrame")
    stars = grid.get_by_test_id("glide-cell-2-0")
    was = stars.text_content()
    box = grid.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 55)
    expect(grid.get_by_test_id("stElementToolbar")).to_be_hidden()  # it would cover the search
    page.mouse.dblclick(box["x"] + 250, box["y"] + 55)  # stars of the first film
    page.locator("#portal input").fill("0.5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What your last step changed")).to_be_visible()
    expect(stars).to_have_text("0.5")
    expect(grid.get_by_test_id("glide-cell-1-0")).to_have_text("Dislike")
    no_sideways_scrolling(page)
    page.get_by_role("button", name="Undo the 0.5 stars").click()
    expect(page.get_by_role("heading", name="What your last step changed")).to_have_count(0)
    expect(stars).to_have_text(was or "")
    page.set_viewport_size({"width": 1300, "height": 900})
    go(page, "Kindred raters")
    page.get_by_role("button", name="What they loved").first.click()
    film = page.get_by_role("article").first
    name = film.get_attribute("aria-label") or ""
    film.get_by_role("button", name=f"Like {name}", exact=True).click()
    expect(page.get_by_role("button", name=f"Undo the like of {name}")).to_be_visible()
    expect(page.get_by_role("article", name=name, exact=True)).to_have_count(0)
    expect(page.get_by_role("heading", name="What Rater")).to_be_visible()  # still open
