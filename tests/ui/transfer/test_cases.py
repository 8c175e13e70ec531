"""Files as people have them, in ``cases/``: what is read of each, and what is left out and why.

All of them are invented; their shapes were seen in the issues of other projects.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ui.transfer.imports import ImportedFiles

CASES = Path(__file__).parent / "cases"
MATRIX, GODFATHER = ("The Matrix (1999)", "tt0133093"), ("The Godfather (1972)", "tt0068646")
HEAT = ("Heat (1995)", None)

# By file: the line about it, and its films with what is said of each.
READ: dict[str, tuple[str, dict[tuple[str, str | None], str]]] = {
    "everyday/imdb-ratings.csv": (" (IMDb): 1 film.", {MATRIX: "liked, 4 stars"}),
    "everyday/letterboxd-ratings.csv": (
        " (Letterboxd): 2 films.",
        {(MATRIX[0], None): "liked, 4.5 stars", HEAT: "liked, 4 stars"},
    ),
    "everyday/movielens-ratings.csv": (
        " (MovieLens): 1 film.",
        {("Matrix, The (1999)", MATRIX[1]): "liked, 4.5 stars"},
    ),
    "imdb-before-2017/ratings.csv": (
        " (IMDb): 2 films. Left out: 1 listed as series.",
        {
            MATRIX: "liked, 4.5 stars",
            ("Le fabuleux destin d'Amélie Poulain (2001)", "tt0211915"): "liked, 4 stars",
        },
    ),
    "imdb-watchlists/WATCHLIST.csv": (
        " (IMDb): 3 films, 2 of them to watch.",
        {
            ("The Shawshank Redemption (1994)", "tt0111161"): "to watch",
            GODFATHER: "liked, 4.5 stars",
            ("Pulp Fiction (1994)", "tt0110912"): "to watch",
        },
    ),
    "imdb-watchlists/WATCHLIST-before-ratings.csv": (
        " (IMDb): 1 film to watch.",
        {("The Shawshank Redemption (1994)", "tt0111161"): "to watch"},
    ),
    "imdb-title-types/ratings.csv": (
        " (IMDb): 4 films. More than once: 1 film, of which the latest rating counts. Left out: "
        "7 listed as series, 2 listed as episode, 2 listed as game, "
        "2 listed as podcast, 1 listed as music video.",
        {
            MATRIX: "liked, 4 stars",
            ("Inception (2010)", "tt1375666"): "liked, 4 stars",
            ("Comedy Hour (2013)", "tt9999009"): "liked, 4 stars",  # a special
            ("Kurzfilm (2013)", "tt9999010"): "liked, 4 stars",  # a short
        },
    ),
    "for-letterboxd/letterboxd-rating.csv": (
        " (for Letterboxd): 2 films.",
        {(MATRIX[0], None): "liked, 4.5 stars", HEAT: "liked, 4 stars"},
    ),
    "for-letterboxd/trakt-to-letterboxd.csv": (
        " (for Letterboxd): 2 films.",
        {MATRIX: "liked, 4.5 stars", GODFATHER: "liked, 5 stars"},
    ),
    "trakt/ratings-movies.json": (" (Trakt): 1 film.", {MATRIX: "liked, 4.5 stars"}),
    "any-table/filmtipset.csv": (
        ": 2 films, rated out of 5 under “rating”.",
        {
            ("Matrix", MATRIX[1]): "liked, 5 stars",
            ("Gudfadern", GODFATHER[1]): "liked, 4 stars",
        },
    ),
    "any-table/kindred-spreadsheet.csv": (" (Kindred): 1 film.", {MATRIX: "liked, 4.5 stars"}),
    "one-bad-byte/reviews.csv": (
        " (Letterboxd): 4 films. Damaged, with a letter that cannot be read: 1 cell.",
        {
            ("Amélie (2001)", None): "liked, 4.5 stars",
            ("Léon: The Professional (1994)", None): "liked, 4.5 stars",
            (MATRIX[0], None): "liked, 4 stars",
            ("Cité de Dieu (2002)", None): "liked, 4 stars",
        },
    ),
    "excel-resaved/ratings.csv": (" (IMDb): 1 film.", {MATRIX: "liked, 4.5 stars"}),
    "excel-resaved/ratings-year-range.csv": (
        " (IMDb): 2 films.",
        {MATRIX: "liked, 4.5 stars", GODFATHER: "liked, 4.5 stars"},
    ),
    "other-services/criticker.csv": (" (Criticker): 1 film.", {MATRIX: "liked, 4 stars"}),
    "other-services/filmweb.csv": (
        " (Filmweb): 1 film.",
        {(MATRIX[0], None): "liked, 4.5 stars"},
    ),
    "other-services/netflix.csv": (
        " (Netflix): 1 film. Kept without a day: 1 row, as “1/2/24” may have the day or the month "
        "first.",
        {("The Matrix", None): "seen"},
    ),
    "other-services/simkl.csv": (" (Simkl): 1 film.", {MATRIX: "liked, 4.5 stars"}),
    "other-services/tmdb.csv": (" (TMDB): 1 film.", {MATRIX: "liked, 4.5 stars"}),
}
REFUSED = {"other-services/rotten.html.csv": " is a web page and not the file itself: sign in"}


def brought(path: str) -> ImportedFiles:
    """Bring one of the files by its own name."""
    files = ImportedFiles()
    files.add((CASES / path).name, (CASES / path).read_bytes())
    return files


@pytest.mark.parametrize("path", READ)
def test_a_file_is_read_as_it_was_meant(path: str) -> None:
    """Each film with its id, opinion and stars, and the line that says so."""
    line, films = READ[path]
    files = brought(path)
    assert files.problems == []
    assert files.summaries == [Path(path).name + line]
    assert {(str(film), film.mention.imdb_id): film.opinion_words for film in files.films} == films


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_no_list_is_refused(path: str) -> None:
    """In one line, with what to do."""
    files = brought(path)
    assert files.films == ()
    assert files.problems[0].startswith(Path(path).name + REFUSED[path])


def test_every_file_is_in_a_table() -> None:
    """None of them is there for nothing."""
    there = {path.relative_to(CASES).as_posix() for path in CASES.rglob("*.*") if path.is_file()}
    assert there == READ.keys() | REFUSED.keys()
