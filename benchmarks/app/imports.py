"""How long an import takes in the app, from the drop of a file to its review, in Chromium.

::

    python -m benchmarks.app.imports INDEX [--films 1500] [--repetitions 7]

INDEX is the folder of an index. The file is a zip as Letterboxd exports it, of films of the index,
most popular first: their titles and years as they are here, every tenth with another year, every
twentieth a title that is in no index. The browser has shown Home before, as a visitor's has. Beside
the whole, measured in the page until the first films to check can be decided upon, are its parts in
this process: reading the zip, and finding the films (:meth:`Recommender.match`).
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.app.browser import chromium
from benchmarks.app.clicks import USABLE, opened
from recommender import Movie, MovieFilter, Recommender
from tests.e2e.conftest import serving
from tests.ui.exported import zipped
from ui.transfer.import_draft import Draft
from ui.transfer.imports import ImportedFiles

HEADS = ("Date", "Name", "Year", "Letterboxd URI")


def letterboxd(movies: Sequence[Movie]) -> bytes:
    """Write a zip in which all films are rated and watched, and every fifth is liked."""
    names = []
    for place, movie in enumerate(movies):
        name, year = movie.title, movie.year or 2000
        if place % 20 == 19:
            name = f"Nowhere to be found, part {place} of many"
        names.append((f"2024-02-{place % 28 + 1:02}", name, year + 2 * (place % 10 == 9), "x"))
    rated = [(*row, place % 10 / 2 + 0.5) for place, row in enumerate(names)]
    files = {
        "ratings.csv": _table((*HEADS, "Rating"), rated),
        "watched.csv": _table(HEADS, names),
        "likes/films.csv": _table(HEADS, names[::5]),
    }
    return zipped(files)


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([heads, *rows])
    return text.getvalue()


def _dropped(page: Page, file: Path) -> float:
    """Drop a file, and take the seconds until the first films to check can be decided."""
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    start = time.perf_counter()
    page.wait_for_function("document.querySelectorAll('[role=radiogroup]').length > 10", polling=50)
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("index", type=Path)
    parser.add_argument("--films", type=int, default=1_500)
    parser.add_argument("--repetitions", type=int, default=7)
    given = parser.parse_args()
    wholes, reads, finds = [], [], []
    with tempfile.TemporaryDirectory() as name, Recommender.open(given.index) as rec:
        movies: list[Movie] = []
        while len(movies) < given.films:
            others = MovieFilter(exclude=[movie.movie_id for movie in movies])
            limit = min(given.films - len(movies), 1_000)
            movies += [row.movie for row in rec.popular(limit=limit, movies=others)]
        data = letterboxd(movies)
        file = Path(name, "letterboxd.zip")
        file.write_bytes(data)
        for _ in range(given.repetitions + 1):
            start, files = time.perf_counter(), ImportedFiles()
            files.add(file.name, data)
            reads.append(time.perf_counter() - start)
            start = time.perf_counter()
            draft = Draft.of(files.films, rec)
            finds.append(time.perf_counter() - start)
        with chromium() as browser, serving(given.index, Path(name, "log")) as address:
            for _ in range(given.repetitions + 1):
                page, _ = opened(browser, address, USABLE)
                page.goto(f"{address}import-export")
                page.get_by_test_id("stFileUploaderDropzoneInput").wait_for(state="attached")
                page.wait_for_timeout(1_500)
                wholes.append(_dropped(page, file))
                page.context.close()
    found, check, missing = map(len, (draft.found, draft.undecided, draft.missing))
    print(
        f"{len(draft.films):,} films, {found:,} found, {check:,} to check, {missing:,} not found: "
        # The first time warms everything up; a server that was just started finds them like that.
        f"{median(wholes[1:]):.2f} s from drop to review ({wholes[0]:.2f} s the first time); of it "
        f"{median(reads[1:]):.2f} s reading, {median(finds[1:]):.2f} s finding "
        f"({finds[0]:.2f} s the first time); load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
