"""Check the ids in films.csv against a MovieLens folder.

Run as ``python -m sample.check_ids FOLDER``, where FOLDER holds the ``movies.csv`` and
``links.csv`` of a MovieLens release. One line is printed for every mismatch, and the exit
code is 1 if there was any. Nothing from the folder is written anywhere.
"""

import csv
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from rapidfuzz import fuzz

FILMS = Path(__file__).with_name("films.csv")
GENRES = {
    *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama"),
    *("Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller"),
    *("War", "Western"),
}
LEAST_SIMILAR = 85.0  # percent: lower, and "Ring" would pass for "Rings"
YEAR = re.compile(r"\((\d{4})\)\s*$")
PARENTHESES = re.compile(r"\(([^)]*)\)")
ARTICLE_LAST = re.compile(r"^(.*), (The|A|An|Le|La|Les|L'|Il|El|Das|Der|Die)$", re.IGNORECASE)

Row = dict[str, str]


def read_rows(path: Path) -> list[Row]:
    """Read a CSV file as a list of rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def normalise(title: str) -> str:
    """Reduce a title to plain lower-case words, its article in front.

    >>> normalise("Fabulous Destiny of Amélie, The")
    'the fabulous destiny of amelie'
    """
    moved = ARTICLE_LAST.sub(r"\2 \1", title.strip())
    plain = unicodedata.normalize("NFKD", moved.replace("&", " and "))
    kept = "".join(mark for mark in plain if not unicodedata.combining(mark)).lower()
    return " ".join(re.sub(r"[^\w]+", " ", kept.replace("'", "")).split())


def split_title(listed: str) -> tuple[set[str], int | None]:
    """Return every name a listed title goes by, normalised, and its year.

    >>> sorted(split_title("Seven (a.k.a. Se7en) (1995)")[0])
    ['se7en', 'seven', 'seven a k a se7en']
    """
    found = YEAR.search(listed)
    title = YEAR.sub("", listed).strip()
    names = [title, PARENTHESES.sub("", title)]
    for inside in PARENTHESES.findall(title):
        names.append(re.sub(r"^a\.?k\.?a\.?\s*", "", inside, flags=re.IGNORECASE))
    return {normalise(name) for name in names} - {""}, int(found[1]) if found else None


def same_title(ours: str, names: Iterable[str]) -> bool:
    """Tell whether our title is one of the names, but for its spelling."""
    mine = normalise(ours)

    def close(name: str) -> bool:
        # "Toy Story 2" and "Toy Story 3" are spelled alike, and are not the same film.
        if sorted(re.findall(r"\d+", mine)) != sorted(re.findall(r"\d+", name)):
            return False
        return max(fuzz.ratio(mine, name), fuzz.token_sort_ratio(mine, name)) >= LEAST_SIMILAR

    return any(mine == name or close(name) for name in names)


def check_film(film: Row, movies: dict[int, Row], links: dict[int, Row]) -> Iterator[str]:
    """Yield what is wrong with one film."""
    movie, link = movies.get(int(film["movie_id"])), links.get(int(film["movie_id"]))
    if movie is None or link is None:
        yield "no such movie_id"
        return
    names, year = split_title(movie["title"])
    if not same_title(film["title"], names):
        yield f"title: MovieLens has {movie['title']!r}"
    if int(film["year"]) != year:
        yield f"year: MovieLens has {year}"
    if film["imdb_id"] != f"tt{link['imdbId']}":
        yield f"imdb_id {film['imdb_id']}: MovieLens has tt{link['imdbId']}"
    # A few MovieLens rows name no TMDB film: nothing to compare with there.
    if link["tmdbId"] and int(film["tmdb_id"]) != int(link["tmdbId"]):
        yield f"tmdb_id {film['tmdb_id']}: MovieLens has {link['tmdbId']}"
    unknown = set(film["genres"].split("|")) - GENRES
    if unknown:
        yield f"unknown genres: {', '.join(sorted(unknown))}"


def duplicates(films: list[Row]) -> Iterator[str]:
    """Yield every id, and every title with its year, that occurs twice."""
    for column in ("movie_id", "imdb_id", "tmdb_id"):
        for value, times in Counter(film[column] for film in films).items():
            if times > 1:
                yield f"{column} {value} occurs {times} times"
    for name, times in Counter((normalise(f["title"]), f["year"]) for f in films).items():
        if times > 1:
            yield f"{name[0]} ({name[1]}) occurs {times} times"


def mismatches(films: list[Row], folder: Path) -> list[str]:
    """Return one line for everything films.csv and the folder disagree about."""
    movies = {int(row["movieId"]): row for row in read_rows(folder / "movies.csv")}
    links = {int(row["movieId"]): row for row in read_rows(folder / "links.csv")}
    lines = list(duplicates(films))
    for film in films:
        label = f"{film['movie_id']} {film['title']} ({film['year']})"
        lines += [f"{label}: {wrong}" for wrong in check_film(film, movies, links)]
    return lines


def main(arguments: list[str]) -> int:
    """Check the films and return the exit code."""
    if len(arguments) != 1:
        print("usage: python -m sample.check_ids FOLDER", file=sys.stderr)
        return 2
    films = read_rows(FILMS)
    wrong = mismatches(films, Path(arguments[0]))
    for line in wrong:
        print(line)
    genres = {genre for film in films for genre in film["genres"].split("|")}
    print(f"{len(films)} films, {len(genres)} genres, {len(wrong)} mismatches")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
