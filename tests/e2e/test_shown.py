"""What was shown before: the browser alone keeps it, and it counts at the next visit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import KEY, Visit, document
from tests.e2e.test_access import go
from tests.e2e.test_app import PICKS, names, rated
from tests.ui.profiles import own_profile

pytestmark = pytest.mark.e2e

LIKED = own_profile({2571: 1, 858: 1, 1721: -1})
SHOWN = f"{KEY}/shown"


def shown(page: Page) -> dict[str, Any]:
    """What the browser keeps of what was shown, by source and id."""
    text = page.evaluate(f"localStorage.getItem('{SHOWN}')")
    films: dict[str, Any] = json.loads(text or '{"films": {}}')["films"]
    return films


def ids(page: Page) -> list[str]:
    """Films of the list, in order."""
    films = page.locator(f"{PICKS} li")
    found: list[str] = films.evaluate_all("all => all.map(one => one.dataset.id)")
    return found


def look(page: Page) -> set[str]:
    """Look at the first films of the list until they count, and give them."""
    page.locator(f"{PICKS} li").first.scroll_into_view_if_needed()
    first = ids(page)[0]
    script = "([item, film]) => localStorage.getItem(item)?.includes(film)"
    page.wait_for_function(script, arg=[SHOWN, rf'\t{first}"'])
    return {film.split("\t")[1] for film in shown(page)}


def only_new(page: Page) -> None:
    """Switch on the filter."""
    page.get_by_role("button", name="Filters").click()
    page.get_by_text("Only what I was not shown before").click()
    expect(page.locator(PICKS)).to_contain_text("not shown to you before")
    page.keyboard.press("Escape")


def test_a_second_visit_can_leave_out_what_the_first_one_showed(
    sample_app: str, sample_index: Path, visit: Visit
) -> None:
    """F5 changes nothing, nor does the visit that showed them; no link has them."""
    page = visit(sample_app, keeps=document(sample_index, LIKED))
    rated(page, 3)
    before, seen = names(page, PICKS), look(page)
    assert {"cleared", "films"} == {*json.loads(page.evaluate(f"localStorage['{SHOWN}']"))}
    assert seen.isdisjoint({"2571", "858", "1721"})
    only_new(page)
    assert names(page, PICKS) == before
    page.reload()
    expect(page.locator(PICKS)).to_contain_text("not shown to you before")
    assert names(page, PICKS) == before
    assert "shown" not in page.evaluate(f"localStorage['{KEY}']")

    second = page.context.new_page()  # the next visit: a tab of its own
    second.goto(sample_app)
    rated(second, 3)
    assert names(second, PICKS) == before
    only_new(second)
    listed = ids(second)
    assert listed
    assert seen.isdisjoint(listed)
    second.reload()
    expect(second.locator(PICKS)).to_contain_text("not shown to you before")
    assert ids(second) == listed


def test_what_was_shown_on_three_days_comes_last_until_all_is_cleared(
    sample_app: str, sample_index: Path, visit: Visit
) -> None:
    """The first of the list is not in it any more; after "Clear everything" nothing is known."""
    page = visit(sample_app, keeps=document(sample_index, LIKED))
    rated(page, 3)
    look(page)
    source, first = next(iter(shown(page))).split("\t")[0], ids(page)[0]
    days = json.dumps({"cleared": 0, "films": {f"{source}\t{first}": [3, "2026-01-03"]}})
    page.evaluate(f"localStorage.setItem('{SHOWN}', {json.dumps(days)})")
    second = page.context.new_page()
    second.goto(sample_app)
    rated(second, 3)
    expect(second.locator(PICKS)).to_contain_text("1 film shown to you on three days")
    assert first not in ids(second)
    go(second, "My taste")
    second.get_by_role("button", name="Clear everything").click()
    second.get_by_role("dialog").get_by_role("button", name="Clear everything").click()
    second.wait_for_function("item => !localStorage.getItem(item)", arg=SHOWN)
