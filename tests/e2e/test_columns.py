"""A table of unknown headings, in a real browser: its columns are named once."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.test_access import findings

pytestmark = pytest.mark.e2e


def test_the_columns_of_a_table_are_named_once(
    sample_app: str, visit: Visit, tmp_path: Path
) -> None:
    """The browser keeps them, for the next visit and until everything is forgotten."""
    (tmp_path / "mine.csv").write_text("Peli;Puntos\nHeat;4\nThe Matrix;2\n")
    page = visit(f"{sample_app}import-export", width=390)
    drop = page.get_by_test_id("stFileUploaderDropzoneInput")
    drop.set_input_files(tmp_path / "mine.csv")
    expect(page.get_by_text("Which column is what?")).to_be_visible()
    assert findings(page) == []
    page.get_by_label("Scale of the ratings").click()
    page.get_by_role("option", name="0–4").click()
    page.get_by_role("button", name="Read it this way").click()
    expect(page.get_by_text("mine.csv: 2 films, rated from 0 to 4.")).to_be_visible()
    page.reload()
    drop.set_input_files(tmp_path / "mine.csv")
    expect(page.get_by_label("Scale of the ratings")).to_have_value("0–4")
    page.get_by_role("button", name="Read it this way").click()
    expect(page.get_by_text("mine.csv: 2 films, rated from 0 to 4.")).to_be_visible()
    page.get_by_role("button", name="Add 2").click()
    expect(page.get_by_text("Added 2")).to_be_visible()
    keys = "Object.keys(localStorage).filter(key => key.endsWith('/columns'))"
    values = f"{keys}.map(key => Object.keys(JSON.parse(localStorage[key]) || {{}}).length)"
    assert page.evaluate(values) == [1]
    page.goto(f"{sample_app}my-taste")
    page.get_by_role("button", name="Clear everything").click()
    page.get_by_role("dialog").get_by_role("button", name="Clear everything").click()
    page.wait_for_function(f"!Math.max(...{values})")
