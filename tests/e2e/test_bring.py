"""Films from elsewhere, in a real browser: brought, looked over, added, taken along."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recommender import Movie, Recommender
from tests.e2e.conftest import Visit
from tests.e2e.test_access import findings
from tests.e2e.test_app import no_sideways_scrolling
from tests.ui.exported import zipped

pytestmark = pytest.mark.e2e


def write(folder: Path, movies: list[Movie]) -> list[Path]:
    """Write two films for each service in its own shape, one of another year, and a bad file."""
    a, b, c, d, e, f, g, h = movies
    imdb = "Const,Your Rating,Date Rated,Title,Title Type,Year\n" + "".join(
        f'{movie.imdb_id},{stars},2024-01-01,"{movie.title}",Movie,{movie.year}\n'
        for movie, stars in ((a, 10), (b, 4))
    )
    lens = "movie_id,imdb_id,tmdb_id,rating,average_rating,title\n" + "".join(
        f'1,,{movie.tmdb_id or ""},5,3.5,"{movie}"\n' for movie in (c, d)
    )
    head = "Date,Name,Year,Letterboxd URI"
    boxd = {
        "ratings.csv": f'{head},Rating\n,"{e.title}",{e.year},x,4.5\n'
        f',"{f.title}",{(f.year or 0) + 2},x,4\n,Unheard of,2023,x,3\n',
        "likes/films.csv": f'{head}\n,"{g.title}",{g.year},x\n',
        "watchlist.csv": f'{head}\n,"{h.title}",{h.year},x\n',
    }
    files = {
        "ratings.csv": imdb.encode(),
        "movielens.csv": lens.encode("utf-16"),
        "letterboxd.zip": zipped(boxd),
        "saved.csv": b"<!DOCTYPE html>",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in files]


def drop(page: Page, files: list[Path]) -> None:
    """Choose files to bring."""
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)


def open_list(page: Page, label: str) -> None:
    """Open one of the lists of the review."""
    page.get_by_role("radio", name=label, exact=True).click()


def test_films_are_brought_looked_over_added_and_taken_along(
    sample_app: str, sample_index: Path, visit: Visit, tmp_path: Path
) -> None:
    """Every kind of file at once; what Kindred gives back is the same taste again."""
    with Recommender.open(sample_index) as rec:
        movies = [row.movie for row in rec.popular(limit=8)]
    page = visit(f"{sample_app}import-export")
    drop(page, write(tmp_path, movies))
    expect(page.get_by_text("9 films: 7 found, 1 to check and 1 not found.")).to_be_visible()
    expect(page.get_by_text("saved.csv is a web page and not the file itself")).to_be_visible()
    assert findings(page) == []
    name = f"{movies[5].title} ({(movies[5].year or 0) + 2}), liked, 4 stars"
    films = page.get_by_role("radiogroup", name=name).get_by_role("radio")
    # One key decides, and takes it back.
    films.first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("9 films: 8 found and 1 not found.")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_text("9 films: 7 found, 1 to check and 1 not found.")).to_be_visible()
    films.first.click()
    open_list(page, "Found (8)")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    open_list(page, "Not found (1)")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("searchbox", name="Search in: Not found").fill("nothing like it")
    expect(page.get_by_text("No title in this list is like “nothing like it”.")).to_be_visible()
    # All of the list is saved, whatever is searched for.
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    assert download.value.suggested_filename == "kindred-not-found.csv"
    assert "Unheard of,2023,seen,3," in download.value.path().read_text(encoding="utf-8")

    page.get_by_role("button", name="Add 7 ratings and 1 film saved").click()
    expect(page.get_by_text("Added 7 ratings and 1 film saved")).to_be_visible()
    expect(page).to_have_title("Import & export · Kindred")
    shared = page.get_by_test_id("stCode").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Everything, for Kindred").click()
    assert download.value.suggested_filename == "kindred-taste.json"
    taken = tmp_path / "kindred-taste.json"
    download.value.save_as(taken)
    ratings = json.loads(taken.read_text(encoding="utf-8"))["ratings"]
    assert {rated["title"]: rated.get("stars") for rated in ratings} == {
        movie.title: stars for movie, stars in zip(movies, [5, 2, 5, 5, 4.5, 4, None], strict=False)
    }

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Added 7 ratings")).to_have_count(0)
    drop(page, [taken])
    page.get_by_role("button", name="Add 7 ratings and 1 film saved").click()
    expect(page.get_by_text("Added 7 ratings")).to_be_visible()
    assert page.get_by_test_id("stCode").inner_text() == shared
    page.get_by_role("button", name="See your recommendations").click()
    expect(page.get_by_role("heading", name="Your list")).to_be_visible()
    expect(page).to_have_title("Kindred")


IMDB_LIST = "Position,Const,Created,Title,Title Type,Year,Your Rating,Date Rated\n"
BOXD = "Date,Name,Year,Letterboxd URI"
# By kind: the name of its file, a head, a row for each of two films, and what is added.
KINDS: dict[str, tuple[str, str, str, str]] = {
    "Letterboxd": (
        "letterboxd.zip",
        f"{BOXD},Rating\n",
        '2024-02-01,"{0.title}",{0.year},x,4.5\n',
        "2 ratings",
    ),
    "Letterboxd's watchlist": (
        "watchlist.csv",
        f"{BOXD}\n",
        '2024-02-01,"{0.title}",{0.year},x\n',
        "2 films saved",
    ),
    "Letterboxd's diary": (
        "diary.csv",
        f"{BOXD},Rating,Rewatch,Tags,Watched Date\n",
        '2024-02-01,"{0.title}",{0.year},x,2,,,2024-01-31\n'
        '2024-02-02,"{0.title}",{0.year},y,4.5,Yes,,2024-02-02\n',
        "2 ratings",
    ),
    "IMDb": (
        "ratings.csv",
        "Const,Your Rating,Date Rated,Title,Title Type,Year\ntt1,9,,Long,TV Series,2001\n",
        '{0.imdb_id},9,2024-02-01,"{0.title}",Movie,{0.year}\n',
        "2 ratings",
    ),
    "IMDb's watchlist": (
        "WATCHLIST.csv",
        IMDB_LIST,
        '1,{0.imdb_id},2024-02-01,"{0.title}",Movie,{0.year},,\n',
        "2 films saved",
    ),
    "MovieLens": (
        "movielens.csv",
        "movie_id,imdb_id,tmdb_id,rating,average_rating,title\n",
        '{0.movie_id},,{0.tmdb_id},4.5,3.5,"{0}"\n',
        "2 ratings",
    ),
    "Simkl": (
        "simkl.csv",
        "simkl_id,TMDB,IMDB,Type,Title,Year,Watchlist,WatchedDate,Rating\n",
        '1,{0.tmdb_id},{0.imdb_id},movie,"{0.title}",{0.year},completed,2024-02-01,9\n',
        "2 ratings",
    ),
    "Criticker": (
        "criticker.csv",
        "FilmID,Score,Film Name,Film URL,Date Rated,Film Year,IMDB ID\n",
        '1,90,"{0.title}",https://x/1,2024-02-01,{0.year},{0.imdb_id}\n',
        "2 ratings",
    ),
}


def listed(kind: str, movies: list[Movie], folder: Path) -> tuple[Path, str]:
    """Write a list of two films, and say what it adds."""
    name, head, row, adds = KINDS[kind]
    text = head + "".join(row.format(movie) for movie in movies)
    data = text.encode()
    if kind == "Letterboxd":
        data = zipped({"ratings.csv": text, "watched.csv": text.replace(",4.5", "")})
    (folder / name).write_bytes(data)
    return folder / name, adds


def trakt(movies: list[Movie], folder: Path) -> Path:
    """Write the ratings of two films as Trakt does."""
    entries = [
        {
            "rated_at": "2024-02-01T00:00:00.000Z",
            "rating": 9,
            "type": "movie",
            "movie": {"title": movie.title, "year": movie.year, "ids": {"imdb": movie.imdb_id}},
        }
        for movie in movies
    ]
    (folder / "ratings-movies.json").write_text(json.dumps(entries), encoding="utf-8")
    return folder / "ratings-movies.json"


def test_every_kind_of_list_is_added_and_every_export_comes_back(
    sample_app: str, sample_index: Path, visit: Visit, tmp_path: Path
) -> None:
    """Lists of two films each, and what Kindred makes of them: nothing of that is new."""
    with Recommender.open(sample_index) as rec:
        movies = [row.movie for row in rec.popular(limit=2)]
    lists = {kind: listed(kind, movies, tmp_path) for kind in KINDS}
    lists["Trakt"] = (trakt(movies, tmp_path), "2 ratings")
    page = visit(f"{sample_app}import-export")
    for file, adds in lists.values():
        drop(page, [file])
        expect(page.get_by_text("2 films: 2 found.")).to_be_visible()
        page.get_by_role("button", name=f"Add {adds}", exact=True).click()
        expect(page.get_by_text(f"Added {adds}")).to_be_visible()
        if file != lists["Trakt"][0]:  # the last, of which files are taken
            page.get_by_role("button", name="Undo").click()
            expect(page.get_by_text(f"Added {adds}")).to_have_count(0)
    taken = []
    for label in (
        "for Kindred",
        "as a spreadsheet",
        "Ratings, for Letterboxd",
        "in the format of IMDb",
    ):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        taken.append(tmp_path / download.value.suggested_filename)
        download.value.save_as(taken[-1])
    for file in taken:
        drop(page, [file])
        expect(page.get_by_role("button", name="Nothing new to add")).to_be_disabled()
        expect(page.get_by_text("2 already here.")).to_be_visible()
        page.get_by_role("button", name="Import other files").click()
        expect(page.get_by_text("Import your films")).to_be_visible()


def test_a_film_is_looked_for_on_a_phone(
    sample_app: str, sample_index: Path, visit: Visit, tmp_path: Path
) -> None:
    """Everything that decides is within its width."""
    with Recommender.open(sample_index) as rec:
        movie = rec.popular(limit=1)[0].movie
    file = tmp_path / "ratings.csv"
    rows = ",Its name elsewhere,2023,x,4\n,Unheard of,2023,x,3\n"
    file.write_text(f"{BOXD},Rating\n{rows}", encoding="utf-8")
    page = visit(f"{sample_app}import-export", width=390)
    drop(page, [file])
    open_list(page, "Not found (2)")
    no_sideways_scrolling(page)
    table = page.get_by_test_id("stDataFrame")
    expect(table).to_be_visible()
    page.wait_for_timeout(500)  # a canvas has nothing in it to wait for
    table.click(position={"x": 310, "y": 52})
    page.get_by_role("searchbox", name="Its title here").fill(movie.title)
    page.get_by_role("radio", name=str(movie), exact=True).click()
    expect(page.get_by_text("2 films: 1 found and 1 not found.")).to_be_visible()
    open_list(page, "Found (1)")
    no_sideways_scrolling(page)
    page.get_by_role("button", name="Wrong film").click()
    expect(page.get_by_text("2 films: 2 not found.")).to_be_visible()
