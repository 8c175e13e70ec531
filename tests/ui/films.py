"""A collection small enough to check by hand: thirty films, two kinds of people."""

from __future__ import annotations

import csv
from pathlib import Path

HOSTILE = {
    1: ("*batteries not included (1987)", "Comedy|Sci-Fi"),
    2: ("$9.99 (2008) and $19.99 (2008)", "Animation"),
    3: ("[REC] (2007)", "Horror"),
    4: ("M*A*S*H (1970)", "Comedy|War"),
    5: ('<b>Bold</b> & "Quoted" (2001)', "Drama"),
    6: ("# :smile: :red[Alert] www.kindred.org -- `code` (1999)", "Drama"),
}
"""Titles that Markdown, HTML or LaTeX would read as something else."""


def films() -> dict[int, tuple[str, str]]:
    """Return title with year, and genres, of every film by id."""
    plain = {
        number: (f"Film {number} ({1960 + number})", "Drama" if number % 2 else "Comedy")
        for number in range(7, 31)
    }
    return HOSTILE | plain


def write(folder: Path) -> Path:
    """Write the collection as MovieLens does; half the raters like even films, half odd ones."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "movies.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["movieId", "title", "genres"])
        rows.writerows([number, *film] for number, film in films().items())
    with (folder / "ratings.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["userId", "movieId", "rating", "timestamp"])
        for user in range(1, 61):
            for number in films():
                # Everyone leaves out some films, each their own.
                if (user // 2 + number) % 4:
                    stars = 5 if (number + user) % 2 == 0 else 1.5
                    rows.writerow([user, number, stars, 1_000_000 + user])
    return folder


def write_bare(file: Path) -> Path:
    """Write ratings and nothing else: no titles, no years, no genres, ids that are words."""
    with file.open("w", newline="", encoding="utf-8") as table:
        rows = csv.writer(table)
        rows.writerow(["user", "item", "rating"])
        for user in range(40):
            for number in range(20):
                if (user + number) % 3:
                    rows.writerow([f"u{user}", f"film/{number} &", 5 if (user + number) % 2 else 1])
    return file
