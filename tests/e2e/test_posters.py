"""Posters from OMDb in a real browser, with a server that plays OMDb."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Serve, Visit
from tests.e2e.test_app import PICKS, STARTERS, drawn, rate, rated
from tests.ui.omdb_double import KEY, OmdbDouble, omdb_double

pytestmark = pytest.mark.e2e

# How many films show a poster that the browser has loaded.
LAID = """() => [...document.querySelectorAll('.k-poster .k-real')].filter(
    image => image.complete && image.naturalWidth === 200).length"""


@pytest.fixture
def double() -> Iterator[OmdbDouble]:
    """A server that plays OMDb."""
    with omdb_double() as served:
        yield served


@pytest.fixture
def app(serve: Serve, sample_index: Path, double: OmdbDouble, tmp_path: Path) -> Iterator[str]:
    """Address of the app with a key and an empty cache; its log is ``server.log``."""
    settings = {"OMDB_API_KEY": KEY, "OMDB_URL": double.url, "KINDRED_CACHE": str(tmp_path)}
    with serve(sample_index, log=tmp_path / "server.log", **settings) as address:
        yield address


def in_turn(*does: str) -> Callable[[str], str]:
    """Do one thing after the other, over and over again."""
    turns = itertools.cycle(does)
    return lambda _: next(turns)


def laid(page: Page, double: OmdbDouble) -> int:
    """Wait until nobody is asked any more; give how many films show their poster."""
    calls = -1
    while calls != len(double.calls):
        calls = len(double.calls)
        page.wait_for_timeout(1_500)
    number: int = page.evaluate(LAID)
    return number


def test_posters_come_as_films_come_into_sight(app: str, visit: Visit, double: OmdbDouble) -> None:
    """First the drawn ones, then the real ones, each asked for once, and none that nobody sees."""
    double.seconds = 0.2
    page = visit(app)
    drawn(page)
    seen = laid(page, double)
    shown = page.locator(".k-poster").count()
    assert len(double.calls) == len(set(double.ids)) == seen
    assert 12 <= seen < shown
    assert double.most_at_once <= 4
    page.reload()
    drawn(page)
    assert laid(page, double) == seen
    assert len(double.calls) == seen
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 1000)")
    assert seen + 6 <= laid(page, double) == len(double.calls) == len(set(double.ids))
    expect(page.get_by_role("link", name="OMDb")).to_be_visible()


# How far things moved by themselves, as browsers measure it (Cumulative Layout Shift).
MOVED = """
    globalThis.moved = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) globalThis.moved += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
"""


@pytest.mark.parametrize("width", [1300, 390])
def test_nothing_moves_when_posters_and_plots_arrive(
    width: int, app: str, visit: Visit, double: OmdbDouble
) -> None:
    """Neither on Discover nor on a film's page, with more to come than a poster."""
    double.seconds = 0.5
    page = visit(app, width=width)
    drawn(page)
    page.evaluate(MOVED)
    page.wait_for_timeout(300)
    before = page.evaluate("moved")
    assert laid(page, double) >= 4
    assert page.evaluate("moved") == before
    double.seconds = 3
    page.goto(f"{app}film?film=1252")  # which was not in sight
    page.evaluate(MOVED)
    expect(page.locator(".k-film")).to_contain_text("Looking for the plot")
    page.wait_for_timeout(700)
    before = page.evaluate("moved")
    expect(page.locator(".k-film")).to_contain_text("Toys come alive.")
    laid(page, double)
    assert page.evaluate("moved") == before


def test_the_page_looks_again_only_while_posters_are_missing(
    app: str, visit: Visit, double: OmdbDouble
) -> None:
    """Once all have come nothing more is sent; what is open stays open meanwhile."""
    double.seconds = 0.3
    page, sent = visit(app), []
    drawn(page)
    rate(page, STARTERS, 0, "Like")
    page.locator(PICKS).get_by_role("link").first.click()
    expect(page.locator(".k-film")).to_contain_text("Toys come alive.")
    assert laid(page, double) >= 1
    page.on("request", lambda request: sent.append(request.url))
    page.wait_for_timeout(2_000)
    assert sent == []
    expect(page.locator(".k-film")).to_be_visible()


def test_nobody_waits_for_a_server_that_hangs(app: str, visit: Visit, double: OmdbDouble) -> None:
    """Cards are drawn and films can be rated while no answer comes."""
    double.does = lambda _: "stall"
    page = visit(app)
    drawn(page)
    for number in range(3):
        rate(page, STARTERS, number, "Like")
        rated(page, number + 1)
    assert double.most_at_once > 0
    assert double.fetched == []
    images = page.locator(f"{STARTERS} img")
    expect(images).to_have_count(12)
    for number in range(6):
        assert images.nth(number).evaluate("image => image.naturalWidth") > 0


@pytest.mark.parametrize(
    ("does", "notice"),
    [
        ("bad key", "OMDb refuses the key: posters are off. Check OMDB_API_KEY."),
        ("limit", "Today's OMDb limit (OMDB_DAILY_LIMIT) is used up: posters return tomorrow"),
    ],
)
def test_the_end_of_all_asking_is_said_once(
    does: str, notice: str, app: str, visit: Visit, double: OmdbDouble
) -> None:
    """One line, without a click; the drawn posters stay."""
    double.does = lambda _: does
    page = visit(app)
    drawn(page)
    expect(page.get_by_text(notice)).to_have_count(1)
    calls = len(double.calls)
    rate(page, STARTERS, 0, "Like")
    rated(page, 1)
    expect(page.get_by_text(notice)).to_have_count(1)
    assert len(double.calls) == calls <= 4


@pytest.mark.parametrize("does", [("html", "500", "pretending"), ("not there",)])
def test_passing_faults_are_not_talked_about(
    does: tuple[str, ...], app: str, visit: Visit, double: OmdbDouble
) -> None:
    """The drawn posters stay, nothing is said, and no film is asked for twice."""
    double.does = in_turn(*does)
    page = visit(app)
    drawn(page)
    assert laid(page, double) == 0
    assert len(double.ids) == len({*double.ids}) >= 12
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".k-aside:not(:empty)")).to_have_count(1)


@pytest.mark.parametrize("does", [("hit",), ("moved", "cut"), ("bad key",)])
def test_the_key_stays_on_the_server(
    does: tuple[str, ...], app: str, visit: Visit, double: OmdbDouble, tmp_path: Path
) -> None:
    """Not in the page, not in an address the browser asks for, not in the server's log or files."""
    double.does = in_turn(*does)
    page, asked = visit(app), []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    drawn(page)
    while double.now or not double.calls:
        page.wait_for_timeout(100)
    if "hit" in does:
        page.wait_for_function(f"({LAID})() > 0")
    page.wait_for_timeout(1_500)
    assert any("posters/tt" in url for url in asked) == ("hit" in does)
    assert KEY not in page.content()
    assert not [url for url in asked if KEY in url]
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert tmp_path / "server.log" in files
    assert tmp_path / "posters" / "posters.sqlite" in files
    assert not [file for file in files if KEY.encode() in file.read_bytes()]


def test_without_a_network_all_goes_on(serve: Serve, sample_index: Path, visit: Visit) -> None:
    """OMDb cannot be reached: films are rated and opened, and what is missing is said there."""
    settings = {"OMDB_API_KEY": KEY, "OMDB_URL": "http://127.0.0.1:9"}
    with serve(sample_index, **settings) as address:
        page = visit(address)
        drawn(page)
        rate(page, STARTERS, 0, "Like")
        rated(page, 1)
        page.locator(PICKS).get_by_role("link").first.click()
        expect(page.locator(".k-film")).to_contain_text("OMDb does not answer")
        assert page.evaluate(LAID) == 0
        expect(page.get_by_role("alert")).to_have_count(0)


def test_without_a_key_nobody_is_asked(
    serve: Serve, sample_index: Path, visit: Visit, double: OmdbDouble
) -> None:
    """The drawn posters are all there is, and no credit is due."""
    with serve(sample_index, OMDB_URL=double.url) as address:
        page = visit(address)
        drawn(page)
        expect(page.locator(".k-source")).to_be_visible()
        expect(page.get_by_role("link", name="OMDb")).to_have_count(0)
        page.wait_for_timeout(1_000)
    assert double.calls == []
