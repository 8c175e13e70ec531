"""What a visitor said stays said: through Back, F5, closed tabs, several tabs, and links."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ingest import ingest
from recommender import Profile, Recommender
from tests.e2e.conftest import KEY, Serve, Visit, document
from tests.e2e.test_access import go, ready
from tests.e2e.test_app import PICKS, START, STARTERS, card, drawn, names, rate, rated
from tests.ui import films
from tests.ui.profiles import own_profile
from ui.state import link

pytestmark = pytest.mark.e2e

WIDTHS = pytest.mark.parametrize("width", [1300, 390])
LIKED = own_profile({2571: 1, 858: 1, 1721: -1})


def kept(page: Page) -> dict[str, str]:
    """What the browser keeps: opinions by title."""
    text = page.evaluate(f"localStorage.getItem('{KEY}')")
    return {film["title"]: film["opinion"] for film in json.loads(text or "{}").get("ratings", [])}


def pressed(page: Page, number: int) -> None:
    """Wait until so many of the films to begin with are rated."""
    buttons = page.locator(f"{STARTERS} .k-say button[aria-pressed=true]")
    expect(buttons).to_have_count(number)


def code(index: Path, profile: Profile) -> str:
    """The taste of a link."""
    with Recommender.open(index) as opened:
        return str(link.encode(profile, opened))


@WIDTHS
def test_back_forward_and_f5_never_change_what_was_said(
    sample_app: str, visit: Visit, width: int
) -> None:
    """At any moment, and the films to begin with stay the same as well."""
    page = visit(f"{sample_app}data", width=width)
    page.goto(sample_app)
    drawn(page)
    starters = names(page, STARTERS)
    for number in range(5):
        # By keyboard: what appears above a button between press and release takes a mouse's click.
        like = card(page, STARTERS, number).get_by_role("button", name=re.compile("^Like "))
        like.press("Enter")
    page.reload()  # before the server can have answered to all of them
    pressed(page, 5)
    assert names(page, STARTERS) == starters
    page.go_back()
    page.go_forward()
    pressed(page, 5)
    for number in (5, 6):
        rate(page, STARTERS, number, "Dislike")
        page.reload()
        pressed(page, number + 1)
        assert names(page, STARTERS) == starters
    rated(page, 7)
    go(page, "My taste")
    expect(page.get_by_text("7 rated, 0 on your watchlist")).to_be_visible()
    page.go_back()
    rated(page, 7)
    page.go_forward()
    expect(page.get_by_text("7 rated, 0 on your watchlist")).to_be_visible()
    page.go_back()
    pressed(page, 7)
    assert re.fullmatch(re.escape(sample_app), page.url)
    assert len(kept(page)) == 7


@WIDTHS
def test_a_closed_tab_loses_nothing(sample_app: str, visit: Visit, width: int) -> None:
    """Not even the last click before it was closed."""
    page = visit(sample_app, width=width)
    drawn(page)
    for number, word in enumerate(("Like", "Seen", "Dislike")):
        rate(page, STARTERS, number, word)
    said = kept(page)
    assert [*said.values()] == ["like", "seen", "dislike"]
    page.close()
    again = page.context.new_page()
    again.goto(sample_app)
    rated(again, 3)
    assert kept(again) == said
    expect(again.locator(f"{STARTERS} li")).to_have_count(0)
    again.get_by_role("button", name="Rate more films").click()
    rate(again, STARTERS, 0, "Like")
    rated(again, 4)


@WIDTHS
def test_two_tabs_keep_one_list(sample_app: str, visit: Visit, width: int) -> None:
    """Rated in both, taken back in one, cleared in one: the other follows."""
    one = visit(sample_app, width=width)
    drawn(one)
    two = one.context.new_page()
    two.goto(sample_app)
    drawn(two)
    rate(one, STARTERS, 0, "Like")
    rate(two, STARTERS, 1, "Dislike")
    rate(one, STARTERS, 2, "Seen")
    for page in (one, two):
        rated(page, 3)
        pressed(page, 3)
    rate(two, STARTERS, 0, "Like")  # which takes it back
    for page in (one, two):
        rated(page, 2)
        pressed(page, 2)
    go(one, "My taste")
    one.get_by_role("button", name="Clear everything").click()
    dialog = one.get_by_role("dialog")
    expect(dialog).to_contain_text("Your opinion of 2 films is deleted from this browser")
    dialog.get_by_role("button", name="Clear everything").click()
    rated(two, 0)
    pressed(two, 0)
    assert kept(two) == {}
    rate(two, STARTERS, 3, "Like")
    rated(two, 1)
    one.get_by_role("button", name=re.compile("^Undo the clearing")).click()
    rated(two, 3)
    assert len(kept(two)) == 3


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (
            "Object.defineProperty(window, 'localStorage', "
            "{ get() { throw new DOMException('no', 'SecurityError') } })",
            "Your browser keeps nothing for this page",
        ),
        (
            "Storage.prototype.setItem = "
            "() => { throw new DOMException('no', 'QuotaExceededError') }",
            "Your browser’s storage is full",
        ),
    ],
)
def test_a_storage_that_is_off_or_full_is_said(
    sample_app: str, visit: Visit, broken: str, told: str
) -> None:
    """And the visit goes on as otherwise, from page to page."""
    page = visit(sample_app, script=broken)
    drawn(page)
    for number in range(3):
        rate(page, STARTERS, number, "Like")
    rated(page, 3)
    expect(page.get_by_text(told)).to_be_visible()
    go(page, "My taste")
    expect(page.get_by_text("3 rated, 0 on your watchlist")).to_be_visible()
    go(page, "Discover")
    rated(page, 3)


@WIDTHS
@pytest.mark.parametrize("address", ["#taste={}", "?taste={}"])
def test_a_link_over_an_own_list_overwrites_nothing(
    sample_app: str, sample_index: Path, visit: Visit, width: int, address: str
) -> None:
    """It is looked at; what is rated meanwhile goes to one's own. Links of before open as well."""
    page = visit(f"{sample_app}data", width=width, keeps=document(sample_index, LIKED))
    page.goto(sample_app + address.format(code(sample_index, own_profile({1: 1, 260: 1}))))
    expect(page.get_by_text("This is the taste of a link: 2 films rated.")).to_be_visible()
    assert "?taste" not in page.url
    expect(page.get_by_text("By the 2 ratings of the link")).to_be_visible()
    rate(page, PICKS, 0, "Like")
    ready(page)
    assert len(kept(page)) == 4
    page.reload()
    expect(page.get_by_text("By the 2 ratings of the link")).to_be_visible()
    page.get_by_role("button", name="Back to my list").click()
    rated(page, 4)
    assert page.url == sample_app
    page.reload()
    rated(page, 4)


def test_another_collection_misreads_nothing_and_drops_nothing(
    serve: Serve, visit: Visit, tmp_path: Path
) -> None:
    """What is not in it stays, is counted, and is there again when the first one is."""
    one, other = films.write(tmp_path / "one"), films.write(tmp_path / "other")
    (other / "links.csv").write_text("movieId,imdbId,tmdbId\n8,111,\n9,222,\n")
    index = tmp_path / "index"
    ingest(str(one), index=index)
    said = own_profile({8: 1, 10: 1, 12: -1})
    with serve(index) as address:
        page = visit(address, keeps=document(index, said))
        rated(page, 3)
        before = kept(page)
        ingest(str(other), index=index)
        page.reload()
        expect(page.get_by_text("3 films you rated elsewhere: not in this")).to_be_visible()
        expect(page.get_by_role("heading", name=START)).to_be_visible()
        rate(page, STARTERS, 0, "Like")
        rated(page, 1)
        assert len(kept(page)) == 4
        ingest(str(one), index=index)
        page.reload()
        rated(page, 3)
        assert before.items() <= kept(page).items()


def test_the_server_writes_nothing_down(serve: Serve, visit: Visit, tmp_path: Path) -> None:
    """No cookie of ours, no file, and no line of what was said or shared."""
    ingest(str(films.write(tmp_path / "csv")), index=tmp_path / "index")
    cache, log = tmp_path / "cache", tmp_path / "server.log"
    (cache / "visitors").mkdir(parents=True)
    (cache / "visitors" / "visitors.sqlite").write_bytes(b"of an earlier Kindred")
    with serve(tmp_path / "index", log=log, KINDRED_CACHE=str(cache)) as address:
        page, stranger = visit(address), visit(address)
        drawn(page)
        rate(page, STARTERS, 0, "Like")
        rated(page, 1)
        title = next(iter(kept(page)))
        drawn(stranger)
        assert kept(stranger) == {}
        shared = visit(f"{address}#taste={code(tmp_path / 'index', own_profile({8: 1}))}")
        expect(shared.get_by_text("This is the taste of a link")).to_be_visible()
        assert {one.get("name") for one in page.context.cookies()} <= {"_streamlit_xsrf"}
    assert not (cache / "visitors").exists()
    written = log.read_text() + "".join(
        str(file.read_bytes()) for file in cache.rglob("*") if file.is_file()
    )
    assert title not in written
    assert "taste=" not in written


def test_the_film_of_a_page_stays_on_that_page(
    sample_app: str, sample_index: Path, visit: Visit
) -> None:
    """Each choice is one step back, and other pages know nothing of it."""
    page = visit(sample_app, keeps=document(sample_index, LIKED))
    rated(page, 3)
    first = card(page, PICKS, 0)
    title = first.locator("h3").inner_text()
    first.locator(".k-open").click()
    expect(page.get_by_role("heading", name=f"{title} (")).to_be_visible()
    assert "film=" in page.url
    go(page, "Discover")
    rated(page, 3)
    assert page.url == sample_app
    page.go_back()
    expect(page.get_by_role("heading", name=f"{title} (")).to_be_visible()
    page.go_back()
    rated(page, 3)
    assert page.url == sample_app


def test_a_click_while_a_page_is_left_is_taken_and_leads_not_back(
    sample_app: str, visit: Visit
) -> None:
    """Streamlit alone would run the page again that it still shows."""
    page = visit(sample_app)
    drawn(page)
    for number in range(3):
        page.evaluate(
            """place => {
                const links = [...document.querySelectorAll("[data-testid=stPageLink] a")];
                const films = document.querySelectorAll("[data-name=starters] li");
                links.find(one => one.textContent.includes("My taste")).click();
                setTimeout(() => films[place].querySelector("[data-do=rate]").click(), 10);
            }""",
            number,
        )
        expect(page).to_have_title("My taste · Kindred")
        expect(page.locator(".k-list > ul > li")).to_have_count(number + 1)
        go(page, "Discover")
        rated(page, number + 1)
