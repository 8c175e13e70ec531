"""What drifts between an append and a full ingest, and how far."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterable, Iterator
from importlib.resources import files

import numpy as np
import pytest

from ingest import append, ingest
from recommender import Profile, Recommendations, Recommender
from recommender.arrays import Floats
from recommender.ranking.index_version import IndexVersion

pytestmark = pytest.mark.slow

PART = 0.1
PEOPLE = 40


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Recommender, Recommender]]:
    """The sample with its last tenth by time appended, and the whole sample ingested."""
    folder = tmp_path_factory.mktemp("drift")
    with zipfile.ZipFile(str(files("ingest") / "data" / "sample.zip")) as archive:
        archive.extractall(folder)
    (path,) = folder.rglob("ratings.csv")
    with path.open(encoding="utf-8") as stream:
        head, *rows = csv.reader(stream)
    rows.sort(key=lambda row: int(row[3]))
    cut = int((1 - PART) * len(rows))
    path.unlink()
    (movies,) = folder.rglob("movies.csv")
    for name, part in (("first", rows[:cut]), ("last", rows[cut:]), ("all", rows)):
        (folder / name).mkdir()
        (folder / name / "movies.csv").write_bytes(movies.read_bytes())
        with (folder / name / "ratings.csv").open("w", encoding="utf-8") as stream:
            csv.writer(stream).writerows([head, *part])
    ingest(str(folder / "first"), index=folder / "one")
    report = append(str(folder / "last"), index=folder / "one")
    assert report.changed == len(rows) - cut
    ingest(str(folder / "all"), index=folder / "two")
    with Recommender.open(folder / "one") as one, Recommender.open(folder / "two") as two:
        yield one, two


def _snapshot(rec: Recommender) -> IndexVersion:
    with rec._live.version() as version:
        return version


def _by_id(rec: Recommender, values: Floats) -> list[float]:
    """Values of movies by ascending id."""
    catalogue = _snapshot(rec).catalogue
    ids = [catalogue.movie(number).movie_id for number in range(len(catalogue))]
    return [float(values[ids.index(movie)]) for movie in sorted(ids, key=str)]


def test_what_is_counted_does_not_drift(both: tuple[Recommender, Recommender]) -> None:
    """Ratings, likes and means of movies, and all counts, are those of a full ingest."""
    one, two = both
    found, expected = (rec.stats() for rec in both)
    assert (found.ratings, found.users, found.raters, found.movies) == (
        expected.ratings, expected.users, expected.raters, expected.movies,
    )  # fmt: skip
    assert found.mean == pytest.approx(expected.mean, abs=1e-12)
    assert [(r.movie, r.score) for r in one.popular(limit=1000)] == [
        (r.movie, r.score) for r in two.popular(limit=1000)
    ]


def test_weights_stay_near_those_of_a_full_ingest(both: tuple[Recommender, Recommender]) -> None:
    """They are those of the last one: with a ninth more ratings, a few percent off."""
    one, two = (np.array(_by_id(rec, _snapshot(rec).weights)) for rec in both)
    off = np.abs(one / two - 1)
    assert np.median(off) < 0.02
    assert off.max() < 0.06


def test_answers_stay_near_those_of_a_full_ingest(both: tuple[Recommender, Recommender]) -> None:
    """Lists of ten share most of their movies, and predicted stars are a few hundredths off."""
    lists, alike, stars = [], [], []
    for user in range(1, PEOPLE + 1):
        rated = dict(list(both[1].profile_of(user).stars.items())[:10])
        profile, first = Profile.from_stars(rated), next(iter(rated))
        lists.append(_shared(rec.recommend(profile) for rec in both))
        alike.append(_shared(rec.similar(first) for rec in both))
        asked = [row.movie.movie_id for row in both[1].recommend(profile, limit=3)]
        one, two = ([p.stars or 0 for p in rec.predict_many(profile, asked)] for rec in both)
        stars.append(np.abs(np.subtract(one, two)).max())
    assert np.mean(lists) > 9.5
    assert np.mean(alike) > 9
    assert min(lists + alike) >= 7
    assert np.mean(stars) < 0.05
    assert max(stars) < 0.15


def _shared(lists: Iterable[Recommendations]) -> int:
    """How many movies two lists share."""
    one, two = ({row.movie.movie_id for row in rows} for rows in lists)
    return len(one & two)
