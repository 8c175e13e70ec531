"""Files as people really have them: each is read as its control, or one line asks for an option."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ingest import check
from ingest.reading import Loaded, ReadOptions, load
from recommender import Opinion, SourceError
from recommender.files.times import DateOrder
from recommender.settings import Weighting
from tests.ingest.cases.expected import CASES, FILES, Case, Figures, Rows, expected, number
from tests.support import assert_one_line

OPTIONAL = [case for case in CASES if case.options]


def names(case: Case) -> str:
    """Name a case by its folder and file."""
    return case.source


def figures(loaded: Loaded) -> Figures:
    """Sum up what was read."""
    found = loaded.ratings
    states = found.scale.states(found.stars, Weighting()).tolist()
    return Figures(
        found.scale.low,
        found.scale.high,
        len(found),
        len(found.user_ids),
        len(found.movie_ids),
        states.count(Opinion.LIKE.code),
        states.count(Opinion.DISLIKE.code),
    )


def rows(loaded: Loaded, *, timed: bool) -> Rows:
    """Ratings by the control's numbers of user and movie."""
    found = loaded.ratings
    days = found.day.tolist() if timed and found.day is not None else [None] * len(found)
    return {
        (number(found.user_ids[user]), number(found.movie_ids[movie])): (stars, day)
        for user, movie, stars, day in zip(
            found.user.tolist(), found.movie.tolist(), found.stars.tolist(), days, strict=True
        )
    }


def assert_dropped(case: Case, dropped: dict[str, int]) -> None:
    """Check that rows are dropped for the right reasons, and no other."""
    left = dict(dropped)
    for pattern, wanted in case.dropped.items():
        reasons = [reason for reason in left if re.search(pattern, reason)]
        assert sum(left.pop(reason) for reason in reasons) == wanted, dropped
    assert sum(left.values()) in (0, case.headers), dropped


def assert_read(case: Case, loaded: Loaded) -> None:
    """Check everything that is known of a case."""
    found, wanted = loaded.ratings, expected(case)
    assert figures(loaded) == case.figures
    assert_dropped(case, found.dropped)
    read = rows(loaded, timed=case.timed)
    assert read.keys() == wanted.keys()
    # Stars are stored in steps, to the nearest; those of the finest scale here are 0.08.
    assert [read[key][0] for key in wanted] == pytest.approx(
        [stars for stars, _ in wanted.values()], abs=0.51 * found.scale.step
    )
    assert [read[key][1] for key in wanted] == [day for _, day in wanted.values()]
    if case.integers:
        assert {type(key) for key in [*found.user_ids, *found.movie_ids]} == {int}
    if case.movie is not None:
        known = {number(key): data for key, data in loaded.metadata.movies.items()}
        if case.source.startswith("19-"):  # one letter of this title is lost, or guessed
            assert re.fullmatch("Amber P.?lot", known[4].title)
            known[4] = known[4]._replace(title=case.movie(4).title)
        assert known == {movie: case.movie(movie) for movie in range(1, 31)}


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_case_is_read_as_its_control(case: Case) -> None:
    """Ratings, days, ids and movies; where asking is right, with what is asked for."""
    source = str(FILES / case.source)
    try:
        loaded = load(source)
    except SourceError as error:
        if not (case.asks and case.asks in str(error)):
            raise
        assert_one_line(error)
        loaded = load(source, ReadOptions(**case.options))
    assert_read(case, loaded)


@pytest.mark.parametrize("case", OPTIONAL, ids=names)
def test_a_case_is_read_as_its_control_with_the_option(case: Case) -> None:
    """Saying what is detected anyway, or asked for, changes nothing else."""
    assert_read(case, load(str(FILES / case.source), ReadOptions(**case.options)))


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_check_tells_what_an_ingest_would_do(case: Case) -> None:
    """Figures, what is dropped, the scale, and which file is what."""
    options: dict[str, Any] = dict(case.options) if case.asks else {}
    reading, wanted = check(FILES / case.source, **options), case.figures
    assert (reading.ratings, reading.users, reading.movies) == wanted[2:5]
    assert_dropped(case, reading.dropped)
    likes_only = wanted.high == 1
    base = min(wanted.low, 0)
    like_from = None if likes_only else pytest.approx(base + 0.8 * (wanted.high - base))
    assert reading.like_from == like_from
    if not likes_only:
        shown = reading.scale.replace("\N{MINUS SIGN}", "-")
        assert all(f"{bound:g}" in shown for bound in wanted[:2]), shown
    assert reading.first
    kinds = {Path(file.name).name: file.kind for file in reading.files}
    assert "ratings" in kinds.values()
    assert all(kinds[name] != "ratings" for name in case.aside)
    rows_read = wanted.ratings + sum(reading.dropped.values())
    if max(reading.dropped.values(), default=0) > rows_read / 20:
        assert reading.warnings


def test_the_people_of_recbole_are_known() -> None:
    """Its ``.user`` has typed headings too."""
    people = load(str(FILES / "10-recbole-atomic")).metadata.attributes
    assert len(people) == 60
    found = {number(user): values for user, values in people.items()}
    # The age is 22, and codes of post are left out for privacy.
    assert found[2] == {"age": "18-24", "gender": "M", "occupation": "other"}


TOLD = [
    ("18-containers/ratings.tar.gz", r"\btar\b|archive"),
    ("18-containers/ratings.json", "JSON"),
    ("18-containers/nested.zip", r"\bzip\b|archive in"),
    ("18-containers/ratings.xlsx", "Excel|spreadsheet"),
    *(
        (f"27-personal-export-to-ingest/{name}.csv", "one person.*neighbours.*--profile")
        for name in ("imdb-ratings", "letterboxd-ratings", "movielens-ratings")
    ),
    ("34-trakt-json/ratings-movies.json", "one person.*neighbours.*--profile"),
    ("39-other-services/criticker.csv", "FilmID.*Score"),
    ("39-other-services/filmweb.csv", "user_rating"),
    ("39-other-services/netflix.csv", "Title.*Date"),
    ("39-other-services/rotten.html.csv", "HTML|web page|columns|headings"),
    ("39-other-services/simkl.csv", "simkl_id.*Rating"),
    ("39-other-services/tmdb.csv", "TMDb ID.*Your Rating"),
]
"""Files that no index can be made of, and what the refusal says."""


@pytest.mark.parametrize(("source", "says"), TOLD, ids=[source for source, _ in TOLD])
def test_what_is_not_read_is_told_in_one_line(source: str, says: str) -> None:
    """What it is, or which columns it has, and the way out; by both ways in."""
    for look in (load, check):
        with pytest.raises(SourceError) as caught:
            look(str(FILES / source))
        assert_one_line(caught.value)
        assert str(caught.value).isprintable()
        # Names of files say much, but it is the reader's knowledge that is asked for.
        own = re.sub(r"\S*(cases/files|inner\.zip|ratings\.)\S*", "", str(caught.value))
        assert re.search(says, own), caught.value


def test_kindreds_own_spreadsheet_is_one_persons_list(tmp_path: Path) -> None:
    """As the app exports it."""
    path = tmp_path / "kindred.csv"
    path.write_text(
        "title,year,opinion,stars,genres,imdb_id,tmdb_id,movie_id\n"
        "The Matrix,1999,like,4.5,Action,tt0133093,603,2571\n"
    )
    with pytest.raises(SourceError, match=r"one person.*--profile"):
        load(str(path))


def test_dates_with_two_readings_are_asked_for(tmp_path: Path) -> None:
    """No day above the twelfth is among them; 03/05/2004 is in March or in May."""
    path = tmp_path / "ratings.csv"
    path.write_text(
        "userId,movieId,rating,timestamp\n1,1,5,03/05/2004\n1,2,2,04/06/2004\n2,1,4,05/07/2004\n"
    )
    with pytest.raises(SourceError, match="--dates") as caught:
        load(str(path))
    assert_one_line(caught.value)
    orders: dict[DateOrder, list[str]] = {
        "day-first": ["2004-05-03", "2004-06-04", "2004-07-05"],
        "month-first": ["2004-03-05", "2004-04-06", "2004-05-07"],
    }
    for dates, wanted in orders.items():
        found = load(str(path), ReadOptions(dates=dates)).ratings
        assert found.day is not None
        assert found.day.astype("datetime64[D]").astype(str).tolist() == wanted


def test_a_check_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an index nor anything beside the source."""
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "index"))
    monkeypatch.chdir(tmp_path)
    before = _state(FILES / "05-kaggle-movielens-20m")
    assert check(FILES / "05-kaggle-movielens-20m").ratings == 1080
    assert _state(FILES / "05-kaggle-movielens-20m") == before
    assert [*tmp_path.iterdir()] == []


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    return {p.name: (p.stat().st_size, p.stat().st_mtime_ns) for p in folder.iterdir()}
