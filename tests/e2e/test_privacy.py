"""What a server knows of its visitors, in a real browser: of each their own, and no longer than
they want."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from ingest import ingest
from recommender import Recommender
from tests.e2e.conftest import Serve, Visit
from tests.e2e.test_access import go
from tests.ui import films
from tests.ui.profiles import own_profile
from ui.state import link
from ui.state.tickets import COOKIE

pytestmark = pytest.mark.e2e

REMEMBERED = "You are remembered"


def like(page: Page, number: int) -> int:
    """Like the n-th film on the page; give its id."""
    button = page.get_by_role("button", name=re.compile(r"^Like Film \d+ ")).nth(number)
    film = re.findall(r"\d+", button.get_attribute("aria-label") or "")[0]
    button.click()
    expect(liked(page, int(film))).to_be_visible()
    return int(film)


def liked(page: Page, film: int) -> Locator:
    """The Like of a film that is liked."""
    return page.locator(f'[aria-pressed="true"][aria-label^="Like Film {film} "]').first


def rated(page: Page, number: int) -> None:
    """Wait until the list is by so many ratings."""
    noun = "rating" if number == 1 else "ratings"
    expect(page.get_by_text(f"By your {number} {noun}, from ")).to_be_visible()


def nothing_said(page: Page) -> None:
    """Wait for the page of someone new."""
    expect(page.get_by_role("button", name=re.compile("^Like Film")).first).to_be_visible()
    expect(page.locator('[data-do="rate"][aria-pressed="true"]')).to_have_count(0)
    assert "taste=" not in page.url


def taste_of(page: Page) -> str:
    """The taste in the address."""
    expect(page).to_have_url(re.compile("taste="))
    return parse_qs(urlsplit(page.url).query)["taste"][0]


def switch(page: Page) -> Locator:
    """What turns being remembered on."""
    return page.get_by_text("Remember me on this server", exact=True)


def on_disk(cache: Path) -> bytes:
    """Everything that is remembered of anybody."""
    return b"".join(file.read_bytes() for file in (cache / "visitors").glob("*"))


def remembered_of(*films: int) -> bytes:
    """Pattern of what is remembered of who likes these, and rated nothing else."""
    rated = b",".join(rb'{"movie_id":%d,[^}]*"opinion":"like"}' % film for film in films)
    return rb'"ratings":\[' + rated + rb"\]"


def test_who_asks_is_remembered_until_they_are_forgotten(
    serve: Serve, visit: Visit, tmp_path: Path
) -> None:
    """In the same browser and in no other; then neither cookie nor a byte on disk is left."""
    ingest(str(films.write(tmp_path / "csv")), index=tmp_path / "index")
    cache, log = tmp_path / "cache", tmp_path / "server.log"
    with serve(tmp_path / "index", log=log, KINDRED_CACHE=str(cache)) as address:
        page, stranger = visit(address), visit(address)
        film = like(page, 0)
        assert not (cache / "visitors").exists()
        go(page, "Bring and take")
        switch(page).click()
        expect(page.get_by_role("heading", name=REMEMBERED)).to_be_visible()
        (cookie,) = [one for one in page.context.cookies() if one.get("name") == COOKIE]
        assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Strict")
        assert COOKIE not in page.evaluate("document.cookie")
        go(page, "Home")
        other = like(page, 1)
        rated(page, 2)

        tab = page.context.new_page()
        tab.goto(address)
        rated(tab, 2)
        nothing_said(stranger)
        strange = like(stranger, 2)
        rated(stranger, 1)
        again = visit(address)
        nothing_said(again)

        code = taste_of(stranger)
        with Recommender.open(tmp_path / "index") as recommender:
            assert link.decode(code, recommender).profile == own_profile({strange: 1})
            both = link.decode(taste_of(page), recommender).profile
        assert both == own_profile({film: 1, other: 1})
        tab.goto(f"{address}?taste={code}")
        expect(tab.get_by_role("button", name="Show my own list")).to_be_visible()
        like(tab, 3)
        rated(tab, 2)
        assert re.search(remembered_of(film, other), on_disk(cache))
        tab.get_by_role("button", name="Show my own list").click()
        expect(tab).to_have_url(re.compile(re.escape(taste_of(page))))
        go(tab, "Bring and take")

        tab.get_by_role("button", name="Forget me").click()
        expect(tab.get_by_text("and so is the cookie")).to_be_visible()
        assert b"ratings" not in on_disk(cache)
        assert not [one for one in tab.context.cookies() if one.get("name") == COOKIE]
        like(page, 4)
        expect(page.get_by_text("not remembered here any more")).to_be_visible()
        assert b"ratings" not in on_disk(cache)
        tab.goto("about:blank")
        tab.goto(address)
        nothing_said(tab)
    profile = log.read_text()  # who came by which address is nobody's business
    assert not [word for word in (str(cookie.get("value")), code, "taste") if word in profile]
