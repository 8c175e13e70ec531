"""The bundled sample is there, has the shape it promises, and can be made again."""

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from sample.check_ids import FILMS, duplicates, read_rows, same_title, split_title
from sample.taste_model import ARCHIVE, read_films, read_tastes, write_archive

NAMES = {"README.txt", "links.csv", "movies.csv", "ratings.csv"}
HALF_STARS = {step / 2 for step in range(1, 11)}


def unpack(path: Path) -> dict[str, bytes]:
    """Read every file of an archive."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """Read the bundled files."""
    return unpack(ARCHIVE)


@pytest.fixture(scope="module")
def ratings(files: dict[str, bytes]) -> pd.DataFrame:
    """Read the bundled ratings."""
    return pd.read_csv(io.BytesIO(files["ratings.csv"]))


@pytest.fixture(scope="module")
def movies(files: dict[str, bytes]) -> pd.DataFrame:
    """Read the bundled movies."""
    return pd.read_csv(io.BytesIO(files["movies.csv"]))


def test_archive_is_small_and_complete(files: dict[str, bytes]) -> None:
    """The archive holds the four files, and is small enough to ship."""
    assert set(files) == NAMES
    assert ARCHIVE.stat().st_size < 1_500_000
    assert b"synthetic" in files["README.txt"]


def test_size(ratings: pd.DataFrame, movies: pd.DataFrame) -> None:
    """There are about as many films, raters and ratings as promised."""
    assert len(movies) >= 400
    assert 1_900 <= ratings["userId"].nunique() <= 2_100
    assert 90_000 <= len(ratings) <= 110_000
    assert ratings.groupby("userId").size().min() >= 5


def test_ratings_are_well_formed(ratings: pd.DataFrame, movies: pd.DataFrame) -> None:
    """Every rating is in half-stars, of a listed film, and given once."""
    assert set(ratings["rating"]) <= HALF_STARS
    assert set(ratings["movieId"]) == set(movies["movieId"])
    assert not ratings.duplicated(["userId", "movieId"]).any()


def test_ratings_look_real(ratings: pd.DataFrame) -> None:
    """The mean and the share of high ratings are those of a real site."""
    assert 3.4 <= ratings["rating"].mean() <= 3.7
    assert 0.44 <= (ratings["rating"] >= 4).mean() <= 0.52
    assert 0.10 <= (ratings["rating"] <= 2.5).mean() <= 0.30


def test_nothing_is_rated_before_its_year(ratings: pd.DataFrame, movies: pd.DataFrame) -> None:
    """No rating is older than its film, and all fall within the years promised."""
    released = movies.set_index("movieId")["title"].str.extract(r"\((\d{4})\)$")[0].astype(int)
    rated = pd.to_datetime(ratings["timestamp"], unit="s").dt.year
    assert (rated >= ratings["movieId"].map(released)).all()
    assert rated.between(2005, 2019).all()


def test_ids_are_unique(files: dict[str, bytes]) -> None:
    """No id occurs twice, and IMDb's keep their leading zeros."""
    links = pd.read_csv(io.BytesIO(files["links.csv"]), dtype=str)
    assert all(links[column].is_unique for column in ("movieId", "imdbId", "tmdbId"))
    assert links["imdbId"].str.fullmatch(r"\d{7,}").all()
    assert list(duplicates(read_rows(FILMS))) == []


@pytest.mark.parametrize(
    ("movie_id", "title"),
    [
        (2571, "The Matrix (1999)"),
        (260, "Star Wars: Episode IV - A New Hope (1977)"),
        (1721, "Titanic (1997)"),
        (296, "Pulp Fiction (1994)"),
    ],
)
def test_well_known_films(movies: pd.DataFrame, movie_id: int, title: str) -> None:
    """The films the examples ask about carry the ids MovieLens gives them."""
    assert movies.set_index("movieId").loc[movie_id, "title"] == title


def test_every_film_is_to_some_taste() -> None:
    """No film is left to those who do not care for it."""
    tastes = read_tastes()
    assert [f.title for f in read_films() if max(t.fit(f) for t in tastes) < 0.4] == []


@pytest.mark.slow
def test_made_again(tmp_path: Path, files: dict[str, bytes]) -> None:
    """The model makes the same films to the byte, and the same ratings but for rounding."""
    write_archive(tmp_path / "again" / "sample.zip")
    again = unpack(tmp_path / "again" / "sample.zip")
    for name in ("README.txt", "links.csv", "movies.csv"):
        assert again[name] == files[name]
    # The last bit of a logarithm may differ between machines, and tip a draw.
    shipped = set(files["ratings.csv"].splitlines())
    same = len(shipped & set(again["ratings.csv"].splitlines()))
    assert same >= 0.999 * len(shipped)


def test_titles_are_compared_loosely_but_not_too_loosely() -> None:
    """Articles, accents and second names are forgiven; another number is not."""
    names, year = split_title("Fabulous Destiny of Amelie, The (a.k.a. Amélie) (2001)")
    assert year == 2001
    assert same_title("Amélie", names)
    assert same_title("The Fabulous Destiny of Amélie", names)
    assert not same_title("Toy Story 3", split_title("Toy Story 2 (1999)")[0])
