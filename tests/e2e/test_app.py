"""What a person does with the app, in a real browser."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from ingest.pipeline import ingest_into
from recommender.stores import choose_store
from tests.e2e.conftest import Serve, Visit, ingest
from tests.qdrant_double import READ, WRITE, qdrant_double, times
from tests.ui import films

expect.set_options(timeout=15_000)

STARTERS, PICKS = ".st-key-grid-starter", ".st-key-grid-pick"


def said(page: Page) -> dict[str, list[str]]:
    """The profile in the address bar."""
    return parse_qs(urlsplit(page.url).query)


def control(page: Page, place: str, number: int) -> Locator:
    """The rating control of the n-th card of a grid."""
    return page.locator(place).get_by_role("radiogroup").nth(number)


def rate(page: Page, place: str, number: int, word: str) -> None:
    """Click a word of a rating control."""
    control(page, place, number).get_by_role("radio", name=word, exact=True).click()


def rated(page: Page, number: int) -> None:
    """Wait until the page counts so many ratings."""
    text = re.compile(rf"By your {number} ratings?\b" if number else "Rate a film to make it yours")
    expect(page.locator(".k-section").get_by_text(text)).to_be_visible()


def drawn(page: Page) -> None:
    """Wait for all starters: until then, the first on the page need not be the first of all."""
    expect(page.locator(STARTERS).get_by_role("radiogroup")).to_have_count(12)


def three_clicks(page: Page) -> None:
    """Rate the first three starters."""
    drawn(page)
    for number, word in enumerate(["Like", "Like", "Dislike"]):
        rate(page, STARTERS, number, word)
        rated(page, number + 1)


def no_sideways_scrolling(page: Page) -> None:
    """Nothing on the page is wider than the window."""
    wide, window = page.evaluate(
        "[Math.max(...[...document.querySelectorAll('html, [data-testid=stMain]')]"
        ".map(e => e.scrollWidth)), innerWidth]"
    )
    assert wide <= window


def test_first_start_ingests_the_sample_and_goes_on(
    serve: Serve, visit: Visit, tmp_path: Path
) -> None:
    """Without an index one click makes one, and another tab that waits goes on as well."""
    with serve(tmp_path / "index") as address:
        page, other = visit(address), visit(address)
        for tab in (page, other):
            expect(tab.get_by_role("heading", name="No ratings yet")).to_be_visible()
        page.get_by_role("button", name="Load the sample").click()
        for tab in (page, other):
            expect(tab.get_by_role("heading", name="Rate a few movies you know")).to_be_visible()
        expect(page.get_by_text("These raters are synthetic")).to_be_visible()


def test_two_servers_may_ingest_at_once(serve: Serve, visit: Visit, tmp_path: Path) -> None:
    """Two people on two servers who both ask for the sample both get the app."""
    with serve(tmp_path / "index") as one, serve(tmp_path / "index") as other:
        buttons = [
            visit(address).get_by_role("button", name="Load the sample") for address in (one, other)
        ]
        for button in buttons:
            expect(button).to_be_visible()
        for button in buttons:
            button.dispatch_event("click")
        for button in buttons:
            heading = button.page.get_by_role("heading", name="Rate a few movies you know")
            expect(heading).to_be_visible()


def test_three_clicks_give_recommendations_with_reasons(sample_app: str, visit: Visit) -> None:
    """Each recommendation says why, and who is behind it; all reasons are a click away."""
    page = visit(sample_app)
    expect(page.get_by_text("Rate a film to make it yours.")).to_be_visible()
    three_clicks(page)
    expect(page.get_by_role("heading", name="Recommended for you")).to_be_visible()
    card = page.locator(PICKS).get_by_role("article").first
    expect(card).to_contain_text("because you liked")
    expect(card).to_contain_text("kindred raters")
    page.locator(PICKS).get_by_role("button", name="Why this film?").first.click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("listitem").first).to_contain_text("%")
    expect(panel.get_by_role("heading")).to_contain_text("Why ")


def test_a_rated_recommendation_leaves_the_list(sample_app: str, visit: Visit) -> None:
    """A recommended film can be rated where it stands, and is not recommended again."""
    page = visit(sample_app)
    three_clicks(page)
    expect(page.locator(PICKS).get_by_role("radiogroup")).to_have_count(12)
    label = control(page, PICKS, 0).get_attribute("aria-label") or ""
    picked = page.locator(PICKS).get_by_role("radiogroup", name=label, exact=True)
    picked.get_by_role("radio", name="Seen", exact=True).click()
    rated(page, 4)
    expect(picked).to_have_count(0)
    expect(page.get_by_test_id("stToast")).to_contain_text("Marked as seen")


def test_reloading_and_sharing_keep_the_profile(sample_app: str, visit: Visit) -> None:
    """The address bar holds the ratings: F5 and another browser find them again."""
    page = visit(sample_app)
    three_clicks(page)
    assert {name: len(ids) for name, ids in said(page).items()} == {"like": 2, "dislike": 1}
    page.reload()
    rated(page, 3)
    shared = visit(page.url)
    rated(shared, 3)
    first = control(page, PICKS, 0).get_attribute("aria-label")
    expect(control(shared, PICKS, 0)).to_have_attribute("aria-label", first or "")


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
    assert said(page) == {}


def test_the_back_button_goes_one_rating_back(sample_app: str, visit: Visit) -> None:
    """Back and forward walk through the profile instead of leaving page and address at odds."""
    page = visit(sample_app)
    three_clicks(page)
    page.go_back()
    rated(page, 2)
    page.go_forward()
    rated(page, 3)


def test_fast_clicks_all_count(sample_app: str, visit: Visit) -> None:
    """Nobody has to wait for the page before the next click."""
    page = visit(sample_app)
    drawn(page)
    for number in range(6):
        rate(page, STARTERS, number, "Like")
    rated(page, 6)
    expect(page).to_have_url(re.compile(r"\?(like=\d+&?){6}$"))


def test_ratings_can_be_given_without_a_mouse(sample_app: str, visit: Visit) -> None:
    """A control can be focused and used with the keyboard, and has a name to be read out."""
    page = visit(sample_app)
    drawn(page)
    first = control(page, STARTERS, 0)
    expect(first).to_have_accessible_name(re.compile("^Rate .+"))
    first.get_by_role("radio", name="Like", exact=True).focus()
    page.keyboard.press("Space")
    rated(page, 1)


def test_search_finds_a_misspelt_title(sample_app: str, visit: Visit) -> None:
    """Typing is enough, errors are forgiven, and what is found can be rated."""
    page = visit(sample_app)
    page.get_by_role("searchbox").press_sequentially("godfahter")
    found = page.locator(".st-key-grid-found")
    expect(page.get_by_text("like “godfahter”")).to_be_visible()
    expect(found.get_by_role("heading").first).to_have_text("The Godfather")
    group = found.get_by_role("radiogroup", name="Rate The Godfather (1972)", exact=True)
    group.get_by_role("radio", name="Like", exact=True).click()
    rated(page, 1)


def test_filters_narrow_the_list_and_can_be_loosened(sample_app: str, visit: Visit) -> None:
    """A genre leaves the others out; dropping it brings them back."""
    page = visit(f"{sample_app}?like=2571&like=858")
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("combobox", name="Any of these genres").fill("west")
    page.get_by_role("option", name="Western").click()
    expect(page.get_by_text("with these filters: Western.")).to_be_visible()
    for facts in page.locator(f"{PICKS} .k-facts").all_inner_texts():
        assert "Western" in facts
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Any genre").click()
    expect(page.get_by_text("with these filters")).to_have_count(0)
    expect(page.locator(PICKS).get_by_role("article")).to_have_count(24)


def test_own_ratings_can_be_changed_removed_and_cleared(sample_app: str, visit: Visit) -> None:
    """The list of ratings stays open while it is worked on."""
    page = visit(f"{sample_app}?like=2571&dislike=858&seen=1221")
    page.get_by_role("button", name="Your ratings").click()
    panel = page.get_by_role("dialog")
    matrix = panel.get_by_role("radiogroup", name="Rate The Matrix (1999)", exact=True)
    matrix.get_by_role("radio", name="Dislike", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?dislike=858&dislike=2571&seen=1221$|seen=1221&.*2571"))
    panel.get_by_role("button", name="Remove").first.click()
    rated(page, 2)
    panel.get_by_role("button", name="Clear all ratings").click()
    rated(page, 0)
    expect(page.get_by_role("heading", name="Rate a few movies you know")).to_be_visible()


def test_unknown_films_in_a_link_are_reported_once(sample_app: str, visit: Visit) -> None:
    """A link with strangers and garbage opens with a friendly line."""
    page = visit(f"{sample_app}?like=2571&like=99999999&seen=%3Cscript%3E&dislike=%00")
    expect(page.get_by_text("3 films are not in this collection")).to_be_visible()
    rated(page, 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways(scheme: str, sample_app: str, visit: Visit) -> None:
    """At 390 pixels everything fits, panels included."""
    page = visit(sample_app, width=390, scheme=scheme)
    three_clicks(page)
    no_sideways_scrolling(page)
    for name in ("Why this film?", "Filters", "Your ratings"):
        page.get_by_role("button", name=name).first.click()
        panel = page.get_by_role("dialog")
        expect(panel).to_be_visible()
        box = panel.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        no_sideways_scrolling(page)
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)


def test_the_theme_follows_the_system(sample_app: str, visit: Visit) -> None:
    """A dark system gets dark paper, a light one light."""
    paper = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    colours = {}
    for scheme in ("light", "dark"):
        page = visit(sample_app, scheme=scheme)
        expect(control(page, STARTERS, 0)).to_be_visible()
        colours[scheme] = page.evaluate(paper)
    assert colours == {"light": "rgb(251, 248, 243)", "dark": "rgb(20, 21, 26)"}


def test_hostile_titles_show_as_written(serve: Serve, visit: Visit, tmp_path: Path) -> None:
    """Markdown, HTML and LaTeX in titles are text, wherever a title stands."""
    ingest(str(films.write(tmp_path / "csv")), tmp_path / "index")
    titles = [title for title, _ in films.HOSTILE.values()]
    with serve(tmp_path / "index") as address:
        likes = "&".join(f"like={number}" for number in films.HOSTILE)
        page = visit(f"{address}?{likes}")
        rated(page, len(titles))
        page.get_by_role("button", name="Your ratings").click()
        panel = page.get_by_role("dialog")
        expect(panel.locator(".k-rated")).to_have_text(list(reversed(titles)))
        for title in titles:
            group = panel.get_by_role("radiogroup", name=f"Rate {title}", exact=True)
            expect(group).to_have_count(1)
            group.get_by_role("radio", name="Seen", exact=True).click()
            expect(group.get_by_role("radio", name="Seen", exact=True)).to_be_checked()
            # The joiner is not seen, and breaks up what would be rewritten.
            as_written = "\u2060?".join(map(re.escape, title))
            tip = page.get_by_role("tooltip")
            for _ in range(20):  # a button drawn anew under a resting mouse shows no tip
                page.mouse.move(0, 0)
                page.get_by_role("button", name="Undo").hover()
                page.wait_for_timeout(500)
                if tip.count() and title in tip.inner_text().replace("\u2060", ""):
                    break
            expect(tip).to_have_text(re.compile(f"Undo the seen mark on {as_written}$"))
        panel.get_by_role("button", name="Clear all ratings").click()
        rated(page, 0)
        page.keyboard.press("Escape")
        shown = page.locator(f"{STARTERS} h3").all_inner_texts()
        assert {title.rsplit(" (", 1)[0] for title in titles} <= set(shown)


def test_a_damaged_index_is_a_panel_not_a_traceback(
    serve: Serve, visit: Visit, tmp_path: Path
) -> None:
    """What is wrong is said in one line, and trying again works once it is repaired."""
    index = tmp_path / "index"
    ingest(str(films.write(tmp_path / "csv")), index)
    manifest = next(index.glob("versions/*/manifest.json"))
    sound = manifest.read_bytes()
    manifest.write_bytes(b"{}")
    with serve(index) as address:
        page = visit(address)
        expect(page.get_by_role("alert")).to_contain_text("That did not work")
        manifest.write_bytes(sound)
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("heading", name="Rate a few movies you know")).to_be_visible()


def test_a_new_ingest_is_picked_up_while_the_app_is_open(
    serve: Serve, visit: Visit, tmp_path: Path
) -> None:
    """Another collection takes over at the next click, without a restart."""
    index = tmp_path / "index"
    ingest(str(films.write(tmp_path / "csv")), index)
    with serve(index) as address:
        page = visit(f"{address}?like=8&like=10")
        rated(page, 2)
        ingest("sample", index)
        page.get_by_role("button", name="Rate more films").click()
        expect(page.get_by_text("are not in this collection")).to_be_visible()
        expect(page.get_by_text("These raters are synthetic")).to_be_visible()


def test_the_app_asks_a_server_with_a_key_that_may_only_read(
    serve: Serve, visit: Visit, tmp_path: Path
) -> None:
    """First there is no index, then one is ingested elsewhere, then the server goes away."""
    with qdrant_double() as double:
        double.keys = True
        settings = {
            "QDRANT_URL": double.url,
            "QDRANT_API_KEY": READ,
            "KINDRED_CACHE": str(tmp_path),
        }
        with serve(None, **settings) as address:
            page = visit(address)
            expect(page.get_by_role("button", name="Load the sample")).to_be_visible()
            with closing(choose_store(url=double.url, api_key=WRITE)) as store:
                ingest_into(store, "sample")
            drawn(page)
            rate(page, STARTERS, 0, "Like")
            rated(page, 1)
            expect(page.locator(PICKS).locator(".k-why").first).to_be_visible()
            double.fault = times(-1, 503)
            page.reload()
            expect(page.get_by_role("alert")).to_contain_text("cannot be reached, or is not ready")
            double.fault = None
            page.get_by_role("button", name="Try again").click()
            rated(page, 1)
