"""A collection small enough to check by hand: thirty films, two kinds of people."""

from __future__ import annotations

import csv
from collections.abc import Iterable
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


RUN = "hacked=1"
"""What every attack would have a page run."""
ATTACKS = (
    f"<script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    f"<svg/onload={RUN}> <iframe src=https://evil.example></iframe><style>*{{color:red}}</style>",
    f'[click](javascript:{RUN}) <a href="javascript:{RUN}">here</a>',
    "![picture](https://evil.example/x.png) https://evil.example www.evil.example me@evil.example",
    f"$\\href{{javascript:{RUN}}}{{x}}$ and $$\\frac{{a}}{{b}}$$",
    ":red[alert] :material/delete: :smile: :red-badge[x] :small[y]",
    f"</script></style></title></svg></cite>\"'`\\<script>{RUN}</script>",
    "{{7*7}} ${7*7} {0} {name} %s %(x)s",
    "&lt;b&gt; &amp; &#60;i&#62; <!-- so far",
    "~~strike~~ **bold** __init__ *it* `code` ==mark==",
    "# heading > quote | a | b | a -> b <- c >= d -- e",
    "=1+1",
)
"""Titles that would run, load, link or reshape something where they are not shown as text."""
UNSEEN = {
    "turned \u202efdp.exe\u2066": "turned fdp.exe",
    "zero \u200bwidth\u200d": "zero \u200bwidth\u200d",
    "control \x01\x07\x1b[31mred": "control [31mred",
    "endless " + "x" * 10_000: "endless " + "x" * 491 + "…",
}
"""Titles with what cannot be seen, and how they are shown."""


def write_attacks(folder: Path) -> Path:
    """Write those titles, genres like them, and enough plain films; rated as below.

    The names of the people are attacks as well.
    """
    folder.mkdir(parents=True, exist_ok=True)
    titles = [*ATTACKS, *UNSEEN, *(f"Film {number}" for number in range(18, 41))]
    films = dict(enumerate(titles, start=1))
    genres = [text.replace(",", "").replace(";", "").replace("|", "") for text in titles[:17]]
    with (folder / "movies.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["movieId", "title", "genres"])
        for number, title in films.items():
            rows.writerow([number, f"{title} ({1960 + number})", genres[number % len(genres)]])
    with (folder / "links.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["movieId", "imdbId", "tmdbId"])
        rows.writerows([number, 1_000_000 + number, number] for number in films)
    _rate(folder / "ratings.csv", films, ATTACKS[0])
    return folder


def _rate(file: Path, films: Iterable[int], who: str = "") -> None:
    with file.open("w", newline="", encoding="utf-8") as table:
        rows = csv.writer(table)
        rows.writerow(["userId", "movieId", "rating", "timestamp"])
        for user in range(1, 61):
            for number in films:
                # Everyone leaves out some films, each their own.
                if (user // 2 + number) % 4:
                    stars = 5 if (number + user) % 2 == 0 else 1.5
                    rows.writerow([f"{who}{user}", number, stars, 1_000_000 + user])


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
    _rate(folder / "ratings.csv", films())
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
