"""A source unlike MovieLens: 0-10 stars, IMDb numbers as ids, and mostly raters of one film."""

from __future__ import annotations

import csv
import io
import random
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from ingest import ingest
from recommender import Profile, Recommender

SLASHERS = (87800, 77651, 81505, 117571, 70047)
"""A Nightmare on Elm Street, Halloween, The Shining, Scream, The Exorcist."""


def _table(name: str) -> list[dict[str, str]]:
    sample = files("ingest") / "data" / "sample.zip"
    with zipfile.ZipFile(io.BytesIO(sample.read_bytes())) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8"))))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's ratings in the form of MovieTweetings, and as many raters of one film more."""
    folder = tmp_path_factory.mktemp("movietweetings")
    imdb = {row["movieId"]: row["imdbId"] for row in _table("links.csv")}
    ratings = [
        f"{row['userId']}::{imdb[row['movieId']]}::{round(2 * float(row['rating']))}"
        f"::{row['timestamp']}"
        for row in _table("ratings.csv")
    ]
    dice = random.Random(5)
    famous = [imdb[row["movieId"]] for row in _table("movies.csv")]
    ratings += [
        f"{user}::{dice.choice(famous)}::{dice.choice((0, 7, 8, 9, 10, 10))}::1500000000"
        for user in range(5_000, 7_000)
    ]
    movies = [f"{imdb[m['movieId']]}::{m['title']}::{m['genres']}" for m in _table("movies.csv")]
    (folder / "ratings.dat").write_text("\n".join(ratings) + "\n", encoding="utf-8")
    (folder / "movies.dat").write_text("\n".join(movies) + "\n", encoding="utf-8")
    (folder / "users.dat").write_text("1::139564917\n2::17528189\n", encoding="utf-8")
    report = ingest(str(folder), index=folder / "index")
    assert report.dropped == {}
    assert report.thin_raters == 2_000
    return folder / "index"


def test_ids_are_integers_and_the_scale_reaches_from_zero_to_ten(index: Path) -> None:
    """Zero-padded numbers of IMDb are integers like any other."""
    with Recommender.open(index) as rec:
        stats = rec.stats()
        assert (stats.movie_ids, stats.scale) == ("int", "0-10")
        assert rec.movie(133093).title == "The Matrix"


def test_a_five_film_profile_gets_ten_films_of_its_kind(index: Path) -> None:
    """Raters of one film, half of all, do not crowd out those who can recommend something."""
    with Recommender.open(index) as rec:
        top = rec.recommend(Profile.from_stars(dict.fromkeys(SLASHERS, 9)), limit=10)
        assert (top.fallback, len(top)) == (None, 10)
        assert sum("Horror" in row.movie.genres for row in top) >= 7
        assert all(row.supporters >= 10 for row in top)
