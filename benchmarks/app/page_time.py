"""How long a page takes, without posters and with an OMDb that answers after ten seconds.

::

    python -m benchmarks.app.page_time

The app on the bundled sample in Chromium: from opening to films that can be rated, and from a click
on Like to the lists that follow it, as in :mod:`benchmarks.app.clicks`. Both sides in turn, each
time a fresh app with an empty cache.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from benchmarks.app.browser import chromium
from benchmarks.app.clicks import CLICK, USABLE, opened
from ingest import ingest
from tests.e2e.conftest import serving
from tests.ui.omdb_double import KEY, omdb_double

REPETITIONS = 15
SECONDS = 10.0


def main() -> None:
    """Measure, and print medians and the median ratio of the pairs."""
    pairs = []
    with tempfile.TemporaryDirectory() as name, chromium() as browser, omdb_double() as omdb:
        index, log = Path(name, "index"), Path(name, "log")
        ingest("sample", index=index)
        omdb.seconds = SECONDS
        sides: list[dict[str, str]] = [{}, {"OMDB_API_KEY": KEY, "OMDB_URL": omdb.url}]
        for turn in range(REPETITIONS + 1):
            pair = []
            for side in sides:
                with serving(index, log, KINDRED_CACHE=f"{name}/{turn}", **side) as address:
                    page, films = opened(browser, address, USABLE)
                    page.wait_for_timeout(700)
                    pair.append((films, page.evaluate(CLICK)))
                    page.context.close()
            pairs.append(pair)
    for place, what in enumerate(("to films to rate", "from click to updated lists")):
        # The first turn warms the machine up.
        without, slow = ([pair[side][place] for pair in pairs[1:]] for side in (0, 1))
        ratio = median(b / a for a, b in zip(without, slow, strict=True))
        print(
            f"{what}: {median(without):.0f} ms without OMDb, {median(slow):.0f} ms with one that "
            f"takes {SECONDS:g} s; {ratio:.2f} times, in the median of {REPETITIONS} pairs"
        )


if __name__ == "__main__":
    main()
