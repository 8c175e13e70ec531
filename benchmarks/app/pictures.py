"""Take the pictures of the app that the documents show, on the bundled sample.

::

    python -m benchmarks.app.pictures [FOLDER]

FOLDER is docs/images unless given.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from benchmarks.app.browser import chromium
from ingest import ingest
from recommender import Recommender
from tests.e2e.conftest import KEY as KEPT
from tests.e2e.conftest import document, serving
from tests.ui.exported import zipped
from tests.ui.profiles import own_profile
from ui.state import link

SAID = own_profile({2571: 1, 260: 1, 1721: -1, 858: 1, 296: 0, 4993: 1, 1270: 1}, {}, (1210, 7153))
ANA, BEN = own_profile({1721: 1, 356: 1, 597: 1}), own_profile({608: 1, 296: 1, 858: 0})
BROUGHT = {
    "ratings.csv": "Date,Name,Year,Letterboxd URI,Rating\n2024-02-01,Alien,1979,x,4.5\n"
    "2024-02-01,The Matrix,1999,x,5\n2024-02-02,Psycho,1962,x,2\n2024-02-03,Aftersun,2022,x,4.5\n",
    "watchlist.csv": "Date,Name,Year,Letterboxd URI\n2024-03-01,Fargo,1996,x\n",
}


def _open(
    browser: Browser,
    address: str,
    height: int,
    kept: str = "",
    *,
    phone: bool = False,
    dark: bool = False,
) -> Page:
    context = browser.new_context(
        viewport={"width": 390 if phone else 1300, "height": height},
        color_scheme="dark" if dark else "light",
        has_touch=phone,
    )
    if kept:
        context.add_init_script(f"localStorage.setItem({KEPT!r}, {json.dumps(kept)})")
    page = context.new_page()
    page.goto(address)
    page.locator(".k-source").wait_for()
    page.wait_for_timeout(2_500)
    return page


def main() -> None:
    """Take them all."""
    pictures = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        index = folder / "index"
        ingest("sample", index=index)
        kept = document(index, SAID)
        (folder / "letterboxd.zip").write_bytes(zipped(BROUGHT))
        with serving(index, folder / "log") as address:
            _take(browser, address, kept, folder / "letterboxd.zip", pictures)
            with Recommender.open(index) as rec:
                codes = {"Ana": link.encode(ANA, rec) or "", "Ben": link.encode(BEN, rec) or ""}
            kept = document(index, replace(SAID, watchlist=()))
            page = _open(browser, f"{address}#together={link.encode_group(codes)}", 1_300, kept)
            page.locator(".k-members summary").first.wait_for()
            page.locator(".k-members summary").nth(1).click()
            _save(page, pictures / "together.png")


def _save(page: Page, path: Path) -> None:
    page.wait_for_timeout(600)
    shot = Image.open(io.BytesIO(page.screenshot()))
    # A palette, and half the bytes: nobody sees the difference.
    shot.convert("RGB").quantize(256, kmeans=3).save(path, optimize=True)
    page.context.close()


def _take(browser: Browser, address: str, kept: str, brought: Path, pictures: Path) -> None:
    def save(page: Page, name: str) -> None:
        _save(page, pictures / f"{name}.png")

    page = _open(browser, address, 900)
    for number in range(3):
        word = "Dislike" if number == 2 else "Like"
        card = page.locator("[data-name=starters] li").nth(number)
        card.get_by_role("group").get_by_role("button", name=word).first.click()
        page.wait_for_timeout(800)
    save(page, "start")
    save(_open(browser, address, 1_150, kept), "app")
    page = _open(browser, address, 900, kept)
    page.locator("[data-name=top_picks]").get_by_role("link").first.click()
    page.locator(".k-film").wait_for()
    save(page, "film")
    save(_open(browser, address, 844, kept, phone=True, dark=True), "phone")
    save(_open(browser, f"{address}my-taste", 1_400, kept), "my-taste")
    save(_open(browser, f"{address}how", 1_500, kept), "how")
    page = _open(browser, f"{address}import-export", 900, kept)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(brought)
    page.get_by_text("to check").first.wait_for()
    save(page, "import")


if __name__ == "__main__":
    main()
