"""Eight journeys through the app, from the first page on."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit, document
from tests.e2e.test_access import go
from tests.e2e.test_app import (
    PICKS,
    STARTERS,
    card,
    choose,
    drawn,
    names,
    no_sideways_scrolling,
    rate,
    rated,
    three_clicks,
)
from tests.e2e.test_bring import BOXD, drop
from tests.e2e.test_one_truth import LIKED, kept
from tests.ui.profiles import own_profile

pytestmark = pytest.mark.e2e

SAID = own_profile({2571: 1, 858: 1, 1721: -1, 296: 0, 260: 1})
WESTERNS = (
    "Dances with Wolves",
    "Blazing Saddles",
    "Django Unchained",
    "Butch Cassidy and the Sundance Kid",
)
SAVED = ("Alien", "Psycho", "Toy Story", "Chinatown", "Casablanca")


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


def test_a_first_visit(sample_app: str, visit: Visit) -> None:
    """From the first visit: each film says why, what is rated leaves, all can be undone."""
    page = visit(sample_app)
    expect(page.get_by_text("What everyone likes. Rate a film to make it yours.")).to_be_visible()
    three_clicks(page)
    expect(page.get_by_text("3 of 5. This is your list")).to_be_visible()
    rate(page, STARTERS, 3, "Seen")
    rate(page, STARTERS, 4, "Like")
    rated(page, 5)
    expect(page.get_by_text("5 films rated. Each further rating")).to_be_visible()
    page.get_by_role("button", name="Done, show only my list").click()
    expect(page.locator(f"{STARTERS} li")).to_have_count(0)
    for row in ("Your list", "What's popular", "Classics", "Hidden gems"):
        expect(page.get_by_role("heading", name=row)).to_be_visible()
    first = card(page, PICKS, 0)
    expect(first).to_contain_text("for you")
    expect(first).to_contain_text("Liked by")
    first.get_by_role("link").click()
    film = page.locator(".k-film")
    expect(film).to_contain_text("because you liked")
    percents = [
        int(text.replace("−", "-").removesuffix("\u00a0%"))
        for text in film.locator(".k-bars b").all_inner_texts()
    ]
    assert sum(percents) == 100
    for word in ("Like", "Dislike"):
        button = film.get_by_role("button", name=re.compile(f"^{word} "))
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(film.locator(".k-bars")).to_have_count(0)  # what is rated is not recommended
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(film.locator(".k-bars")).to_be_visible()
    page.go_back()
    rated(page, 5)
    one = names(page, PICKS)[0]
    rate(page, PICKS, 0, "Dislike")
    expect(page.locator(PICKS).get_by_text(one, exact=True)).to_have_count(0)
    expect(page.get_by_test_id("stToast")).to_contain_text("Undo takes it back")
    rated(page, 6)
    other, third = names(page, PICKS)[:2]
    card(page, PICKS, 0).get_by_role("button", name="Not interested").click()
    expect(page.locator(PICKS).get_by_text(other, exact=True)).to_have_count(0)
    page.locator(f"{PICKS} li", has_text=third).get_by_role("button", name="Save").click()
    expect(page.locator("[data-name=watchlist] h3")).to_have_text([third])
    for _ in range(3):
        page.keyboard.press("Control+z")
    rated(page, 5)
    expect(page.locator(f"{PICKS} h3").first).to_have_text(one)


def test_a_narrow_taste(sample_app: str, visit: Visit) -> None:
    """Four films of a kind are searched for and liked: the list is of that kind, and says so."""
    page = visit(sample_app)
    drawn(page)
    search = page.get_by_role("searchbox")
    for number, title in enumerate(WESTERNS, start=1):
        search.fill(title)
        name = re.compile(f"^Like {re.escape(title)} ")
        page.locator("[data-name=found]").get_by_role("button", name=name).click()
        search.fill("")
        rated(page, number)
    facts = page.locator(f"{PICKS} .k-facts").all_inner_texts()
    assert len(facts) == 12
    assert sum("Western" in text for text in facts) >= 10
    card(page, PICKS, 0).get_by_role("link").click()
    expect(page.locator(".k-film .k-bars li")).to_have_count(4)
    expect(page.locator(".k-film .k-bars")).to_contain_text(WESTERNS[0])


def test_an_import_and_tonight(sample_app: str, visit: Visit, tmp_path: Path) -> None:
    """Ratings and a watchlist of another service; three of it for tonight, or a surprise."""
    with zipfile.ZipFile(tmp_path / "letterboxd.zip", "w") as made:
        rows = "".join(f"2026-01-01,{title},,x,4.5\n" for title in WESTERNS)
        made.writestr("ratings.csv", f"{BOXD},Rating\n{rows}")
        rows = "".join(f"2026-01-01,{title},,x\n" for title in SAVED)
        made.writestr("watchlist.csv", f"{BOXD}\n{rows}")
    page = visit(sample_app)
    go(page, "Import & export")
    drop(page, [tmp_path / "letterboxd.zip"])
    page.get_by_role("button", name=f"Add 4 ratings and {len(SAVED)} films saved").click()
    go(page, "Discover")
    rated(page, 4)
    expect(page.locator("[data-name=watchlist] li")).to_have_count(len(SAVED))
    go(page, "My taste")
    page.get_by_role("radio", name="Watchlist").click()
    tonight = page.locator("[data-name=tonight] h3")
    expect(tonight).to_have_count(3)
    assert {*tonight.all_inner_texts()} < {*SAVED}
    page.get_by_role("button", name="Surprise me").click()
    expect(tonight).to_have_count(1)
    title = tonight.inner_text()
    page.reload()
    expect(tonight).to_have_text([title])
    page.locator("[data-name=tonight]").get_by_role("button", name=f"Seen {title}").click()
    expect(tonight).to_have_count(3)
    assert title not in tonight.all_inner_texts()


def test_a_phone(sample_app: str, visit: Visit) -> None:
    """At 390 pixels everything fits, panels included; a dark system gets dark paper, a light one
    light."""
    page = visit(sample_app, width=390, scheme="dark")
    three_clicks(page)
    paper = page.get_by_test_id("stApp")
    for scheme, colour in (("dark", "rgb(20, 21, 26)"), ("light", "rgb(251, 248, 243)")):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        expect(paper).to_have_css("background-color", colour)
        no_sideways_scrolling(page)
    page.get_by_role("button", name="Filters").first.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()
    box = panel.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    no_sideways_scrolling(page)
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    card(page, PICKS, 0).get_by_role("link").click()
    expect(page.locator(".k-film")).to_be_visible()
    no_sideways_scrolling(page)


def test_the_keyboard_alone(sample_app: str, visit: Visit) -> None:
    """Arrow keys between films, letters to rate; the focus goes to the next film, never lost."""
    page = visit(sample_app)
    drawn(page)
    first = card(page, STARTERS, 0).get_by_role("button", name=re.compile("^Like "))
    first.focus()
    page.keyboard.press("Enter")
    rated(page, 1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("d")
    rated(page, 2)
    focused = "document.activeElement.getAttribute('aria-label')"
    assert "Like " in page.evaluate(focused)
    kept = card(page, STARTERS, 2).locator("h3").inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("n")
    expect(card(page, STARTERS, 2).locator("h3")).not_to_have_text(kept)
    assert "Like " in page.evaluate(focused)
    card(page, PICKS, 0).get_by_role("link").focus()
    name = page.evaluate(focused)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_focused()
    stars = page.get_by_role("button", name=re.compile(r"^0\.5 stars for"))
    stars.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile(r"^4\.5 stars for"))).to_be_focused()
    expect(page.get_by_role("button", name=f"Like {name}", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name=f"Like {name}", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )
    page.go_back()
    rated(page, 2)
    expect(card(page, PICKS, 0).get_by_role("link")).to_be_focused()
    leaving = card(page, PICKS, 0).locator("h3").inner_text()
    page.keyboard.press("s")
    rated(page, 3)
    expect(card(page, PICKS, 0).locator("h3")).not_to_have_text(leaving)
    expect(card(page, PICKS, 0).get_by_role("link")).to_be_focused()


def test_back_and_forth(sample_app: str, sample_index: Path, visit: Visit) -> None:
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


def test_filters_to_nothing(sample_app: str, sample_index: Path, visit: Visit) -> None:
    """A genre leaves the others out, a reload keeps it, dropping it brings them back."""
    page = visit(sample_app, keeps=document(sample_index, own_profile({2571: 1, 858: 1, 296: 1})))
    rated(page, 3)
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("combobox", name="Any of these genres").fill("docu")
    choose(page, "Documentary")
    for _ in range(2):
        expect(page.get_by_text("left. Filters: Documentary.")).to_be_visible()
        expect(page.locator(f"{PICKS} .k-facts").first).to_contain_text("Documentary")
        page.reload()
    expect(page.locator(f"{PICKS} .k-facts").first).to_contain_text("Documentary")
    for facts in page.locator(".k-group .k-facts").all_inner_texts():
        assert "Documentary" in facts
    page.get_by_role("button", name="Any genre").click()
    expect(page.get_by_text("Filters:")).to_have_count(0)
    expect(page.locator(f"{PICKS} li")).to_have_count(12)


def test_a_shared_link(sample_app: str, sample_index: Path, visit: Visit) -> None:
    """From the page that makes it, to a browser that keeps nothing yet."""
    page = visit(sample_app, keeps=document(sample_index, LIKED))
    rated(page, 3)
    shown = names(page, PICKS)
    go(page, "Import & export")
    address = page.get_by_test_id("stCode").inner_text().strip()
    page.get_by_text("Open it on a phone").click()
    expect(page.get_by_alt_text("QR code of the link")).to_be_visible()
    phone = visit(address, width=390)
    expect(phone.get_by_text("By the 3 ratings of the link")).to_be_visible()
    assert names(phone, PICKS) == shown
    phone.get_by_role("button", name="Add it to my list").click()
    rated(phone, 3)
    assert kept(phone) == kept(page)
    assert phone.url == sample_app
