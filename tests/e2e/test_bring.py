"""Films from elsewhere, in a real browser: brought, looked over, added, taken along."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recommender import Movie, Recommender
from tests.e2e.conftest import Visit
from tests.e2e.test_access import findings
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


def test_films_are_brought_looked_over_added_and_taken_along(
    sample_app: str, sample_index: Path, visit: Visit, tmp_path: Path
) -> None:
    """Every kind of file at once; what Kindred gives back is the same taste again."""
    with Recommender.open(sample_index) as rec:
        movies = [row.movie for row in rec.popular(limit=8)]
    page = visit(f"{sample_app}bring")
    drop(page, write(tmp_path, movies))
    expect(page.get_by_text("9 films: 7 matched, 1 to check, 1 not in this")).to_be_visible()
    expect(page.get_by_text("saved.csv is a web page and not the file itself")).to_be_visible()
    assert findings(page) == []
    box = page.get_by_role("combobox", name=f"{movies[5].title} ({(movies[5].year or 0) + 2})")
    box.click()
    page.get_by_role("option", name=str(movies[5]), exact=True).click()
    expect(page.get_by_text("9 films: 8 matched, 1 not in this collection.")).to_be_visible()
    page.get_by_role("tab", name="Found").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    page.get_by_role("tab", name="Not in this collection").click()
    expect(page.get_by_label("Its title here")).to_have_value("Unheard of")
    assert findings(page) == []

    page.get_by_role("button", name="Add 7 ratings and 1 film saved").click()
    expect(page.get_by_text("Added 7 ratings and 1 film saved")).to_be_visible()
    expect(page).to_have_title("Bring and take · Kindred")
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
    expect(page.get_by_role("heading", name="Top picks")).to_be_visible()
    expect(page).to_have_title("Kindred")
