"""How fast an export of Letterboxd is read and its films found, and how many rightly.

::

    python -m benchmarks.speed.importing INDEX

The export is made up of films of the index, under titles as Letterboxd writes them: natural order,
one name, original accents. Every tenth is noisy: its article at the end, signs left out or other
ones, or a year beside its own. The time runs from the bytes of the zip to films in a draft, with
an index just opened, and once more. For what is claimed wrongly the same films are looked up in a
catalogue from which all of them were taken out: whatever is found there is another film.
"""

from __future__ import annotations

import csv
import io
import random
import re
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.report import Row, arguments, machine, show
from recommender import Movie, Recommender
from recommender.catalogue.movies import Catalogue
from recommender.catalogue.title_matching import TitleMatcher
from recommender.catalogue.titles import names_of
from recommender.storage.open_store import choose_store
from ui.transfer.import_draft import Draft
from ui.transfer.imports import ImportedFiles

Written = tuple[str, int]
"""Title and year, as Letterboxd writes them."""


def catalogue_of(index: Path) -> Catalogue:
    """Read all movies of an index."""
    opened = choose_store(index).open()
    try:
        return Catalogue(opened.movies(), movie_ids=opened.manifest.movie_ids)
    finally:
        opened.close()


def written(movies: Sequence[Movie], dice: random.Random) -> list[Written]:
    """Write films as Letterboxd does, every tenth with a slip."""
    films = []
    for movie in movies:
        title, year = names_of(movie.title)[0], movie.year or 0
        films.append(_noisy(title, year, dice) if dice.random() < 0.1 else (title, year))
    return films


def _noisy(title: str, year: int, dice: random.Random) -> Written:
    kind = dice.choice(["article", "without signs", "other signs", "year"])
    if kind == "article" and (match := re.match(r"(The|A|An) (.+)", title)):
        return f"{match[2]}, {match[1]}", year
    if kind == "without signs":
        return " ".join(re.sub(r"[:'!,.-]", "", title).split()) or title, year
    if kind == "other signs":
        return title.replace(" and ", " & ").replace(":", " -").replace("'", "’"), year
    return title, year + dice.choice([-1, 1])


def zipped(films: Sequence[Written], dice: random.Random) -> bytes:
    """Pack films, rated by chance, as Letterboxd does."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(["Date", "Name", "Year", "Letterboxd URI", "Rating"])
    for title, year in films:
        table.writerow(["2024-01-01", title, year, "https://boxd.it/x", dice.randint(1, 10) / 2])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ratings.csv", text.getvalue())
    return packed.getvalue()


def imported(data: bytes, recommender: Recommender) -> tuple[Draft, float]:
    """Read an export and look its films up; how many seconds that took."""
    start = time.perf_counter()
    pile = ImportedFiles()
    pile.add("letterboxd.zip", data)
    draft = Draft.of(pile.films, recommender)
    return draft, time.perf_counter() - start


def claimed_elsewhere(catalogue: Catalogue, left_out: set[int], films: Sequence[Written]) -> int:
    """Count films that are found in a catalogue without them."""
    rest = [catalogue.movie(n) for n in range(len(catalogue)) if n not in left_out]
    titles = [(movie.title, movie.year) for movie in rest]
    matcher = TitleMatcher(titles, np.array([movie.ratings for movie in rest]))
    return sum(found.sure for found in matcher.match(films))


def main() -> None:
    """Make the export up, import it, and print times and shares."""
    parser = arguments(__doc__)
    parser.add_argument("index", type=Path, help="folder of an index")
    parser.add_argument("--films", type=int, default=1_500)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    catalogue = catalogue_of(options.index)
    # Titles and years that two films share are nobody's fault, and go to the person to choose.
    dated = [n for n in range(len(catalogue)) if catalogue.movie(n).year]
    numbers = dice.sample(dated, min(options.films, len(dated)))
    movies = [catalogue.movie(number) for number in numbers]
    films = written(movies, dice)
    data = zipped(films, dice)
    with Recommender.open(options.index) as recommender:
        draft, first = imported(data, recommender)
        draft, again = imported(data, recommender)
    true = dict(zip(films, movies, strict=True))
    found = [(draft.movie(place), draft.films[place].mention) for place in draft.sure]
    right = sum(movie == true[mention.title, mention.year or 0] for movie, mention in found)
    elsewhere = claimed_elsewhere(catalogue, set(numbers), films)
    count = len(draft.films)
    row: Row = {
        "films in the export": count,
        "movies in the index": len(catalogue),
        "s, just opened": first,
        "s, again": again,
        "found rightly, %": 100 * right / count,
        "found wrongly, %": 100 * (len(found) - right) / count,
        "to check, %": 100 * len(draft.unsure) / count,
        "claimed though not there, %": 100 * elsewhere / count,
    }
    result = {"seed": options.seed, **row, "machine": machine()}
    show(result, {"Importing from Letterboxd": [row]}, as_json=options.json)


if __name__ == "__main__":
    main()
