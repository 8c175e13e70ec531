"""The result of an evaluation, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from recommender import Recommender
from tests.e2e.conftest import Visit
from tests.ui.evaluated import quality_of


@pytest.mark.parametrize("width", [1300, 390])
def test_the_chart_is_drawn_where_there_is_a_result(
    sample_app: str, sample_index: Path, visit: Visit, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """Below the list, at a click, with nothing fetched from elsewhere."""
    monkeypatch.setenv("KINDRED_CACHE", str(sample_index.parent / "cache"))
    with Recommender.open(sample_index) as rec:
        path = quality_of(rec.stats()).save()
    try:
        page = visit(sample_app, width)
        page.get_by_role("button", name="How good is this?").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("who are not in the index were asked")).to_be_visible()
        expect(
            dialog.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first
        ).to_be_visible()
        expect(dialog.get_by_text("-2% to +20%").first).to_be_visible()
    finally:
        path.unlink()
