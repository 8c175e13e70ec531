"""From a film to what is like it, to how it came into the list, and to what all this rests on."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from recommender import Recommender
from tests.e2e.conftest import Visit
from tests.e2e.test_app import no_sideways_scrolling
from tests.ui.pages.evaluated import quality_of
from tests.ui.profiles import own_profile

pytestmark = pytest.mark.e2e

SAID = own_profile({2571: 1, 858: 1, 1721: -1, 296: 0, 260: 1})


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
