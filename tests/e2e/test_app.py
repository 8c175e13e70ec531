"""What a person does with the app, in a real browser."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ingest import ingest
from recommender.storage.open_store import choose_store
from tests.e2e.conftest import Serve, Visit, document
from tests.qdrant_double import READ, WRITE, qdrant_double
from tests.ui import films
from tests.ui.profiles import own_profile
from tests.wire import Wire

pytestmark = pytest.mark.e2e

STARTERS, PICKS = "[data-name=starters]", "[data-name=top_picks]"
START = "Rate three to five films you know"


def card(page: Page, place: str, number: int) -> Locator:
    """The n-th film of a group."""
    return page.locator(f"{place} li").nth(number)


def rate(page: Page, place: str, number: int, word: str) -> None:
    """Click a word below a film."""
    button = re.compile(f"^{word} ")
    card(page, place, number).get_by_role("group").get_by_role("button", name=button).click()


def rated(page: Page, number: int) -> None:
    """Wait until the lists follow so many ratings."""
    text = re.compile(rf"By your {number} ratings?\b" if number else "What everyone likes")
    expect(page.locator(".k-section").get_by_text(text)).to_be_visible()


def drawn(page: Page) -> None:
    """Wait for all starters: until then, the first on the page need not be the first of all."""
    expect(page.locator(f"{STARTERS} li")).to_have_count(12)


def three_clicks(page: Page) -> None:
    """Rate the first three starters."""
    drawn(page)
    for number, word in enumerate(["Like", "Like", "Dislike"]):
        rate(page, STARTERS, number, word)
        rated(page, number + 1)


def no_sideways_scrolling(page: Page) -> None:
    """Nothing on the page is wider than the window, once all is laid out in it."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('html, [data-testid=stMain]')]"
        ".every(one => one.scrollWidth <= innerWidth)"
    )


def choose(page: Page, name: str) -> None:
    """Choose from a list that is open, as a hand does: it is drawn anew under the mouse."""
    option = page.get_by_role("option", name=name, exact=True)
    option.hover()
    option.click(delay=100)


def names(page: Page, place: str) -> list[str]:
    """Titles of a group, in order."""
    return page.locator(f"{place} h3").all_inner_texts()


def own_folders(folder: Path) -> dict[str, str]:
    """Name the per-user folders of an app that is told of no index."""
    return {"XDG_DATA_HOME": str(folder / "data"), "KINDRED_CACHE": str(folder / "cache")}


def test_first_start_ingests_the_sample_and_goes_on(
    serve: Serve, visit: Visit, tmp_path: Path
) -> None:
    """Without an index one click makes one, and another tab that waits goes on as well."""
    with serve(None, **own_folders(tmp_path)) as address:
        page, other = visit(address), visit(address)
        for tab in (page, other):
            expect(tab.get_by_role("heading", name="No ratings yet")).to_be_visible()
        page.get_by_role("button", name="Load the sample").click()
        for tab in (page, other):
            expect(tab.get_by_role("heading", name=START)).to_be_visible()
        expect(page.get_by_text("These raters are made up")).to_be_visible()


def test_two_servers_may_ingest_at_once(serve: Serve, visit: Visit, tmp_path: Path) -> None:
    """Two people on two servers who both ask for the sample both get the app."""
    folders = own_folders(tmp_path)
    with serve(None, **folders) as one, serve(None, **folders) as other:
        buttons = [
            visit(address).get_by_role("button", name="Load the sample") for address in (one, other)
        ]
        for button in buttons:
            expect(button).to_be_visible()
        for button in buttons:
            button.dispatch_event("click")
        for button in buttons:
            expect(button.page.get_by_role("heading", name=START)).to_be_visible()


def test_undo_by_button_by_keyboard_and_by_second_click(sample_app: str, visit: Visit) -> None:
    """Three ways to take something back."""
    page = visit(sample_app)
    three_clicks(page)
    page.get_by_role("button", name="Undo").click()
    rated(page, 2)
    page.keyboard.press("Control+z")
    rated(page, 1)
    rate(page, STARTERS, 0, "Like")
    rated(page, 0)


def test_fast_clicks_all_count(sample_app: str, visit: Visit) -> None:
    """Nobody has to wait for the page before the next click, nor loses the place."""
    page = visit(sample_app)
    drawn(page)
    main = page.get_by_test_id("stMain")
    main.evaluate("main => main.scrollTo(0, 150)")
    for number in range(6):
        rate(page, STARTERS, number, "Like")
    rated(page, 6)
    pressed = page.locator(f"{STARTERS} .k-say button[aria-pressed=true]")
    expect(pressed).to_have_count(6)
    assert main.evaluate("main => main.scrollTop") == 150


def test_search_answers_while_typing(sample_app: str, visit: Visit) -> None:
    """Errors are forgiven, and what is found can be rated where it is."""
    page = visit(sample_app)
    page.get_by_role("searchbox").press_sequentially("godfahter")
    found = page.locator("[data-name=found]")
    expect(page.get_by_text("like “godfahter”")).to_be_visible()
    expect(found.locator("h3").first).to_have_text("The Godfather")
    found.get_by_role("button", name="Like The Godfather (1972)", exact=True).click()
    rated(page, 1)


def test_a_damaged_index_is_a_panel_not_a_traceback(
    serve: Serve, visit: Visit, tmp_path: Path
) -> None:
    """What is wrong is said in one line, and the page goes on by itself once it is repaired."""
    index = tmp_path / "index"
    ingest(str(films.write(tmp_path / "csv")), index=index)
    manifest = next(index.glob("versions/*/manifest.json"))
    sound = manifest.read_bytes()
    manifest.write_bytes(b"{}")
    with serve(index) as address:
        page = visit(address)
        expect(page.get_by_role("alert")).to_contain_text("Nothing of yours is lost")
        manifest.write_bytes(sound)
        expect(page.get_by_role("heading", name=START)).to_be_visible()


def test_a_new_ingest_is_picked_up_while_the_app_is_open(
    serve: Serve, visit: Visit, tmp_path: Path
) -> None:
    """Another collection takes over at the next click, without a restart."""
    index = tmp_path / "index"
    ingest(str(films.write(tmp_path / "csv")), index=index)
    with serve(index) as address:
        page = visit(address, keeps=document(index, own_profile({8: 1, 10: 1, 12: 1})))
        rated(page, 3)
        ingest("sample", index=index)
        page.get_by_role("button", name="Rate more films").click()
        expect(page.get_by_text("3 films you rated elsewhere")).to_be_visible()
        expect(page.get_by_text("These raters are made up")).to_be_visible()


def test_the_app_asks_a_server_with_a_key_that_may_only_read(
    serve: Serve, visit: Visit, tmp_path: Path
) -> None:
    """First there is no index, then one is ingested elsewhere; the server goes, and comes back."""
    with qdrant_double() as double, Wire.to(double.url) as wire:
        double.keys = True
        settings = {
            "QDRANT_URL": wire.url,
            "QDRANT_API_KEY": READ,
            "KINDRED_CACHE": str(tmp_path),
        }
        with serve(None, **settings) as address:
            page = visit(address)
            expect(page.get_by_role("heading", name="No ratings yet")).to_be_visible()
            expect(page.get_by_role("button", name="Load the sample")).to_have_count(0)
            with closing(choose_store(url=double.url, api_key=WRITE)) as store:
                ingest("sample", index=store)
            drawn(page)
            rate(page, STARTERS, 0, "Like")
            rated(page, 1)
            expect(page.locator(f"{PICKS} .k-why").first).to_be_visible()
            wire.cut()
            rate(page, STARTERS, 1, "Like")
            alert = page.get_by_role("alert")
            expect(alert).to_contain_text("Nothing of yours is lost")
            expect(alert).not_to_contain_text(wire.url)
            page.reload()
            expect(alert).to_contain_text("cannot be reached")
            wire.mend()
            rated(page, 2)
