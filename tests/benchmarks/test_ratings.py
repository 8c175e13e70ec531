"""Generated ratings have MovieLens' shape, and say something about taste."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.data.ratings import main, write_ratings
from benchmarks.data.shape import SCALES, activity, gini, popularity, scale_of, shape_of
from ingest import ingest
from recommender import Recommender


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred thousand generated ratings."""
    folder = tmp_path_factory.mktemp("generated")
    assert write_ratings(folder, "100K") == 100_000
    return folder


@pytest.fixture(scope="module")
def ratings(folder: Path) -> pd.DataFrame:
    """What lies in the file."""
    return pd.read_csv(folder / "ratings.csv")


def test_numbers_are_those_of_the_data_set_of_that_name(
    folder: Path, ratings: pd.DataFrame
) -> None:
    """Users, movies and ratings are as many as published."""
    assert len(ratings) == 100_000
    assert sorted(ratings["userId"].unique()) == list(range(1, 944))
    assert len(pd.read_csv(folder / "movies.csv")) == 1682


def test_nobody_rates_a_movie_twice_and_rows_are_in_order(ratings: pd.DataFrame) -> None:
    """Rows ascend strictly by user and movie."""
    places = ratings["userId"].to_numpy() * 10**6 + ratings["movieId"].to_numpy()
    assert (np.diff(places) > 0).all()


def test_activity_has_a_heavy_tail(ratings: pd.DataFrame) -> None:
    """Least, median and most are those of MovieLens 100K."""
    counts = ratings["userId"].value_counts()
    assert counts.min() == 20
    assert counts.median() == 65
    assert counts.max() == 737


def test_popularity_falls_as_it_is_meant_to(ratings: pd.DataFrame) -> None:
    """Counts at a rank are close to the fitted curve."""
    counts = ratings["movieId"].value_counts().to_numpy()
    wanted = popularity(SCALES["100K"])
    for rank in (1, 10, 100, 500):
        assert counts[rank - 1] == pytest.approx(wanted[rank - 1], rel=0.12)


def test_the_shape_of_a_folder_is_told(folder: Path) -> None:
    """Median and most of activity are those asked for."""
    people = shape_of(folder)["Ratings of a person"]
    assert (people["people"], people["50 %"], people["most"]) == (943, 65, 737)


def test_gini_tells_equal_shares_from_unequal_ones() -> None:
    """Of four, one with all: three quarters."""
    assert gini(np.array([5, 5, 5])) == pytest.approx(0)
    assert gini(np.array([0, 0, 0, 8])) == pytest.approx(0.75)


def test_stars_have_the_shares_of_movielens(ratings: pd.DataFrame) -> None:
    """Shares are close to those of MovieLens 25M."""
    shares = ratings["rating"].value_counts(normalize=True)
    assert sorted(shares.index) == [half / 2 for half in range(1, 11)]
    assert shares[4.0] == pytest.approx(0.266, abs=0.02)
    assert shares[3.5] == pytest.approx(0.127, abs=0.02)
    assert shares[0.5] == pytest.approx(0.016, abs=0.01)


def test_every_rated_movie_has_a_title_and_links_and_ids_have_gaps(
    folder: Path, ratings: pd.DataFrame
) -> None:
    """The three files fit together."""
    movies, links = (pd.read_csv(folder / f"{name}.csv") for name in ("movies", "links"))
    assert set(ratings["movieId"]) <= set(movies["movieId"])
    assert list(movies["movieId"]) == list(links["movieId"])
    assert links["imdbId"].is_unique
    assert movies["movieId"].max() > 1.5 * len(movies)
    assert movies["title"].str.contains(r"\(\d{4}\)$").all()


def test_the_seed_decides_every_byte(folder: Path, tmp_path: Path) -> None:
    """The same seed writes the same bytes, another one others."""

    def digest(folder: Path) -> list[str]:
        return [hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.glob("*.csv"))]

    write_ratings(tmp_path / "again", "100K")
    write_ratings(tmp_path / "other", "100K", seed=1)
    assert digest(tmp_path / "again") == digest(folder)
    assert not set(digest(tmp_path / "other")) & set(digest(folder))


@pytest.mark.slow
def test_neighbours_mean_something(ratings: pd.DataFrame, tmp_path: Path) -> None:
    """Asked with half of somebody's likes, Kindred finds more of the others than fame does."""
    ratings[ratings["userId"] > 200].to_csv(tmp_path / "ratings.csv", index=False)
    ingest(str(tmp_path / "ratings.csv"), index=tmp_path / "index")
    found = popular = 0
    with Recommender.open(tmp_path / "index") as rec:
        famous = [row.movie.movie_id for row in rec.popular(limit=1000)]
        asking = (ratings["userId"] <= 200) & (ratings["rating"] >= 4)
        liked = ratings[asking & ratings["movieId"].isin(famous)]
        for _, likes in liked.groupby("userId")["movieId"]:
            asked, hidden = likes[::2].tolist(), set(likes[1::2])
            top = rec.recommend(dict.fromkeys(asked, 1), limit=10)
            found += sum(row.movie.movie_id in hidden for row in top)
            popular += len(hidden.intersection([m for m in famous if m not in asked][:10]))
    assert found > 1.2 * popular > 0


@pytest.mark.parametrize("size", ["20K", "300K", "1M", "32M"])
def test_the_total_is_exact_at_any_size(size: str) -> None:
    """Activity and popularity both add up to the ratings of the scale."""
    scale = scale_of(size)
    counts = activity(scale)
    assert len(counts) == scale.users
    assert counts.sum() == scale.ratings
    assert counts.min() >= 20
    assert counts.max() < scale.movies
    assert popularity(scale).sum() == pytest.approx(scale.ratings)


def test_sizes_between_and_beyond_the_named_ones_are_in_proportion() -> None:
    """Interpolated inside, proportional outside."""
    assert SCALES["1M"].users < scale_of("3M").users < SCALES["10M"].users
    assert scale_of("200M").users == 2 * SCALES["100M"].users
    assert scale_of("50K").users == round(SCALES["100K"].users / 2)


def test_a_size_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names what was given and what could be."""
    monkeypatch.setattr("sys.argv", ["ratings", "--ratings", "many", str(tmp_path)])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "'many' is no number of ratings" in capsys.readouterr().err
