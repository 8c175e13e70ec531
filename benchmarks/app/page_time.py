"""How long a page takes, without posters and with an OMDb that answers after ten seconds.

::

    python -m benchmarks.app.page_time

The app on the bundled sample in Chromium: from opening to twelve films on the page, and from a
click on Like to recommendations by it. Both sides in turn, each time a fresh app with an empty
cache.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from ingest import ingest
from tests.e2e.conftest import BROWSERS, FLAGS, serving
from tests.ui.omdb_double import KEY, omdb_double

REPETITIONS = 15
SECONDS = 10.0

_FILMS = "document.querySelectorAll('.st-key-grid-starter .k-card img').length >= 12"
_PICKS = "document.querySelectorAll('.st-key-grid-pick .k-card').length >= 12"
_CLICK = """() => new Promise(done => {
    const start = performance.now();
    const look = () => document.querySelectorAll('.st-key-grid-pick .k-why').length >= 12
        ? done(performance.now() - start) : requestAnimationFrame(look);
    document.querySelector('.st-key-grid-starter [role=radiogroup] [role=radio]').click();
    look(); })"""


def measure(browser: Browser, address: str) -> tuple[float, float]:
    """Milliseconds to the films, and from the click to the recommendations."""
    page = browser.new_context(viewport={"width": 1300, "height": 900}).new_page()
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_function(_FILMS)
    films = page.evaluate("performance.now()")
    page.wait_for_function(_PICKS)
    page.wait_for_timeout(400)
    click = page.evaluate(_CLICK)
    page.context.close()
    return films, click


def main() -> None:
    """Measure, and print medians and the median ratio of the pairs."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        sys.exit(f"none of {', '.join(BROWSERS)} is installed")
    folder = Path(tempfile.mkdtemp(prefix="kindred-page-time-"))
    ingest("sample", index=folder / "index")
    pairs = []
    with sync_playwright() as playwright, omdb_double() as omdb:
        omdb.seconds = SECONDS
        sides: list[dict[str, str]] = [{}, {"OMDB_API_KEY": KEY, "OMDB_URL": omdb.url}]
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for turn in range(REPETITIONS + 1):
            pair = []
            for side in sides:
                cache = str(folder / f"cache-{turn}")
                log = folder / "log"
                with serving(folder / "index", log, KINDRED_CACHE=cache, **side) as address:
                    pair.append(measure(browser, address))
            pairs.append(pair)
        browser.close()
    shutil.rmtree(folder)
    for place, what in enumerate(("to twelve films", "from click to recommendations")):
        # The first turn warms the machine up.
        without, slow = ([pair[side][place] for pair in pairs[1:]] for side in (0, 1))
        ratio = median(b / a for a, b in zip(without, slow, strict=True))
        print(
            f"{what}: {median(without):.0f} ms without OMDb, {median(slow):.0f} ms with one that "
            f"takes {SECONDS:g} s; {ratio:.2f} times, in the median of {REPETITIONS} pairs"
        )


if __name__ == "__main__":
    main()
