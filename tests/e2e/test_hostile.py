"""Texts of an index, of OMDb and of a file that would run or load something, on every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from ingest import ingest
from tests.e2e.conftest import Serve, Visit, document
from tests.e2e.test_access import go
from tests.e2e.test_app import PICKS, choose, rated
from tests.ui import films
from tests.ui.omdb_double import KEY, omdb_double
from tests.ui.profiles import own_profile

pytestmark = pytest.mark.e2e

SOURCE = f"{films.ATTACKS[1]} :red[x] :smile: $x$ **b**"
TITLES = [*films.ATTACKS, *films.UNSEEN.values()]
FILE = "<img src=x onerror=hacked=1> :red[x] :smile: $x$ **b**.csv"
LIKED, SAVED = range(1, 9), range(9, 18)
# What there would be on a page if a text were read as anything else.
MADE = """() => [window.hacked, ...[...document.querySelectorAll(
    'iframe, .katex, del, mark, [href^="javascript" i], [href*="evil"], [src*="evil"], [src="x"]'
)].map(one => one.outerHTML)].filter(one => one !== undefined)"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an index of attacks."""
    folder = tmp_path_factory.mktemp("hostile")
    ingest(str(films.write_attacks(folder / SOURCE)), index=folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def app(serve: Serve, index: Path) -> Iterator[str]:
    """Address of the app over that index, with attacks from OMDb, too."""
    with omdb_double() as double:
        double.facts = {"Plot": films.ATTACKS[1], "Director": films.ATTACKS[5]}
        with serve(index, OMDB_API_KEY=KEY, OMDB_URL=double.url) as address:
            yield address


def harmless(page: Page) -> None:
    """Nothing came of any text but text."""
    assert page.evaluate(MADE) == []


def reads(page: Page, *texts: str) -> None:
    """The page shows these, word for word."""
    for text in texts:
        expect(page.get_by_test_id("stMain")).to_contain_text(text)
    harmless(page)


def home(page: Page) -> None:
    """Cards, names that are read out, toasts, a film's page and filters."""
    saved = page.locator("[data-name=watchlist]")
    expect(saved.locator("h3")).to_have_text([TITLES[number - 1] for number in reversed(SAVED)])
    reads(page, f"{SOURCE}.")
    for title in (TITLES[11], TITLES[13], TITLES[15], TITLES[8]):
        name = f"{title} ({1961 + TITLES.index(title)})"
        saved.get_by_role("button", name=f"Seen {name}", exact=True).click()
        undo = page.get_by_role("button", name=f"Undo the seen mark on {name}", exact=True)
        expect(undo).to_be_enabled()
    toasts = page.get_by_test_id("stToast")
    expect(toasts.get_by_text("Undo takes it back.").last).to_be_visible()
    assert TITLES[8] in "".join(toasts.all_inner_texts()).replace("\u2060", "")
    harmless(page)
    page.locator(PICKS).get_by_role("link").first.click()
    film = page.locator(".k-film")
    for text in ("Because you liked", TITLES[1], TITLES[3], TITLES[5], "Director"):
        expect(film).to_contain_text(text)
    harmless(page)
    page.go_back()
    expect(saved).to_be_visible()
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("combobox", name="Any of these genres").click()
    for title in (TITLES[5], TITLES[7], TITLES[1]):
        expect(page.get_by_role("option", name=title, exact=True)).to_have_count(1)
    choose(page, TITLES[1])
    reads(page, f"Filters: {TITLES[1]}.")


def about_the_taste(page: Page) -> None:
    """The pages that say what is alike, who is, and why."""
    go(page, "My taste")
    expect(page.get_by_text("Where this is kept")).to_be_visible()
    reads(page, TITLES[1], TITLES[3])
    go(page, "People like you")
    reads(page, "Rater no. 1", TITLES[1])
    page.get_by_role("button", name="What they loved").first.click()
    reads(page, "What Rater no. 1 loved")
    page.get_by_role("searchbox").first.press_sequentially("script")
    found = page.locator("[data-name=found]").get_by_role("link", name=f"{TITLES[7]} (1968)")
    found.click()
    expect(page.get_by_role("heading", name=f"{TITLES[7]} (1968)", exact=True)).to_be_visible()
    harmless(page)
    go(page, "How it works")
    reads(page, TITLES[0], TITLES[2], TITLES[7])


def files(page: Page) -> None:
    """What is brought: titles that are not known here, and a name of a file."""
    go(page, "Import & export")
    quoted = [title.replace('"', '""') for title in TITLES[:13]]
    # Of a year like that of the film here, of its own year, and of one of none.
    years = [(1963 + place, 1961 + place, 1890) for place in range(len(quoted))]
    rows = "".join(
        f',"{title}",{year},\n' for title, some in zip(quoted, years, strict=True) for year in some
    )
    brought = f"Date,Name,Year,Letterboxd URI\n{rows}".encode()
    upload = page.locator("input[type=file]")
    upload.set_input_files({"name": "watched.csv", "mimeType": "text/csv", "buffer": brought})
    expect(page.get_by_role("heading", name="Check and add")).to_be_visible()
    films_here = page.get_by_role("radiogroup", name="picture (https evil example").first
    first = films_here.get_by_role("radio").first.inner_text()
    assert first.replace("\u2060", "") == f"{TITLES[4]} (1965)"
    harmless(page)
    for label in ("Found", "Not found"):
        page.get_by_role("radio", name=re.compile(f"^{label} ")).click()
        expect(page.get_by_test_id("stDataFrame")).to_be_visible()
        harmless(page)
    page.get_by_role("button", name="Import other files").click()
    table = b":red[x] **b**,<img src=x onerror=hacked=1>\n1,![x](https://evil.example/x.png)"
    upload.set_input_files({"name": FILE, "mimeType": "text/csv", "buffer": table})
    reads(page, f"{FILE}: none of its headings (:red[x] **b**, <img src=x onerror=h")
    page.get_by_role("combobox").first.click()
    expect(page.get_by_role("option", name=":red[x] **b**", exact=True)).to_have_count(1)
    harmless(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Leave it out").click()
    reads(page, f"{FILE}: left out.")


def test_every_text_shows_as_written_and_does_nothing(app: str, index: Path, visit: Visit) -> None:
    """On every page, in filters, notices and names that are read out.

    Nothing is asked of another server: see the fixture.
    """
    profile = own_profile({number: 1 - number % 2 * 2 for number in LIKED}, watchlist=tuple(SAVED))
    page = visit(app, keeps=document(index, profile))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    rated(page, len(LIKED))
    home(page)
    page.goto(app)
    expect(page.locator(PICKS)).to_be_visible()
    about_the_taste(page)
    go(page, "Data")
    expect(page.locator(".k-facts-of dd").first).to_have_text(SOURCE)
    harmless(page)
    files(page)
    page.goto(f"{app}drawn/8")
    assert "</script>" in page.evaluate("document.documentElement.textContent")
    assert page.evaluate("window.hacked") is None


def test_who_follows_a_link_does_not_take_the_address_along(
    app: str, index: Path, visit: Visit
) -> None:
    """It names the film that is looked at, and the next server is told nothing of it."""
    page = visit(app).context.new_page()  # which may go elsewhere
    page.goto(f"{app}film?film=2")
    expect(page.locator(".k-film")).to_be_visible()
    told: list[dict[str, str]] = []

    def answer(route: Route) -> None:
        told.append(route.request.all_headers())
        route.fulfill(body="Here you are.")

    page.context.route("https://www.omdbapi.com/**", answer)
    link = page.get_by_role("link", name="OMDb")
    link.evaluate("link => link.referrerPolicy = ''")
    link.click()
    expect(page.get_by_text("Here you are.")).to_be_visible()
    assert [headers.get("referer") for headers in told] == [None]
